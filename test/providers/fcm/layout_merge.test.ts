import { describe, expect, it } from "vitest";
import type { FcmOptions } from "../../../providers/fcm/index.js";
import { lay, message, refusal } from "./laid_out.js";

describe("a background message", () => {
  const quiet = {
    data: { order: "42" },
    android: { ttl: "TTL", priority: "NORMAL" },
    apns: {
      headers: { "apns-push-type": "background", "apns-priority": "5", "apns-expiration": "EXPIRATION" },
      payload: { aps: { "content-available": 1 } },
    },
    webpush: { headers: { TTL: "SECONDS", Urgency: "normal" } },
  };

  it("C9 is data alone, and Apple is told so", () => {
    expect(message({ title: undefined, data: { order: 42 } })).toEqual(quiet);
  });

  it("is 5 for Apple whatever its priority, but wakes Android when that is high", () => {
    const made = message({ title: undefined, data: { order: 42 }, priority: "critical" });
    expect(made.apns).toEqual(quiet.apns);
    expect(made.android.priority).toBe("HIGH");
    expect(made.webpush.notification).toBeUndefined();
  });

  it("C9 asked for, it shows nothing of what was given, and says so", () => {
    const { message: made, fields } = lay(
      { background: true, title: "t", body: "b", tag: "x", badge: 1, sound: "s", data: { order: 42 } },
      {
        notification: { title: "t" },
        android: { notification: { title: "t" }, priority: "high" },
        webpush: { notification: { title: "t" } },
        apns: { payload: { aps: { alert: "t", sound: "s", badge: 1, "thread-id": "kept" }, kept: 1 } },
      },
    );
    expect(made).toEqual({
      ...quiet,
      android: { ttl: "TTL", priority: "HIGH" },
      apns: { ...quiet.apns, payload: { aps: { "content-available": 1, "thread-id": "kept" }, kept: 1 } },
    });
    expect(fields).toEqual([
      ...["title", "body", "tag", "sound", "badge"],
      ...[
        "notification",
        "android.notification",
        "apns.payload.aps.alert",
        "apns.payload.aps.sound",
        "apns.payload.aps.badge",
        "webpush.notification",
      ].map((path) => `platform_data.fcm.${path}`),
    ]);
  });

  it("may be empty when it was asked for: it wakes the app", () => {
    expect(message({ title: undefined, background: true }).apns.payload.aps).toEqual({
      "content-available": 1,
    });
  });

  it.each<[string, FcmOptions]>([
    ["a notification", { notification: { title: "t" } }],
    ["an Android notification", { android: { notification: { title: "t" } } }],
    [
      "an Android notification of the second kind",
      { android_v2: { remote_notification: { notification: {} } } },
    ],
    ["an alert", { apns: { payload: { aps: { alert: "t" } } } }],
    ["a live activity", { apns: { live_activity_token: "a", payload: { aps: { event: "update" } } } }],
    ["a web notification", { webpush: { notification: { title: "t" } } }],
  ])("%s in platform_data makes it visible", (_what, options) => {
    const made = message({ title: undefined, data: { order: 42 } }, options);
    expect(made.apns.payload?.aps?.["content-available"]).toBeUndefined();
  });

  it("background: false with data shows what there is to show", () => {
    expect(message({ background: false, data: { a: 1 } }).apns.headers["apns-push-type"]).toBeUndefined();
  });
});

describe("platform_data.fcm", () => {
  it("C5 is merged deeply, last: what it does not name stays", () => {
    const made = message(
      { collapse_key: "orders", tag: "order-42", priority: "high", data: { a: 1 } },
      {
        data: { b: "2" },
        notification: { body: "own" },
        android: { notification: { channel_id: "orders" } },
        apns: { headers: { "APNS-PRIORITY": "5" }, payload: { aps: { category: "c" } } },
        webpush: { headers: { urgency: "low" } },
        fcm_options: { analytics_label: "campaign" },
      },
    );
    expect(made).toEqual({
      notification: { title: "Hello", body: "own" },
      data: { a: "1", b: "2" },
      android: {
        ttl: "TTL",
        priority: "HIGH",
        collapse_key: "orders",
        notification: { tag: "order-42", channel_id: "orders" },
      },
      apns: {
        headers: { "apns-priority": "5", "apns-expiration": "EXPIRATION", "apns-collapse-id": "orders" },
        payload: { aps: { category: "c" } },
      },
      webpush: {
        headers: { TTL: "SECONDS", Urgency: "low", Topic: "orders" },
        notification: { tag: "order-42", requireInteraction: true },
      },
      fcm_options: { analytics_label: "campaign" },
    });
  });

  it("1.9 a lifetime of its own is the one that is sent", () => {
    const made = message(
      {},
      {
        android: { ttl: 60_000 },
        apns: { headers: { "apns-expiration": "0" } },
        webpush: { headers: { TTL: "5" } },
      },
    );
    expect(made.android.ttl).toBe("60s");
    expect(made.apns.headers["apns-expiration"]).toBe("0");
    expect(made.webpush.headers).toEqual({ TTL: "5", Urgency: "normal" });
  });

  it("android_v2 takes the place of android", () => {
    const { message: made } = lay(
      { tag: "t", collapse_key: "k", priority: "high" },
      { android_v2: { remote_notification: { notification: { id: 7 } } } },
    );
    expect(made.android).toBeUndefined();
    expect(made.android_v2).toEqual({
      ttl: "TTL",
      collapse_key: "k",
      remote_notification: { notification: { tag: "t", id: 7 } },
    });
  });

  it("android_v2 is a background sync where nothing is shown", () => {
    const silent = { title: undefined, data: { a: 1 } };
    expect(message(silent, { android_v2: {} }).android_v2).toEqual({ ttl: "TTL", background_sync: {} });
    expect(message({}, { android_v2: { background_sync: {} } }).android_v2).toEqual({
      ttl: "TTL",
      background_sync: {},
    });
    const as_data = { remote_notification: { use_as_v1_data_message: true } };
    expect(message(silent, { android_v2: as_data }).android_v2).toEqual({ ttl: "TTL", ...as_data });
  });

  it("android and android_v2 together are refused", () => {
    expect(refusal({}, { android: {}, android_v2: {} })).toMatchObject({
      code: "PAYLOAD_INVALID",
      message: expect.stringMatching(/^platform_data\.fcm\.android_v2: /),
    });
  });

  it("what shows nothing on Apple's devices has no priority there but 5", () => {
    const made = message({ title: undefined }, { android: { notification: { title: "t" } } });
    expect(made.apns.headers["apns-priority"]).toBe("5");
  });

  it("a live activity needs no title", () => {
    const apns = {
      live_activity_token: "a1b2",
      headers: { "apns-priority": "10" },
      payload: { aps: { event: "update", timestamp: 1, "content-state": { at: 3 } } },
    };
    expect(message({ title: undefined }, { apns }).apns).toEqual({
      ...apns,
      headers: { "apns-priority": "10", "apns-expiration": "EXPIRATION" },
    });
  });

  it("C4 reserved keys are refused where they came from", () => {
    expect(refusal({ data: { from: "me" } }).message).toMatch(/^data\.from: /);
    expect(refusal({}, { webpush: { data: { "google.x": "1" } } }).message).toMatch(
      /^platform_data\.fcm\.webpush\.data\.google\.x: /,
    );
  });
});
