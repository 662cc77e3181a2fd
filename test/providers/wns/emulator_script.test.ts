import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  startWnsService,
  type WnsDevice,
  type WnsFaultKind,
  type WnsService,
} from "../../../src/testing/index.js";
import { goodPush, send } from "./emulator_push.js";

let service: WnsService;
beforeAll(async () => {
  service = await startWnsService();
});
afterEach(() => {
  service.respond("*");
  service.clearFaults();
  service.clearReceived();
});
afterAll(() => service.close());

const post = (device: WnsDevice) => send(service, goodPush(service, device));

describe("respond", () => {
  it("answers in place of the verdict; the request is recorded, decoded, and not delivered", async () => {
    const device = service.createDevice();
    service.respond(device.device_token, { status: 503, headers: { "Retry-After": "9" } });
    expect(await post(device)).toMatchObject({
      status: 503,
      text: "",
      headers: {
        "retry-after": "9",
        "x-wns-status": "dropped",
        "x-wns-error-description": "The server is currently unavailable.",
      },
    });
    expect((await post(device)).status).toBe(503);
    expect(service.received[0]).toMatchObject({
      lines: ["Order 42", "Shipped & on its way"],
      status: 503,
      reason: "The server is currently unavailable.",
    });
    expect(device.received).toEqual([]);
    service.respond(device.device_token);
    expect((await post(device)).status).toBe(200);
  });

  it("gives several answers in order, then judges again", async () => {
    const device = service.createDevice();
    service.respond(device.device_token, { status: 429 }, { status: 500 });
    const statuses = [await post(device), await post(device), await post(device)].map(({ status }) => status);
    expect(statuses).toEqual([429, 500, 200]);
  });

  it("prefers a device's own script to the one for all", async () => {
    const [device, other] = [service.createDevice(), service.createDevice()];
    service.respond("*", { status: 500 });
    service.respond(device.device_token, [{ status: 410 }]);
    expect((await post(device)).status).toBe(410);
    expect((await post(other)).status).toBe(500);
    expect((await post(device)).status).toBe(500);
  });

  it("accepts what the service would refuse, and delivers it", async () => {
    const device = service.createDevice();
    device.expire();
    service.respond(device.device_token, { status: 200 });
    const reply = await post(device);
    expect(reply).toMatchObject({ status: 200, headers: { "x-wns-status": "received" } });
    expect(device.received).toHaveLength(1);
  });

  it("gives a 200 another X-WNS-Status, and then delivers nothing", async () => {
    const device = service.createDevice();
    service.respond(
      device.device_token,
      { status: 200, reason: "dropped" },
      { status: 200, reason: "channelthrottled", headers: { "X-WNS-Continue-After": "5" } },
    );
    expect((await post(device)).headers).toMatchObject({ "x-wns-status": "dropped" });
    expect((await post(device)).headers).toMatchObject({
      "x-wns-notificationstatus": "channelthrottled",
      "x-wns-continue-after": "5",
    });
    expect(service.received.map(({ wns_status }) => wns_status)).toEqual(["dropped", "channelthrottled"]);
    expect(device.received).toEqual([]);
  });

  it("only delays when no status is given", async () => {
    const device = service.createDevice();
    service.respond(device.device_token, { delay_ms: 30, reason: "dropped", headers: { "X-Seen": "1" } });
    const started = performance.now();
    expect(await post(device)).toMatchObject({
      status: 200,
      headers: { "x-seen": "1", "x-wns-status": "received" },
    });
    // Timers may fire a millisecond early.
    expect(performance.now() - started).toBeGreaterThan(28);
    device.block();
    expect((await post(device)).headers["x-wns-status"]).toBe("dropped");
    device.expire();
    expect((await post(device)).status).toBe(410);
  });

  it("sends headers and body as they are given", async () => {
    const device = service.createDevice();
    const headers = { "Content-Type": "text/html", "X-WNS-Status": "revoked" };
    service.respond(device.device_token, { status: 502, headers, body: "<h1>down</h1>" });
    const reply = await post(device);
    expect(reply.text).toBe("<h1>down</h1>");
    expect(reply.headers).toMatchObject({ "content-type": "text/html", "x-wns-status": "revoked" });
  });

  it.each<[status: number, reason: string | undefined, words: string, wns_status: string]>([
    [
      400,
      undefined,
      "One or more headers were specified incorrectly or conflict with another header.",
      "dropped",
    ],
    [
      401,
      undefined,
      "The cloud service did not present a valid authentication ticket. The OAuth ticket may be invalid.",
      "dropped",
    ],
    [403, undefined, "Channel URL incompatible with caller app", "dropped"],
    [404, undefined, "The channel URI is not valid or is not recognized by WNS.", "dropped"],
    [
      406,
      undefined,
      "App is throttled. Wait for the seconds of the value in Retry-After header and try again",
      "appthrottled",
    ],
    [410, undefined, "The channel expired.", "dropped"],
    [410, "Domain Blocked", "Domain Blocked", "dropped"],
    [413, undefined, "The notification payload exceeds the 5000 byte size limit.", "dropped"],
    [
      429,
      undefined,
      "App is throttled. Wait for the seconds of the value in Retry-After header and try again",
      "appthrottled",
    ],
    [500, undefined, "An internal failure caused notification delivery to fail.", "dropped"],
    [503, undefined, "The server is currently unavailable.", "dropped"],
    [418, undefined, "I'm a Teapot", "dropped"],
    [400, "zu groß\n", "zu gro??", "dropped"],
  ])("has Microsoft's words for %i %s", async (status, reason, words, wns_status) => {
    const device = service.createDevice();
    service.respond(device.device_token, { status, reason });
    expect(await post(device)).toMatchObject({
      status,
      text: "",
      headers: { "x-wns-error-description": words, "x-wns-status": wns_status },
    });
  });

  it("does not take a token that is not one of its devices", () => {
    expect(() => service.respond("nobody", { status: 500 })).toThrow("not a token of this service");
    expect(() => service.fault("close", { device_token: "nobody" })).toThrow("not a token of this service");
  });
});

