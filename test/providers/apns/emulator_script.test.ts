import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { REASONS } from "../../../providers/apns/emulator_words.js";
import { type ApnsFaultKind, type ApnsService, startApnsService } from "../../../src/testing/index.js";
import { connectHttp2 } from "../../testing/http2_client.js";
import { goodPush, type Push, send, signToken, withToken } from "./emulator_push.js";

let service: ApnsService;
beforeAll(async () => {
  service = await startApnsService();
});
afterEach(() => {
  service.respond("*");
  service.clearFaults();
  service.clearReceived();
});
afterAll(() => service.close());

const post = (device = service.createDevice()) => send(service, goodPush(service, device));

describe("respond", () => {
  it("answers in place of the verdict; the request is recorded, and not delivered", async () => {
    const device = service.createDevice();
    service.respond(device.device_token.toUpperCase(), { status: 429 }, { status: 403, reason: "Forbidden" });
    expect(await post(device)).toMatchObject({ status: 429, reason: "TooManyRequests" });
    expect(await post(device)).toMatchObject({ status: 403, reason: "Forbidden" });
    expect(device.received).toEqual([]);
    expect(service.received[0]).toMatchObject({ status: 429, reason: "TooManyRequests", aps: {} });
    expect(await post(device)).toMatchObject({ status: 200 });
  });

  it.each(Object.entries(REASONS))("%s comes with %i", async (reason, status) => {
    service.respond("*", { status, reason });
    expect(await post()).toMatchObject({ status, reason });
  });

  it.each([
    [400, "BadDeviceToken"],
    [403, "InvalidProviderToken"],
    [410, "Unregistered"],
    [500, "InternalServerError"],
    [502, "BadGateway"],
    [503, "ServiceUnavailable"],
  ])("says with %i what APNs usually says", async (status, reason) => {
    service.respond("*", { status });
    expect(await post()).toMatchObject({ status, reason });
  });

  it("tells a time with every 410, and with nothing else", async () => {
    service.respond("*", { status: 410 });
    expect(Math.abs(Number((await post()).timestamp) - Date.now())).toBeLessThan(10_000);
    service.respond("*", { status: 400, reason: "Unregistered" });
    expect((await post()).timestamp).toBeUndefined();
  });

  it("accepts what the service would refuse, and delivers it", async () => {
    const device = service.createDevice();
    device.unregister();
    service.respond(device.device_token, { status: 200, headers: { "X-More": "yes" } });
    expect(await post(device)).toMatchObject({ status: 200, text: "", headers: { "x-more": "yes" } });
    expect(device.received).toHaveLength(1);
  });

  it("sends headers and body as they are given, a delay before the service's own verdict", async () => {
    service.respond("*", { status: 503, headers: { "Retry-After": "7" }, body: "<h1>down</h1>" });
    expect(await post()).toMatchObject({
      status: 503,
      text: "<h1>down</h1>",
      headers: { "retry-after": "7" },
    });
    expect(service.received[0]?.reason).toBeUndefined();
    service.respond("*", { delay_ms: 30 });
    const started = performance.now();
    expect((await post()).status).toBe(200);
    expect(performance.now() - started).toBeGreaterThan(28);
  });

  it("knows its devices and channels only", () => {
    expect(() => service.respond("ab".repeat(32), { status: 500 })).toThrow("createDevice()");
    expect(() => service.fault("close", { device_token: "x" })).toThrow("createChannel()");
  });
});

describe("fault", () => {
  it.each([
    [undefined, "Shutdown"],
    ["IdleTimeout", "IdleTimeout"],
  ])("goaway says why in JSON (%s)", async (reason, said) => {
    service.fault("goaway", { reason });
    await using client = await connectHttp2(service.origin, service.ca);
    expect((await send(service, goodPush(service, service.createDevice()), client)).status).toBe(200);
    await client.closed;
    expect(client.goaways[0]).toEqual({ code: 0, last_id: 1, data: JSON.stringify({ reason: said }) });
  });

  it.each<ApnsFaultKind>(["refused_stream", "goaway_unprocessed"])(
    "%s is recorded, not processed: nothing arrives, the script is not used up, the token not seen",
    async (kind) => {
      const device = service.createDevice();
      service.respond(device.device_token, { status: 503 });
      service.fault(kind, { device_token: device.device_token, times: 1 });
      await using client = await connectHttp2(service.origin, service.ca);
      const reply = await send(service, goodPush(service, device), client);
      expect([reply.status, reply.rst_code]).toEqual([undefined, 7]);
      expect(client.limits).toEqual([1]);
      expect(service.received).toMatchObject([{ fault: kind, device_token: device.device_token }]);
      expect(service.received[0]?.status).toBeUndefined();
      expect((await post(device)).status).toBe(503);
    },
  );

  it("rst loses the answer to a push that arrived", async () => {
    const device = service.createDevice();
    service.fault("rst", { times: 1 });
    expect((await post(device)).status).toBeUndefined();
    expect(device.received).toMatchObject([{ fault: "rst" }]);
    expect(device.received[0]?.status).toBeUndefined();
  });

  it("stream_limit lowers what the token has raised", async () => {
    service.fault("stream_limit", { limit: 2, times: 1 });
    await using client = await connectHttp2(service.origin, service.ca);
    const good = goodPush(service, service.createDevice());
    const push = withToken(good, signToken(good));
    await send(service, push, client);
    await send(service, push, client);
    expect(client.limits).toEqual([1, 1000, 2]);
  });

  it("expired_credentials are those seen so far", async () => {
    await using client = await connectHttp2(service.origin, service.ca);
    const good = goodPush(service, service.createDevice());
    const [old, fresh] = [withToken(good, signToken(good)), withToken(good, signToken(good))];
    const outcome = async (push: Push) => {
      const { status, reason } = await send(service, push, client);
      return reason ?? status;
    };
    expect(await outcome(old)).toBe(200);
    const end = service.fault("expired_credentials");
    expect([await outcome(old), await outcome(fresh)]).toEqual(["ExpiredProviderToken", 200]);
    expect(service.received[1]).toMatchObject({ fault: "expired_credentials", status: 403 });
    end();
  });
});
