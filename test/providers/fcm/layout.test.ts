import { describe, expect, it } from "vitest";
import { lay, message, refusal } from "./laid_out.js";

describe("a notification", () => {
  it("C9 2.fcm title and body are shown by the device, and each platform is told its lifetime and priority", () => {
    expect(message({ title: "Hello", body: "World" })).toEqual({
      notification: { title: "Hello", body: "World" },
      android: { ttl: "TTL", priority: "NORMAL" },
      apns: { headers: { "apns-priority": "10", "apns-expiration": "EXPIRATION" } },
      webpush: { headers: { TTL: "SECONDS", Urgency: "normal" } },
    });
  });

  it("carries every unified field where a platform has a place for it", () => {
    const { message: made, fields } = lay({
      title: "Hello",
      body: "World",
      image: "https://example.org/i.png",
      icon: "ic_stat",
      url: "https://example.org/orders/42",
      tag: "order-42",
      collapse_key: "orders",
      sound: "ping.caf",
      badge: 3,
      priority: "critical",
      message_id: "m-1",
      created_at_ms: Date.UTC(2026, 0, 2, 3, 4, 5),
      data: { order: 42 },
    });
    expect(made).toEqual({
      notification: { title: "Hello", body: "World", image: "https://example.org/i.png" },
      data: { url: "https://example.org/orders/42", message_id: "m-1", order: "42" },
      android: {
        ttl: "TTL",
        priority: "HIGH",
        collapse_key: "orders",
        notification: {
          icon: "ic_stat",
          sound: "ping.caf",
          tag: "order-42",
          notification_count: 3,
          event_time: "2026-01-02T03:04:05.000Z",
        },
      },
      apns: {
        headers: { "apns-priority": "10", "apns-expiration": "EXPIRATION", "apns-collapse-id": "orders" },
        payload: {
          aps: { badge: 3, sound: "ping.caf", "interruption-level": "time-sensitive", "mutable-content": 1 },
        },
      },
      webpush: {
        headers: { TTL: "SECONDS", Urgency: "high", Topic: "orders" },
        notification: {
          image: "https://example.org/i.png",
          tag: "order-42",
          requireInteraction: true,
          timestamp: Date.UTC(2026, 0, 2, 3, 4, 5),
        },
        fcm_options: { link: "https://example.org/orders/42" },
      },
    });
    expect(fields).toEqual([]);
  });

  it.each([
    ["low", "NORMAL", "5", "low", undefined, undefined],
    ["normal", "NORMAL", "10", "normal", undefined, undefined],
    ["high", "HIGH", "10", "high", true, undefined],
    ["critical", "HIGH", "10", "high", true, "time-sensitive"],
  ] as const)("1.9 2.fcm priority %s", (priority, android, apns, urgency, requireInteraction, level) => {
    const made = message({ priority });
    expect(made.android.priority).toBe(android);
    expect(made.apns.headers["apns-priority"]).toBe(apns);
    expect(made.apns.payload?.aps["interruption-level"]).toBe(level);
    expect(made.webpush.headers.Urgency).toBe(urgency);
    expect(made.webpush.notification?.requireInteraction).toBe(requireInteraction);
  });

  it("a badge of 0 is a badge, and one is enough for a message", () => {
    const made = message({ title: undefined, badge: 0 });
    expect(made.apns.payload.aps).toEqual({ badge: 0 });
    expect(made.apns.headers["apns-priority"]).toBe("10");
    expect(made.android.notification).toEqual({ notification_count: 0 });
  });

  it("a badge that is a picture goes to browsers, with a warning about the others", () => {
    const { message: made, fields } = lay({ badge: "/badge.png" });
    expect(made.webpush.notification).toEqual({ badge: "/badge.png" });
    expect(made.android.notification).toBeUndefined();
    expect(made.apns.payload).toBeUndefined();
    expect(fields).toEqual(["badge"]);
  });

  it("an icon that is a URL goes to browsers: Android draws only what is in the app", () => {
    expect(message({ icon: "/icon-192.png" })).toMatchObject({
      webpush: { notification: { icon: "/icon-192.png" } },
    });
    expect(message({ icon: "/icon-192.png" }).android.notification).toBeUndefined();
    expect(message({ icon: "ic_stat" }).webpush.notification).toBeUndefined();
  });

  it("buttons go to browsers, with a warning about the others", () => {
    const actions = [{ action: "view", title: "View", url: "/orders" }];
    const { message: made, fields } = lay({ actions });
    expect(made.webpush.notification).toEqual({ actions });
    expect(fields).toEqual(["actions"]);
  });

  it("a url that is no https link is no link, but still data, with a warning", () => {
    for (const url of ["/orders/42", "http://example.org", "app://orders", "https://"]) {
      const { message: made, fields } = lay({ url });
      expect(made.webpush.fcm_options).toBeUndefined();
      expect(made.data).toEqual({ url });
      expect(fields).toEqual(["url"]);
    }
  });

  it("silent takes the sound away, and says that Android's channel has the last word", () => {
    const { message: made, fields } = lay({ silent: true, sound: "ping.caf" });
    expect(made.android.notification).toEqual({ notification_priority: "PRIORITY_LOW" });
    expect(made.apns.payload).toBeUndefined();
    expect(made.webpush.notification).toEqual({ silent: true });
    expect(fields).toEqual(["silent"]);
    expect(lay({ silent: true }, { android: { notification: { channel_id: "quiet" } } }).fields).toEqual([]);
  });

  it("C4 data of the caller's own is never written over", () => {
    const data = { url: "/mine", message_id: "mine", title: "mine", body: "mine", priority: "mine" };
    const made = message({ title: "t", url: "/ours", message_id: "ours", priority: "high", data });
    expect(made.data).toEqual(data);
  });

  it("without data there is no data: a message id of our own making is not sent", () => {
    expect(message().data).toBeUndefined();
  });

  it.each([
    ["title", {}],
    ["sound alone", { sound: "ping" }],
    ["tag and collapse key alone", { tag: "a", collapse_key: "b" }],
  ])("nothing to say is refused: no %s", (_what, fields) => {
    expect(refusal({ title: undefined, ...fields })).toMatchObject({
      code: "PAYLOAD_INVALID",
      message: "title: an FCM message needs a title, a body or data",
    });
  });
});

