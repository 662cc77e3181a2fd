import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WnsProvider } from "../../../providers/wns/index.js";
import { closeAllProviders, getPushProvider } from "../../../src/index.js";
import { startWnsService, type WnsDevice, type WnsService } from "../../../src/testing/index.js";

// What the tests of the older WNS system check, each through the public doors and over a real socket.
let service: WnsService;
let provider: WnsProvider;
let device: WnsDevice;

beforeAll(async () => {
  service = await startWnsService();
  provider = await getPushProvider("wns_windows", service.legacy_config);
  device = service.createDevice();
});

afterAll(async () => {
  await closeAllProviders();
  await service.close();
});

describe("2.wns", () => {
  it("2.wns 1.10 it opens by package SID and secret, under the older name too, and says who sends", () => {
    expect(provider).toBeInstanceOf(WnsProvider);
    expect(provider.platform).toBe("wns");
    const info = provider.getPlatformInfo();
    expect(info).toMatchObject({
      platform: "wns",
      limits: { max_payload_bytes: 5000, max_ttl_seconds: 604_800, max_concurrency: 64 },
      capabilities: { topics: false, notification_type: "toast" },
      sender: { package_sid: service.legacy_config.package_sid },
    });
    expect(JSON.stringify(info)).not.toContain(service.legacy_config.client_secret);
  });

  it("2.wns without the secret it does not open", async () => {
    const { client_secret, ...config } = service.legacy_config;
    await expect(getPushProvider("wns", config)).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      issues: [{ path: "client_secret" }],
    });
  });

  it("2.wns a channel URI is a valid token; empty, no URL, http and other domains are not", async () => {
    expect(provider.validateDeviceToken(device.device_token)).toBe(true);
    for (const token of [
      "",
      "not-a-uri",
      device.device_token.replace("https", "http"),
      "https://example.com/?token=x",
    ]) {
      expect(provider.validateDeviceToken(token)).toBe(false);
    }
  });

  it("2.wns a send is a success with the message's id", async () => {
    const result = await provider.sendNotification(device.device_token, { title: "Hello", body: "World" });
    expect(result).toMatchObject({ success: true, platform: "wns", device_token: device.device_token });
    expect(result.service_message_id).toMatch(/^[\dA-F]{16}$/);
    expect(device.received.at(-1)?.lines).toEqual(["Hello", "World"]);
  });

  it("2.wns N2 a wrong URI is a result, and gets no bearer token", async () => {
    const asked = service.received.length;
    expect(
      await provider.sendNotification("https://evil.example/?notify.windows.com", { title: "t" }),
    ).toMatchObject({
      error_code: "ENDPOINT_REFUSED",
      attempts: 0,
    });
    expect(await provider.sendNotification("nonsense", { title: "t" })).toMatchObject({
      error_code: "INVALID_TOKEN",
      attempts: 0,
    });
    expect(service.received).toHaveLength(asked);
  });

  it("2.wns a channel that is unknown or has expired is to be removed; another app's is not", async () => {
    const expired = service.createDevice();
    expired.expire();
    const unknown = `${service.origin}/?token=unknown%2b`;
    const foreign = service.createDevice({ app: "foreign" }).device_token;
    const results = await provider.sendMulticastNotification([expired.device_token, unknown, foreign], {
      title: "t",
    });
    expect(results).toMatchObject([
      { error_code: "UNREGISTERED", status_code: 410, remove_token: true },
      { error_code: "UNREGISTERED", status_code: 404, remove_token: true },
      { error_code: "SENDER_MISMATCH", status_code: 403, remove_token: false },
    ]);
  });

  it("2.wns five in bulk are five results and five toasts", async () => {
    const devices = [1, 2, 3, 4, 5].map(() => service.createDevice());
    const results = await provider.sendBulkNotifications(
      devices.map(({ device_token }) => [device_token, { title: "t" }] as const),
    );
    expect(results.map(({ success }) => success)).toEqual(Array(5).fill(true));
    expect(devices.map(({ received }) => received.length)).toEqual(Array(5).fill(1));
  });

  it("2.wns what is too large is not sent", async () => {
    const result = await provider.sendNotification(device.device_token, {
      title: "t",
      body: "x".repeat(6000),
    });
    expect(result).toMatchObject({ error_code: "PAYLOAD_TOO_LARGE", attempts: 0 });
    expect(result.message).toContain("5000");
  });

  it("N7 there are no topics, and the result says so", async () => {
    expect(await provider.sendTopicNotification("site-1", { title: "t" })).toMatchObject({
      error_code: "TOPICS_NOT_SUPPORTED",
      topic: "site-1",
      attempts: 0,
    });
  });

  it("1.10 the environment opens it", async () => {
    const variables = {
      WNS_PACKAGE_SID: "ms-app://s-1-15-2-1",
      WNS_CLIENT_SECRET: "s",
      WNS_NOTIFICATION_TYPE: "raw",
    };
    Object.assign(process.env, variables);
    try {
      const lease = await getPushProvider("wns", undefined, { force_new: true });
      expect(lease.getPlatformInfo()).toMatchObject({
        sender: { package_sid: "ms-app://s-1-15-2-1" },
        capabilities: { notification_type: "raw" },
      });
    } finally {
      for (const name of Object.keys(variables)) delete process.env[name];
    }
  });
});
