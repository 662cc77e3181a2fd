import { SERVICES } from "./options.mjs";

/** @typedef {import("./adapters/contender.mjs").Contender} Contender */
/** @typedef {import("./rounds.mjs").Entry} Entry */

/** How long the slow half of the sink takes to answer. */
export const SLOW_MS = 50;

/** How many are in flight where there is only one choice: what pushmux itself has at the most by default. */
const MOST_IN_FLIGHT = 1000;

/**
 * Contenders that are measured side by side.
 *
 * @typedef {object} Block
 * @property {string} part
 * @property {string} service
 * @property {number} in_flight
 * @property {"quick" | "slow"} sink
 * @property {readonly Entry[]} entries
 * @property {boolean} [fresh] a new process for every round: what is measured is its memory
 */

/**
 * What to measure, in order.
 *
 * @param {import("./options.mjs").Options} options
 * @returns {Promise<Block[]>}
 */
export async function planOf(options) {
  /** @type {Block[]} */
  const blocks = [];
  for (const service of SERVICES.filter((name) => options.services.includes(name))) {
    const contenders = (await contendersOf(service)).filter(
      ({ role, name }) => role === "pushmux" || name.includes(options.only ?? ""),
    );
    if (options.parts.includes("speed")) blocks.push(...speed(service, contenders, options));
    if (options.parts.includes("distance")) blocks.push(...distance(service, contenders, options));
    if (options.parts.includes("growth") && service === "apns") blocks.push(growth(contenders, options));
  }
  return blocks;
}

/**
 * @param {string} service
 * @returns {Promise<readonly Contender[]>}
 */
export async function contendersOf(service) {
  return (await import(`./adapters/${service}.mjs`)).contenders;
}

/**
 * @param {string} service
 * @param {readonly Contender[]} contenders
 * @param {import("./options.mjs").Options} options
 * @returns {Block[]}
 */
function speed(service, contenders, { in_flight: levels, messages, seconds }) {
  return levels.map((in_flight) => ({
    part: "speed",
    service,
    in_flight,
    sink: "quick",
    entries: contenders
      .filter((contender) => !contender.distance_only && (contender.in_flight?.includes(in_flight) ?? true))
      .map((contender) => ({ contender, label: contender.name, limits: { messages, seconds } })),
  }));
}

/**
 * A whole wave is on its way at the end of a round, so a round has many waves.
 *
 * @param {string} service
 * @param {readonly Contender[]} contenders
 * @param {import("./options.mjs").Options} options
 * @returns {Block[]}
 */
function distance(service, contenders, { messages, seconds }) {
  const limits = { messages: messages * 3, seconds };
  const entries = contenders
    .filter((contender) => contender.distance || contender.distance_only)
    .map((contender) => ({ contender, label: contender.name, limits }));
  if (!entries.some(({ contender }) => contender.role === "peer")) return [];
  return [{ part: "distance", service, in_flight: MOST_IN_FLIGHT, sink: "slow", entries }];
}

/**
 * @param {readonly Contender[]} contenders
 * @param {import("./options.mjs").Options} options
 * @returns {Block}
 */
function growth(contenders, { many }) {
  const contender = /** @type {Contender} */ (contenders.find(({ role }) => role === "pushmux"));
  const entries = [many / 10, many].map((messages) => ({
    contender,
    label: `${contender.name}, ${messages.toLocaleString("en")}`,
    limits: { messages, seconds: 3600 },
  }));
  return { part: "growth", service: "apns", in_flight: MOST_IN_FLIGHT, sink: "quick", entries, fresh: true };
}
