/** close() in the middle of five thousand: sent + unsent = 5,000 = what the service counted + unsent. */
import { describe, expect, it } from "vitest";
import type { PushNotificationResult } from "../../src/index.js";
import { account } from "./account.js";
import { DEADLINE_MS } from "./cells.js";
import { diceOf } from "./seeded.js";
import { payload, type ServiceName } from "./services.js";
import { useWorlds } from "./world.js";

const { world: open } = useWorlds();
const COUNT = 5000;
const FATES = {
  sent: {},
  unsent: { error_code: "ABORTED", attempts: 0 },
  /** It was on its way when the time to finish was over. */
  cut: { error_code: "ABORTED", may_have_been_sent: true },
  /** It had no stream yet. */
  cut_unsent: { error_code: "ABORTED", reason: /^(ABORTED)?$/ },
} as const;

/** Sends until a random one has its result, then closes. */
async function closeInTheMiddle(name: ServiceName, point: string, timeout_seconds?: number) {
  const world = await open(name, { count: COUNT, config: { max_concurrency: 100 } });
  const at = diceOf("close", name, point).between(1, 2500);
  const results: PushNotificationResult[] = [];
  let closing: Promise<void> | undefined;
  for await (const result of world.provider.streamNotifications(
    world.tokens.map((token) => [token, payload]),
  )) {
    results.push(result);
    if (results.length === at)
      closing = world.provider.close(timeout_seconds === undefined ? {} : { timeout_seconds });
  }
  await closing;
  const processed = world.devices.filter(({ received }) => received.length > 0).length;
  return { world, results, processed, at };
}

describe("close() at a random point of 5,000", () => {
  it.each([
    ["apns", "first"],
    ["apns", "second"],
    ["fcm", "first"],
    ["wns", "first"],
    ["web_push", "first"],
  ] as const)(
    "%s, %s point: what is on the wire is finished, nothing else is begun, everything has its result",
    async (name, point) => {
      const { world, results, processed, at } = await closeInTheMiddle(name, point);
      const { sent = 0, unsent = 0 } = account(world, results, FATES, () => ["sent", "unsent"]);
      expect(sent + unsent).toBe(COUNT);
      expect(processed + unsent).toBe(COUNT);
      expect(sent).toBeGreaterThanOrEqual(at);
      expect(sent).toBeLessThanOrEqual(at + 200);
    },
    DEADLINE_MS,
  );

  it.each(["apns", "fcm", "wns"] as const)(
    "%s, without time to finish: what was cut may have been sent, nothing else",
    async (name) => {
      const { world, results, processed } = await closeInTheMiddle(name, "cut", 0);
      const tally = account(world, results, FATES, () => ["sent", "unsent", "cut", "cut_unsent"]);
      const { sent = 0, unsent = 0, cut = 0, cut_unsent = 0 } = tally;
      expect(sent + unsent + cut + cut_unsent).toBe(COUNT);
      expect(processed).toBeGreaterThanOrEqual(sent);
      expect(processed).toBeLessThanOrEqual(sent + cut);
      expect(unsent).toBeGreaterThan(COUNT / 2);
    },
    DEADLINE_MS,
  );
});
