import { createECDH } from "node:crypto";
import https from "node:https";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import webpush from "web-push";
import { startWebPushService, type WebPushService, type WebPushVendor } from "../../../src/testing/index.js";
import { request } from "../../testing/client.js";
import { aesgcm, goodPush, send } from "./emulator_push.js";

const VENDORS: WebPushVendor[] = ["mozilla", "fcm", "apple", "wns"];

let service: WebPushService;
beforeAll(async () => {
  service = await startWebPushService();
});
afterEach(() => service.clearReceived());
afterAll(() => service.close());

describe("for the web-push library", () => {
  const agent = new https.Agent({ keepAlive: true });
  beforeAll(() => {
    agent.options.ca = service.ca;
  });
  afterAll(() => agent.destroy());

  const options = () => ({
    agent,
    TTL: 60,
    vapidDetails: {
      subject: service.config.vapid_subject,
      publicKey: service.config.vapid_public_key,
      privateKey: service.config.vapid_private_key,
    },
  });

  it.each(VENDORS)(
    "it is a push service that takes a message, and tells of a device that is gone (%s)",
    async (vendor) => {
      const device = service.createDevice({ vendor });
      const { statusCode } = await webpush.sendNotification(device.subscription, "grüße", {
        ...options(),
        urgency: "low",
      });
      expect(statusCode).toBe(201);
      expect(device.received.map(({ text, urgency }) => [text, urgency])).toEqual([["grüße", "low"]]);
      device.unsubscribe();
      const error = await webpush
        .sendNotification(device.subscription, "x", options())
        .catch((reason) => reason);
      expect(error).toMatchObject({ name: "WebPushError", statusCode: 410 });
    },
  );

  it("it takes the legacy coding and scheme where the vendor does", async () => {
    const device = service.createDevice();
    const subscription = JSON.parse(device.device_token) as typeof device.subscription;
    await webpush.sendNotification(subscription, "old", { ...options(), contentEncoding: "aesgcm" });
    expect(device.received[0]).toMatchObject({ text: "old", content_encoding: "aesgcm" });
  });

  it("it takes a push without data", async () => {
    const device = service.createDevice();
    await webpush.sendNotification(device.subscription, null, options());
    expect(device.received[0]).toMatchObject({ undecryptable: false, status: 201 });
    expect(device.received[0]?.text).toBeUndefined();
  });
});

describe("what it hands out", () => {
  it("is a whole config for this service alone", () => {
    const { vapid_public_key, vapid_private_key, ...rest } = service.config;
    expect(Buffer.from(vapid_public_key, "base64url")).toHaveLength(65);
    expect(Buffer.from(vapid_private_key, "base64url")).toHaveLength(32);
    const pair = createECDH("prime256v1");
    pair.setPrivateKey(vapid_private_key, "base64url");
    expect(pair.getPublicKey("base64url")).toBe(vapid_public_key);
    expect(rest).toEqual({
      vapid_subject: "mailto:ops@example.org",
      allowed_hosts: [`localhost:${service.port}`],
      allow_private_endpoints: true,
      ca: service.ca,
    });
    expect(service.origin).toBe(`https://localhost:${service.port}`);
  });

  it.each<[WebPushVendor, RegExp]>([
    ["mozilla", /^\/wpush\/v2\/gAAAAA[\w-]{100,}$/],
    ["fcm", /^\/fcm\/send\/[\w-]{11}:APA91b[\w-]{130,}$/],
    ["apple", /^\/Q[\w-]{100,}$/],
    ["wns", /^\/w\/\?token=[\w-]+%2b[\w-]+%2f[\w-]+%3d$/],
  ])("is a subscription as %s makes them", (vendor, path) => {
    const device = service.createDevice({ vendor });
    expect(device.endpoint.slice(service.origin.length)).toMatch(path);
    expect(JSON.parse(device.device_token)).toEqual(device.subscription);
    expect(device.subscription.expirationTime).toBeNull();
    expect(Buffer.from(device.subscription.keys.p256dh, "base64url")).toHaveLength(65);
    expect(Buffer.from(device.subscription.keys.auth, "base64url")).toHaveLength(16);
  });

  it("does not know an endpoint that was parsed and printed again", async () => {
    const device = service.createDevice({ vendor: "wns" });
    const push = goodPush(service, device);
    push.url = push.url.replace("%2b", "%2B");
    expect((await send(service, push)).status).toBe(404);
  });

  it.each<[WebPushVendor, RegExp, Record<string, unknown>]>([
    ["mozilla", /^https:\/\/localhost:\d+\/m\/[\w-]+$/, { ttl: "60" }],
    ["fcm", /^https:\/\/localhost:\d+\/0:\d+%[0-9a-f]+$/, { ttl: "60" }],
    ["apple", /^undefined$/, { "apns-id": expect.stringMatching(/^[0-9a-f-]{36}$/) }],
    [
      "wns",
      /^undefined$/,
      {
        "x-wns-status": "received",
        "x-wns-notificationstatus": "received",
        "x-wns-msg-id": expect.stringMatching(/^[0-9A-F]{16}$/),
      },
    ],
  ])("is an answer as %s gives it", async (vendor, location, headers) => {
    const reply = await send(service, goodPush(service, service.createDevice({ vendor })));
    expect(reply).toMatchObject({ status: 201, text: "", headers });
    expect(String(reply.headers.location)).toMatch(location);
  });

  it.each<[WebPushVendor, string]>([
    ["mozilla", "2592000"],
    ["fcm", "2419200"],
  ])("is a TTL lowered to what %s keeps", async (vendor, ttl) => {
    const push = goodPush(service, service.createDevice({ vendor }));
    push.headers.ttl = "9999999999999999999999";
    expect((await send(service, push)).headers.ttl).toBe(ttl);
  });
});

