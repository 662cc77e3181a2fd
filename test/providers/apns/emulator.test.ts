import { readFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { REASONS } from "../../../providers/apns/emulator_words.js";
import { type ApnsService, startApnsService } from "../../../src/testing/index.js";
import { connectHttp2 } from "../../testing/http2_client.js";
import { goodPush, type Push, send } from "./emulator_push.js";

const UUID = "eabeae54-14a8-11e5-b60b-1697f925ec7b";

let service: ApnsService;
beforeAll(async () => {
  service = await startApnsService();
});
afterEach(() => service.clearReceived());
afterAll(() => service.close());

const post = (device = service.createDevice(), change: (push: Push) => unknown = () => {}) => {
  const push = goodPush(service, device);
  change(push);
  return send(service, push);
};

describe("what it hands out", () => {
  it("is a whole config for this service alone, with a key or with a certificate", () => {
    const { team_id, key_id, auth_key, ...address } = service.config;
    const { certificate, private_key, ...same } = service.certificate_config;
    expect([team_id, key_id].map((name) => name.length)).toEqual([10, 10]);
    expect(auth_key).toContain("PRIVATE KEY");
    expect(certificate).toContain("BEGIN CERTIFICATE");
    expect(private_key).toContain("PRIVATE KEY");
    expect(same).toEqual(address);
    expect(address).toEqual({
      bundle_id: "org.example.app",
      environment: "production",
      endpoint: service.origin,
      manage_endpoint: service.origin,
      broadcast_endpoint: service.origin,
      ca: service.ca,
    });
    expect(service.origin).toBe(`https://localhost:${service.port}`);
  });

  it("is a device token in hex; a Live Activity's is longer", () => {
    expect(service.createDevice()).toMatchObject({
      device_token: expect.stringMatching(/^[0-9a-f]{64}$/),
      bundle_id: "org.example.app",
      push_type: undefined,
      environment: "production",
    });
    expect(service.createDevice({ push_type: "liveactivity" }).device_token).toMatch(/^[0-9a-f]{160}$/);
  });

  it.each([UUID, UUID.toUpperCase()])("is the apns-id that it was given: %s", async (id) => {
    const reply = await post(undefined, (push) => Object.assign(push.headers, { "apns-id": id }));
    expect(reply).toMatchObject({ status: 200, text: "", headers: { "apns-id": id } });
    expect(reply.headers["apns-unique-id"]).toBeUndefined();
  });

  it("is an apns-id of its own otherwise, also with an error", async () => {
    const made = /^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$/;
    expect((await post()).headers["apns-id"]).toMatch(made);
    const reply = await post(undefined, (push) => Object.assign(push.headers, { "apns-id": "42" }));
    expect(reply).toMatchObject({ status: 400, text: '{"reason":"BadMessageId"}' });
    expect(reply.headers).toMatchObject({
      "apns-id": expect.stringMatching(made),
      "content-type": "application/json",
    });
  });

  it("is the time at which a device went, in milliseconds", async () => {
    const device = service.createDevice();
    const before = Date.now();
    device.unregister();
    const after = Date.now();
    const reply = await post(device);
    expect(Object.keys(JSON.parse(reply.text))).toEqual(["reason", "timestamp"]);
    expect(reply.timestamp).toBeGreaterThanOrEqual(before);
    expect(reply.timestamp).toBeLessThanOrEqual(after);
  });
});

describe("the sandbox", () => {
  it("has tokens of its own, and names every notification twice", async () => {
    await using sandbox = await startApnsService({ environment: "sandbox" });
    expect(sandbox.config.environment).toBe("sandbox");
    const reply = await send(sandbox, goodPush(sandbox, sandbox.createDevice()));
    expect(reply).toMatchObject({
      status: 200,
      headers: { "apns-unique-id": expect.stringMatching(/^[0-9a-f-]{36}$/) },
    });
    const production = sandbox.createDevice({ environment: "production" });
    expect(await send(sandbox, goodPush(sandbox, production))).toMatchObject({
      status: 400,
      reason: "BadDeviceToken",
    });
  });

  it("has tokens that production does not know", async () => {
    const device = service.createDevice({ environment: "sandbox" });
    expect(await post(device)).toMatchObject({ status: 400, reason: "BadDeviceToken" });
  });
});

describe("what it records", () => {
  it("is the whole request, decoded", async () => {
    const device = service.createDevice();
    const push = goodPush(service, device);
    Object.assign(push.headers, {
      "apns-id": UUID,
      "apns-priority": "5",
      "apns-expiration": "1900000000",
      "apns-collapse-id": "order-42",
    });
    await send(service, push);
    const [entry] = service.received;
    expect(entry).toMatchObject({
      device_token: device.device_token,
      method: "POST",
      path: push.path,
      http_version: "2",
      connection_id: expect.any(Number),
      stream_id: 1,
      apns_id: UUID,
      topic: "org.example.app",
      push_type: "alert",
      priority: 5,
      expiration: 1_900_000_000,
      collapse_id: "order-42",
      payload: { aps: { alert: { title: "Hello" } }, order: "42" },
      aps: { alert: { title: "Hello" } },
      claims: push.claims,
      notes: [],
      status: 200,
    });
    expect(Buffer.from(entry?.body ?? []).toString()).toBe(push.body);
    expect(Math.abs(Date.parse(entry?.timestamp ?? "") - Date.now())).toBeLessThan(10_000);
    expect([entry?.reason, entry?.fault]).toEqual([undefined, undefined]);
    expect(device.received[0]).toBe(entry);
  });

  it.each<[string, Record<string, string>, unknown, string]>([
    ["a push type left out", { "apns-topic": "org.example.app" }, { aps: {} }, "no apns-push-type"],
    [
      "a background push that shows something",
      { "apns-push-type": "background", "apns-priority": "5" },
      { aps: { "content-available": 1, alert: "x", badge: 1, sound: "y" } },
      "must not have alert, badge, sound",
    ],
    [
      "a background push without content-available",
      { "apns-push-type": "background", "apns-priority": "5" },
      { aps: {} },
      "must have content-available",
    ],
  ])("is a note on %s, which is accepted", async (_title, headers, payload, note) => {
    const device = service.createDevice();
    const reply = await post(device, (push) => {
      push.headers = { "apns-topic": "org.example.app", ...headers };
      push.body = JSON.stringify(payload);
    });
    expect(reply.status).toBe(200);
    expect(device.received[0]?.notes).toEqual([expect.stringContaining(note)]);
  });

  it("is a note on a Live Activity that nobody will see change", async () => {
    const device = service.createDevice({ push_type: "liveactivity" });
    await post(device, (push) => {
      push.headers = {
        "apns-topic": "org.example.app.push-type.liveactivity",
        "apns-push-type": "liveactivity",
      };
    });
    expect(device.received[0]?.notes).toEqual([expect.stringContaining("event, timestamp")]);
  });

  it("is what came for nobody as well", async () => {
    await post({ ...service.createDevice(), device_token: "abc" });
    expect(service.received[0]).toMatchObject({
      path: "/3/device/abc",
      status: 400,
      reason: "BadDeviceToken",
    });
    expect(service.received[0]?.device_token).toBeUndefined();
  });

  it("can be awaited and cleared", async () => {
    const device = service.createDevice();
    const arrival = device.waitForMessages(2);
    const requests = service.waitForRequests(2);
    await post(device);
    await post(device);
    expect(await arrival).toHaveLength(2);
    expect(await requests).toBe(service.received);
    await expect(device.waitForMessages(3, { timeout_ms: 1 })).rejects.toThrow("received 2 of the 3");
    service.clearReceived();
    expect([service.received, device.received]).toEqual([[], []]);
  });
});

describe("closing", () => {
  it("is idempotent, frees the port and ends every wait", async () => {
    const other = await startApnsService();
    const waiting = [
      other.createDevice().waitForMessages(1),
      other.createChannel().waitForMessages(1),
      other.waitForRequests(1),
    ].map((wait) => expect(wait).rejects.toThrow("before it was closed"));
    await Promise.all([other.close(), other.close()]);
    await Promise.all(waiting);
    const next = await startApnsService({ port: other.port });
    expect(next.port).toBe(other.port);
    await next[Symbol.asyncDispose]();
    await expect(connectHttp2(next.origin, next.ca)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });
});

it("every reason that the service gives by itself has a test", () => {
  const tests = ["rules", "connection", "channels"].map((name) =>
    readFileSync(new URL(`emulator_${name}.test.ts`, import.meta.url), "utf8"),
  );
  const untested = Object.keys(REASONS).filter(
    (reason) => !tests.some((text) => text.includes(`"${reason}"`)),
  );
  const only_by_script = [
    "IdleTimeout",
    "Forbidden",
    "InternalServerError",
    "ServiceUnavailable",
    "Shutdown",
  ];
  expect(untested).toEqual(only_by_script);
});
