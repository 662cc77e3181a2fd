import assert from "node:assert/strict";
import { accepted, browser, refused, START_MS, type StoreCheck } from "./conformance_world.js";

/** Broadcasts: made once, taken over, counted, resumed. */
export const broadcastChecks: readonly StoreCheck[] = [
  {
    title: "a broadcast is kept as it was made, and made once",
    run: async ({ store }) => {
      const segment = { tags: ["a", "b && !c"], platforms: ["fcm"] };
      const payload = { title: "Hello", data: { n: [1] } };
      const made = await store.createBroadcast({ id: "spring", segment, payload });
      const none = {
        total: 0,
        sent: 0,
        failed: 0,
        removed: 0,
        delivered: 0,
        opened: 0,
        dismissed: 0,
        codes: {},
      };
      assert.deepEqual(made, {
        ...none,
        ...{ id: "spring", title: "Hello", segment, payload, state: "created" },
        ...{ created_at_ms: START_MS, started_at_ms: null, finished_at_ms: null },
      });
      assert.deepEqual(await store.createBroadcast({ id: "spring", payload: { title: "Other" } }), made);
      assert.deepEqual(await store.getBroadcast("spring"), made);
      assert.equal(await store.getBroadcast("autumn"), undefined);
      const { id, title } = await store.createBroadcast({ title: "For people", payload: { title: "Hello" } });
      assert.match(id, /^[\da-f-]{36}$/);
      assert.equal(title, "For people");
      for (const wrong of [
        {},
        { payload: { titel: "" } },
        { payload: { data: { n: 1n } } },
        { payload, segment: { tags: "(" } },
      ]) {
        await assert.rejects(store.createBroadcast(wrong as never), { code: "OPTIONS_INVALID" });
      }
    },
  },
  {
    title: "broadcasts are listed newest first, page by page",
    run: async (world) => {
      const { store } = world;
      const ids: string[] = [];
      for (let i = 0; i < 5; i++)
        ids.unshift((await store.createBroadcast({ payload: { title: `${i}` } })).id);
      const list = async (options: object) => (await store.listBroadcasts(options)).map(({ id }) => id);
      assert.deepEqual(await list({}), ids);
      assert.deepEqual(await list({ limit: 2 }), ids.slice(0, 2));
      assert.deepEqual(await list({ limit: 2, before: ids[1] }), ids.slice(2, 4));
    },
  },
  {
    title: "its counts grow with results and acknowledgements, each once",
    run: async (world) => {
      const { store } = world;
      const all = await world.subscribeMany(4, { tags: ["x"] });
      await store.subscribe(browser("outside"));
      const { id } = await store.createBroadcast({ segment: { tags: "x" }, payload: { title: "Hello" } });
      world.pass(5);
      const started = await store.startBroadcast(id);
      assert.ok(started);
      assert.deepEqual([started.broadcast.state, started.broadcast.total], ["running", 4]);
      const run = { id, run: started.run };
      for (const one of all) assert.equal(await world.begin(one, one.id, { title: "Hello" }, run), true);
      const [a, b, c, d] = all;
      assert.ok(a && b && c && d);
      const results = [accepted(a, a.id), accepted(b, b.id), refused(c, c.id), refused(d, d.id, "TIMEOUT")];
      for (const batch of [results.slice(0, 1), results, results]) await store.settle(batch);
      for (const status of ["delivered", "opened", "opened", "dismissed"] as const) {
        await store.acknowledge({ message_id: a.id, device_id: a.device_id, status });
      }
      await store.acknowledge({ message_id: b.id, device_id: b.device_id, status: "failed" });
      world.pass(5);
      await store.endBroadcast(run, "finished");
      const {
        title: _title,
        segment: _segment,
        payload: _payload,
        ...counts
      } = (await store.getBroadcast(id)) ?? {};
      assert.deepEqual(counts, {
        ...{ id, state: "finished", total: 4, sent: 2, failed: 2, removed: 1 },
        ...{ delivered: 1, opened: 1, dismissed: 1, codes: { UNREGISTERED: 1, TIMEOUT: 1 } },
        ...{ created_at_ms: START_MS, started_at_ms: START_MS + 5, finished_at_ms: START_MS + 10 },
      });
      const log = await store.deliveries({ broadcast_id: id });
      assert.deepEqual(
        log.map(({ payload }) => payload),
        Array.from({ length: 4 }, () => ({ title: "Hello" })),
      );
      assert.equal(await store.startBroadcast(id), undefined);
    },
  },
  {
    title: "started again, it leaves out who has a result or acknowledged it, and nobody else",
    run: async (world) => {
      const { store } = world;
      const all = await world.subscribeMany(5);
      const [settled, acknowledged, failed, begun] = all;
      assert.ok(settled && acknowledged && failed && begun);
      const { id } = await store.createBroadcast({ payload: { title: "Hello" } });
      const other = await store.createBroadcast({ payload: { title: "Other" } });
      const first = await store.startBroadcast(id);
      const run = { id, run: first?.run ?? "" };
      for (const one of [settled, acknowledged, failed, begun]) await world.begin(one, one.id, {}, run);
      await store.settle([accepted(settled, settled.id)]);
      await store.acknowledge({ message_id: acknowledged.id, device_id: acknowledged.device_id });
      await store.acknowledge({ message_id: failed.id, device_id: failed.device_id, status: "failed" });
      const left = async (unsettled_in: string) => (await store.page({ unsettled_in })).map((one) => one.id);
      const ids = all.map((one) => one.id);
      assert.deepEqual(await left(id), ids.slice(1));
      const again = await store.startBroadcast(id);
      assert.deepEqual(await left(id), ids.slice(3));
      assert.equal((await store.getBroadcast(id))?.sent, 3);
      assert.deepEqual(await left(other.id), ids);
      const now = { id, run: again?.run ?? "" };
      await world.begin(begun, begun.id, {}, now);
      await store.settle([accepted(begun, begun.id), accepted(acknowledged, acknowledged.id)]);
      assert.deepEqual([(await store.getBroadcast(id))?.sent, (await store.deliveries()).length], [4, 4]);
    },
  },
  {
    title: "of two senders the later one goes on: the earlier can begin and end nothing",
    run: async (world) => {
      const { store } = world;
      const [one, two] = await world.subscribeMany(2);
      assert.ok(one && two);
      const { id } = await store.createBroadcast({ payload: { title: "Hello" } });
      const earlier = { id, run: (await store.startBroadcast(id))?.run ?? "" };
      await world.begin(one, one.id, {}, earlier);
      const later = { id, run: (await store.startBroadcast(id))?.run ?? "" };
      assert.notEqual(earlier.run, later.run);
      assert.equal(await world.begin(two, two.id, {}, earlier), false);
      assert.equal((await store.deliveries()).length, 1);
      await store.endBroadcast(earlier, "finished");
      assert.equal((await store.getBroadcast(id))?.state, "running");
      assert.equal(await world.begin(two, two.id, {}, later), true);
      await store.endBroadcast(later, "paused");
      const { state, finished_at_ms } = (await store.getBroadcast(id)) ?? {};
      assert.deepEqual([state, finished_at_ms], ["paused", null]);
      assert.equal(await world.begin(two, two.id, {}, later), false);
      await assert.rejects(store.startBroadcast("unknown"), { code: "OPTIONS_INVALID", message: /id/ });
    },
  },
];
