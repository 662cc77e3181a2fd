import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { contendersOf } from "./plan.mjs";
import { plot } from "./plot.mjs";
import { median, pairedRatio } from "./statistics.mjs";
import { judge, PUSHMUX, TARGETS } from "./targets.mjs";

/** @typedef {import("./rounds.mjs").Series} Series */
/** @typedef {import("./run.mjs").Results} Results */

const SERVICE_NAMES = { web_push: "Web Push", fcm: "FCM", apns: "APNs", wns: "WNS" };

/**
 * Writes RESULTS.md and one plot per service.
 *
 * @param {Results} results
 * @param {string} folder
 */
export async function writeReport(results, folder) {
  mkdirSync(join(folder, "plots"), { recursive: true });
  const services = /** @type {(keyof typeof SERVICE_NAMES)[]} */ (Object.keys(SERVICE_NAMES));
  const parts = [head(results), targets(results)];
  for (const service of services) {
    const own = results.series.filter((series) => series.service === service);
    if (own.length === 0) continue;
    parts.push(`## ${SERVICE_NAMES[service]}`);
    const speed = own.filter(({ part, rounds }) => part === "speed" && rounds.length > 0);
    if (speed.length > 0) {
      const file = join("plots", `${service}.svg`);
      writeFileSync(
        join(folder, file),
        plot(`${SERVICE_NAMES[service]}: client CPU per notification`, speed),
      );
      parts.push(`![Client CPU per notification over the number in flight](${file})`);
    }
    parts.push(...tables(own), await notes(service, own));
  }
  const text = `${parts.filter(Boolean).join("\n\n")}\n`;
  writeFileSync(join(folder, "RESULTS.md"), text);
  return { text, problems: problemsIn(results) };
}

/** @param {Results} results */
function head({ machine, command, rounds, warm_up }) {
  const libraries = Object.entries(machine.libraries).map(([name, version]) => `${name} ${version}`);
  return `# Benchmark

Written by \`${command}\` on ${machine.date}. Not edited by hand.

* Node ${machine.node}, ${machine.cpu}, ${machine.system}; client pinned to one core, ${machine.nginx} to the other.
* ${libraries.join(", ")}.
* Every library sends the same notification through its public API, over TLS that it verifies, to an nginx that reads the
  request and gives the service's answer. Each contender under each load has a process of its own, warmed up with
  ${warm_up.toLocaleString("en")} notifications; then they take turns in ${rounds} interleaved round${rounds === 1 ? "" : "s"}.
* A round counts only if the library reports success for every notification *and* nginx counted exactly as many.
* **CPU** is user and system time of the client process, all threads, per notification. Figures are medians over the rounds.
  Absolute ones move with the machine's load; **÷ pushmux** is the median of the ratios within each round, with the least and the
  greatest in brackets, and moves far less.`;
}

/** @param {Results} results */
function targets({ series }) {
  const rows = TARGETS.flatMap((target) => {
    const verdict = judge(target, series);
    if (!verdict) return [];
    const { says, service, in_flight, at_least, at_most } = target;
    const bound = at_least === undefined ? `≤ ${at_most}` : `≥ ${at_least}`;
    const name = SERVICE_NAMES[/** @type {keyof typeof SERVICE_NAMES} */ (service)];
    return `| ${name} | ${says} | ${count(in_flight)} | ${bound} | ${spread(verdict.ratio)} | ${verdict.met ? "yes" : "**no**"} |`;
  });
  if (rows.length === 0) return "";
  return `## Targets

"pushmux" here is \`streamNotifications\`.

| service | what | in flight | target | measured | met |
|---|---|---|---|---|---|
${rows.join("\n")}`;
}

const HEADINGS = {
  speed: (/** @type {number} */ in_flight) => `### ${count(in_flight)} in flight`,
  distance: (/** @type {number} */ in_flight) => `### Answers after 50 ms, ${count(in_flight)} in flight`,
  growth: (/** @type {number} */ in_flight) => `### How it grows, ${count(in_flight)} in flight`,
};

/** @param {readonly Series[]} own of one service */
function tables(own) {
  return /** @type {const} */ (["speed", "distance", "growth"]).flatMap((part) => {
    const of_part = own.filter((series) => series.part === part);
    const levels = [...new Set(of_part.map(({ in_flight }) => in_flight))];
    return levels.map((in_flight) => {
      const block = of_part.filter((series) => series.in_flight === in_flight);
      return `${HEADINGS[part](in_flight)}\n\n${table(block, part)}`;
    });
  });
}

/**
 * @param {readonly Series[]} block
 * @param {"speed" | "distance" | "growth"} part
 */
function table(block, part) {
  const measure = part === "distance" ? "per_second" : "cpu_us";
  const reference = part === "growth" ? block[0] : block.find(({ contender }) => contender === PUSHMUX);
  const versus = part === "growth" ? "÷ the first" : "÷ pushmux";
  const compared = part === "distance" ? `rate ${versus}` : `CPU ${versus}`;
  const rows = block.map((series) => {
    const { contender, rounds, failure } = series;
    const name = series.role === "floor" ? `*${contender}*` : contender;
    const own = series.role === "pushmux" ? `**${name}**` : name;
    if (rounds.length === 0) return `| ${own} | failed: ${(failure ?? "").split("\n")[0]} | | | | | |`;
    const middle = (/** @type {Exclude<keyof import("./client.mjs").Round, "first_failure">} */ key) =>
      median(rounds.map((round) => round[key]));
    const ratio = pairedRatio(
      rounds.map((round) => round[measure]),
      reference?.rounds.map((round) => round[measure]) ?? [],
    );
    const cells = [
      own,
      `${significant(middle("cpu_us"))} µs`,
      series === reference || !ratio ? "" : spread(ratio),
      count(Math.round(middle("per_second"))),
      `${significant(middle("p50_ms"))} ms`,
      `${significant(middle("p99_ms"))} ms`,
      `${Math.round(middle("peak_rss_mb"))} MB`,
    ];
    return `| ${cells.join(" | ")} |`;
  });
  return `| | CPU | ${compared} | per second | p50 | p99 | peak RSS |\n|---|---|---|---|---|---|---|\n${rows.join("\n")}`;
}

/**
 * @param {string} service
 * @param {readonly Series[]} own
 */
async function notes(service, own) {
  const lines = (await contendersOf(service))
    .filter(({ name, note }) => note && own.some(({ contender }) => contender === name))
    .map(({ name, note }) => `* ${name}: ${note}.`);
  return lines.join("\n");
}

/** @param {Results} results */
function problemsIn({ series }) {
  return [
    ...series.flatMap(({ part, service, in_flight, contender, failure }) =>
      failure ? `failed: ${part} ${service} ${in_flight} ${contender}: ${failure}` : [],
    ),
    ...TARGETS.flatMap((target) =>
      judge(target, series)?.met === false ? `missed: ${target.service} ${target.says}` : [],
    ),
  ];
}

/** @param {import("./statistics.mjs").Ratio} ratio */
function spread({ median: middle, min, max }) {
  const [a, b, c] = [middle, min, max].map(significant);
  return `${a} [${b} … ${c}]`;
}

/** @param {number} number */
function count(number) {
  return number.toLocaleString("en");
}

/** @param {number} number */
function significant(number) {
  return count(Number(number.toPrecision(3)));
}
