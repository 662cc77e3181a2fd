import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { closeAllProviders, getPushProvider, type PushNotificationProvider } from "../../src/index.js";
import { startWebPushService, type WebPushService } from "../../src/testing/index.js";

// What goes wrong on a real wire, seen by a user: every notification is accounted for, with the right code.
let service: WebPushService;
let provider: PushNotificationProvider;

beforeAll(async () => {
  service = await startWebPushService();
  provider = await getPushProvider("web_push", {
    ...service.config,
    timeout_seconds: 2,
    retry: { base_delay_ms: 1 },
    max_concurrency: 20,
  });
});

afterEach(() => service.clearFaults());

afterAll(async () => {
  await closeAllProviders({ timeout_seconds: 0 });
  await service.close();
});

const payload = { title: "hello" };

describe("a fault on the wire", () => {
  it.each([
    ["the connection is closed before the answer", "close", "NETWORK_ERROR"],
    ["the connection is reset", "reset", "NETWORK_ERROR"],
    ["half an answer", "half_response", "NETWORK_ERROR"],
    ["something that is not HTTP", "garbage", "NETWORK_ERROR"],
    ["no answer", "stall", "TIMEOUT"],
  ] as const)("%s: one attempt, which may have been sent", async (_what, kind, error_code) => {
    const device = service.createDevice();
    service.fault(kind, { device_token: device.device_token });
    const result = await provider.sendNotification(device.device_token, payload);
    expect(result).toMatchObject({
      success: false,
      error_code,
      attempts: 1,
      may_have_been_sent: true,
      retryable: true,
    });
    expect(result.status_code).toBeUndefined();
  });

  it("an answer that dribbles in byte by byte is an answer", async () => {
    const device = service.createDevice();
    service.fault("split", { device_token: device.device_token });
    const result = await provider.sendNotification(device.device_token, payload);
    expect(result).toMatchObject({ success: true, status_code: 201, attempts: 1 });
  });

  it("the body of ten megabytes is cut, and its status still counts", async () => {
    const device = service.createDevice();
    service.fault("huge_body", { device_token: device.device_token });
    const result = await provider.sendNotification(device.device_token, payload);
    expect(result.status_code).toBeDefined();
    expect((result.reason ?? "").length).toBeLessThanOrEqual(200);
  });

  it("of one in ten, among 200, harms no other", async () => {
    const devices = Array.from({ length: 200 }, () => service.createDevice());
    const kinds = ["close", "reset", "half_response", "garbage"] as const;
    devices.forEach(({ device_token }, i) => {
      const kind = kinds[(i / 10) % kinds.length];
      if (i % 10 === 0 && kind) service.fault(kind, { device_token });
    });
    const tokens = devices.map(({ device_token }) => device_token);
    const results = await provider.sendMulticastNotification(tokens, payload);
    for (const [i, result] of results.entries()) {
      expect(result.success, `${i}: ${result.error_code}`).toBe(i % 10 !== 0);
      if (!result.success)
        expect(result).toMatchObject({ error_code: "NETWORK_ERROR", may_have_been_sent: true });
    }
    // Delivered at most once, and exactly once where the service said so.
    expect(
      devices.every(({ received }, i) => received.length <= 1 && (i % 10 === 0 || received.length === 1)),
    ).toBe(true);
  });

  it("a service that is down five times and then up is reached", async () => {
    const dead = await startWebPushService();
    const { port, config } = dead;
    const device = dead.createDevice();
    await dead.close();
    const patient = await getPushProvider("web_push", {
      ...config,
      retry: { base_delay_ms: 60, max_attempts: 50, budget: false },
    });
    const sending = patient.sendNotification(device.device_token, payload);
    while (patient.getPlatformInfo().counters.attempts < 5)
      await new Promise((resolve) => setTimeout(resolve, 5));
    const again = await startWebPushService({ port });
    const result = await sending;
    // It knows nothing of the former one's subscriptions, and says so: it was asked, and it answered.
    expect(result).toMatchObject({ error_code: "UNREGISTERED", status_code: 404, may_have_been_sent: false });
    expect(result.attempts).toBeGreaterThanOrEqual(5);
    expect(again.received).toHaveLength(1);
    await patient.close();
    await again.close();
  });
});
