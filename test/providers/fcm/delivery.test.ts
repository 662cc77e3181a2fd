import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FcmProvider } from "../../../providers/fcm/index.js";
import { getPushProvider } from "../../../src/index.js";
import type { PushNotificationPayload } from "../../../src/payload.js";
import { type FcmService, startFcmService } from "../../../src/testing/index.js";

let service: FcmService;
let provider: FcmProvider;

beforeAll(async () => {
  service = await startFcmService();
  provider = await getPushProvider("fcm", service.config);
});

afterAll(async () => {
  await provider.close();
  await service.close();
});

const PLATFORMS = ["android", "ios", "web"] as const;

/** Everything that a payload may say, one after the other: the emulator refuses what the service would. */
const PAYLOADS: readonly (readonly [string, PushNotificationPayload])[] = [
  ["title and body", { title: "Hello", body: "World" }],
  [
    "every field",
    {
      title: "Hello",
      body: "World",
      data: { order: 42, nested: { a: [1, null] }, flag: true },
      priority: "critical",
      ttl_seconds: 60,
      collapse_key: "orders/42 with words that are longer than any of the services takes, by far",
      image: "https://example.org/i.png",
      icon: "/icon.png",
      url: "https://example.org/orders/42",
      tag: "order-42",
      sound: "ping.caf",
      badge: 3,
      actions: [{ action: "view", title: "View" }],
      message_id: "m-1",
      created_at: "2026-01-02T03:04:05Z",
    },
  ],
  ["silence", { title: "Hello", silent: true, priority: "low" }],
  ["data alone", { data: { order: 42 } }],
  ["data alone, urgent", { data: { order: 42 }, priority: "high" }],
  ["nothing but a wake-up", { background: true }],
  ["now or never", { title: "Hello", ttl_seconds: 0 }],
  ["a badge alone", { badge: 0 }],
  [
    "a message for firebase-admin",
    {
      platform_data: {
        fcm: {
          notification: { title: "Hello", imageUrl: "https://example.org/i.png" },
          data: { a: "1" },
          fcmOptions: { analyticsLabel: "campaign" },
          android: {
            ttl: 3_600_000,
            priority: "high",
            notification: {
              channelId: "orders",
              eventTimestamp: new Date(0),
              vibrateTimingsMillis: [100, 50],
              lightSettings: { color: "#00ff00", lightOnDurationMillis: 300, lightOffDurationMillis: 300 },
              visibility: "public",
              priority: "high",
              proxy: "deny",
            },
          },
          apns: { payload: { aps: { alert: { locKey: "l" }, mutableContent: true, sound: "default" } } },
          webpush: {
            headers: { TTL: "60" },
            notification: { vibrate: [1] },
            fcmOptions: { link: "https://a.example/" },
          },
        },
      },
    },
  ],
  [
    "android_v2",
    {
      title: "Hello",
      tag: "t",
      platform_data: { fcm: { android_v2: { remote_notification: { notification: { id: 7 } } } } },
    },
  ],
  ["a background sync", { data: { a: 1 }, platform_data: { fcm: { android_v2: { background_sync: {} } } } }],
  [
    "a live activity",
    {
      platform_data: {
        fcm: {
          apns: {
            live_activity_token: "a1b2",
            payload: { aps: { alert: "At the door", event: "update", timestamp: 1, "content-state": {} } },
          },
        },
      },
    },
  ],
  ["for Android only", { platform_data: { fcm: { android: { notification: { title: "Hello" } } } } }],
];

describe.each(PLATFORMS)("to a device that is %s", (platform) => {
  it.each(PAYLOADS)("C9 the service takes %s", async (_what, payload) => {
    const device = service.createDevice({ platform });
    const result = await provider.sendNotification(device.device_token, payload as never);
    expect(result, JSON.stringify(service.received.at(-1)?.error)).toMatchObject({
      success: true,
      attempts: 1,
    });
    expect(device.received).toHaveLength(1);
    expect(device.received[0]?.name).toBe(result.service_message_id);
  });
});

