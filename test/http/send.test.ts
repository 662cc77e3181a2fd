import { describe, expect, it } from "vitest";
import { ADMIN, openWorld, PAYLOAD } from "./support.js";

const TOKEN = { platform: "simulation", device_token: "a phone" };

describe("3.1.send", () => {
  it("5.2.b6 5.1.s1 sends to a subscription, with an id that the device can acknowledge", async () => {
    const { ask, store, subscriber } = await openWorld();
    const { device, device_id } = await subscriber();
    const said = { subscription: device.subscription, ...PAYLOAD, data: { order: 7 }, icon: "/icon-192.png" };
    const { status, body } = await ask("POST send", { ...said, priority: "high" }, ADMIN);
    expect([status, body.status, body.success, body.platform]).toEqual([200, "success", true, "web_push"]);
    const { message_id } = body;
    expect(device.received).toMatchObject([
      {
        urgency: "high",
        json: { notification: { ...PAYLOAD, icon: "/icon-192.png", data: { order: 7, message_id } } },
      },
    ]);
    expect(await store.deliveries()).toMatchObject([
      { message_id, device_id, status: "sent", payload: PAYLOAD },
    ]);
    await ask("POST ack", { message_id, device_id });
    expect(await store.deliveries()).toMatchObject([{ status: "delivered" }]);
  });

  it("writes down what it sends to a token that is not stored, and hands no token back", async () => {
    const { ask, store } = await openWorld();
    const { body } = await ask("POST send", { ...TOKEN, ...PAYLOAD, message_id: "m1" }, ADMIN);
    expect(body).toMatchObject({ message_id: "m1", total: 1, success_count: 1, failure_count: 0 });
    expect(JSON.stringify(body)).not.toContain(TOKEN.device_token);
    expect(await store.deliveries()).toMatchObject([{ message_id: "m1", platform: "simulation" }]);
  });

  it("what became of it is in the body: a service that refuses is no error of HTTP; a dead one is forgotten", async () => {
    const { ask, store, subscriber } = await openWorld();
    const { device } = await subscriber();
    device.unsubscribe();
    const { status, body } = await ask("POST send", { subscription: device.subscription, ...PAYLOAD }, ADMIN);
    expect([status, body.status, body.success, body.error_code]).toEqual([
      200,
      "failed",
      false,
      "UNREGISTERED",
    ]);
    expect(body).toMatchObject({ results: [{ remove_token: true, status_code: 410 }] });
    expect(await store.count()).toBe(0);
    expect(await store.deliveries()).toMatchObject([{ status: "failed", error_code: "UNREGISTERED" }]);
  });

  it("3.1.device_push to a device by its id: each of its subscriptions; an unknown one is 404", async () => {
    const { ask, subscriber } = await openWorld();
    const { device } = await subscriber({ device_id: "d1" });
    await ask("POST subscribe", { ...TOKEN, device_id: "d1" });
    await subscriber({ device_id: "d2" });
    const { status, body } = await ask("POST send", { device_id: "d1", ...PAYLOAD }, ADMIN);
    expect([status, body.message, body.total]).toEqual([200, "2 of 2 accepted", 2]);
    expect(device.received).toHaveLength(1);
    const unknown = await ask("POST send", { device_id: "d9", ...PAYLOAD }, ADMIN);
    expect([unknown.status, unknown.body.field]).toEqual([404, "device_id"]);
  });

  it.each([
    ["no target", PAYLOAD, "subscription"],
    ["two targets", { ...TOKEN, device_id: "d", ...PAYLOAD }, "device_id"],
    ["a device that is a number", { device_id: 1, ...PAYLOAD }, "device_id"],
    ["no payload", TOKEN, "title"],
    ["a title that is a number", { ...TOKEN, title: 1 }, "title"],
    ["a priority that does not exist", { ...TOKEN, ...PAYLOAD, priority: "urgent" }, "priority"],
    ["a ttl below zero", { ...TOKEN, ...PAYLOAD, ttl_seconds: -1 }, "ttl_seconds"],
    ["an action without a title", { ...TOKEN, ...PAYLOAD, actions: [{ action: "a" }] }, "actions.0.title"],
    ["a field that is none", { ...TOKEN, ...PAYLOAD, titel: "x" }, "titel"],
    [
      "a field of an action that is none",
      { ...TOKEN, actions: [{ action: "a", title: "t", x: 1 }] },
      "actions.0.x",
    ],
    ["another's token", { device_token: "a phone", ...PAYLOAD }, "device_token"],
    ["a platform that is not configured", { platform: "fcm", device_token: "t", ...PAYLOAD }, "platform"],
  ])("H4 with %s is 400, and nothing is written down", async (_title, body, field) => {
    const { ask, store } = await openWorld();
    const answer = await ask("POST send", body, ADMIN);
    expect([answer.status, answer.body.field, answer.body.success]).toEqual([400, field, false]);
    expect(await store.deliveries()).toEqual([]);
  });

  it.each([
    ["what this service does not know", { platform_data: { vibrat: [1] } }, "PAYLOAD_INVALID"],
    ["more than this service carries", { body: "x".repeat(5000) }, "PAYLOAD_TOO_LARGE"],
  ])("H4 with %s is 400, in the provider's words", async (_title, more, error_code) => {
    const { ask, subscriber } = await openWorld();
    const { device } = await subscriber();
    const answer = await ask("POST send", { subscription: device.subscription, ...PAYLOAD, ...more }, ADMIN);
    expect([answer.status, answer.body.error_code]).toEqual([400, error_code]);
    expect(device.received).toEqual([]);
  });
});

