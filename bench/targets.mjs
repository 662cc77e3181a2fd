import { TRANSPORT_FLOOR } from "./adapters/floor.mjs";
import { SLOW_MS } from "./plan.mjs";
import { pairedRatio } from "./statistics.mjs";

/** @typedef {import("./rounds.mjs").Series} Series */
/** @typedef {import("./statistics.mjs").Ratio} Ratio */

/** What the others are compared with. */
export const PUSHMUX = "pushmux streamNotifications";

/**
 * A ratio of two measures of the same round, or of one measure and a number; and what it has to be.
 *
 * @typedef {object} Target
 * @property {string} says
 * @property {string} part
 * @property {string} service
 * @property {number} in_flight
 * @property {"cpu_us" | "per_second" | "peak_rss_mb"} measure
 * @property {string | RegExp} over contender
 * @property {string | RegExp | number} under contender, or a number
 * @property {number} [at_least]
 * @property {number} [at_most]
 */

/**
 * @param {string} service
 * @param {number} in_flight
 * @param {string} peer
 * @param {number} at_least
 * @returns {Target}
 */
const cheaper = (service, in_flight, peer, at_least) => ({
  says: `CPU of ${peer} ÷ pushmux`,
  part: "speed",
  service,
  in_flight,
  measure: "cpu_us",
  over: peer,
  under: PUSHMUX,
  at_least,
});

/**
 * @param {string} service
 * @param {string} other
 * @param {number} at_most
 * @returns {Target}
 */
const notDearer = (service, other, at_most) => ({
  says: `CPU of pushmux ÷ ${other}`,
  part: "speed",
  service,
  in_flight: 100,
  measure: "cpu_us",
  over: PUSHMUX,
  under: other,
  at_most,
});

const distance = {
  part: "distance",
  in_flight: 1000,
  measure: /** @type {const} */ ("per_second"),
  over: PUSHMUX,
};
const growth = {
  part: "growth",
  service: "apns",
  in_flight: 1000,
  over: /, 1,000,000$/,
  under: /, 100,000$/,
};

/** @type {readonly Target[]} */
export const TARGETS = [
  cheaper("web_push", 100, "web-push sendNotification", 3.5),
  notDearer("web_push", `${TRANSPORT_FLOOR} + ECDH and AES`, 2),
  cheaper("fcm", 500, "firebase-admin sendEach(many)", 1.3),
  cheaper("fcm", 100, "firebase-admin sendEach([one])", 10),
  notDearer("apns", "node-apn send(many)", 1.15),
  cheaper("apns", 100, "apns2 send", 2.5),
  cheaper("wns", 100, "wns sendToastText02", 2),
  cheaper("wns", 100, "node-pushnotifications send(many)", 2),
  notDearer("apns", TRANSPORT_FLOOR, 1.2),
  ...["apns", "fcm"].map((service) => ({
    ...distance,
    service,
    says: `rate of pushmux ÷ (in flight ÷ ${SLOW_MS} ms)`,
    under: 1000 / (SLOW_MS / 1000),
    at_least: 0.65,
  })),
  { ...distance, service: "apns", says: "rate of pushmux ÷ apns2", under: "apns2 send", at_least: 15 },
  {
    ...distance,
    service: "fcm",
    says: "rate of pushmux ÷ sendEach(500)",
    under: "firebase-admin sendEach(500), one call at a time",
    at_least: 3,
  },
  { ...growth, says: "peak RSS of 1,000,000 ÷ 100,000", measure: "peak_rss_mb", at_most: 1.15 },
  { ...growth, says: "peak RSS of 1,000,000 in MB", measure: "peak_rss_mb", under: 1, at_most: 200 },
  { ...growth, says: "CPU per notification of 1,000,000 ÷ 100,000", measure: "cpu_us", at_most: 1.15 },
];

/**
 * How a target stands; undefined: it was not measured.
 *
 * @param {Target} target
 * @param {readonly Series[]} all
 * @returns {{ ratio: Ratio, met: boolean } | undefined}
 */
export function judge(target, all) {
  const values = (/** @type {string | RegExp} */ name) =>
    all
      .find(
        (series) =>
          series.part === target.part &&
          series.service === target.service &&
          series.in_flight === target.in_flight &&
          (typeof name === "string" ? series.contender === name : name.test(series.contender)),
      )
      ?.rounds.map((round) => round[target.measure]) ?? [];
  const over = values(target.over);
  const { under } = target;
  const ratio = pairedRatio(over, typeof under === "number" ? over.map(() => under) : values(under));
  if (!ratio) return undefined;
  const { at_least = Number.NEGATIVE_INFINITY, at_most = Number.POSITIVE_INFINITY } = target;
  return { ratio, met: ratio.median >= at_least && ratio.median <= at_most };
}
