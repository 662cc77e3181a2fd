import { afterEach, describe, expect, it } from "vitest";
import { createPushRouter, getPushProvider } from "../../src/index.js";
import {
  type BroadcastProgress,
  openMemoryStore,
  openSqliteStore,
  type SubscriptionStore,
  sendBroadcast,
} from "../../src/store/index.js";

const closing: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of closing.splice(0).reverse()) await one.close();
});

const open = async (config: object = {}) => {
  const quick = {
    success_rate: 1,
    delivery_delay_ms: [0, 0] as [number, number],
    retry: { max_attempts: 1 },
  };
  const provider = await getPushProvider("simulation", { ...quick, ...config }, { force_new: true });
  closing.push(provider);
  return provider;
};

async function fill(store: SubscriptionStore, count: number): Promise<void> {
  await store.upsert(
    Array.from({ length: count }, (_, i) => ({
      ...{ platform: "simulation", device_token: `token ${i}`, user_id: `user ${i % 10}` },
      tags: i % 2 === 0 ? ["even"] : ["odd"],
    })),
  );
}

async function run(results: ReturnType<typeof sendBroadcast>) {
  for (;;) {
    const { done, value } = await results.next();
    if (done) return value;
  }
}

const payload = { title: "To all" };

describe.each([
  { name: "memory", openStore: async () => openMemoryStore() },
  { name: "SQLite", openStore: () => openSqliteStore({ path: ":memory:" }) },
])("a broadcast from $name", ({ openStore }) => {
  it("O1 5.2.b6 reaches everybody once, page by page; a failure is one failure, not the job's", async () => {
    const store = await openStore();
    await fill(store, 95);
    const outcomes = {
      "token 3": "UNREGISTERED",
      "token 5": "UNREGISTERED",
      "token 7": "RATE_LIMITED",
    } as const;
    const provider = await open({ outcomes });
    const { id } = await store.createBroadcast({ payload });
    const seen: BroadcastProgress[] = [];
    const results = sendBroadcast({
      ...{ store, provider, id, page_size: 20 },
      on_progress: (progress) => seen.push(progress),
    });
    expect(await run(results)).toMatchObject({
      ...{ state: "finished", total: 95, sent: 92, failed: 3, removed: 2 },
      codes: { UNREGISTERED: 2, RATE_LIMITED: 1 },
    });
    const tokens = provider.deliveries.map(({ device_token }) => device_token);
    expect(new Set(tokens).size).toBe(92);
    expect(tokens).toHaveLength(92);
    expect(new Set(provider.deliveries.map(({ message_id }) => message_id)).size).toBe(92);
    expect(await store.count()).toBe(93);
    expect(seen.at(-1)).toMatchObject({
      ...{ broadcast_id: id, total: 95, done: 95, sent: 92, failed: 3, removed: 2 },
      codes: { UNREGISTERED: 2, RATE_LIMITED: 1 },
    });
    expect(seen.at(-1)?.per_second).toBeGreaterThan(0);
    await store.close();
  });

  it("5.2.b7 reaches its segment only: a tag, a user, several users", async () => {
    const store = await openStore();
    await fill(store, 40);
    const provider = await open();
    const sizes: number[] = [];
    for (const segment of [
      { tags: "even && !odd" },
      { user_ids: ["user 3"] },
      { user_ids: ["user 1", "user 2"] },
    ]) {
      provider.clearDeliveries();
      const { id } = await store.createBroadcast({ segment, payload });
      await run(sendBroadcast({ store, provider, id }));
      sizes.push(provider.deliveries.length);
    }
    expect(sizes).toEqual([20, 4, 8]);
    await store.close();
  });

  it("settles also what never left: a token that its service cannot read, one whose time has ended", async () => {
    const store = await openStore();
    await store.upsert([{ platform: "fcm", device_token: "no token of that service" }]);
    await fill(store, 3);
    const { id } = await store.createBroadcast({ payload });
    const results = sendBroadcast({ store, provider: await open({ imitate: "apns" }), id });
    expect(await run(results)).toMatchObject({
      ...{ state: "finished", total: 4, sent: 0, failed: 4 },
      codes: { PLATFORM_NOT_CONFIGURED: 1, INVALID_TOKEN: 3 },
    });
    const wrong = await store.createBroadcast({
      payload: { title: "Too late", expires_at: "2020-01-01T00:00:00Z" },
      segment: { platforms: ["simulation"] },
    });
    expect(await run(sendBroadcast({ store, provider: await open(), id: wrong.id }))).toMatchObject({
      ...{ state: "finished", failed: 3, codes: { EXPIRED: 3 } },
    });
    const log = await store.deliveries({ broadcast_id: wrong.id });
    expect(log.map(({ status }) => status)).toEqual(["failed", "failed", "failed"]);
    await store.close();
  });

  it("stopped by its signal, goes on later with those who are left", async () => {
    const store = await openStore();
    await fill(store, 60);
    const provider = await open({ max_concurrency: 3, delivery_delay_ms: [1, 2] });
    const { id } = await store.createBroadcast({ payload });
    const stop = new AbortController();
    const first = sendBroadcast({ store, provider, id, signal: stop.signal, page_size: 7 });
    for (let i = 0; i < 10; i++) await first.next();
    stop.abort();
    const paused = await run(first);
    expect(paused?.state).toBe("paused");
    expect(paused?.sent).toBe(provider.deliveries.length);
    expect(paused?.sent).toBeLessThan(60);
    expect(paused?.failed).toBe(0);
    expect(await run(sendBroadcast({ store, provider, id }))).toMatchObject({ state: "finished", sent: 60 });
    expect(provider.deliveries).toHaveLength(60);
    expect(await run(sendBroadcast({ store, provider, id }))).toMatchObject({ state: "finished", sent: 60 });
    expect(provider.deliveries).toHaveLength(60);
    await store.close();
  });

  it("left by its reader, is paused, and what was under way is written down", async () => {
    const store = await openStore();
    await fill(store, 30);
    const provider = await open({ max_concurrency: 4, delivery_delay_ms: [1, 2] });
    const { id } = await store.createBroadcast({ payload });
    for await (const _result of sendBroadcast({ store, provider, id })) break;
    const paused = await store.getBroadcast(id);
    expect(paused).toMatchObject({ state: "paused", sent: provider.deliveries.length });
    await run(sendBroadcast({ store, provider, id }));
    expect(new Set(provider.deliveries.map(({ device_token }) => device_token)).size).toBe(30);
    expect(provider.deliveries).toHaveLength(30);
    await store.close();
  });

  it("taken over by another sender, ends here and goes on there", async () => {
    const store = await openStore();
    await fill(store, 50);
    const provider = await open({ max_concurrency: 2, delivery_delay_ms: [1, 2] });
    const { id } = await store.createBroadcast({ payload });
    const earlier = sendBroadcast({ store, provider, id, page_size: 5 });
    await earlier.next();
    const later = sendBroadcast({ store, provider: await open(), id, page_size: 5 });
    expect(await run(later)).toMatchObject({ state: "finished" });
    await run(earlier);
    const { state, sent, failed } = (await store.getBroadcast(id)) ?? {};
    expect([state, sent, failed]).toEqual(["finished", 50, 0]);
    // Only what it had begun.
    expect(provider.deliveries.length).toBeLessThan(50);
    await store.close();
  });
});

