import { describe, expect, it } from "vitest";
import { ADMIN, openWorld, PAYLOAD, type World } from "./support.js";

/** A device that was sent something. */
async function sentTo(world: World, more: object = {}) {
  const subscriber = await world.subscriber({ device_id: "d1" });
  const { body } = await world.ask("POST send", { device_id: "d1", ...PAYLOAD, ...more }, ADMIN);
  const [row] = await world.store.deliveries();
  return { ...subscriber, message_id: String(body.message_id), row };
}

describe("3.1.ack", () => {
  it.each([
    ["delivered", { received_at_ms: 5000, latency_ms: 5000, opened_at_ms: null, dismissed_at_ms: null }],
    ["opened", { received_at_ms: 5000, opened_at_ms: 9000, dismissed_at_ms: null }],
    ["dismissed", { received_at_ms: 5000, opened_at_ms: null, dismissed_at_ms: 9000 }],
  ])("H3 %s counts, by the worker's time", async (status, expected) => {
    const world = await openWorld();
    const { message_id, row } = await sentTo(world);
    const sent_at_ms = row?.sent_at_ms ?? 0;
    world.clock.now_ms = sent_at_ms + 9000;
    const received_at = new Date(sent_at_ms + 5000).toISOString();
    const { status: code, body } = await world.ask("POST ack", {
      message_id,
      device_id: "d1",
      status,
      received_at,
    });
    expect([code, body.status, body.message]).toEqual([200, "success", "acknowledged"]);
    const [seen] = await world.store.deliveries();
    const relative = (name: string, value: unknown) =>
      name.endsWith("_at_ms") && typeof value === "number" ? value - sent_at_ms : value;
    const found = Object.entries(seen ?? {}).map(([name, value]) => [name, relative(name, value)]);
    expect(Object.fromEntries(found)).toMatchObject({ status: "delivered", ...expected });
  });

  it.each([
    ["Z", "2030-01-01T12:00:03Z"],
    ["an offset", "2030-01-01T17:30:03+05:30"],
    ["an offset to the west", "2030-01-01T07:00:03.000-05:00"],
  ])("H3 a time with %s is the same moment", async (_title, received_at) => {
    const world = await openWorld();
    const { message_id, row } = await sentTo(world);
    world.clock.now_ms += 60_000;
    await world.ask("POST ack", { message_id, device_id: "d1", received_at });
    const [seen] = await world.store.deliveries();
    expect([seen?.received_at_ms, row?.received_at_ms]).toEqual([Date.parse("2030-01-01T12:00:03Z"), null]);
  });

  it("H3 is idempotent: the first time stays", async () => {
    const world = await openWorld();
    const { message_id } = await sentTo(world);
    await world.ask("POST ack", { message_id, device_id: "d1" });
    const first = await world.store.deliveries();
    world.clock.now_ms += 5000;
    expect((await world.ask("POST ack", { message_id, device_id: "d1" })).status).toBe(200);
    expect((await world.ask("POST ack", { message_id, device_id: "d1", status: "failed" })).status).toBe(200);
    expect(await world.store.deliveries()).toEqual(first);
  });

  it("H3 takes only the device that the message went to, and tells a stranger nothing", async () => {
    const world = await openWorld();
    const { message_id } = await sentTo(world);
    const own = await world.ask("POST ack", { message_id, device_id: "d1", status: "opened" });
    const before = await world.store.deliveries();
    const answers = [
      await world.ask("POST ack", { message_id, device_id: "d2", status: "dismissed" }),
      await world.ask("POST ack", { message_id: "unknown", device_id: "d1" }),
    ];
    expect(answers.map(({ status, body }) => [status, body])).toEqual([
      [200, own.body],
      [200, own.body],
    ]);
    expect(await world.store.deliveries()).toEqual(before);
  });

  it("failed, with the device's words, cut", async () => {
    const world = await openWorld();
    const { message_id } = await sentTo(world);
    const error_message = `${"x".repeat(499)}😀😀`;
    await world.ask("POST ack", { message_id, device_id: "d1", status: "failed", error_message });
    expect(await world.store.deliveries()).toMatchObject([
      { status: "failed", error_code: "DEVICE_REPORTED", reason: `${"x".repeat(499)}\ufffd` },
    ]);
  });

  it.each([
    ["no message", { device_id: "d" }, "message_id"],
    ["no device", { message_id: "m" }, "device_id"],
    ["a message that is a number", { message_id: 1, device_id: "d" }, "message_id"],
    ["an id without end", { message_id: "m".repeat(201), device_id: "d" }, "message_id"],
    ["a status of its own", { message_id: "m", device_id: "d", status: "read" }, "status"],
    [
      "a time without a zone",
      { message_id: "m", device_id: "d", received_at: "2030-01-01T12:00:00" },
      "received_at",
    ],
    ["a time that is a number", { message_id: "m", device_id: "d", received_at: 1 }, "received_at"],
    ["words that are none", { message_id: "m", device_id: "d", error_message: 1 }, "error_message"],
  ])("H4 with %s is 400", async (_title, body, field) => {
    const { ask } = await openWorld();
    const answer = await ask("POST ack", body);
    expect([answer.status, answer.body.field]).toEqual([400, field]);
  });

  it("takes a time before all times, null for what is not there, and more than it knows", async () => {
    const { ask } = await openWorld();
    const said = { message_id: "m", device_id: "d", error_message: null, version: 2 };
    for (const received_at of ["1969-12-31T00:00:00Z", "9999-12-31T23:59:59Z", null]) {
      expect((await ask("POST ack", { ...said, received_at })).status).toBe(200);
    }
  });
});

