// A test of your own code that sends notifications: no account, no network, and the same outcome on every run.
// It uses node:test; with any other runner it looks the same.
import assert from "node:assert/strict";
import { test } from "node:test";
import { getPushProvider, type PushNotificationProvider } from "pushmux";

/** The code under test: tells all customers, and forgets those who are gone. */
async function announce(
  title: string,
  customers: Set<string>,
  push: PushNotificationProvider,
): Promise<number> {
  const results = await push.sendMulticastNotification(customers, { title, priority: "high" });
  for (const result of results) {
    if (result.remove_token) customers.delete(String(result.device_token));
  }
  return results.filter((result) => result.success).length;
}

/** A browser's subscription; the keys are the example of RFC 8291. */
const SUBSCRIPTION = {
  endpoint: "https://push.example.org/1",
  keys: {
    p256dh: "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
    auth: "BTBZMqHH6r4Tts7J_aSIgg",
  },
};

/** No waiting for answers, and hardly any between attempts. */
const QUICK = { delivery_delay_ms: 0, retry: { base_delay_ms: 1 } };

test("a customer who is gone is forgotten, one who is offline is kept", async () => {
  const push = await getPushProvider("simulation", {
    ...QUICK,
    success_rate: 1,
    outcomes: { bob: "UNREGISTERED", carol: ["RATE_LIMITED", "success"], dave: "DEVICE_OFFLINE" },
  });
  const customers = new Set(["alice", "bob", "carol", "dave"]);

  assert.equal(await announce("Sale", customers, push), 2);
  assert.deepEqual([...customers], ["alice", "carol", "dave"]);
  // Carol's service was busy at first: she got it on the second attempt, and once.
  assert.deepEqual(
    push.deliveries.map(({ device_token, payload }) => [device_token, payload.title]),
    [
      ["alice", "Sale"],
      ["carol", "Sale"],
    ],
  );
  await push.close();
});

test("a bad day is the same bad day on every run", async () => {
  const customers = Array.from({ length: 500 }, (_, i) => `customer-${i}`);
  const runs = [];
  for (let run = 0; run < 2; run++) {
    const push = await getPushProvider("simulation", { ...QUICK, seed: 42, success_rate: 0.8 });
    const results = await push.sendMulticastNotification(customers, { title: "Hello" });
    runs.push(results.map((result) => result.error_code ?? "accepted"));
    await push.close();
  }
  assert.deepEqual(runs[0], runs[1]);
  const accepted = runs[0]?.filter((outcome) => outcome === "accepted").length ?? 0;
  assert.ok(accepted > 370 && accepted < 430, `${accepted} of 500 accepted`);
});

test("a message that is too long for a browser fails before it is in production", async () => {
  const push = await getPushProvider("simulation", { ...QUICK, success_rate: 1, imitate: "web_push" });
  const customers = new Set([JSON.stringify(SUBSCRIPTION)]);
  assert.equal(await announce("x".repeat(4000), customers, push), 0);
  assert.equal(await announce("Sale", customers, push), 1);
  assert.equal(push.deliveries.length, 1);
  await push.close();
});
