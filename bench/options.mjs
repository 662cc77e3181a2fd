import { parseArgs } from "node:util";

export const SERVICES = /** @type {const} */ (["web_push", "fcm", "apns", "wns"]);
export const PARTS = /** @type {const} */ (["speed", "distance", "growth"]);

const USAGE = `node bench/run.mjs [options]        (npm run bench -- [options])

  --part speed,distance,growth   default all: a sink that answers at once; one that answers after 50 ms;
                                 100,000 against 1,000,000 notifications
  --service web_push,fcm,…       default all
  --in-flight 1,100,500,1000     of the part "speed"; default these
  --only NAME                    contenders whose name contains this, beside pushmux
  --rounds N                     default 5
  --messages N, --seconds N      a round of one contender ends after so many, or so long; default 20000 and 3
  --warm-up N                    messages of each process before the first round; default 5000
  --many N                       the larger number of the part "growth"; default 1000000, the smaller is a tenth
  --profile                      writes a CPU profile of each process to .tmp/bench/profiles/, see bench/profile.mjs
  --out FOLDER                   where RESULTS.md goes; default bench/ for a whole run, else .tmp/bench/results/
  --from FILE                    no run: writes the report again from the results.json of an earlier one`;

/**
 * @typedef {object} Options
 * @property {readonly string[]} parts
 * @property {readonly string[]} services
 * @property {readonly number[]} in_flight
 * @property {string | undefined} only
 * @property {number} rounds
 * @property {number} messages
 * @property {number} seconds
 * @property {number} warm_up
 * @property {number} many
 * @property {boolean} profile
 * @property {string | undefined} out
 * @property {string | undefined} from
 * @property {boolean} whole nothing was left out or shortened
 * @property {string} command what was typed, for the report
 */

/**
 * What to run. Ends the process with the usage when that cannot be understood.
 *
 * @param {readonly string[]} args
 * @returns {Options}
 */
export function readOptions(args) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        part: { type: "string" },
        service: { type: "string" },
        "in-flight": { type: "string" },
        only: { type: "string" },
        rounds: { type: "string" },
        messages: { type: "string" },
        seconds: { type: "string" },
        "warm-up": { type: "string" },
        many: { type: "string" },
        profile: { type: "boolean", default: false },
        out: { type: "string" },
        from: { type: "string" },
        help: { type: "boolean" },
      },
    });
    if (values.help) end(USAGE, 0);
    return {
      parts: someOf(PARTS, values.part),
      services: someOf(SERVICES, values.service),
      in_flight: (values["in-flight"] ?? "1,100,500,1000").split(",").map(positive),
      only: values.only,
      rounds: positive(values.rounds ?? "5"),
      messages: positive(values.messages ?? "20000"),
      seconds: positive(values.seconds ?? "3"),
      warm_up: positive(values["warm-up"] ?? "5000"),
      many: positive(values.many ?? "1000000"),
      profile: values.profile,
      out: values.out,
      from: values.from,
      whole: Object.keys(values).every((name) => name === "out"),
      command: ["npm run bench", ...(args.length > 0 ? ["--", ...args] : [])].join(" "),
    };
  } catch (error) {
    return end(`${error instanceof Error ? error.message : error}\n\n${USAGE}`, 1);
  }
}

/**
 * @param {readonly string[]} all
 * @param {string | undefined} text
 */
function someOf(all, text) {
  const chosen = text === undefined ? all : text.split(",");
  const unknown = chosen.find((name) => !all.includes(name));
  if (unknown !== undefined) throw new Error(`${unknown}: expected ${all.join(", ")}`);
  return chosen;
}

/** @param {string} text */
function positive(text) {
  const number = Number(text);
  if (!(number > 0)) throw new Error(`${text}: expected a number above 0`);
  return number;
}

/**
 * @param {string} text
 * @param {number} code
 * @returns {never}
 */
function end(text, code) {
  console.log(text);
  process.exit(code);
}
