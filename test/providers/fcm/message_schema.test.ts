import type { Message } from "firebase-admin/messaging";
import { describe, expect, it } from "vitest";
import type { FcmOptions } from "../../../providers/fcm/index.js";
import { adminMessage } from "./admin_message.js";
import { options, problems } from "./support.js";

/** A message for firebase-admin without its target. If this did not compile, one could not be passed on as it is. */
function forAdmin(message: Omit<Message, "token" | "topic" | "condition">): FcmOptions {
  return message;
}

/** A target is no part of it. */
const takesNoTarget: "token" | "topic" | "condition" | "fid" extends keyof FcmOptions ? false : true = true;

/**
 * Where firebase-admin leaves one of two spellings that protobuf's JSON takes for the same: names in camel case, `high` for `HIGH`,
 * zeros at the end of a duration.
 */
function protoNames(value: unknown, name = ""): unknown {
  if (name === "priority") return String(value).toUpperCase();
  if (typeof value === "string" && /^\d+\.\d*0s$/.test(value)) return value.replace(/0+s$/, "s");
  if (Array.isArray(value)) return value.map((entry) => protoNames(entry));
  if (typeof value !== "object" || value === null) return value;
  const names: Readonly<Record<string, string>> = {
    fcmOptions: "fcm_options",
    analyticsLabel: "analytics_label",
  };
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [names[key] ?? key, protoNames(entry, key)]),
  );
}

it("the types have no place for a target", () => {
  expect(takesNoTarget).toBe(true);
});

describe("a message for firebase-admin becomes what firebase-admin makes of it", () => {
  it.each<[string, Parameters<typeof forAdmin>[0]]>([
    ["notification", { notification: { title: "t", body: "b", imageUrl: "https://example.org/i.png" } }],
    ["data and label", { data: { a: "1" }, fcmOptions: { analyticsLabel: "campaign" } }],
    [
      "android",
      {
        android: {
          collapseKey: "k",
          priority: "high",
          ttl: 3600,
          restrictedPackageName: "org.example",
          data: { a: "1" },
          directBootOk: true,
          bandwidthConstrainedOk: false,
          restrictedSatelliteOk: true,
          fcmOptions: { analyticsLabel: "campaign" },
        },
      },
    ],
    ["a ttl of 0", { android: { ttl: 0 } }],
    ["a ttl of an hour", { android: { ttl: 3_600_000 } }],
    ["a ttl of a millisecond", { android: { ttl: 1 } }],
    [
      "android notification",
      {
        android: {
          notification: {
            title: "t",
            body: "b",
            icon: "ic",
            color: "#A1b2C3",
            sound: "default",
            tag: "tag",
            imageUrl: "https://example.org/i.png",
            clickAction: "OPEN",
            bodyLocKey: "b1",
            bodyLocArgs: ["x"],
            titleLocKey: "t1",
            titleLocArgs: ["y"],
            channelId: "orders",
            ticker: "ticker",
            sticky: true,
            eventTimestamp: new Date(Date.UTC(2026, 0, 2, 3, 4, 5, 678)),
            localOnly: false,
            priority: "max",
            vibrateTimingsMillis: [100, 2500, 0],
            defaultVibrateTimings: false,
            defaultSound: true,
            lightSettings: { color: "#00ff0080", lightOnDurationMillis: 300, lightOffDurationMillis: 1000 },
            defaultLightSettings: false,
            visibility: "secret",
            notificationCount: 0,
            proxy: "if_priority_lowered",
          },
        },
      },
    ],
    [
      "a light without alpha",
      {
        android: {
          notification: {
            lightSettings: { color: "#336699", lightOnDurationMillis: 1, lightOffDurationMillis: 0 },
          },
        },
      },
    ],
    [
      "webpush",
      {
        webpush: {
          headers: { Urgency: "high", TTL: "60" },
          data: { a: "1" },
          notification: { title: "t", vibrate: [1, 2], requireInteraction: true, data: { deep: { er: 1 } } },
          fcmOptions: { link: "https://example.org/orders" },
        },
      },
    ],
    [
      "apns",
      {
        apns: {
          headers: { "apns-priority": "5" },
          liveActivityToken: "a1b2",
          fcmOptions: { analyticsLabel: "campaign", imageUrl: "https://example.org/i.png" },
          payload: {
            aps: {
              alert: {
                title: "t",
                subtitle: "s",
                body: "b",
                locKey: "l",
                locArgs: ["1"],
                titleLocKey: "tl",
                titleLocArgs: ["2"],
                subtitleLocKey: "sl",
                subtitleLocArgs: ["3"],
                actionLocKey: "al",
                launchImage: "li",
              },
              badge: 0,
              sound: { name: "alarm.caf", critical: true, volume: 0.5 },
              contentAvailable: true,
              mutableContent: true,
              category: "c",
              threadId: "th",
              "relevance-score": 1,
            },
            custom: { x: [1] },
          },
        },
      },
    ],
    [
      "switches that are off",
      { apns: { payload: { aps: { contentAvailable: false, sound: { name: "a", critical: false } } } } },
    ],
    ["an alert of one line", { apns: { payload: { aps: { alert: "t", sound: "default" } } } }],
  ])("%s", (_what, message) => {
    const { token: _token, ...made } = adminMessage({ ...message, token: "t" }) as { token: string };
    const ours = JSON.parse(JSON.stringify(options(forAdmin(message))));
    expect(ours).toEqual(protoNames(made));
  });

  it.each<[string, object, string]>([
    ["a number in data", { data: { a: 1 } }, "data.a"],
    ["a negative ttl", { android: { ttl: -1 } }, "android.ttl"],
    ["a wrong colour", { android: { notification: { color: "red" } } }, "android.notification.color"],
    [
      "arguments without their key",
      { android: { notification: { bodyLocArgs: ["x"] } } },
      "android.notification.body_loc_args",
    ],
    ["an image that is no URL", { notification: { imageUrl: "picture" } }, "notification.image"],
    [
      "one thing twice",
      { notification: { imageUrl: "https://example.org/a", image: "https://example.org/b" } },
      "notification.image",
    ],
    [
      "an event at no Date",
      { android: { notification: { eventTimestamp: "yesterday" } } },
      "android.notification.event_time",
    ],
    [
      "no vibration",
      { android: { notification: { vibrateTimingsMillis: [] } } },
      "android.notification.vibrate_timings",
    ],
    [
      "half a light",
      { android: { notification: { lightSettings: { color: "#ffffff", lightOnDurationMillis: 1 } } } },
      "android.notification.light_settings.light_off_duration",
    ],
    [
      "a loud sound",
      { apns: { payload: { aps: { sound: { name: "a", volume: 2 } } } } },
      "apns.payload.aps.sound",
    ],
    [
      "an alert's arguments without their key",
      { apns: { payload: { aps: { alert: { locArgs: ["x"] } } } } },
      "apns.payload.aps.alert",
    ],
    ["a header that is no text", { apns: { headers: { "apns-priority": 5 } } }, "apns.headers.apns-priority"],
    ["an empty live activity token", { apns: { liveActivityToken: "" } }, "apns.live_activity_token"],
  ])("both refuse %s", (_what, message, path) => {
    expect(() => adminMessage({ ...message, token: "t" } as never)).toThrow();
    const [problem = ""] = problems(message);
    expect(problem.startsWith(`${path}`), problem).toBe(true);
  });
});
