import { ClientProcess } from "./process.mjs";

/** For what is not measured: warming up, making connections again. */
const PATIENCE_SECONDS = 240;

/**
 * What was measured of one contender under one load.
 *
 * @typedef {object} Series
 * @property {string} part
 * @property {string} service
 * @property {string} contender
 * @property {"pushmux" | "peer" | "floor"} role
 * @property {number} in_flight
 * @property {import("./client.mjs").Round[]} rounds
 * @property {string} [failure] why there are no more rounds
 */

/**
 * One contender of a block and how much it is given in each round.
 *
 * @typedef {object} Entry
 * @property {import("./adapters/contender.mjs").Contender} contender
 * @property {string} label
 * @property {{ messages: number, seconds: number }} limits
 */

/**
 * @typedef {object} Run
 * @property {number} rounds
 * @property {number} warm_up messages of each process before its first round
 * @property {number} core
 * @property {string} ca
 * @property {string | undefined} profiles folder for CPU profiles
 * @property {() => Promise<number>} count notifications that the sink has answered
 * @property {(text: string) => void} say
 */

/**
 * Measures contenders side by side. Each has a process of its own for all rounds, warmed up once; then they take turns,
 * in each round in another order. So what disturbs the machine for longer than a round disturbs all alike, and the ratio of
 * two of the same round means something.
 *
 * @param {{ part: string, service: string, in_flight: number, port: number, entries: readonly Entry[] }} block
 * @param {Run} run
 * @returns {Promise<Series[]>}
 */
export async function measureBlock({ part, service, in_flight, port, entries }, run) {
  /** @type {{ series: Series, entry: Entry, client: ClientProcess }[]} */
  const racers = [];
  try {
    for (const entry of entries) {
      const { name, role } = entry.contender;
      const job = { service, contender: name, in_flight, port, ca: run.ca };
      const client = new ClientProcess(job, run);
      /** @type {Series} */
      const series = { part, service, contender: entry.label, role, in_flight, rounds: [] };
      racers.push({ series, entry, client });
      run.say(`${part} ${service} ${in_flight}: warming up ${entry.label}`);
      await attempt(series, async () => {
        await client.ready();
        await client.ask({ messages: run.warm_up, seconds: PATIENCE_SECONDS });
      });
    }
    for (let round = 0; round < run.rounds; round++) {
      for (let turn = 0; turn < racers.length; turn++) {
        const { series, entry, client } = /** @type {racers[number]} */ (
          racers[(turn + round) % racers.length]
        );
        if (series.failure) continue;
        run.say(`${part} ${service} ${in_flight}: round ${round + 1} of ${run.rounds}, ${entry.label}`);
        await attempt(series, async () => {
          // Connections that were closed while others had their turn are made again here.
          await client.ask({ messages: Math.max(200, 2 * in_flight), seconds: PATIENCE_SECONDS });
          series.rounds.push(await client.ask(entry.limits));
        });
      }
    }
  } finally {
    await Promise.all(racers.map(({ client }) => client.close()));
  }
  return racers.map(({ series }) => series);
}

/**
 * The same with a new process for each round, since memory that a process once had stays in its peak.
 *
 * @type {typeof measureBlock}
 */
export async function measureFresh(block, run) {
  /** @type {Series[]} */
  const all = [];
  for (let round = 0; round < run.rounds && !all.some(({ failure }) => failure); round++) {
    for (const series of await measureBlock(block, { ...run, rounds: 1 })) {
      const known = all.find(({ contender }) => contender === series.contender);
      if (!known) all.push(series);
      else Object.assign(known, series, { rounds: [...known.rounds, ...series.rounds] });
    }
  }
  return all;
}

/**
 * A contender that fails is out; the others go on.
 *
 * @param {Series} series
 * @param {() => Promise<void>} work
 */
async function attempt(series, work) {
  try {
    await work();
  } catch (error) {
    series.failure = error instanceof Error ? error.message : String(error);
  }
}
