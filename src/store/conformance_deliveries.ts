import assert from "node:assert/strict";
import { accepted, browser, refused, START_MS, type StoreCheck } from "./conformance_world.js";

/** What is written down of one notification, from before it is sent to the device's word. */
export const deliveryChecks: readonly StoreCheck[] = [
  {
    title: "a delivery is sending, then sent, then delivered",
    run: async (world) => {
      const { store } = world;
      const { subscription } = await store.subscribe({ ...browser(1), user_id: "ana", device_id: "laptop" });
      await world.begin(browser(1), "m1", { title: "Hello", data: { n: 1 }, ttl_seconds: 60 });
      const [begun] = await store.deliveries();
      assert.deepEqual(begun, {
        message_id: "m1",
        subscription_id: subscription.id,
        broadcast_id: null,
        platform: "web_push",
        device_id: "laptop",
        user_id: "ana",
        status: "sending",
        sent_at_ms: START_MS,
        expires_at_ms: START_MS + 60_000,
        received_at_ms: null,
        latency_ms: null,
        opened_at_ms: null,
        dismissed_at_ms: null,
        service_message_id: null,
        status_code: null,
        error_code: null,
        reason: null,
        payload: { title: "Hello", data: { n: 1 }, ttl_seconds: 60 },
      });
      world.pass(500);
      await store.settle([{ ...accepted(browser(1), "m1"), duration_ms: 200.4 }]);
      const sent = { ...begun, status: "sent", sent_at_ms: START_MS + 300, service_message_id: "service-m1" };
      assert.deepEqual(await store.deliveries(), [{ ...sent, status_code: 201 }]);
      world.pass(500);
      assert.equal(await store.acknowledge({ message_id: "m1", device_id: "laptop" }), true);
      const [delivered] = await store.deliveries();
      const { status, received_at_ms, latency_ms } = delivered ?? {};
      assert.deepEqual([status, received_at_ms, latency_ms], ["delivered", START_MS + 1000, 700]);
    },
  },
  {
    title: "an acknowledgement that is faster than the result is not lost",
    run: async (world) => {
      const { store } = world;
      await store.subscribe({ ...browser(1), device_id: "d" });
      await world.begin(browser(1), "m1");
      world.pass(20);
      assert.equal(await store.acknowledge({ message_id: "m1", device_id: "d" }), true);
      world.pass(20);
      await store.settle([accepted(browser(1), "m1")]);
      const [{ status, sent_at_ms, received_at_ms, latency_ms, service_message_id } = {}] =
        await store.deliveries();
      assert.deepEqual([status, service_message_id], ["delivered", "service-m1"]);
      assert.deepEqual([sent_at_ms, received_at_ms, latency_ms], [START_MS + 20, START_MS + 20, 0]);
    },
  },
  {
    title:
      "acknowledging is idempotent; only the device that the message went to can; an unknown id is no error",
    run: async (world) => {
      const { store } = world;
      await store.upsert([
        { ...browser(1), device_id: "mine" },
        { ...browser(2), device_id: "other" },
      ]);
      await world.send(browser(1), "m1");
      world.pass(100);
      assert.equal(await store.acknowledge({ message_id: "m1", device_id: "other" }), false);
      assert.equal(await store.acknowledge({ message_id: "unknown", device_id: "mine" }), false);
      assert.equal((await store.deliveries())[0]?.status, "sent");
      const mine = { message_id: "m1", device_id: "mine" };
      assert.equal(await store.acknowledge(mine), true);
      const [first] = await store.deliveries();
      world.pass(100);
      assert.equal(await store.acknowledge(mine), true);
      assert.equal(await store.acknowledge({ ...mine, status: "failed", error_message: "late" }), true);
      assert.deepEqual(await store.deliveries(), [first]);
      assert.equal(first?.received_at_ms, START_MS + 100);
    },
  },
  {
    title: "opened and dismissed count as delivered, and each keeps its first time",
    run: async (world) => {
      const { store } = world;
      await store.subscribe({ ...browser(1), device_id: "d" });
      await world.send(browser(1), "m1");
      for (const status of ["opened", "dismissed", "opened"] as const) {
        world.pass(10);
        await store.acknowledge({ message_id: "m1", device_id: "d", status });
      }
      const [{ status, received_at_ms, opened_at_ms, dismissed_at_ms } = {}] = await store.deliveries();
      assert.equal(status, "delivered");
      const times = [received_at_ms, opened_at_ms, dismissed_at_ms].map((time) => Number(time) - START_MS);
      assert.deepEqual(times, [10, 10, 20]);
    },
  },
  {
    title: "a device's clock may be wrong: nothing arrives before it was sent, or in the future",
    run: async (world) => {
      const { store } = world;
      await store.subscribe({ ...browser(1), device_id: "d" });
      const claims: [string, number, number][] = [
        ["early", START_MS - 1_000_000, START_MS],
        ["right", START_MS + 40, START_MS + 40],
        ["late", START_MS + 1_000_000, START_MS + 100],
      ];
      for (const [message_id] of claims) await world.send(browser(1), message_id);
      world.pass(100);
      for (const [message_id, received_at_ms, expected] of claims) {
        await store.acknowledge({ message_id, device_id: "d", received_at_ms });
        const row = (await store.deliveries()).find((delivery) => delivery.message_id === message_id);
        assert.equal(row?.received_at_ms, expected, message_id);
      }
    },
  },
  {
    title: "a failure that the device reports is a failure, until the same message is delivered after all",
    run: async (world) => {
      const { store } = world;
      await store.subscribe({ ...browser(1), device_id: "d" });
      await world.begin(browser(1), "m1");
      const report = {
        message_id: "m1",
        device_id: "d",
        status: "failed",
        error_message: "no permission",
      } as const;
      await store.acknowledge(report);
      await store.settle([accepted(browser(1), "m1")]);
      const [{ status, error_code, reason } = {}] = await store.deliveries();
      assert.deepEqual([status, error_code, reason], ["failed", "DEVICE_REPORTED", "no permission"]);
      await store.acknowledge({ message_id: "m1", device_id: "d" });
      assert.equal((await store.deliveries())[0]?.status, "delivered");
    },
  },
  {
    title: "what is not acknowledged in its time is expired; a late word still makes it delivered",
    run: async (world) => {
      const { store } = world;
      await store.subscribe({ ...browser(1), device_id: "d" });
      const expires_at = new Date(START_MS + 5000).toISOString();
      await world.send(browser(1), "by ttl", { title: "x", ttl_seconds: 2 });
      await world.send(browser(1), "by time", { title: "x", ttl_seconds: 2, expires_at });
      await world.send(browser(1), "by default", { title: "x" });
      const statuses = async () =>
        Object.fromEntries((await store.deliveries()).map(({ message_id, status }) => [message_id, status]));
      const all_sent = { "by ttl": "sent", "by time": "sent", "by default": "sent" };
      world.pass(1999);
      assert.deepEqual(await statuses(), all_sent);
      world.pass(1);
      assert.deepEqual(await statuses(), { ...all_sent, "by ttl": "expired" });
      world.pass(3000);
      assert.deepEqual(await statuses(), { ...all_sent, "by ttl": "expired", "by time": "expired" });
      world.pass(295_000);
      await store.acknowledge({ message_id: "by ttl", device_id: "d" });
      assert.deepEqual(await statuses(), {
        "by ttl": "delivered",
        "by time": "expired",
        "by default": "expired",
      });
    },
  },
  {
    title: "results count at their subscription: the last success, and the failures since",
    run: async (world) => {
      const { store } = world;
      await store.subscribe(browser(1));
      for (const id of ["f1", "f2", "s1", "f3"]) await world.begin(browser(1), id);
      const counts = async () => {
        const found = await store.get(browser(1));
        return [found?.failure_count, found?.last_success_at_ms, found?.version];
      };
      await store.settle([refused(browser(1), "f1", "TIMEOUT"), refused(browser(1), "f2", "TIMEOUT")]);
      assert.deepEqual(await counts(), [2, null, 1]);
      world.pass(7);
      await store.settle([accepted(browser(1), "s1")]);
      assert.deepEqual(await counts(), [0, START_MS + 7, 1]);
      world.pass(7);
      await store.settle([refused(browser(1), "f3", "RATE_LIMITED")]);
      assert.deepEqual(await counts(), [1, START_MS + 7, 1]);
    },
  },
  {
    title: "a result counts once, and one that was never begun not at all",
    run: async (world) => {
      const { store } = world;
      await store.subscribe(browser(1));
      await world.begin(browser(1), "m1");
      const failure = refused(browser(1), "m1", "TIMEOUT");
      await store.settle([failure, accepted(browser(1), "m1")]);
      await store.settle([accepted(browser(1), "m1"), refused(browser(1), "m2"), failure]);
      assert.equal((await store.get(browser(1)))?.failure_count, 1);
      const log = await store.deliveries();
      assert.deepEqual(
        log.map(({ message_id, status, error_code, status_code, reason }) => ({
          ...{ message_id, status, error_code, status_code, reason },
        })),
        [{ message_id: "m1", status: "failed", error_code: "TIMEOUT", status_code: 410, reason: "gone" }],
      );
      assert.deepEqual(await store.settle([]), { removed: 0 });
    },
  },
  {
    title: "a token that its service calls gone is removed, and nothing else",
    run: async (world) => {
      const { store } = world;
      await store.upsert([browser(1), browser(2), browser(3)]);
      for (const number of [1, 2, 3]) await world.begin(browser(number), `m${number}`);
      const results = [
        refused(browser(1), "m1"),
        refused(browser(2), "m2", "TIMEOUT"),
        accepted(browser(3), "m3"),
      ];
      assert.deepEqual(await store.settle(results), { removed: 1 });
      assert.deepEqual(await store.settle(results), { removed: 0 });
      assert.equal(await store.get(browser(1)), undefined);
      assert.equal(await store.count(), 2);
      const log = await store.deliveries();
      assert.deepEqual(
        log.map(({ error_code }) => error_code),
        [null, "TIMEOUT", "UNREGISTERED"],
      );
    },
  },
  {
    title: "a subscription that was renewed after the send began is not removed",
    run: async (world) => {
      const { store } = world;
      await store.upsert([browser(1), browser(2), browser(3)]);
      for (const number of [1, 2, 3]) await world.begin(browser(number), `m${number}`);
      await store.subscribe(browser(1));
      await store.remove([browser(2)]);
      await store.subscribe(browser(2));
      await store.subscribe({ ...browser("moved"), replaces: browser(3).device_token });
      const gone = [1, 2, 3].map((number) => refused(browser(number), `m${number}`));
      assert.deepEqual(await store.settle(gone), { removed: 0 });
      assert.equal(await store.count(), 3);
    },
  },
  {
    title: "what goes to a token that is not stored is logged all the same",
    run: async (world) => {
      const { store } = world;
      const stranger = { platform: "fcm", device_token: "a token of nobody's" };
      const nonsense = { platform: "fcm", device_token: undefined };
      await world.begin(stranger, "m1");
      await world.begin(nonsense, "m2");
      assert.deepEqual(
        await store.settle([refused(stranger, "m1"), refused(nonsense, "m2", "INVALID_TOKEN")]),
        {
          removed: 0,
        },
      );
      const log = await store.deliveries();
      assert.deepEqual(
        log.map(({ message_id, subscription_id, device_id, status }) => [
          ...[message_id, subscription_id, device_id, status],
        ]),
        [
          ["m2", null, null, "failed"],
          ["m1", null, null, "failed"],
        ],
      );
    },
  },
  {
    title: "one message id for several devices is one row each, and each acknowledges its own",
    run: async (world) => {
      const { store } = world;
      await store.upsert([1, 2].map((number) => ({ ...browser(number), device_id: `d${number}` })));
      for (const number of [1, 2]) await world.send(browser(number), "shared");
      await world.begin(browser(2), "shared");
      await store.acknowledge({ message_id: "shared", device_id: "d2" });
      const log = await store.deliveries();
      const of = (device_id: string) =>
        log.filter((row) => row.device_id === device_id).map(({ status }) => status);
      assert.deepEqual([of("d1"), of("d2")], [["sent"], ["delivered"]]);
    },
  },
];
