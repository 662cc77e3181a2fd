import { describe, expect, it } from "vitest";
import { ADMIN, openWorld, PAYLOAD, VIEWER } from "./support.js";

async function openHistory() {
  const world = await openWorld();
  const { ask, clock } = world;
  await world.subscriber({ device_id: "d1", user_id: "alice", device_info: { language: "en" } });
  await ask("POST subscribe", { platform: "simulation", device_token: "a", device_id: "d2", user_id: "bob" });
  const send = async (device_id: string, title: string) => {
    clock.now_ms += 60_000;
    const { body } = await ask("POST send", { device_id, title, body: "text", ttl_seconds: 3600 }, ADMIN);
    return String(body.message_id);
  };
  const ids = [await send("d1", "one"), await send("d2", "two"), await send("d1", "three")];
  clock.now_ms += 2000;
  await ask("POST ack", { message_id: ids[2], device_id: "d1" });
  return { ...world, ids };
}

describe("3.1.push_logs", () => {
  it("of all, newest first, for somebody who may look", async () => {
    const { ask } = await openHistory();
    const { status, body } = await ask("GET push-logs", undefined, VIEWER);
    const rows = body.deliveries as Record<string, unknown>[];
    expect([status, rows.map(({ title }) => title)]).toEqual([200, ["three", "two", "one"]]);
    expect(rows[0]).toEqual({
      ...{ message_id: expect.any(String), platform: "web_push", device_id: "d1", user_id: "alice" },
      ...{ status: "delivered", title: "three", body: "text", broadcast_id: null, status_code: 201 },
      ...{ service_message_id: expect.any(String), error_code: null, error_message: null },
      sent_at: expect.stringMatching(/^2030-01-01T12:0\d:\d\d\.\d{3}Z$/),
      expires_at: expect.stringMatching(/^2030-01-01T13:0\d:\d\d\.\d{3}Z$/),
      received_at: "2030-01-01T12:03:02.000Z",
      latency_ms: expect.any(Number),
      ...{ opened_at: null, dismissed_at: null },
    });
  });

  it.each([
    ["device_id=d1", ["three", "one"]],
    ["device_id=d1&limit=1", ["three"]],
    ["user_id=bob", ["two"]],
    ["device_id=d1&user_id=bob", []],
    ["broadcast_id=none", []],
  ])("of %s", async (query, titles) => {
    const { ask } = await openHistory();
    const { body } = await ask(`GET push-logs?${query}`, undefined, ADMIN);
    expect((body.deliveries as { title: string }[]).map(({ title }) => title)).toEqual(titles);
  });

  it.each([
    ["limit=0", "limit"],
    ["limit=1001", "limit"],
    ["limit=ten", "limit"],
    ["device_id=", "device_id"],
    ["device=d1", "device"],
  ])("H4 %s is 400", async (query, field) => {
    const { ask } = await openWorld();
    const { status, body } = await ask(`GET push-logs?${query}`, undefined, ADMIN);
    expect([status, body.field]).toEqual([400, field]);
  });

  it("a time beyond all dates is the last date there is", async () => {
    const { ask } = await openWorld();
    const token = { platform: "simulation", device_token: "a" };
    await ask("POST send", { ...token, ...PAYLOAD, ttl_seconds: Number.MAX_SAFE_INTEGER }, ADMIN);
    const { status, body } = await ask("GET push-logs", undefined, ADMIN);
    expect([status, body.deliveries]).toMatchObject([200, [{ expires_at: "+275760-09-13T00:00:00.000Z" }]]);
  });
});

describe("3.1.statistics", () => {
  it("of seven days, by platform and code", async () => {
    const { ask } = await openHistory();
    const { status, body } = await ask("GET statistics", undefined, VIEWER);
    expect([status, body.days, body.platform]).toEqual([200, 7, null]);
    expect(body).toMatchObject({
      ...{
        since: "2029-12-25T12:03:02.000Z",
        total_sent: 3,
        delivered: 1,
        failed: 0,
        delivery_rate_percent: 33.3,
      },
      platforms: { web_push: { total_sent: 2, delivered: 1 }, simulation: { total_sent: 1 } },
      codes: {},
    });
  });

  it.each([
    ["days=1", 3],
    ["days=90&platform=webpush", 2],
    ["device_id=d2", 1],
    ["platform=fcm", 0],
  ])("of %s", async (query, total_sent) => {
    const { ask } = await openHistory();
    const { status, body } = await ask(`GET statistics?${query}`, undefined, ADMIN);
    expect([status, body.total_sent]).toEqual([200, total_sent]);
  });

  it.each([
    ["days=0", "days"],
    ["days=91", "days"],
    ["days=week", "days"],
    ["dais=7", "dais"],
    ["platform=Pigeon post", "platform"],
  ])("H4 %s is 400", async (query, field) => {
    const { ask } = await openWorld();
    const { status, body } = await ask(`GET statistics?${query}`, undefined, ADMIN);
    expect([status, body.field]).toEqual([400, field]);
  });
});

describe("segment-size", () => {
  it.each([
    [{}, 3],
    [{ segment: {} }, 3],
    [{ segment: { tags: "a && !b" } }, 1],
    [{ segment: { tags: ["a", "b"] } }, 2],
    [{ segment: { user_ids: ["alice"], platforms: ["simulation"] } }, 1],
    [{ segment: { user_ids: [] } }, 0],
  ])("%j has %i", async (said, count) => {
    const { ask, store } = await openWorld();
    await store.upsert(
      [["a"], ["a", "b"], []].map((tags, i) => ({
        ...{ platform: "simulation", device_token: `${i}`, tags },
        user_id: i === 2 ? "alice" : "bob",
      })),
    );
    const { status, body } = await ask("POST segment-size", said, VIEWER);
    expect([status, body.count]).toEqual([200, count]);
  });

  it.each([
    [{ segment: { tags: "a && (b" } }, "tags", "at position 8"],
    [{ segment: { tags: 1 } }, "segment.tags", ""],
    [{ segmnt: {} }, "segmnt", "unknown"],
  ])("H4 %j is 400", async (said, field, words) => {
    const { ask } = await openWorld();
    const { status, body } = await ask("POST segment-size", said, ADMIN);
    expect([status, body.field]).toEqual([400, field]);
    expect(body.message).toContain(words);
  });
});