describe("send-bulk", () => {
  it("3.1.send_bulk 5.2.b7 O1 each has its own result and its own id, in order; one failure fails no other", async () => {
    const { ask, store, subscriber } = await openWorld();
    const subscribers = [await subscriber(), await subscriber(), await subscriber()];
    subscribers[1]?.device.unsubscribe();
    const device_tokens = [...subscribers.map(({ device }) => device.subscription), "no token"];
    const { status, body } = await ask(
      "POST send-bulk",
      { platform: "web_push", device_tokens, ...PAYLOAD },
      ADMIN,
    );
    expect([status, body.success, body.message]).toEqual([200, true, "2 of 4 accepted"]);
    expect(body).toMatchObject({ total: 4, success_count: 2, failure_count: 2, platform: "web_push" });
    const results = body.results as { index: number; error_code?: string; message_id: string }[];
    expect(results.map(({ index, error_code }) => [index, error_code])).toEqual([
      [0, undefined],
      [1, "UNREGISTERED"],
      [2, undefined],
      [3, "INVALID_TOKEN"],
    ]);
    expect(new Set(results.map(({ message_id }) => message_id)).size).toBe(4);
    expect(await store.count()).toBe(2);
    expect(await store.deliveries()).toHaveLength(4);
  });

  it("takes 1,000 tokens, as texts or objects, and more than other bodies may be", async () => {
    const { ask } = await openWorld();
    const device_tokens = Array.from({ length: 1000 }, (_, i) => `${i}`.padEnd(200, "x"));
    const { status, body } = await ask(
      "POST send-bulk",
      { platform: "simulation", device_tokens, ...PAYLOAD },
      ADMIN,
    );
    expect([status, body.success_count]).toEqual([200, 1000]);
  });

  it.each([
    ["no tokens", PAYLOAD, "device_tokens"],
    ["an empty list", { device_tokens: [], ...PAYLOAD }, "device_tokens"],
    ["1,001 tokens", { device_tokens: Array(1001).fill("t"), ...PAYLOAD }, "device_tokens"],
    ["one token that is no list", { device_tokens: "t", ...PAYLOAD }, "device_tokens"],
    ["no payload", { device_tokens: ["t"] }, "title"],
    ["a single token beside it", { device_tokens: ["t"], device_token: "t", ...PAYLOAD }, "device_token"],
    ["a platform that is none", { platform: 1, device_tokens: ["t"], ...PAYLOAD }, "platform"],
    ["a platform that is not configured", { platform: "apns", device_tokens: ["t"], ...PAYLOAD }, "platform"],
  ])("H4 with %s is 400", async (_title, body, field) => {
    const { ask, store } = await openWorld();
    const answer = await ask("POST send-bulk", body, ADMIN);
    expect([answer.status, answer.body.field]).toEqual([400, field]);
    expect(await store.deliveries()).toEqual([]);
  });

  it("nothing but wrong tokens is 400", async () => {
    const { ask } = await openWorld();
    const answer = await ask("POST send-bulk", { device_tokens: ["a", "b"], ...PAYLOAD }, ADMIN);
    expect([answer.status, answer.body.success, answer.body.failure_count]).toEqual([400, false, 2]);
  });
});

