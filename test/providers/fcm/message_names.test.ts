import { describe, expect, it } from "vitest";
import type { FcmOptions } from "../../../providers/fcm/index.js";
import { options, problems } from "./support.js";

describe("the service's own names", () => {
  it("are taken as they are, for every field of a message", () => {
    const notification = {
      title: "t",
      body: "b",
      icon: "ic",
      color: "#a1b2c3",
      sound: "default",
      tag: "tag",
      image: "https://example.org/i.png",
      click_action: "OPEN",
      body_loc_key: "b1",
      body_loc_args: ["x"],
      title_loc_key: "t1",
      title_loc_args: ["y"],
      channel_id: "orders",
      ticker: "ticker",
      sticky: true,
      event_time: "2026-01-02T03:04:05.678Z",
      local_only: false,
      notification_priority: "PRIORITY_MAX",
      default_sound: true,
      default_vibrate_timings: false,
      default_light_settings: false,
      vibrate_timings: ["0.1s", "2.5s"],
      visibility: "SECRET",
      notification_count: 3,
      light_settings: {
        color: { red: 0, green: 1, blue: 0, alpha: 0.5 },
        light_on_duration: "0.3s",
        light_off_duration: "1s",
      },
    };
    const delivery = {
      collapse_key: "k",
      ttl: "3.5s",
      restricted_package_name: "org.example",
      data: { a: "1" },
      fcm_options: { analytics_label: "campaign" },
      direct_boot_ok: true,
      bandwidth_constrained_ok: false,
      restricted_satellite_ok: true,
    };
    const message = {
      notification: { title: "t", body: "b", image: "https://example.org/i.png" },
      data: { a: "1" },
      android: {
        ...delivery,
        priority: "HIGH",
        notification: { ...notification, bypass_proxy_notification: true, proxy: "DENY" },
      },
      android_v2: {
        ...delivery,
        remote_notification: {
          mutable_content: true,
          notification: { ...notification, id: 7 },
          use_as_v1_data_message: false,
        },
      },
      webpush: {
        headers: { TTL: "60", Urgency: "very-low", Topic: "t" },
        data: { a: "1" },
        notification: { anything: { at: ["all"] } },
        fcm_options: { link: "https://example.org/", analytics_label: "campaign" },
      },
      apns: {
        headers: { "apns-priority": "5" },
        payload: { aps: { alert: { "loc-key": "l" }, "content-available": 1, "thread-id": "th" }, custom: 1 },
        fcm_options: { analytics_label: "campaign", image: "https://example.org/i.png" },
        live_activity_token: "a1b2",
      },
      fcm_options: { analytics_label: "campaign" },
    } as const;
    expect(options(message as unknown as FcmOptions)).toEqual(message);
  });

  it("what is undefined is not there, in either spelling", () => {
    const notification = { imageUrl: undefined, image: "https://example.org/i.png", title: undefined };
    expect(options({ notification, android: undefined })).toEqual({
      notification: { image: "https://example.org/i.png" },
    });
  });

  it("headers are one whatever their case", () => {
    expect(
      options({ webpush: { headers: { ttl: "1", URGENCY: "low", "X-Own": "a" } } }).webpush?.headers,
    ).toEqual({
      TTL: "1",
      Urgency: "low",
      "x-own": "a",
    });
    expect(options({ apns: { headers: { "APNS-Priority": "5" } } }).apns?.headers).toEqual({
      "apns-priority": "5",
    });
  });

  it("Apple's names are taken with dashes, underscores or in camel case; the unknown are left alone", () => {
    const given = { interruptionLevel: "passive", target_content_id: "a", "stale-date": 1, newIn2027: true };
    expect(options({ apns: { payload: { aps: given } } }).apns?.payload?.aps).toEqual({
      "interruption-level": "passive",
      "target-content-id": "a",
      "stale-date": 1,
      newIn2027: true,
    });
  });

  it("a background sync is nothing but itself", () => {
    expect(options({ android_v2: { background_sync: {} } })).toEqual({ android_v2: { background_sync: {} } });
    expect(problems({ android_v2: { background_sync: {}, remote_notification: {} } })).toEqual([
      "android_v2: only one of remote_notification and background_sync",
    ]);
  });
});

