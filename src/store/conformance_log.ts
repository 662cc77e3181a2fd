import assert from "node:assert/strict";
import { accepted, browser, refused, START_MS, type StoreCheck } from "./conformance_world.js";

const DAY_MS = 86_400_000;

/** Reading the delivery log: what is pending, by device, summed, and forgotten. */
export const logChecks: readonly StoreCheck[] = [
  {
    title: "a device sees what is pending with its own key: oldest first, at most 50",
    run: async (world) => {
      const { store } = world;
      const { device_key } = await store.subscribe({ ...browser(1), device_id: "mine" });
      await store.subscribe({ ...browser(2), device_id: "other" });
      const states = ["acknowledged", "failed", "expired", "sending"];
      for (const id of ["expired"]) await world.send(browser(1), id, { title: id, ttl_seconds: 1 });
      for (let i = 0; i < 52; i++) {
        world.pass(20);
        await world.send(browser(1), `m${100 + i}`, { title: `${i}`, ttl_seconds: 3600 });
      }
      await world.send(browser(2), "not mine", { title: "x", ttl_seconds: 3600 });
      await world.send(browser(1), "acknowledged");
      await store.acknowledge({ message_id: "acknowledged", device_id: "mine" });
      await world.begin(browser(1), "failed");
      await store.settle([refused(browser(1), "failed", "TIMEOUT")]);
      await world.begin(browser(1), "sending");
      const pending = await store.pending({ device_id: "mine", device_key });
      assert.ok(pending);
      assert.deepEqual(
        pending.map(({ message_id }) => message_id),
        Array.from({ length: 50 }, (_, i) => `m${100 + i}`),
      );
      assert.deepEqual([pending[0]?.status, pending[0]?.payload?.title], ["sent", "0"]);
      assert.ok(!pending.some(({ message_id }) => states.includes(message_id)));
      const [first] = (await store.pending({ device_id: "mine", device_key, limit: 1 })) ?? [];
      assert.equal(first?.message_id, "m100");
    },
  },
  {
    title: "a wrong key, another device's key and an earlier key show nothing",
    run: async (world) => {
      const { store } = world;
      const first = await store.subscribe({ ...browser(1), device_id: "mine" });
      const other = await store.subscribe({ ...browser(2), device_id: "other" });
      assert.match(first.device_key, /^[\w-]{43}$/);
      assert.notEqual(first.device_key, other.device_key);
      await world.send(browser(1), "m1");
      const ask = (device_id: string, device_key: string) => store.pending({ device_id, device_key });
      assert.equal((await ask("mine", first.device_key))?.length, 1);
      for (const key of [other.device_key, "", first.device_key.toLowerCase(), `${first.device_key}x`]) {
        assert.equal(await ask("mine", key), undefined);
      }
      assert.equal(await ask("unknown", first.device_key), undefined);
      await store.upsert([browser(1)]);
      assert.equal((await ask("mine", first.device_key))?.length, 1);
      const renewed = await store.subscribe(browser(1));
      assert.equal(await ask("mine", first.device_key), undefined);
      assert.equal((await ask("mine", renewed.device_key))?.length, 1);
      await store.upsert([{ ...browser(3), device_id: "imported" }]);
      assert.equal(await ask("imported", ""), undefined);
    },
  },
  {
    title: "another user of the device, or other keys at the endpoint, see nothing of what was before",
    run: async (world) => {
      const { store } = world;
      const device_id = "d";
      const count = async (device_key: string) => (await store.pending({ device_id, device_key }))?.length;
      await store.subscribe({ ...browser(1), device_id, user_id: "ana" });
      await world.send(browser(1), "for ana");
      world.pass(1);
      const ben = await store.subscribe({ ...browser(1), user_id: "ben" });
      assert.equal(await count(ben.device_key), 0);
      await world.send(browser(1), "for ben");
      assert.equal(await count(ben.device_key), 1);
      world.pass(1);
      const { device_token } = browser(1);
      const forged = { ...device_token, keys: { p256dh: "other", auth: "other" } };
      const stranger = await store.subscribe({ platform: "web_push", device_token: forged });
      assert.equal(await count(stranger.device_key), 0);
    },
  },
  {
    title: "the log is read newest first, by device, user and broadcast",
    run: async (world) => {
      const { store } = world;
      await store.upsert([1, 2].map((n) => ({ ...browser(n), device_id: `d${n}`, user_id: `u${n}` })));
      for (const [number, id] of [
        [1, "a"],
        [2, "b"],
        [1, "c"],
      ] as const) {
        world.pass(1);
        await world.send(browser(number), id);
      }
      const read = async (options: object) =>
        (await store.deliveries(options)).map(({ message_id }) => message_id);
      assert.deepEqual(await read({}), ["c", "b", "a"]);
      assert.deepEqual(await read({ limit: 2 }), ["c", "b"]);
      assert.deepEqual(await read({ device_id: "d1" }), ["c", "a"]);
      assert.deepEqual(await read({ user_id: "u2" }), ["b"]);
      assert.deepEqual(await read({ device_id: "d1", user_id: "u2" }), []);
      assert.deepEqual(await read({ broadcast_id: "none" }), []);
      await store.remove([browser(1)]);
      assert.deepEqual(await read({ device_id: "d1" }), ["c", "a"]);
      await assert.rejects(store.deliveries({ limit: 1001 }), { code: "OPTIONS_INVALID", message: /limit/ });
      await assert.rejects(store.deliveries({ device: "d1" } as never), {
        message: /device: unknown option/,
      });
    },
  },
  {
    title:
      "statistics of the last days: sent, delivered, failed, expired, rate, latency, by platform and code",
    run: async (world) => {
      const { store } = world;
      const phone = { platform: "fcm", device_token: "phone" };
      await store.upsert([
        { ...browser(1), device_id: "d" },
        { ...phone, device_id: "p" },
      ]);
      await world.send(browser(1), "too old");
      world.pass(DAY_MS);
      await world.send(browser(1), "yesterday");
      world.pass(DAY_MS - 1000);
      for (const id of ["one", "two", "three"]) await world.send(browser(1), id);
      await world.begin(phone, "refused");
      await world.begin(phone, "slow");
      await world.begin(phone, "still sending");
      await world.begin(browser(1), "refused too");
      await store.settle([refused(phone, "refused", "RATE_LIMITED"), refused(phone, "slow", "TIMEOUT")]);
      await store.settle([refused(browser(1), "refused too", "TIMEOUT")]);
      for (const [message_id, status, wait] of [
        ["one", "delivered", 100],
        ["two", "opened", 200],
        ["yesterday", "dismissed", 0],
      ] as const) {
        world.pass(wait);
        await store.acknowledge({ message_id, device_id: "d", status });
      }
      world.pass(700);
      const none = { failed: 0, expired: 0, opened: 0, dismissed: 0 };
      const { platforms, ...all } = await store.statistics({ days: 1 });
      assert.deepEqual(all, {
        ...{ days: 1, since_ms: START_MS + DAY_MS, total_sent: 7, delivered: 3, failed: 3, expired: 0 },
        ...{ opened: 1, dismissed: 1, delivery_rate_percent: 42.9 },
        avg_latency_ms: Math.round((100 + 300 + DAY_MS - 1000 + 300) / 3),
        codes: { RATE_LIMITED: 1, TIMEOUT: 2 },
      });
      assert.deepEqual(platforms.fcm, {
        ...none,
        ...{ total_sent: 2, failed: 2, delivered: 0, delivery_rate_percent: 0, avg_latency_ms: null },
      });
      assert.equal(platforms.web_push?.delivery_rate_percent, 60);
      assert.deepEqual(Object.keys(platforms), ["fcm", "web_push"]);
      assert.equal((await store.statistics()).total_sent, 8);
      assert.equal((await store.statistics()).expired, 1);
      assert.equal((await store.statistics({ platform: "fcm_linux" })).total_sent, 2);
      assert.equal((await store.statistics({ device_id: "d", days: 90 })).total_sent, 6);
      for (const days of [0, 91, 1.5]) {
        await assert.rejects(store.statistics({ days }), { code: "OPTIONS_INVALID", message: /days/ });
      }
    },
  },
  {
    title: "pruning forgets what is older, but nothing that an unfinished broadcast needs",
    run: async (world) => {
      const { store } = world;
      await store.subscribe(browser(1));
      const { id } = await store.createBroadcast({ payload: { title: "x" } });
      const started = await store.startBroadcast(id);
      assert.ok(started);
      const of = { id, run: started.run };
      await world.begin(browser(1), "of a broadcast", { title: "x" }, of);
      await store.settle([accepted(browser(1), "of a broadcast")]);
      await world.send(browser(1), "old");
      world.pass(2 * DAY_MS);
      await world.send(browser(1), "young");
      assert.equal(await store.prune(), 0);
      assert.equal(await store.prune({ older_than_days: 1 }), 1);
      const left = async () => (await store.deliveries()).map(({ message_id }) => message_id);
      assert.deepEqual(await left(), ["young", "of a broadcast"]);
      await store.endBroadcast(of, "paused");
      assert.equal(await store.prune({ older_than_days: 1 }), 0);
      assert.deepEqual(await store.page({ unsettled_in: id }), []);
      const again = await store.startBroadcast(id);
      await store.endBroadcast({ id, run: again?.run ?? "" }, "finished");
      assert.equal(await store.prune({ older_than_days: 1 }), 1);
      assert.deepEqual(await left(), ["young"]);
      assert.equal((await store.getBroadcast(id))?.sent, 1);
      await assert.rejects(store.prune({ older_than_days: -1 }), { code: "OPTIONS_INVALID" });
    },
  },
  {
    title: "a store that is told not to keep payloads keeps none",
    run: async (outer) => {
      await outer.withOptions({ keep_payloads: false, default_ttl_seconds: 10 }, async (world) => {
        const { store } = world;
        await store.subscribe(browser(1));
        await world.send(browser(1), "m1", { title: "secret" });
        const { id } = await store.createBroadcast({ title: "For people", payload: { title: "secret" } });
        const started = await store.startBroadcast(id);
        assert.deepEqual(started?.broadcast.payload, { title: "secret" });
        await store.endBroadcast({ id, run: started?.run ?? "" }, "paused");
        assert.deepEqual((await store.getBroadcast(id))?.payload, { title: "secret" });
        const again = await store.startBroadcast(id);
        await store.endBroadcast({ id, run: again?.run ?? "" }, "finished");
        assert.equal((await store.getBroadcast(id))?.payload, null);
        const [delivery] = await store.deliveries();
        assert.deepEqual([delivery?.payload, delivery?.expires_at_ms], [null, START_MS + 10_000]);
      });
    },
  },
];
