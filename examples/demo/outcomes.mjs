import { count } from "./screen.mjs";

/**
 * One kind of token in a mixed list, and what must become of each.
 *
 * @typedef {object} Kind
 * @property {string} kind
 * @property {number} amount
 * @property {string} [fate] "accepted" or the error code; absent: left to chance
 * @property {number} [attempts] for each
 * @property {boolean} [dead] whether the service says that the token is gone for good
 */

/** @typedef {{ kind: string, token: string }} Entry */

/**
 * Prints what became of a list, by kind, and checks it.
 *
 * @param {import("./screen.mjs").Screen} screen
 * @param {object} run
 * @param {string} run.platform
 * @param {readonly Kind[]} run.kinds
 * @param {readonly Entry[]} run.list
 * @param {readonly import("pushmux").PushNotificationResult[]} run.results
 * @param {(kind: string) => number} run.arrived how many messages of a kind came out at the other end
 */
export function showOutcomes(screen, { platform, kinds, list, results, arrived }) {
  const outcomes = kinds.map((expected) => {
    const own = results.filter((result) => list[result.index]?.kind === expected.kind);
    /** @type {Record<string, number>} */
    const codes = {};
    for (const { error_code } of own) if (error_code) codes[error_code] = (codes[error_code] ?? 0) + 1;
    const seen = {
      sent: own.length,
      accepted: own.filter(({ success }) => success).length,
      arrived: arrived(expected.kind),
      codes,
      attempts: own.reduce((sum, { attempts }) => sum + attempts, 0),
      dead: own.filter(({ remove_token }) => remove_token).length,
    };
    check(screen, `${platform}, ${expected.kind}`, seen, expected);
    return { kind: expected.kind, ...seen };
  });
  const in_order = results.every((result, i) => result.index === i && result.device_token === list[i]?.token);
  screen.check(`${platform}, results in input order`, [results.length, in_order], [list.length, true]);

  const rows = outcomes.flatMap(({ kind, sent, accepted, arrived, codes, attempts, dead }) => {
    const [first = "", ...others] = Object.entries(codes).map(([code, times]) => `${code} ${count(times)}`);
    return [
      [kind, sent, accepted, arrived, first, attempts, dead],
      ...others.map((other) => ["", "", "", "", other, "", ""]),
    ];
  });
  /** @param {"sent" | "accepted" | "arrived" | "attempts" | "dead"} key */
  const total = (key) => outcomes.reduce((sum, outcome) => sum + outcome[key], 0);
  screen.line();
  screen.table(["token kind", "sent", "accepted", "arrived", "error codes", "attempts", "dead"], rows, [
    "all",
    total("sent"),
    total("accepted"),
    total("arrived"),
    "",
    total("attempts"),
    total("dead"),
  ]);
  screen.line();
  screen.line(
    `${count(total("dead"))} dead tokens found (remove_token): these are gone for good, delete them.`,
  );
}

/**
 * @param {import("./screen.mjs").Screen} screen
 * @param {string} what
 * @param {{ sent: number, accepted: number, arrived: number, codes: object, attempts: number, dead: number }} seen
 * @param {Kind} expected
 */
function check(screen, what, seen, { amount, fate, attempts = 0, dead = false }) {
  if (fate === undefined) {
    screen.check(what, [seen.sent, seen.arrived], [amount, seen.accepted]);
    return;
  }
  const accepted = fate === "accepted" ? amount : 0;
  const codes = fate === "accepted" ? {} : { [fate]: amount };
  // On a busy machine a connection may not be made in time: that counts as an attempt, and is made good.
  const least = amount * attempts;
  screen.check(
    what,
    { ...seen, attempts: least === 0 ? seen.attempts : Math.min(seen.attempts, least) },
    { sent: amount, accepted, arrived: accepted, codes, attempts: least, dead: dead ? amount : 0 },
  );
}

/**
 * The same mixture on every run. The length of the list must not be a multiple of 7919.
 *
 * @template T
 * @param {readonly T[]} list
 * @returns {T[]}
 */
export function mix(list) {
  return list.flatMap((_, i) => list[(i * 7919) % list.length] ?? []);
}
