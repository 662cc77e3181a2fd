/**
 * The measured process: one contender, one number in flight. Its parent asks for rounds.
 */
import { readFileSync } from "node:fs";
import { Load } from "./load.mjs";
import { redirectHardCodedHosts } from "./redirect.mjs";

/**
 * @typedef {object} Job
 * @property {string} service
 * @property {string} contender
 * @property {number} in_flight
 * @property {number} port
 * @property {string} ca
 */

/**
 * What one round says.
 *
 * @typedef {object} Round
 * @property {number} messages
 * @property {number} cpu_us per message: user and system time of the process, all its threads
 * @property {number} per_second
 * @property {number} p50_ms
 * @property {number} p99_ms
 * @property {number} peak_rss_mb of the process so far
 * @property {number} failed
 * @property {string} [first_failure]
 */

/** @type {Job} */
const job = JSON.parse(process.argv[2] ?? "");
redirectHardCodedHosts(job.port);
/** @type {{ contenders: readonly import("./adapters/contender.mjs").Contender[] }} */
const { contenders } = await import(`./adapters/${job.service}.mjs`);
const contender = contenders.find(({ name }) => name === job.contender);
if (!contender) throw new Error(`no contender ${job.contender}`);
const { drive, close } = await contender.open({
  origin: `https://localhost:${job.port}`,
  ca: readFileSync(job.ca, "utf8"),
  in_flight: job.in_flight,
});

let first = 0;
process.on("message", async (/** @type {{ messages: number, seconds: number } | "close"} */ asked) => {
  if (asked === "close") {
    await close();
    process.exit(0);
  }
  process.send?.(await measure(asked.messages, asked.seconds));
});
process.on("disconnect", () => process.exit(1));
process.send?.("ready");

/**
 * @param {number} messages
 * @param {number} seconds
 * @returns {Promise<Round>}
 */
async function measure(messages, seconds) {
  const load = new Load({ first, messages, seconds, in_flight: job.in_flight });
  const cpu_before = process.cpuUsage();
  const started_ms = performance.now();
  await drive(load);
  const elapsed_ms = performance.now() - started_ms;
  const { user, system } = process.cpuUsage(cpu_before);
  first += load.taken;
  if (load.settled !== load.taken) throw new Error(`${load.taken} sent, ${load.settled} settled`);
  return {
    messages: load.settled,
    cpu_us: (user + system) / load.settled,
    per_second: (load.settled * 1000) / elapsed_ms,
    p50_ms: load.quantile(0.5),
    p99_ms: load.quantile(0.99),
    peak_rss_mb: process.resourceUsage().maxRSS / 1024,
    failed: load.failed,
    ...(load.first_failure === undefined ? {} : { first_failure: load.first_failure }),
  };
}