describe("what it records", () => {
  it("is the whole request, decoded", async () => {
    const device = service.createDevice();
    const push = goodPush(service, device, JSON.stringify({ notification: { title: "Hi" } }));
    Object.assign(push.headers, { urgency: "high", topic: "order-42" });
    await send(service, push);
    const [entry] = service.received;
    expect(entry).toMatchObject({
      device_token: device.device_token,
      vendor: "mozilla",
      method: "POST",
      path: device.endpoint.slice(service.origin.length),
      ttl: 60,
      urgency: "high",
      topic: "order-42",
      content_encoding: "aes128gcm",
      text: '{"notification":{"title":"Hi"}}',
      json: { notification: { title: "Hi" } },
      claims: push.claims,
      undecryptable: false,
      status: 201,
    });
    expect(entry?.headers).toMatchObject({ "content-length": String(push.body.length), ttl: "60" });
    expect(Buffer.from(entry?.body ?? []).equals(push.body)).toBe(true);
    expect(Math.abs(Date.parse(entry?.timestamp ?? "") - Date.now())).toBeLessThan(10_000);
    expect([entry?.reason, entry?.fault, entry?.error]).toEqual([undefined, undefined, undefined]);
    expect(device.received[0]).toBe(entry);
    expect(Buffer.from(device.decrypt(push.body)).toString()).toBe(entry?.text);
  });

  it("is a refused request too, decrypted, and nothing of it reaches the device", async () => {
    const device = service.createDevice();
    const push = goodPush(service, device);
    delete push.headers.ttl;
    await send(service, push);
    expect(service.received[0]).toMatchObject({ text: "hello", status: 400, reason: "Missing TTL value" });
    expect(device.received).toEqual([]);
  });

  it("is a request for nobody", async () => {
    await request({ url: `${service.origin}/fcm/send/nobody`, ca: service.ca, method: "GET" });
    expect(service.received[0]).toMatchObject({ vendor: "fcm", method: "GET", status: 404 });
    expect(service.received[0]?.device_token).toBeUndefined();
  });

  it("can be awaited and cleared", async () => {
    const device = service.createDevice();
    const arrival = device.waitForMessages(2);
    const requests = service.waitForRequests(2);
    await send(service, goodPush(service, device, "one"));
    await send(service, goodPush(service, device, "two"));
    expect((await arrival).map(({ text }) => text)).toEqual(["one", "two"]);
    expect(await requests).toBe(service.received);
    await expect(device.waitForMessages(3, { timeout_ms: 1 })).rejects.toThrow("received 2 of the 3");
    service.clearReceived();
    expect([service.received, device.received]).toEqual([[], []]);
  });
});

