/**
 * One way to send, measured in a process of its own.
 *
 * @typedef {object} Contender
 * @property {string} name
 * @property {"pushmux" | "peer" | "floor"} role `floor`: what cannot be had for less with the same transport
 * @property {string} [library] npm package, for its version
 * @property {readonly number[]} [in_flight] where it makes sense; default everywhere
 * @property {boolean} [distance] also measured against the sink that answers after 50 ms
 * @property {boolean} [distance_only] measured only there
 * @property {string} [note] for the report
 * @property {(context: Context) => Promise<Open>} open
 */

/**
 * @typedef {object} Context
 * @property {string} origin of the sink; connections to the hosts that libraries have built in lead there, too
 * @property {string} ca its certificate, PEM
 * @property {number} in_flight
 */

/**
 * @typedef {object} Open
 * @property {import("../drivers.mjs").Driver} drive
 * @property {() => unknown} close
 */

export {};
