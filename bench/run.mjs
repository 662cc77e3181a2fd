/**
 * Peers and pushmux side by side, in one run on one machine. `node bench/run.mjs --help` says what can be chosen.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describeMachine } from "./machine.mjs";
import { readOptions } from "./options.mjs";
import { BENCH, SCRATCH } from "./paths.mjs";
import { planOf } from "./plan.mjs";
import { writeReport } from "./report.mjs";
import { measureBlock, measureFresh } from "./rounds.mjs";
import { setUp } from "./setup.mjs";
import { startSink } from "./sink.mjs";

/**
 * All that the report is made from.
 *
 * @typedef {object} Results
 * @property {import("./machine.mjs").Machine} machine
 * @property {string} command
 * @property {number} rounds
 * @property {number} warm_up
 * @property {import("./rounds.mjs").Series[]} series
 */

/** nginx answers on the one, what is measured runs on the other. */
const CORES = { sink: 0, client: 1 };

const options = readOptions(process.argv.slice(2));
const results = options.from ? JSON.parse(readFileSync(options.from, "utf8")) : await run();
const folder = options.out ?? (options.whole ? BENCH : join(SCRATCH, "results"));
mkdirSync(folder, { recursive: true });
const report = await writeReport(results, folder);
console.log(`\n${report.text}\nwritten to ${folder}\n`);
for (const problem of report.problems) console.error(problem);
process.exitCode = report.problems.length > 0 ? 1 : 0;

/** @returns {Promise<Results>} */
async function run() {
  await setUp();
  const plan = await planOf(options);
  const { rounds, warm_up, command } = options;
  /** @type {Results} */
  const gathered = { machine: await describeMachine(options.services), command, rounds, warm_up, series: [] };
  const sink = await startSink({ core: CORES.sink });
  for (const signal of ["SIGINT", "SIGTERM"])
    process.once(signal, () => sink.stop().then(() => process.exit(1)));
  try {
    const { ca } = sink.address;
    const profiles = options.profile ? join(SCRATCH, "profiles") : undefined;
    const common = { rounds, warm_up, core: CORES.client, ca, profiles, count: sink.count, say };
    for (const block of plan) {
      const measure = block.fresh ? measureFresh : measureBlock;
      gathered.series.push(...(await measure({ ...block, port: sink.address[block.sink] }, common)));
      // What was measured is not lost when something later goes wrong.
      mkdirSync(SCRATCH, { recursive: true });
      writeFileSync(join(SCRATCH, "results.json"), JSON.stringify(gathered, null, 1));
    }
  } finally {
    await sink.stop();
  }
  return gathered;
}

/** @param {string} text */
function say(text) {
  console.log(`${new Date().toTimeString().slice(0, 8)} ${text}`);
}
