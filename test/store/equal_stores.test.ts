import fc from "fast-check";
import { expect, it } from "vitest";
import { openMemoryStore, openSqliteStore, type SubscriptionStore } from "../../src/store/index.js";

// The store in memory is short enough to be believed; SQL is held against it, call by call.

const START_MS = Date.UTC(2030, 0, 1);

interface Call {
  readonly name: string;
  readonly make: (store: SubscriptionStore, runs: string[]) => Promise<unknown>;
}

const number = fc.nat(5);
const target = number.map((n) => ({
  platform: n % 2 === 0 ? "web_push" : "fcm",
  device_token: n % 2 === 0 ? { endpoint: `https://e/${n}`, keys: { p256dh: "p", auth: "a" } } : `token ${n}`,
}));
const message = fc.nat(6).map((n) => `m${n}`);
const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });
const subscription = fc
  .tuple(
    target,
    fc.record({
      user_id: maybe(fc.constantFrom("ana", "ben", null)),
      device_id: maybe(fc.constantFrom("d1", "d2", null)),
      device_info: maybe(fc.constantFrom({ a: 1 }, null)),
      tags: maybe(fc.constantFrom(["x"], ["x", "y"], [], null)),
    }),
  )
  .map(([where, given]) => ({ ...where, ...given }));
const BROADCASTS = ["b1", "b2"];
const broadcast = fc.constantFrom(...BROADCASTS);

const call = <Input>(
  name: string,
  input: fc.Arbitrary<Input>,
  make: (store: SubscriptionStore, input: Input, runs: string[]) => Promise<unknown>,
): fc.Arbitrary<Call> =>
  input.map((value) => ({
    name: `${name} ${JSON.stringify(value)}`,
    make: (store, runs) => make(store, value, runs),
  }));

const result = fc
  .tuple(target, message, fc.constantFrom(null, "UNREGISTERED", "TIMEOUT"), fc.nat(50))
  .map(([where, message_id, error_code, duration_ms]) => ({
    ...{
      ...where,
      message_id,
      duration_ms,
      success: error_code === null,
      service_message_id: `s ${message_id}`,
    },
    ...(error_code === null ? {} : { error_code, remove_token: error_code === "UNREGISTERED" }),
  }));

const calls = fc.array(
  fc.oneof(
    call("upsert", fc.array(subscription, { maxLength: 4 }), (store, rows) => store.upsert(rows)),
    call("subscribe", fc.tuple(subscription, maybe(target)), async (store, [one, old]) => {
      const replaces = old?.platform === one.platform ? old.device_token : undefined;
      return (await store.subscribe({ ...one, replaces })).subscription;
    }),
    call(
      "remove",
      fc.array(fc.record({ where: target, version: maybe(fc.nat(3)) }), { maxLength: 3 }),
      (store, list) => store.remove(list.map(({ where, version }) => ({ ...where, version }))),
    ),
    call(
      "begin",
      fc.tuple(fc.array(fc.tuple(target, message), { maxLength: 4 }), maybe(broadcast), fc.nat(9)),
      (store, [list, of, ttl_seconds], runs) => {
        const rows = list.map(([where, message_id]) => ({
          ...{ ...where, message_id: of ? `${of} ${message_id}` : message_id },
          payload: { title: message_id, ttl_seconds },
        }));
        return store.begin(rows, of === undefined ? of : { id: of, run: runs[BROADCASTS.indexOf(of)] ?? "" });
      },
    ),
    call("settle", fc.tuple(fc.array(result, { maxLength: 4 }), maybe(broadcast)), (store, [list, of]) =>
      store.settle(
        list.map((one) => (of ? { ...one, message_id: `${of} ${one.message_id}` } : one)) as never,
      ),
    ),
    call(
      "acknowledge",
      fc.record({
        ...{ message_id: message, of: maybe(broadcast), device_id: fc.constantFrom("d1", "d2") },
        status: fc.constantFrom("delivered", "failed", "opened", "dismissed"),
        received_at_ms: maybe(fc.nat(2000).map((ms) => START_MS + ms)),
      }),
      (store, { of, message_id, ...said }) =>
        store.acknowledge({ ...said, message_id: of ? `${of} ${message_id}` : message_id } as never),
    ),
    call("start", broadcast, async (store, id, runs) => {
      const started = await store.startBroadcast(id);
      if (started) runs[BROADCASTS.indexOf(id)] = started.run;
      return started?.broadcast;
    }),
    call("end", fc.tuple(broadcast, fc.constantFrom("paused", "finished")), (store, [id, state], runs) =>
      store.endBroadcast({ id, run: runs[BROADCASTS.indexOf(id)] ?? "" }, state as never),
    ),
    call("prune", fc.constantFrom(0, 1), (store, older_than_days) => store.prune({ older_than_days })),
  ),
  { minLength: 5, maxLength: 60 },
);

/** Everything that can be read. */
async function readAll(store: SubscriptionStore): Promise<unknown> {
  return {
    page: await store.page(),
    odd: await store.page({ segment: { tags: "x && !y", platforms: ["fcm"] } }),
    ana: await store.count({ user_ids: ["ana"] }),
    left: await Promise.all(BROADCASTS.map((unsettled_in) => store.page({ unsettled_in }))),
    log: await store.deliveries({ limit: 1000 }),
    of: await store.deliveries({ device_id: "d1", broadcast_id: "b1" }),
    sums: await store.statistics({ days: 1 }),
    broadcasts: await store.listBroadcasts(),
  };
}

/** Ids are random: the first that is seen is #0, and so on. */
function withoutIds(value: unknown): unknown {
  const ids: string[] = [];
  const uuid = /[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[\da-f]{4}-[\da-f]{12}/g;
  const text = JSON.stringify(value ?? null).replaceAll(uuid, (id) => {
    if (!ids.includes(id)) ids.push(id);
    return `#${ids.indexOf(id)}`;
  });
  return JSON.parse(text);
}

it("SQLite does, call by call, what the store in memory does", { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(calls, async (list) => {
      let now_ms = START_MS;
      const now = () => now_ms;
      const stores = [openMemoryStore({ now }), await openSqliteStore({ path: ":memory:", now })];
      const runs = stores.map((): string[] => []);
      for (const store of stores) {
        for (const id of BROADCASTS) await store.createBroadcast({ id, payload: { title: id } });
      }
      const done: string[] = [];
      for (const { name, make } of list) {
        now_ms += 700;
        done.push(name);
        const [memory, sqlite] = await Promise.all(
          stores.map(async (store, i) => [await make(store, runs[i] ?? []), await readAll(store)]),
        );
        expect(withoutIds(sqlite), done.join("\n")).toEqual(withoutIds(memory));
      }
      await Promise.all(stores.map((store) => store.close()));
    }),
    { numRuns: 60 },
  );
});