describe("fault", () => {
  it.each<WnsFaultKind>(["close", "reset"])(
    "%s loses the answer, and the notification arrives",
    async (kind) => {
      const device = service.createDevice();
      const end = service.fault(kind, { device_token: device.device_token });
      await expect(post(device)).rejects.toMatchObject({ code: "ECONNRESET" });
      expect(device.received[0]).toMatchObject({ type: "toast", fault: kind });
      expect(device.received[0]?.status).toBeUndefined();
      expect((await post(service.createDevice())).status).toBe(200);
      end();
      expect((await post(device)).status).toBe(200);
    },
  );

  it("before the body is read keeps the notification from arriving", async () => {
    const device = service.createDevice();
    service.fault("close", { before_reading: true, times: 1 });
    await expect(post(device)).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(service.received[0]).toMatchObject({ fault: "close", device_token: device.device_token });
    expect(service.received[0]?.body).toHaveLength(0);
    expect([service.received[0]?.wns_status, service.received[0]?.reason]).toEqual([undefined, undefined]);
    expect(device.received).toEqual([]);
  });

  it("half_response was answered, as far as the status", async () => {
    const device = service.createDevice();
    service.fault("half_response", { times: 1 });
    await expect(post(device)).rejects.toThrow();
    expect(device.received[0]).toMatchObject({ status: 200, fault: "half_response" });
  });

  it("N5 expired_credentials is what WNS says of an old access token, until another comes", async () => {
    const device = service.createDevice();
    const old = goodPush(service, device);
    expect((await send(service, old)).status).toBe(200);
    service.fault("expired_credentials");
    expect(await send(service, old)).toMatchObject({
      status: 401,
      headers: { "www-authenticate": 'Bearer error="invalid_token"' },
    });
    expect(service.received.at(-1)).toMatchObject({ status: 401, fault: "expired_credentials" });
    expect(service.received.at(-1)?.sender).toBeUndefined();
    expect((await post(device)).status).toBe(200);
    expect((await send(service, old)).status).toBe(401);
  });
});