describe("what arrives", () => {
  it("C4 C5 is what was said, once, in the service's own names", async () => {
    const device = service.createDevice();
    await provider.sendNotification(device.device_token, {
      title: "Hello",
      data: { order: { id: 42 } },
      collapse_key: "k",
      ttl_seconds: 600,
      platform_data: { fcm: { android: { notification: { channelId: "orders" } } } },
    });
    expect(device.received[0]?.message).toMatchObject({
      token: device.device_token,
      data: { order: '{"id":42}' },
      android: { ttl: "600s", priority: "NORMAL", collapse_key: "k", notification: { channel_id: "orders" } },
    });
  });

  it("by its installation id as well", async () => {
    const device = service.createDevice();
    const result = await provider.sendNotification({ fid: device.fid }, { title: "Hello" });
    expect(result).toMatchObject({ success: true, device_token: { fid: device.fid } });
    expect(device.received[0]?.message).toMatchObject({ fid: device.fid });
  });

  it("C7 by topic and by condition, at those who subscribed", async () => {
    const [news, sport] = [service.createDevice(), service.createDevice()];
    news.subscribeToTopic("news");
    sport.subscribeToTopic("sport");
    await provider.sendTopicNotification("/topics/news", { title: "News" });
    await provider.sendTopicNotification("'sport' in topics && !('news' in topics)", { title: "Sport" });
    const titles = [news, sport].map(({ received }) => received.map(({ message }) => message?.notification));
    expect(titles).toEqual([[{ title: "News" }], [{ title: "Sport" }]]);
  });

  it("nothing, after a dry run: but the service has looked at the token", async () => {
    const [here, gone] = [service.createDevice(), service.createDevice()];
    gone.unregister();
    const send = (token: string) => provider.sendNotification(token, { title: "t" }, { dry_run: true });
    expect(await send(here.device_token)).toMatchObject({
      success: true,
      dry_run: true,
      service_message_id: expect.stringMatching(/fake_message_id$/),
    });
    expect(await send(gone.device_token)).toMatchObject({
      error_code: "UNREGISTERED",
      remove_token: true,
      dry_run: true,
    });
    expect(here.received).toEqual([]);
  });

  it("C2 all with one access token, fetched once", async () => {
    const own = await startFcmService();
    const push = await getPushProvider("fcm", own.config);
    const devices = Array.from({ length: 300 }, () => own.createDevice());
    const results = await push.sendMulticastNotification(
      devices.map(({ device_token }) => device_token),
      { title: "Hello" },
    );
    expect(results.every(({ success }) => success)).toBe(true);
    expect(devices.every(({ received }) => received.length === 1)).toBe(true);
    expect(own.token_requests).toBe(1);
    await push.close();
    await own.close();
  });

  it("1.9 after 4096 bytes nothing: what we take the service takes, what we refuse it would", async () => {
    const device = service.createDevice();
    const before = service.received.length;
    const send = (bytes: number) =>
      provider.sendNotification(device.device_token, { title: "t", data: { k: "é".repeat(bytes / 2) } });
    const frame = "title".length + "t".length + "k".length;
    expect(await send(4096 - frame - 1)).toMatchObject({ success: true });
    expect(await send(4096 - frame + 1)).toMatchObject({ error_code: "PAYLOAD_TOO_LARGE", attempts: 0 });
    expect(service.received).toHaveLength(before + 1);
  });
});

describe("what is refused", () => {
  it.each([
    ["C1 an app that is gone", {}, "UNREGISTERED", true],
    [
      "C1 an iPhone's app that is gone",
      { platform: "ios", apns_error: "Unregistered" },
      "UNREGISTERED",
      true,
    ],
    [
      "an APNs token of the other environment",
      { platform: "ios", apns_error: "BadDeviceToken" },
      "INVALID_TOKEN",
      false,
    ],
    [
      "an APNs token of another app",
      { platform: "ios", apns_error: "DeviceTokenNotForTopic" },
      "SENDER_MISMATCH",
      false,
    ],
    [
      "C1 Apple's credentials",
      { platform: "ios", apns_error: "InvalidProviderToken" },
      "AUTHENTICATION_FAILED",
      false,
    ],
    ["C1 another project's token", { project_id: "other" }, "SENDER_MISMATCH", false],
  ] as const)("%s", async (_what, options, error_code, remove_token) => {
    const device = service.createDevice(options);
    if (Object.keys(options).length === 0) device.unregister();
    const minted = service.token_requests;
    const result = await provider.sendNotification(device.device_token, { title: "t" });
    expect(result).toMatchObject({ success: false, error_code, remove_token, attempts: 1 });
    expect(service.token_requests).toBe(minted);
  });

  it("1.9 2.fcm a token that is none", async () => {
    const result = await provider.sendNotification("no-token-of-fcm", { title: "t" });
    expect(result).toMatchObject({
      error_code: "INVALID_TOKEN",
      reason: "INVALID_ARGUMENT",
      remove_token: false,
    });
  });

  it("C1 a project that is not there: no token is dead because of it", async () => {
    const device = service.createDevice();
    const push = await getPushProvider("fcm", { ...service.config, project_id: "no-such-project" });
    const result = await push.sendNotification(device.device_token, { title: "t" });
    expect(result).toMatchObject({ error_code: "AUTHENTICATION_FAILED", remove_token: false });
    await push.close();
  });

  it("C2 an access token that has expired meanwhile is renewed once, for all who wait", async () => {
    const device = service.createDevice();
    await provider.sendNotification(device.device_token, { title: "t" });
    const minted = service.token_requests;
    const heal = service.fault("expired_credentials");
    const results = await provider.sendMulticastNotification(
      Array.from({ length: 20 }, () => device.device_token),
      { title: "t" },
    );
    heal();
    expect(results.every(({ success }) => success)).toBe(true);
    expect(service.token_requests).toBe(minted + 1);
  });

  it("a service account that Google does not know cannot be healthy", async () => {
    const service_account = {
      ...service.config.service_account,
      client_email: "who@p.iam.gserviceaccount.com",
    };
    const push = await getPushProvider("fcm", { ...service.config, service_account });
    expect(await push.healthCheck()).toMatchObject({ status: "unhealthy" });
    const result = await push.sendNotification(service.createDevice().device_token, { title: "t" });
    expect(result).toMatchObject({
      error_code: "AUTHENTICATION_FAILED",
      reason: "invalid_grant: Invalid grant: account not found",
      attempts: 0,
    });
    await push.close();
  });
});

describe("somebody else's access tokens", () => {
  it("are enough", async () => {
    const device = service.createDevice();
    const { service_account: _account, ...config } = service.config;
    const push = await getPushProvider("fcm", {
      ...config,
      get_access_token: async () => ({ access_token: service.createAccessToken(), expires_in: 3600 }),
    });
    expect(await push.sendNotification(device.device_token, { title: "t" })).toMatchObject({ success: true });
    await push.close();
  });
});
