/** What the service takes: the rules are strict, not stricter than Google's. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FcmPlatform, type FcmService, startFcmService } from "../../../src/testing/index.js";
import { goodPush, send, sendMessage } from "./emulator_push.js";

let service: FcmService;
beforeAll(async () => {
  service = await startFcmService();
});
afterAll(() => service.close());

describe("what it accepts", () => {
  const accepts = async (message: object) => {
    const device = service.createDevice();
    const answer = await sendMessage(service, device, { ...message });
    expect(answer.message).toBeUndefined();
    expect([answer.status, device.received.length]).toEqual([200, 1]);
    return device.received[0]?.message;
  };

  it("is every field of a message, in snake_case", async () => {
    const { token, ...read } = { ...(await accepts(EVERYTHING)) };
    expect(typeof token).toBe("string");
    expect(read).toEqual(EVERYTHING);
  });

  it("is every field of a message in camelCase, read as snake_case", async () => {
    const { token, ...read } = { ...(await accepts(camelCased(EVERYTHING) as object)) };
    expect(read).toEqual(EVERYTHING);
  });

  it("is Android's second configuration", async () => {
    const android_v2 = {
      collapse_key: "a",
      ttl: "0s",
      data: { a: "b" },
      remote_notification: {
        mutable_content: true,
        use_as_v1_data_message: false,
        notification: { id: 7, title: "Hi" },
      },
    };
    expect(await accepts({ android_v2 })).toMatchObject({ android_v2 });
    expect(await accepts({ android_v2: { background_sync: {} } })).toMatchObject({
      android_v2: { background_sync: {} },
    });
  });

  it("is an enum in lower case or by its number", async () => {
    const read = { android: { priority: "HIGH", notification: { visibility: "SECRET" } } };
    expect(await accepts({ android: { priority: "high", notification: { visibility: 3 } } })).toMatchObject(
      read,
    );
  });

  it("is a number written as a text, and null where nothing is meant", async () => {
    const notification = { notification_count: "3", sticky: "true", title: null };
    const read = await accepts({ android: { notification, ttl: null }, apns: null });
    expect(read).toMatchObject({ android: { notification: { notification_count: 3, sticky: true } } });
    expect(read).not.toHaveProperty("apns");
    expect(read).not.toHaveProperty("android.ttl");
  });

  it.each(["0s", "3600s", "2419200s", "3.5s", "0.000000001s"])("is a ttl of %s", async (ttl) => {
    await accepts({ android: { ttl } });
  });

  it.each(["10", "5", "1"])("is apns-priority %s", async (priority) => {
    await accepts({ apns: { headers: { "apns-priority": priority, "apns-expiration": "0" }, payload: {} } });
  });

  it("is a live activity beside the token", async () => {
    const apns = {
      live_activity_token: "abc",
      headers: { "apns-push-type": "liveactivity" },
      payload: { aps: { event: "end" } },
    };
    await accepts({ apns });
  });

  it.each<[string, FcmPlatform, object]>([
    ["for iOS with priority 5", "ios", { apns: { headers: { "apns-priority": "5" } } }],
    ["for Android with priority 10 for iOS", "android", { apns: { headers: { "apns-priority": "10" } } }],
    [
      "and a notification, with priority 10",
      "ios",
      { notification: {}, apns: { headers: { "apns-priority": "10" } } },
    ],
    [
      "and an alert, with priority 10",
      "ios",
      { apns: { headers: { "apns-priority": "10" }, payload: { aps: { alert: "Hi" } } } },
    ],
  ])("is data %s", async (_title, platform, message) => {
    const device = service.createDevice({ platform });
    const push = goodPush(service, device);
    push.message = { token: device.device_token, data: { a: "b" }, ...message };
    expect((await send(service, push)).status).toBe(200);
  });

  it.each(["to", "collapse_key", "gcm", "google", "gcmx", "from_whom", "notification"])(
    "is the data key %s",
    async (key) => {
      await accepts({ data: { [key]: "x" } });
    },
  );

  it("is a charset, a query parameter that every Google API has, and the project's number", async () => {
    const device = service.createDevice();
    const push = goodPush(service, device);
    push.path = `/v1/projects/${service.project_number}/messages:send?alt=json&prettyPrint=false`;
    push.headers["content-type"] = "application/json; charset=UTF-8";
    push.headers.authorization = String(push.headers.authorization).replace("Bearer", "bearer");
    expect((await send(service, push)).status).toBe(200);
  });

  it("is an installation id, as fid and as token", async () => {
    const device = service.createDevice({ platform: "web" });
    const push = goodPush(service, device);
    push.message = { fid: device.fid };
    expect((await send(service, push)).status).toBe(200);
    push.message = { token: device.fid };
    expect((await send(service, push)).status).toBe(200);
    expect(device.received.map(({ device_token }) => device_token)).toEqual([
      device.device_token,
      device.device_token,
    ]);
  });
});

const LIGHTS = {
  color: { red: 1, green: 0.5, blue: 0, alpha: 1 },
  light_on_duration: "1s",
  light_off_duration: "0.5s",
};
const LABELLED = { analytics_label: "spring-sale_1.~%" };
const EVERYTHING = {
  name: "ignored",
  data: { order: "42", größe: "µ" },
  notification: { title: "Order 42", body: "Shipped", image: "https://example.com/i.png" },
  fcm_options: LABELLED,
  android: {
    collapse_key: "order-42",
    priority: "NORMAL",
    ttl: "3600s",
    restricted_package_name: "com.example.app",
    data: { a: "b" },
    notification: {
      title: "t",
      body: "b",
      icon: "i",
      color: "#00ffAA",
      sound: "default",
      tag: "order-42",
      click_action: "OPEN",
      body_loc_key: "k",
      body_loc_args: ["1", "2"],
      title_loc_key: "k",
      title_loc_args: [],
      channel_id: "orders",
      ticker: "t",
      sticky: true,
      event_time: "2026-11-21T10:00:00.123Z",
      local_only: false,
      notification_priority: "PRIORITY_HIGH",
      default_sound: true,
      default_vibrate_timings: true,
      default_light_settings: false,
      vibrate_timings: ["1s", "0.25s"],
      visibility: "PUBLIC",
      notification_count: 3,
      light_settings: LIGHTS,
      image: "https://example.com/i.png",
      bypass_proxy_notification: true,
      proxy: "IF_PRIORITY_LOWERED",
    },
    fcm_options: LABELLED,
    direct_boot_ok: true,
    bandwidth_constrained_ok: true,
    restricted_satellite_ok: true,
  },
  apns: {
    headers: {
      "apns-priority": "10",
      "apns-collapse-id": "c".repeat(64),
      "apns-expiration": "1795262400",
      "apns-push-type": "alert",
      "apns-id": "123E4567-e89b-12d3-a456-426614174000",
    },
    payload: {
      aps: { alert: { title: "t", "loc-args": ["a"] }, badge: 1, sound: "default" },
      custom: { a_b: [1, null] },
    },
    fcm_options: { ...LABELLED, image: "https://example.com/i.png" },
    live_activity_token: "abc",
  },
  webpush: {
    headers: { TTL: "3600", Urgency: "high", Topic: "order-42", "X-Other": "anything" },
    data: { a: "b" },
    notification: { title: "t", requireInteraction: true, actions: [{ action: "a", title: "A" }] },
    fcm_options: { ...LABELLED, link: "https://example.com/o/42" },
  },
};

/** As firebase-admin spells it: names of fields, but not the keys of free-form objects. */
function camelCased(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camelCased);
  if (typeof value !== "object" || value === null) return value;
  const free = ["data", "headers", "payload"];
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name.replaceAll(/_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase()),
      free.includes(name) || "requireInteraction" in value ? inner : camelCased(inner),
    ]),
  );
}