describe("3.1.pending", () => {
  it.each([
    ["x-api-key", (key: string) => ({ "x-api-key": key })],
    ["authorization", (key: string) => ({ authorization: `Bearer ${key}` })],
  ])(
    "lists what was not acknowledged, oldest first, for the device's own key in %s",
    async (_title, header) => {
      const world = await openWorld();
      const { key, message_id } = await sentTo(world, { data: { order: 1 } });
      world.clock.now_ms += 1000;
      const second = await world.ask("POST send", { device_id: "d1", title: "Second" }, ADMIN);
      const headers = { "x-device-id": "d1", ...header(key) };
      const { status, body } = await world.ask("GET pending", undefined, headers);
      expect([status, body.device_id]).toEqual([200, "d1"]);
      expect(body.pushes).toMatchObject([
        {
          message_id,
          platform: "web_push",
          status: "sent",
          sent_at: expect.stringMatching(/Z$/),
          payload: PAYLOAD,
        },
        { message_id: second.body.message_id },
      ]);
      expect((await world.ask("GET pending?limit=1", undefined, headers)).body.pushes).toHaveLength(1);
      await world.ask("POST ack", { message_id, device_id: "d1" });
      expect((await world.ask("GET pending", undefined, headers)).body.pushes).toHaveLength(1);
    },
  );

  it.each([
    ["no header", {}],
    ["no key", { "x-device-id": "d1" }],
    ["another key", { "x-device-id": "d1", "x-api-key": "x".repeat(43) }],
    ["a key without end", { "x-device-id": "d1", "x-api-key": "x".repeat(500) }],
    ["an id without end", { "x-device-id": "d".repeat(500), "x-api-key": "x".repeat(43) }],
    ["another scheme", { "x-device-id": "d1", authorization: "Basic eA==" }],
  ])("H2 with %s is 401", async (_title, headers) => {
    const world = await openWorld();
    await sentTo(world);
    const { status, headers: answered, body } = await world.ask("GET pending", undefined, headers);
    expect([status, answered.get("www-authenticate"), body.pushes]).toEqual([401, "Bearer", undefined]);
  });

  it("H2 a key opens no other device, not from a URL, and not after a new one was given", async () => {
    const world = await openWorld();
    const { key, device } = await sentTo(world);
    const other = await world.subscriber({ device_id: "d2" });
    const as = (device_id: string, device_key: string) => ({
      "x-device-id": device_id,
      "x-api-key": device_key,
    });
    expect((await world.ask("GET pending", undefined, as("d1", other.key))).status).toBe(401);
    expect(
      (await world.ask(`GET pending?device_key=${key}`, undefined, { "x-device-id": "d1" })).status,
    ).toBe(400);
    await world.ask("POST subscribe", { subscription: device.subscription });
    expect((await world.ask("GET pending", undefined, as("d1", key))).status).toBe(401);
  });

  it.each(["0", "51", "x", "-1", "1.5", ""])("a limit of %j is 400", async (limit) => {
    const { ask } = await openWorld();
    const { status, body } = await ask(`GET pending?limit=${limit}`);
    expect([status, body.field]).toEqual([400, "limit"]);
  });
});