describe("a broadcast", () => {
  it("of a sender that is closed is paused", async () => {
    const store = openMemoryStore();
    await fill(store, 10);
    const provider = await open();
    const router = await createPushRouter({ simulation: provider });
    await router.close();
    const { id } = await store.createBroadcast({ payload });
    await expect(run(sendBroadcast({ store, router, id }))).rejects.toMatchObject({
      code: "PROVIDER_CLOSED",
    });
    expect((await store.getBroadcast(id))?.state).toBe("paused");
    expect(await run(sendBroadcast({ store, provider, id }))).toMatchObject({ state: "finished", sent: 10 });
  });

  it("whose store fails says so, and ends", async () => {
    const store = openMemoryStore();
    await fill(store, 20);
    const provider = await open();
    const { id } = await store.createBroadcast({ payload });
    const settle = store.settle.bind(store);
    Object.assign(store, { settle: () => Promise.reject(new Error("disk full")) });
    await expect(run(sendBroadcast({ store, provider, id }))).rejects.toThrow("disk full");
    expect((await store.getBroadcast(id))?.state).toBe("paused");
    Object.assign(store, { settle });
    expect(await run(sendBroadcast({ store, provider, id }))).toMatchObject({ state: "finished", sent: 20 });
  });

  it("of an unknown id is refused; one to nobody is finished at once", async () => {
    const store = openMemoryStore();
    const provider = await open();
    await expect(run(sendBroadcast({ store, provider, id: "none" }))).rejects.toMatchObject({
      code: "OPTIONS_INVALID",
    });
    const { id } = await store.createBroadcast({ payload });
    expect(await run(sendBroadcast({ store, provider, id }))).toMatchObject({ state: "finished", total: 0 });
  });

  it("tells how far it has come at most ten times a second, counting earlier runs; a listener's error is its own", async () => {
    const store = openMemoryStore();
    await fill(store, 400);
    const provider = await open({ max_concurrency: 4, delivery_delay_ms: [1, 1] });
    const { id } = await store.createBroadcast({ payload });
    let told = 0;
    const started = performance.now();
    const first = sendBroadcast({
      ...{ store, provider, id },
      on_progress: () => {
        told++;
        throw new Error("the listener's");
      },
    });
    for (let i = 0; i < 200; i++) await first.next();
    await first.return(undefined);
    expect(told).toBeGreaterThan(0);
    expect(told).toBeLessThanOrEqual((performance.now() - started) / 100 + 1);
    const before = (await store.getBroadcast(id))?.sent ?? 0;
    expect(before).toBeGreaterThan(0);
    const seen: BroadcastProgress[] = [];
    await run(sendBroadcast({ store, provider, id, on_progress: (progress) => seen.push(progress) }));
    expect(seen.every(({ done }) => done >= before)).toBe(true);
    expect(seen.at(-1)).toMatchObject({ done: 400, sent: 400 });
  });
});
