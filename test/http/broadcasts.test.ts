import { describe, expect, it } from "vitest";
import { getPushProvider } from "../../src/index.js";
import { ADMIN, openWorld, PAYLOAD, readEvents, toRequest, VIEWER, type World } from "./support.js";

async function subscribeMany({ store }: World, count: number): Promise<void> {
  await store.upsert(
    Array.from({ length: count }, (_, i) => ({
      ...{ platform: "simulation", device_token: `t${i}`, tags: i % 2 ? ["odd"] : [] },
    })),
  );
}

async function start({ handle }: World, body: object) {
  const response = await handle(toRequest("POST broadcast", body, ADMIN));
  return { response, events: readEvents(response) };
}

async function all(events: ReturnType<typeof readEvents>) {
  const found = [];
  for await (const event of events) found.push(event);
  return found;
}

/** A simulated service that takes its time, so that a broadcast can be looked at while it runs. */
async function openSlowWorld() {
  const simulation = await getPushProvider("simulation", {
    ...{ success_rate: 1, delivery_delay_ms: 60, max_concurrency: 10 },
  });
  const world = await openWorld({ router: undefined, providers: { simulation } });
  await subscribeMany(world, 100);
  return world;
}

describe("broadcast", () => {
  it("5.2.b6 5.2.b7 goes to each of a segment, and says at the end what became of all", async () => {
    const world = await openWorld();
    const { device } = await world.subscriber();
    const gone = await world.subscriber();
    gone.device.unsubscribe();
    await subscribeMany(world, 10);
    const { response, events } = await start(world, PAYLOAD);
    const { status, headers } = response;
    expect([status, headers.get("content-type")]).toEqual([200, "text/event-stream; charset=utf-8"]);
    expect([headers.get("cache-control"), headers.get("x-accel-buffering")]).toEqual(["no-store", "no"]);
    const told = await all(events);
    expect(told[0]).toMatchObject({
      event: "started",
      data: { broadcast: { state: "created", payload: PAYLOAD } },
    });
    expect(told.at(-1)).toMatchObject({
      event: "result",
      data: {
        ...{ status: "success", success: true, message: "finished: 11 of 12 accepted", platform: null },
        broadcast: {
          ...{ state: "finished", title: PAYLOAD.title, total: 12, sent: 11, failed: 1, removed: 1 },
          ...{ codes: { UNREGISTERED: 1 }, finished_at: "2030-01-01T12:00:00.000Z" },
        },
      },
    });
    expect(device.received).toMatchObject([{ json: { notification: PAYLOAD } }]);
    expect(await world.store.count()).toBe(11);
  });

  it("to a segment goes to no one else", async () => {
    const world = await openWorld();
    await subscribeMany(world, 10);
    const { events } = await start(world, { ...PAYLOAD, segment: { tags: "odd" } });
    const told = await all(events);
    expect(told.at(-1)?.data).toMatchObject({ broadcast: { total: 5, sent: 5, segment: { tags: "odd" } } });
  });

  it("tells how far it has come, at most ten times a second", async () => {
    const world = await openSlowWorld();
    const { events } = await start(world, PAYLOAD);
    const started_ms = performance.now();
    const told = (await all(events)).filter(({ event }) => event === "progress").map(({ data }) => data);
    const seconds = (performance.now() - started_ms) / 1000;
    expect(told.length).toBeGreaterThan(1);
    expect(told.length).toBeLessThanOrEqual(Math.ceil(seconds * 10) + 1);
    const done = told.map((data) => Number(data.done));
    expect(done).toEqual([...done].sort((a, b) => a - b));
    expect(told.at(-1)).toMatchObject({
      total: 100,
      done: 100,
      sent: 100,
      failed: 0,
      per_second: expect.any(Number),
    });
  });

  it("goes on without the client that asked, and can be joined by its id", async () => {
    const world = await openSlowWorld();
    const { events } = await start(world, { ...PAYLOAD, id: "b1" });
    const first = await events.next();
    expect(first.value).toMatchObject({ event: "started", data: { broadcast: { id: "b1" } } });
    await events.return(undefined);
    const joined = await start(world, { id: "b1" });
    const told = await all(joined.events);
    expect(told.at(-1)?.data).toMatchObject({ success: true, broadcast: { sent: 100 } });
    expect(await world.store.deliveries({ limit: 1000 })).toHaveLength(100);
  });

  it("asked for twice with one id is one broadcast, also when it is over", async () => {
    const world = await openWorld();
    await subscribeMany(world, 10);
    const said = { ...PAYLOAD, id: "b1" };
    const both = await Promise.all([start(world, said), start(world, said)]);
    const results = await Promise.all(both.map(async ({ events }) => (await all(events)).at(-1)?.data));
    const again = await start(world, said);
    expect((await all(again.events)).map(({ event }) => event)).toEqual(["started", "result"]);
    expect(results).toMatchObject([{ broadcast: { sent: 10 } }, { broadcast: { sent: 10 } }]);
    expect(await world.store.deliveries({ limit: 100 })).toHaveLength(10);
    expect(await world.store.listBroadcasts()).toHaveLength(1);
  });

  it("can be stopped, and gone on with: nobody gets it twice, nobody is left out", async () => {
    const world = await openSlowWorld();
    const { events } = await start(world, { ...PAYLOAD, id: "b1" });
    for await (const { event } of events) if (event === "progress") break;
    const stopped = await world.ask("POST broadcasts/b1/stop", {}, ADMIN);
    expect([stopped.status, stopped.body.success]).toEqual([200, true]);
    expect(stopped.body).toMatchObject({ broadcast: { id: "b1", state: "paused" } });
    const { sent } = stopped.body.broadcast as { sent: number };
    expect(sent).toBeGreaterThan(0);
    expect(sent).toBeLessThan(100);
    const resumed = await start(world, { id: "b1" });
    expect((await all(resumed.events)).at(-1)?.data).toMatchObject({
      broadcast: { state: "finished", sent: 100 },
    });
    const sent_to = await world.store.deliveries({ broadcast_id: "b1", limit: 1000 });
    expect(new Set(sent_to.map(({ subscription_id }) => subscription_id)).size).toBe(100);
  });

  it("whoever watches hears that it was stopped", async () => {
    const world = await openSlowWorld();
    const { events } = await start(world, { ...PAYLOAD, id: "b1" });
    await events.next();
    const [told] = await Promise.all([all(events), world.ask("POST broadcasts/b1/stop", {}, ADMIN)]);
    const { data } = told.at(-1) ?? {};
    expect(data).toMatchObject({ status: "failed", success: false, broadcast: { state: "paused" } });
  });

  it("close() stops it in order, and it can be gone on with", async () => {
    const world = await openSlowWorld();
    const { events } = await start(world, { ...PAYLOAD, id: "b1" });
    await events.next();
    const [told] = await Promise.all([all(events), world.handle.close()]);
    expect(told.at(-1)?.event).toBe("result");
    expect(await world.store.getBroadcast("b1")).toMatchObject({ state: "paused" });
    expect((await world.handle(toRequest("POST broadcast", { id: "b1" }, ADMIN))).status).toBe(503);
  });

  it("that runs in another process is stopped, too", async () => {
    const world = await openWorld();
    await world.store.createBroadcast({ id: "b1", payload: PAYLOAD });
    const other = await world.store.startBroadcast("b1");
    const { body } = await world.ask("POST broadcasts/b1/stop", {}, ADMIN);
    expect(body).toMatchObject({ success: true, message: "paused: 0 of 0 accepted" });
    expect(await world.store.begin([], { id: "b1", run: other?.run ?? "" })).toBe(false);
  });

  it("ends with an error that says nothing of what it was, when the store fails", async () => {
    const world = await openWorld();
    await subscribeMany(world, 10);
    world.store.settle = async () => {
      throw new TypeError("secret");
    };
    const { events } = await start(world, PAYLOAD);
    const { data } = (await all(events)).at(-1) ?? {};
    expect(data).toMatchObject({ status: "failed", message: "internal error", error_code: "INTERNAL_ERROR" });
    const errors = world.logged.filter(({ level }) => level === "error");
    expect(errors).toMatchObject([{ fields: { request_id: data?.request_id, error: "TypeError" } }]);
    expect(JSON.stringify([data, errors])).not.toContain("secret");
  });

  it.each([
    ["nothing at all", {}, 400, "title"],
    ["nothing but a segment", { segment: {} }, 400, "title"],
    ["an id that nobody has", { id: "b9" }, 404, "id"],
    ["an id that is a number", { ...PAYLOAD, id: 1 }, 400, "id"],
    ["tags that are no expression", { ...PAYLOAD, segment: { tags: "(" } }, 400, "tags"],
    ["a segment that is none", { ...PAYLOAD, segment: "all" }, 400, "segment"],
    ["a field that is none", { ...PAYLOAD, titel: "x" }, 400, "titel"],
    ["a token", { ...PAYLOAD, device_token: "t" }, 400, "device_token"],
  ])("H4 with %s is refused, and none is made", async (_title, body, status, field) => {
    const { ask, store } = await openWorld();
    const answer = await ask("POST broadcast", body, ADMIN);
    expect([answer.status, answer.body.field]).toEqual([status, field]);
    expect(await store.listBroadcasts()).toEqual([]);
  });

  it("5.2.a4 is not for somebody who may only look", async () => {
    const { ask, store } = await openWorld();
    expect((await ask("POST broadcast", PAYLOAD, VIEWER)).status).toBe(403);
    expect((await ask("POST broadcasts/b1/stop", {}, VIEWER)).status).toBe(403);
    expect(await store.listBroadcasts()).toEqual([]);
  });
});