describe("preview", () => {
  it("shows what each platform would get, without the address, and sends nothing", async () => {
    const { ask, store, subscriber } = await openWorld();
    const { device } = await subscriber({ user_id: "alice" });
    await subscriber({ user_id: "bob" });
    const { status, body } = await ask("POST preview", { ...PAYLOAD, sound: "x" }, ADMIN);
    expect([status, body.total]).toEqual([200, 2]);
    const [web_push, simulation] = body.platforms as { request: { body: string } }[];
    expect(web_push).toMatchObject({
      ...{ platform: "web_push", recipients: 2, success: true },
      warnings: [{ type: "unsupported_field", field: "sound" }],
      request: { method: "POST", origin: new URL(device.endpoint).origin, body_encoding: "utf8" },
    });
    expect(JSON.parse(web_push?.request.body ?? "")).toMatchObject({ notification: PAYLOAD });
    expect(simulation).toEqual({ platform: "simulation", recipients: 0 });
    expect(JSON.stringify(body)).not.toContain(new URL(device.endpoint).pathname);
    expect([device.received, await store.deliveries()]).toEqual([[], []]);
  });

  it("shows a token's place, not the token", async () => {
    const { ask } = await openWorld();
    await ask("POST subscribe", TOKEN);
    const { body } = await ask("POST preview", PAYLOAD, ADMIN);
    expect(body.platforms).toMatchObject([{ recipients: 0 }, { platform: "simulation", recipients: 1 }]);
    expect(JSON.stringify(body)).not.toContain(TOKEN.device_token);
  });

  it.each([
    ["users", { user_ids: ["bob"] }, 1],
    ["platforms, by alias", { platforms: ["webpush"] }, 2],
    ["platforms that are others", { platforms: ["fcm"] }, 0],
    ["tags", { tags: "vip || !vip" }, 2],
  ])("of a segment of %s", async (_title, segment, recipients) => {
    const { ask, subscriber } = await openWorld();
    await subscriber({ user_id: "alice" });
    await subscriber({ user_id: "bob" });
    const { body } = await ask("POST preview", { ...PAYLOAD, segment }, ADMIN);
    expect(body).toMatchObject({ total: recipients, platforms: [{ platform: "web_push", recipients }, {}] });
  });

  it("says what is wrong with a message", async () => {
    const { ask, subscriber } = await openWorld();
    await subscriber();
    const { status, body } = await ask("POST preview", { ...PAYLOAD, body: "x".repeat(5000) }, ADMIN);
    expect([status, body.platforms]).toMatchObject([
      200,
      [{ success: false, error_code: "PAYLOAD_TOO_LARGE" }, {}],
    ]);
  });

  it.each([
    ["no payload", { segment: {} }, "title"],
    ["tags that are no expression", { ...PAYLOAD, segment: { tags: "a &&" } }, "tags"],
    ["platforms that are no list", { ...PAYLOAD, segment: { platforms: "fcm" } }, "segment.platforms"],
    ["a segment that is none", { ...PAYLOAD, segment: "vip" }, "segment"],
    ["a part of a segment that is none", { ...PAYLOAD, segment: { tag: "vip" } }, "segment.tag"],
  ])("with %s is 400", async (_title, body, field) => {
    const { ask } = await openWorld();
    const answer = await ask("POST preview", body, ADMIN);
    expect([answer.status, answer.body.field]).toEqual([400, field]);
  });
});