describe("replacing", () => {
  it("1.9 2.fcm the collapse key is FCM's own on Android, and an id or a Topic elsewhere", () => {
    const made = message({ collapse_key: "orders" });
    expect(made.android).toEqual({ ttl: "TTL", priority: "NORMAL", collapse_key: "orders" });
    expect(made.apns.headers["apns-collapse-id"]).toBe("orders");
    expect(made.webpush.headers.Topic).toBe("orders");
  });

  it("one that is too long for Apple or the web is hashed there, always alike", () => {
    const key = "order ".repeat(20);
    const [first, second] = [message({ collapse_key: key }), message({ collapse_key: key })];
    expect(first.android.collapse_key).toBe(key);
    expect(first.apns.headers["apns-collapse-id"]).toMatch(/^[\w-]{43}$/);
    expect(first.webpush.headers.Topic).toMatch(/^[\w-]{32}$/);
    expect(second).toEqual(first);
  });

  it.each([
    ["a".repeat(64), "a".repeat(64)],
    ["a".repeat(65), expect.stringMatching(/^[\w-]{43}$/)],
    ["é".repeat(33), expect.stringMatching(/^[\w-]{43}$/)],
    ["a b", expect.stringMatching(/^[\w-]{43}$/)],
  ])("apns-collapse-id holds 64 bytes: %s", (collapse_key, id) => {
    expect(message({ collapse_key }).apns.headers["apns-collapse-id"]).toEqual(id);
  });

  it("a tag replaces what is shown: on Apple's devices that is the same id", () => {
    const made = message({ tag: "order-42" });
    expect(made.android.notification.tag).toBe("order-42");
    expect(made.android.collapse_key).toBeUndefined();
    expect(made.webpush.notification.tag).toBe("order-42");
    expect(made.webpush.headers.Topic).toBeUndefined();
    expect(made.apns.headers["apns-collapse-id"]).toBe("order-42");
  });
});