describe("broadcasts", () => {
  it("are listed, newest first, by page, and shown one by one", async () => {
    const { ask, store } = await openWorld();
    for (const id of ["b1", "b2", "b3"]) await store.createBroadcast({ id, title: id, payload: PAYLOAD });
    const idsOf = (body: Readonly<Record<string, unknown>>) =>
      (body.broadcasts as { id: string }[]).map(({ id }) => id);
    expect(idsOf((await ask("GET broadcasts", undefined, VIEWER)).body)).toEqual(["b3", "b2", "b1"]);
    expect(idsOf((await ask("GET broadcasts?limit=1&before=b3", undefined, VIEWER)).body)).toEqual(["b2"]);
    const { status, body } = await ask("GET broadcasts/b2", undefined, VIEWER);
    expect([status, body.message]).toEqual([200, "created"]);
    expect(body.broadcast).toMatchObject({
      ...{ id: "b2", state: "created", sent: 0, delivered: 0, opened: 0, payload: PAYLOAD },
      ...{ created_at: "2030-01-01T12:00:00.000Z", started_at: null, finished_at: null },
    });
  });

  it.each(["limit=0", "limit=201", "limit=x"])("H4 %s is 400", async (query) => {
    const { ask } = await openWorld();
    const { status, body } = await ask(`GET broadcasts?${query}`, undefined, ADMIN);
    expect([status, body.field]).toEqual([400, "limit"]);
  });

  it("one that nobody has is 404, to be shown or to be stopped", async () => {
    const { ask } = await openWorld();
    expect((await ask("GET broadcasts/b9", undefined, ADMIN)).status).toBe(404);
    expect((await ask("POST broadcasts/b9/stop", {}, ADMIN)).status).toBe(404);
  });
});