describe("what is refused", () => {
  it.each([
    ["token", "pass it as the first argument of sendNotification"],
    ["fid", "pass { fid } as the first argument of sendNotification"],
    ["tokens", "use sendMulticastNotification(device_tokens, payload)"],
    ["topic", "use sendTopicNotification(topic, payload)"],
    ["condition", "use sendTopicNotification(topic, payload)"],
    ["validate_only", "use the option dry_run"],
  ])("%s: the message says what to use instead", (key, advice) => {
    expect(problems({ [key]: "x" })).toEqual([`${key}: has no place here; ${advice}`]);
  });

  it.each<[string, object]>([
    ["colapse_key", {}],
    ["notification.colapse_key", { notification: {} }],
    ["android.colapse_key", { android: {} }],
    ["android.notification.colapse_key", { android: { notification: {} } }],
    ["android.fcm_options.colapse_key", { android: { fcm_options: {} } }],
    ["android_v2.colapse_key", { android_v2: {} }],
    ["android_v2.remote_notification.colapse_key", { android_v2: { remote_notification: {} } }],
    [
      "android_v2.remote_notification.notification.colapse_key",
      { android_v2: { remote_notification: { notification: {} } } },
    ],
    ["webpush.colapse_key", { webpush: {} }],
    ["webpush.fcm_options.colapse_key", { webpush: { fcm_options: {} } }],
    ["apns.colapse_key", { apns: {} }],
    ["apns.fcm_options.colapse_key", { apns: { fcm_options: {} } }],
    ["fcm_options.colapse_key", { fcm_options: {} }],
  ])("an unknown key by its path: %s", (path, message) => {
    const copy = structuredClone(message) as Record<string, unknown>;
    const parents = path.split(".").slice(0, -1);
    const parent = parents.reduce((at, key) => at[key] as Record<string, unknown>, copy);
    parent.colapse_key = "x";
    const [problem = ""] = problems(copy);
    expect(problem.startsWith(`${path}: unknown key; valid: `), problem).toBe(true);
  });

  it.each<[string, object, string]>([
    ["android.priority", { android: { priority: "urgent" } }, "expected one of NORMAL, HIGH"],
    ["android.ttl", { android: { ttl: "3600" } }, "expected a duration"],
    ["android.ttl", { android: { ttl: Number.NaN } }, "expected a duration"],
    ["android.ttl", { android: { ttl: "2419201s" } }, "at most 2419200 seconds"],
    ["android.ttl", { android: { ttl: 2_419_200_001 } }, "at most 2419200 seconds"],
    [
      "webpush.fcm_options.link",
      { webpush: { fcm_options: { link: "http://example.org" } } },
      "expected an https URL",
    ],
    ["android_v2.background_sync", { android_v2: { background_sync: { a: 1 } } }, "Unrecognized key"],
    ["apns.payload.aps.badge", { apns: { payload: { aps: { badge: "1" } } } }, "expected number"],
    [
      "apns.payload.aps.thread-id",
      { apns: { payload: { aps: { threadId: "a", thread_id: "b" } } } },
      "given twice",
    ],
    [
      "android.notification.event_time",
      { android: { notification: { event_time: "2026-01-02" } } },
      "expected a Date, or an RFC 3339 time",
    ],
    [
      "android.notification.event_time",
      { android: { notification: { event_time: new Date(Number.NaN) } } },
      "expected a Date, or an RFC 3339 time",
    ],
    [
      "android.notification.light_settings.color",
      {
        android: {
          notification: { light_settings: { color: "green", light_on_duration: 1, light_off_duration: 1 } },
        },
      },
      "expected #rrggbb, #rrggbbaa",
    ],
    [
      "android.notification.proxy",
      { android: { notification: { proxy: "maybe" } } },
      "expected one of PROXY_UNSPECIFIED, ALLOW",
    ],
    ["android", { android: "high" }, "expected object"],
    ["android.collapse_key", { android: { collapse_key: null } }, "expected string"],
  ])("%s: %j", (path, message, words) => {
    const [problem = ""] = problems(message);
    expect(problem.startsWith(`${path}: `), problem).toBe(true);
    expect(problem).toContain(words);
  });

  it("a key named __proto__ is a key like any other", () => {
    expect(problems(JSON.parse('{"android":{"__proto__":{"priority":"HIGH"}}}'))[0]).toMatch(
      /^android\.__proto__: unknown key/,
    );
  });

  it("the given message is left as it was", () => {
    const given = Object.freeze({
      notification: Object.freeze({ imageUrl: "https://example.org/i.png" }),
      android: Object.freeze({ ttl: 1000, notification: Object.freeze({ priority: "high" }) }),
      apns: Object.freeze({ payload: Object.freeze({ aps: Object.freeze({ contentAvailable: true }) }) }),
    });
    expect(options(given)).toMatchObject({ android: { ttl: "1s" } });
    expect(given.android.ttl).toBe(1000);
  });
});