describe("a message that the device cannot read", () => {
  const spoiled = () => {
    const device = service.createDevice();
    const push = goodPush(service, device);
    push.body = goodPush(service, service.createDevice()).body;
    return { device, push };
  };

  it("is accepted, as by every real service, and says why at the device", async () => {
    const { device, push } = spoiled();
    expect((await send(service, push)).status).toBe(201);
    const [entry] = device.received;
    expect(entry).toMatchObject({
      undecryptable: true,
      error: expect.stringContaining("not encrypted for this"),
    });
    expect(entry?.text).toBeUndefined();
  });

  it("is refused by a service that is told to", async () => {
    const strict = await startWebPushService({ refuse_undecryptable: true });
    const device = strict.createDevice();
    const push = goodPush(strict, device);
    expect((await send(strict, push)).status).toBe(201);
    push.body = goodPush(strict, strict.createDevice()).body;
    const reply = await send(strict, push);
    expect([reply.status, JSON.parse(reply.text).errno]).toEqual([400, 110]);
    expect(device.received).toHaveLength(1);
    await strict.close();
  });

  it("may be one in a coding that its browser does not know", async () => {
    const device = service.createDevice({ content_encodings: ["aes128gcm"] });
    const push = goodPush(service, device);
    aesgcm(push, device);
    expect((await send(service, push)).status).toBe(201);
    expect(device.received[0]?.error).toContain("does not know the content coding aesgcm");
  });
});

describe("the size of a body", () => {
  const padded = (device: ReturnType<WebPushService["createDevice"]>, length: number) => {
    const push = goodPush(service, device, Buffer.alloc(length - 103, "x"));
    expect(push.body).toHaveLength(length);
    return push;
  };

  it.each(VENDORS)("may be 4096 bytes (%s)", async (vendor) => {
    const device = service.createDevice({ vendor });
    expect((await send(service, padded(device, 4096))).status).toBe(201);
    expect(device.received[0]?.text).toHaveLength(3993);
  });

  it("may be less for one device: Firefox on Android", async () => {
    const device = service.createDevice({ max_body_bytes: 2847 });
    expect((await send(service, padded(device, 2847))).status).toBe(201);
    const { status, text } = await send(service, padded(device, 2850));
    expect(status).toBe(413);
    expect(JSON.parse(text)).toMatchObject({
      errno: 104,
      message:
        "This message is intended for a constrained device and is limited in size. Converted buffer is too long by 3 bytes",
    });
  });
});

describe("its clock", () => {
  it("decides which tokens have expired", async () => {
    let now_ms = Date.UTC(2016, 0, 23);
    const past = await startWebPushService({ clock: { now: () => now_ms } });
    const device = past.createDevice();
    const push = goodPush(past, device, "hello", now_ms);
    expect((await send(past, push)).status).toBe(201);
    expect(past.received[0]?.timestamp).toBe("2016-01-23T00:00:00.000Z");
    now_ms += 3600_000;
    expect((await send(past, push)).status).toBe(401);
    await past.close();
  });
});

describe("closing", () => {
  it("is idempotent, frees the port and ends every wait", async () => {
    const other = await startWebPushService();
    const waiting = expect(other.createDevice().waitForMessages(1)).rejects.toThrow("before it was closed");
    const requests = expect(other.waitForRequests(1)).rejects.toThrow("before it was closed");
    await Promise.all([other.close(), other.close()]);
    await other.close();
    await Promise.all([waiting, requests]);
    const next = await startWebPushService({ port: other.port });
    expect(next.port).toBe(other.port);
    await next[Symbol.asyncDispose]();
    await expect(request({ url: next.origin, ca: next.ca })).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });
});

it("many start at once", async () => {
  const many = await Promise.all(Array.from({ length: 20 }, () => startWebPushService()));
  expect(new Set(many.map(({ port }) => port)).size).toBe(20);
  expect(new Set(many.map(({ ca }) => ca)).size).toBe(1);
  expect(new Set(many.map(({ config }) => config.vapid_public_key)).size).toBe(20);
  await Promise.all(many.map((one) => one.close()));
});

it("a device is bound to a key of 65 bytes, or not made", () => {
  expect(() => service.createDevice({ vapid_public_key: "AAAA" })).toThrow("vapid_public_key");
});
