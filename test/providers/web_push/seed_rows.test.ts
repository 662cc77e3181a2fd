import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { WebPushProvider } from "../../../providers/web_push/index.js";
import { closeAllProviders, getPushProvider, PushPriority } from "../../../src/index.js";
import { startWebPushService, type WebPushDevice, type WebPushService } from "../../../src/testing/index.js";

// What the tests of the older web push system check, each through the public doors and over a real socket.
let service: WebPushService;
let provider: WebPushProvider;
let device: WebPushDevice;

beforeAll(async () => {
  service = await startWebPushService();
  provider = await getPushProvider("web_push", { ...service.config, ttl_seconds: 120 });
  device = service.createDevice();
});

afterAll(async () => {
  await closeAllProviders();
  await service.close();
});

const keys = () => {
  const { vapid_public_key, vapid_private_key } = service.config;
  return { vapid_public_key, vapid_private_key };
};

describe("2.web_push", () => {
  it("2.web_push 1.5 the provider knows its platform, subject and key", () => {
    expect(provider.platform).toBe("web_push");
    expect(provider.getPlatformInfo().sender).toMatchObject({ vapid_subject: service.config.vapid_subject });
    expect(provider.getVapidPublicKey()).toBe(service.config.vapid_public_key);
    expect(provider.getVapidPublicKey()).toHaveLength(87);
  });

  it.each([
    ["keys", () => ({ vapid_subject: "mailto:a@example.org" }), ["vapid_public_key", "vapid_private_key"]],
    ["the subject", keys, ["vapid_subject"]],
    ["a subject that can be written to", () => ({ ...keys(), vapid_subject: "someone" }), ["vapid_subject"]],
  ])("2.web_push without %s it does not open, and says why", async (_what, config, paths) => {
    const opening = getPushProvider("web_push", config());
    await expect(opening).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      issues: paths.map((path) => ({ path })),
    });
  });

  it("2.web_push a subscription is a valid token, as an object and as its JSON text", () => {
    expect(provider.validateDeviceToken(device.device_token)).toBe(true);
    expect(provider.validateDeviceToken(device.subscription)).toBe(true);
  });

  it.each([
    ["no endpoint", { keys: { p256dh: "a", auth: "b" } }],
    ["an endpoint that is no URL", { endpoint: "nowhere", keys: { p256dh: "a", auth: "b" } }],
    ["a text that is not JSON", "not json"],
  ])("2.web_push one with %s is not, and a send says so", async (_what, token) => {
    expect(provider.validateDeviceToken(token)).toBe(false);
    expect(await provider.sendNotification(token, { title: "t" })).toMatchObject({
      error_code: "INVALID_TOKEN",
      attempts: 0,
    });
  });

  it("2.web_push the device sees title, body, icon, badge, requireInteraction and data.url", async () => {
    const result = await provider.sendNotification(device.device_token, {
      title: "Payment Update",
      body: "New configuration",
      data: { url: "/config/payment", version: "2.1.0" },
      priority: PushPriority.HIGH,
      platform_data: { icon: "/icons/payment.png", badge: "/icons/badge.png" },
    });
    expect(result).toMatchObject({
      success: true,
      platform: "web_push",
      message: expect.stringContaining("sent successfully"),
    });
    expect(device.received.at(-1)?.json).toMatchObject({
      notification: {
        title: "Payment Update",
        body: "New configuration",
        icon: "/icons/payment.png",
        badge: "/icons/badge.png",
        requireInteraction: true,
        data: { url: "/config/payment", version: "2.1.0", message_id: result.message_id },
      },
    });
  });

  it("W5 the config's ttl is used when the payload names none", async () => {
    await provider.sendNotification(device.device_token, { title: "t" });
    expect(device.received.at(-1)?.ttl).toBe(120);
  });

  it("2.web_push three in bulk are three results and three messages", async () => {
    const devices = [1, 2, 3].map(() => service.createDevice());
    const results = await provider.sendBulkNotifications(
      devices.map(({ device_token }) => [device_token, { title: "t" }] as const),
    );
    expect(results.map((result) => result.success)).toEqual([true, true, true]);
    expect(devices.map(({ received }) => received.length)).toEqual([1, 1, 1]);
  });

  it("2.web_push there are no topics, and the result says so", async () => {
    const result = await provider.sendTopicNotification("news", { title: "t" });
    expect(result).toMatchObject({
      success: false,
      error_code: "TOPICS_NOT_SUPPORTED",
      topic: "news",
      attempts: 0,
    });
    expect(result.device_token).toBeUndefined();
  });

  it("2.web_push W12 counters go up, and info has limits, capabilities and sender", async () => {
    const before = provider.getPlatformInfo().counters;
    await provider.sendNotification(device.device_token, { title: "t" });
    const info = provider.getPlatformInfo();
    expect(info.counters.accepted).toBe(before.accepted + 1);
    expect(info.counters.last_settled).not.toBeNull();
    expect(info.limits).toMatchObject({
      max_payload_bytes: 3993,
      max_ttl_seconds: 2419200,
      max_concurrency: 200,
    });
    expect(info.capabilities).toMatchObject({ topics: false });
  });

  it("2.web_push 1.5 healthCheck has a status, the platform, checks and a time", async () => {
    const health = await provider.healthCheck();
    expect(health).toMatchObject({ status: "healthy", platform: "web_push" });
    expect(health.checks.length).toBeGreaterThan(0);
    expect(Date.parse(health.timestamp)).toBeGreaterThan(0);
  });

  it("F9 W1 1.6 an open provider sends at once, a dead subscription is a result, a closed one is an error", async () => {
    const gone = service.createDevice();
    gone.unsubscribe();
    const lease = await getPushProvider("web_push");
    expect(await lease.sendNotification(gone.device_token, { title: "t" })).toMatchObject({
      error_code: "UNREGISTERED",
      remove_token: true,
      status_code: 410,
      device_token: gone.device_token,
    });
    await lease.close();
    await expect(lease.sendNotification(gone.device_token, { title: "t" })).rejects.toMatchObject({
      code: "PROVIDER_CLOSED",
    });
  });

  it("F3 the alias webpush opens the same", async () => {
    const lease = await getPushProvider("webpush", { ...service.config, ttl_seconds: 120 });
    expect(lease.platform).toBe("web_push");
    expect(lease.getVapidPublicKey()).toBe(provider.getVapidPublicKey());
  });

  it("1.7 the environment opens it, under the older systems' names too", async () => {
    const { vapid_public_key, vapid_private_key } = service.config;
    const variables = {
      VAPID_PUBLIC_KEY: vapid_public_key,
      VAPID_PRIVATE_KEY: vapid_private_key,
      VAPID_CLAIM_EMAIL: "ops@example.org",
    };
    Object.assign(process.env, variables);
    try {
      const lease = await getPushProvider("web_push", undefined, { force_new: true });
      expect(lease.getPlatformInfo().sender).toMatchObject({ vapid_subject: "mailto:ops@example.org" });
    } finally {
      for (const name of Object.keys(variables)) delete process.env[name];
    }
  });
});
