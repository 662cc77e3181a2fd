import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { closeAllProviders, getPushProvider } from "../../../src/index.js";
import { startWnsService, type WnsService } from "../../../src/testing/index.js";
import { FakeClock } from "../../engine/support.js";

let service: WnsService;

beforeAll(async () => {
  service = await startWnsService();
});

afterEach(async () => {
  await closeAllProviders({ timeout_seconds: 0 });
  service.respond("*");
  service.respond("token_endpoint");
  service.clearFaults();
  service.clearReceived();
});

afterAll(() => service.close());

const open = (over: object = {}) =>
  getPushProvider("wns", { ...service.config, retry: { base_delay_ms: 0 }, ...over });

describe("credentials", () => {
  it.each(["config", "legacy_config"] as const)(
    "N5 N9 300 who send at once by %s ask for one token",
    async (name) => {
      const provider = await getPushProvider("wns", service[name]);
      const devices = Array.from({ length: 300 }, () => service.createDevice());
      const results = await provider.sendMulticastNotification(
        devices.map(({ device_token }) => device_token),
        { title: "t" },
      );
      expect(results.every(({ success }) => success)).toBe(true);
      expect(service.received_token_requests).toMatchObject([
        { flow: name === "config" ? "entra" : "legacy", status: 200 },
      ]);
    },
  );

  it("N5 R17 when it is refused, one new one is asked for, however many were refused, and everything arrives", async () => {
    const provider = await open();
    const devices = Array.from({ length: 20 }, () => service.createDevice());
    const tokens = devices.map(({ device_token }) => device_token);
    await provider.sendMulticastNotification(tokens, { title: "first" });
    service.fault("expired_credentials");
    const results = await provider.sendMulticastNotification(tokens, { title: "second" });
    expect(results.every(({ success }) => success)).toBe(true);
    expect(service.token_requests).toBe(2);
    expect(devices.every(({ received }) => received.length === 2)).toBe(true);
  });

  it("N5 a new one that is refused too is the end of it", async () => {
    const provider = await open();
    const { device_token } = service.createDevice();
    service.respond(device_token, { status: 401 });
    expect(await provider.sendNotification(device_token, { title: "t" })).toMatchObject({
      error_code: "AUTHENTICATION_FAILED",
      status_code: 401,
      attempts: 2,
      retryable: false,
      remove_token: false,
    });
    expect(service.token_requests).toBe(2);
  });

  it("2.wns one that ends is renewed before it does", async () => {
    const clock = new FakeClock();
    clock.time = Date.now();
    const brief = await startWnsService({ access_token_seconds: 3600, clock });
    try {
      const provider = await getPushProvider("wns", brief.config, { clock });
      const device = brief.createDevice();
      await provider.sendNotification(device.device_token, { title: "a" });
      await clock.advance(54 * 60_000);
      await provider.sendNotification(device.device_token, { title: "b" });
      expect(brief.token_requests).toBe(1);
      await clock.advance(2 * 60_000);
      await provider.sendNotification(device.device_token, { title: "c" });
      expect(brief.token_requests).toBe(2);
      expect(device.received.map(({ lines }) => lines)).toEqual([["a"], ["b"], ["c"]]);
    } finally {
      await closeAllProviders({ timeout_seconds: 0 });
      await brief.close();
    }
  });

  it("N9 a function of the caller's is asked once for many, and again when its token is refused", async () => {
    const get_access_token = vi.fn(async () => service.createAccessToken());
    const { tenant_id, client_id, client_secret, token_endpoint, ...reach } = service.config;
    const provider = await getPushProvider("wns", { ...reach, get_access_token });
    const tokens = Array.from({ length: 10 }, () => service.createDevice().device_token);
    await provider.sendMulticastNotification(tokens, { title: "t" });
    expect(get_access_token).toHaveBeenCalledTimes(1);
    service.fault("expired_credentials");
    const results = await provider.sendMulticastNotification(tokens, { title: "t" });
    expect(results.every(({ success }) => success)).toBe(true);
    expect(get_access_token).toHaveBeenCalledTimes(2);
    expect(service.token_requests).toBe(0);
  });

  it("a function that gives the refused token again is AUTHENTICATION_FAILED", async () => {
    const { tenant_id, client_id, client_secret, token_endpoint, ...reach } = service.config;
    const provider = await getPushProvider("wns", { ...reach, get_access_token: async () => "stale" });
    const { device_token } = service.createDevice();
    expect(await provider.sendNotification(device_token, { title: "t" })).toMatchObject({
      error_code: "AUTHENTICATION_FAILED",
      attempts: 1,
    });
  });

  it("a function that never ends costs the deadline, and no more", async () => {
    const { tenant_id, client_id, client_secret, token_endpoint, ...reach } = service.config;
    const provider = await getPushProvider("wns", {
      ...reach,
      get_access_token: () => new Promise<string>(() => {}),
    });
    const result = await provider.sendNotification(
      service.createDevice().device_token,
      { title: "t" },
      { deadline_seconds: 0.2 },
    );
    expect(result).toMatchObject({ error_code: "TIMEOUT", attempts: 0 });
  });

  it.each([
    ["config", "invalid_client AADSTS7000215", "client_secret is wrong"],
    ["legacy_config", "invalid_client", "refused the sender"],
  ] as const)(
    "a wrong secret in %s is told with the endpoint's code, and nowhere repeated",
    async (name, reason, words) => {
      const provider = await getPushProvider("wns", { ...service[name], client_secret: "canary+secret" });
      const result = await provider.sendNotification(service.createDevice().device_token, { title: "t" });
      expect(result).toMatchObject({
        error_code: "AUTHENTICATION_FAILED",
        reason,
        message: expect.stringContaining(words),
        attempts: 0,
        remove_token: false,
      });
      expect(JSON.stringify(result)).not.toContain("canary");
      expect(await provider.healthCheck()).toMatchObject({ status: "unhealthy" });
      expect(service.received).toEqual([]);
    },
  );

  it("a token endpoint that is down for a moment is asked again", async () => {
    service.respond("token_endpoint", [{ status: 503 }, { status: 429 }]);
    const provider = await open();
    const result = await provider.sendNotification(service.createDevice().device_token, { title: "t" });
    expect(result).toMatchObject({ success: true });
    expect(service.received_token_requests.map(({ status }) => status)).toEqual([503, 429, 200]);
  });

  it("2.wns 1.10 a health check proves them, and nothing goes to a device", async () => {
    const provider = await open();
    expect(await provider.healthCheck()).toMatchObject({ status: "healthy", platform: "wns" });
    expect(service.token_requests).toBe(1);
    expect(service.received).toEqual([]);
  });
});