describe("3.1.test", () => {
  it("H2 sends to the stored subscription of whoever asks, and writes it down", async () => {
    const world = await openWorld();
    const { device } = await world.subscriber();
    const { status, body } = await world.ask("POST test", { subscription: device.subscription });
    expect([status, body.success, body.platform]).toEqual([200, true, "web_push"]);
    const { message_id } = body;
    const [{ json } = { json: undefined }] = device.received;
    expect(json).toMatchObject({
      notification: {
        title: "Test notification",
        data: { test: true, platform: "web_push", timestamp: "2030-01-01T12:00:00.000Z", message_id },
      },
    });
    expect(await world.store.deliveries()).toMatchObject([{ message_id, status: "sent" }]);
  });

  it("5.4.4 sends what the site wants", async () => {
    const { ask, subscriber } = await openWorld({ test_notification: { title: "Hi", data: { a: 1 } } });
    const { device } = await subscriber();
    await ask("POST test", { subscription_json: device.device_token });
    expect(device.received).toMatchObject([{ json: { notification: { title: "Hi", data: { a: 1 } } } }]);
  });

  it("H2 not with another secret (403), not to one that is not stored (404)", async () => {
    const { ask, service, subscriber } = await openWorld();
    const { device } = await subscriber();
    const stranger = service.createDevice();
    const { endpoint, keys } = device.subscription;
    const guess = { endpoint, keys: { ...keys, auth: stranger.subscription.keys.auth } };
    const refused = await ask("POST test", { subscription: guess });
    const unknown = await ask("POST test", { subscription: stranger.subscription });
    expect([refused, unknown].map(({ status, body }) => [status, body.field])).toEqual([
      [403, "subscription"],
      [404, "subscription"],
    ]);
    expect([...device.received, ...stranger.received]).toEqual([]);
  });

  it("an endpoint alone is no secret, where a service would take it for a token", async () => {
    const { ask, service, store } = await openWorld();
    const { subscription, endpoint } = service.createDevice();
    await ask("POST subscribe", { platform: "simulation", device_token: subscription });
    const { status } = await ask("POST test", { platform: "simulation", device_token: endpoint });
    expect([status, await store.deliveries()]).toEqual([403, []]);
  });

  it("a token of another service is its own secret", async () => {
    const { ask } = await openWorld();
    const token = { platform: "simulation", device_token: "a phone" };
    await ask("POST subscribe", token);
    expect(await ask("POST test", token)).toMatchObject({ status: 200, body: { success: true } });
  });

  it("says when the service calls it gone, and forgets it", async () => {
    const { ask, store, subscriber } = await openWorld();
    const { device } = await subscriber();
    device.unsubscribe();
    const { status, body } = await ask("POST test", { subscription: device.subscription });
    expect([status, body.status, body.error_code]).toEqual([200, "failed", "UNREGISTERED"]);
    expect(await store.count()).toBe(0);
  });
});
