import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { WebPushFaultKind, WebPushService, WebPushVendor } from "../../../src/testing/index.js";
import { startWebPushService } from "../../../src/testing/index.js";
import { request } from "../../testing/client.js";
import { goodPush, send } from "./emulator_push.js";

let now_ms = Date.now();
let service: WebPushService;
beforeAll(async () => {
  service = await startWebPushService({ clock: { now: () => now_ms } });
});
afterEach(() => {
  service.respond("*");
  service.clearFaults();
  service.clearReceived();
  now_ms = Date.now();
});
afterAll(() => service.close());

const push = (device: ReturnType<WebPushService["createDevice"]>, payload = "hello") =>
  send(service, goodPush(service, device, payload, now_ms));

describe("respond", () => {
  it("answers in place of the verdict; the request is recorded, decrypted, and not delivered", async () => {
    const device = service.createDevice();
    service.respond(device.device_token, { status: 503 });
    expect([(await push(device)).status, (await push(device)).status]).toEqual([503, 503]);
    expect(service.received[0]).toMatchObject({ text: "hello", status: 503, reason: "Service Unavailable" });
    expect(device.received).toEqual([]);
    service.respond(device.device_token);
    expect((await push(device)).status).toBe(201);
  });

  it("gives several answers in order, then judges again", async () => {
    const device = service.createDevice();
    service.respond(device.subscription, { status: 429 }, { status: 500 });
    const statuses = [await push(device), await push(device), await push(device)].map(({ status }) => status);
    expect(statuses).toEqual([429, 500, 201]);
  });

  it("prefers a device's own script to the one for all", async () => {
    const [device, other] = [service.createDevice(), service.createDevice()];
    service.respond("*", { status: 500 });
    service.respond(device.device_token, [{ status: 410 }]);
    expect((await push(device)).status).toBe(410);
    expect((await push(other)).status).toBe(500);
    expect((await push(device)).status).toBe(500);
  });

  it("accepts what the service would refuse, delivers it, and answers as on any success", async () => {
    const device = service.createDevice();
    device.unsubscribe();
    service.respond(device.device_token, { status: 202, headers: { Link: "<x>" } });
    const reply = await push(device);
    expect(reply).toMatchObject({ status: 202, headers: { link: "<x>", ttl: "60" } });
    expect(reply.headers.location).toMatch(/\/m\//);
    expect(device.received).toHaveLength(1);
  });

  it("only delays when no status is given", async () => {
    const device = service.createDevice();
    service.respond(device.device_token, { delay_ms: 30 });
    const started = performance.now();
    expect((await push(device)).status).toBe(201);
    // Timers may fire a millisecond early.
    expect(performance.now() - started).toBeGreaterThan(28);
    device.unsubscribe();
    expect((await push(device)).status).toBe(410);
  });

  it("sends headers and body as they are given", async () => {
    const device = service.createDevice();
    const headers = { "Retry-After": "7", "Content-Type": "text/html" };
    service.respond(device.device_token, { status: 503, headers, body: "<h1>down</h1>" });
    const reply = await push(device);
    expect(reply.text).toBe("<h1>down</h1>");
    expect(reply.headers).toMatchObject({ "retry-after": "7", "content-type": "text/html" });
  });

  it.each<[WebPushVendor, number, string | undefined, string, Record<string, unknown>]>([
    [
      "mozilla",
      410,
      "UAID not found",
      mozilla(410, 103, "Gone", "UAID not found"),
      { "cache-control": "max-age=86400", "content-type": "application/json" },
    ],
    ["mozilla", 410, undefined, mozilla(410, 106, "Gone", "No such subscription"), {}],
    ["mozilla", 404, "Invalid API version", mozilla(404, 102, "Not Found", "Invalid API version"), {}],
    ["mozilla", 502, undefined, mozilla(502, 902, "Bad Gateway", "Bad Gateway"), {}],
    ["mozilla", 503, undefined, mozilla(503, 201, "Service Unavailable", "Service Unavailable"), {}],
    ["mozilla", 418, "tea", mozilla(418, null, "I'm a Teapot", "tea"), {}],
    ["fcm", 429, "slow down", "slow down\n", { "content-type": "text/plain; charset=utf-8" }],
    ["fcm", 410, undefined, "push subscription has unsubscribed or expired.\n", {}],
    [
      "fcm",
      400,
      "UnauthorizedRegistration",
      expect.stringContaining("<TITLE>UnauthorizedRegistration</TITLE>"),
      { "content-type": "text/html; charset=UTF-8" },
    ],
    [
      "apple",
      400,
      "VapidPkHashMismatch",
      '{"reason":"VapidPkHashMismatch"}',
      { "content-type": "application/json" },
    ],
    ["apple", 429, undefined, '{"reason":"TooManyRequests"}', {}],
    ["apple", 500, undefined, '{"reason":"InternalServerError"}', {}],
    ["apple", 503, undefined, '{"reason":"ServiceUnavailable"}', {}],
    [
      "wns",
      410,
      undefined,
      "",
      { "x-wns-error-description": "The channel expired.", "x-wns-status": "dropped" },
    ],
    ["wns", 406, "too many", "", { "x-wns-error-description": "too many", "x-wns-status": "appthrottled" }],
    ["wns", 429, undefined, "", { "x-wns-notificationstatus": "appthrottled" }],
    ["wns", 400, "zu groß\n", "", { "x-wns-error-description": "zu gro??" }],
  ])("puts it into the form of %s: %i %s", async (vendor, status, reason, text, headers) => {
    const device = service.createDevice({ vendor });
    service.respond(device.device_token, { status, reason });
    expect(await push(device)).toMatchObject({ status, text, headers });
  });

  it("does not take a token that is not one of its devices", () => {
    expect(() => service.respond("nobody", { status: 500 })).toThrow("not a token of this service");
    expect(() => service.respond("{}", { status: 500 })).toThrow("not a token of this service");
    const stranger = {
      endpoint: "https://example.org/",
      expirationTime: null,
      keys: { p256dh: "", auth: "" },
    };
    expect(() => service.fault("close", { device_token: stranger })).toThrow("not a token of this service");
  });
});

describe("fault", () => {
  it.each<WebPushFaultKind>(["close", "reset"])(
    "%s loses the answer, and the message arrives",
    async (kind) => {
      const device = service.createDevice();
      const end = service.fault(kind, { device_token: device.device_token });
      await expect(push(device)).rejects.toMatchObject({ code: "ECONNRESET" });
      expect(device.received[0]).toMatchObject({ text: "hello", fault: kind });
      expect(device.received[0]?.status).toBeUndefined();
      expect((await push(service.createDevice())).status).toBe(201);
      end();
      expect((await push(device)).status).toBe(201);
    },
  );

  it("before the body is read keeps the message from arriving", async () => {
    const device = service.createDevice();
    service.fault("close", { before_reading: true, times: 1 });
    await expect(push(device)).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(service.received[0]).toMatchObject({ fault: "close", device_token: device.device_token });
    expect(service.received[0]?.body).toHaveLength(0);
    expect(device.received).toEqual([]);
  });

  it("half_response was answered, as far as the status", async () => {
    const device = service.createDevice();
    service.fault("half_response", { times: 1 });
    await expect(push(device)).rejects.toThrow();
    expect(device.received[0]).toMatchObject({ status: 201, fault: "half_response" });
  });

  it.each<[WebPushVendor, number, string]>([
    ["mozilla", 401, "ExpiredSignature"],
    ["fcm", 403, "token has expired"],
    ["apple", 403, "BadJwtToken"],
    ["wns", 401, "The JWT in the Authorization header is not valid."],
  ])(
    "expired_credentials is what %s says of an old token, until another comes",
    async (vendor, status, reason) => {
      const device = service.createDevice({ vendor });
      const old = goodPush(service, device, "hello", now_ms);
      const token = { value: "" };
      old.authorization = (fresh, key) => {
        token.value ||= fresh;
        return `vapid t=${token.value}, k=${key}`;
      };
      expect((await send(service, old)).status).toBe(201);
      service.fault("expired_credentials");
      expect((await send(service, old)).status).toBe(status);
      expect(service.received.at(-1)).toMatchObject({ status, reason, fault: "expired_credentials" });
      expect((await push(device)).status).toBe(201);
      expect((await send(service, old)).status).toBe(status);
    },
  );
});

describe("a device that is offline", () => {
  const offline = () => {
    const device = service.createDevice();
    device.goOffline();
    return device;
  };
  const post = (
    device: ReturnType<typeof offline>,
    payload: string,
    headers: Record<string, string> = {},
  ) => {
    const one = goodPush(service, device, payload, now_ms);
    Object.assign(one.headers, headers);
    return send(service, one);
  };
  const texts = (device: ReturnType<typeof offline>) => device.received.map(({ text }) => text);

  it("gets kept messages later, in order, and never those with TTL 0", async () => {
    const device = offline();
    const replies = [
      await post(device, "one"),
      await post(device, "now or never", { ttl: "0" }),
      await post(device, "two"),
    ];
    expect(replies.map(({ status }) => status)).toEqual([201, 201, 201]);
    expect(texts(device)).toEqual([]);
    device.goOnline();
    device.goOnline();
    expect(texts(device)).toEqual(["one", "two"]);
    await post(device, "three", { ttl: "0" });
    expect(texts(device)).toEqual(["one", "two", "three"]);
  });

  it("gets the last message of a topic only", async () => {
    const [device, other] = [offline(), offline()];
    await post(device, "sunny", { topic: "weather" });
    await post(device, "lost", { topic: "score" });
    await post(other, "windy", { topic: "weather" });
    await post(device, "rain", { topic: "weather" });
    device.goOnline();
    other.goOnline();
    expect([texts(device), texts(other)]).toEqual([["lost", "rain"], ["windy"]]);
  });

  it("does not get what expired in the meantime", async () => {
    const device = offline();
    await post(device, "short", { ttl: "59" });
    await post(device, "exact", { ttl: "60" });
    await post(device, "long", { ttl: "61" });
    now_ms += 60_000;
    device.goOnline();
    expect(texts(device)).toEqual(["long"]);
  });

  it("does not get what its sender took back", async () => {
    const device = offline();
    const { headers } = await post(device, "wrong");
    await post(device, "right");
    const remove = () => request({ url: String(headers.location), ca: service.ca, method: "DELETE" });
    const removed = await remove();
    expect(removed.status).toBe(204);
    // RFC 9110 section 8.6: no length with 204.
    expect(removed.headers["content-length"]).toBeUndefined();
    const again = await remove();
    expect(again.status).toBe(400);
    expect(JSON.parse(again.text)).toMatchObject({ errno: null, message: "Invalid message ID" });
    device.goOnline();
    expect(texts(device)).toEqual(["right"]);
  });

  it("gets nothing once it has unsubscribed", async () => {
    const device = offline();
    await post(device, "one");
    device.unsubscribe();
    device.goOnline();
    expect(texts(device)).toEqual([]);
  });
});

function mozilla(code: number, errno: number | null, error: string, message: string): string {
  const more_info = "http://autopush.readthedocs.io/en/latest/http.html#error-codes";
  return JSON.stringify({ code, errno, error, message, more_info });
}
