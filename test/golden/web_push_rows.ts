import type { RequestOptions } from "web-push";
import type { WebPushOptions } from "../../providers/web_push/index.js";
import type { PushNotificationPayload } from "../../src/index.js";
import type { Differs } from "./differences.js";
import { NOW } from "./moment.js";

export interface WebPushRow {
  readonly title: string;
  readonly content_encoding?: "aes128gcm" | "aesgcm";
  readonly ours: PushNotificationPayload<{ web_push?: WebPushOptions }>;
  /** What web-push is given to encrypt; absent: nothing. */
  readonly message?: object | string | Buffer;
  readonly options?: RequestOptions;
  readonly differs?: Differs;
}

const ID = "6f0c1b9e-6c1f-4d9e-8a6c-0a4f9a3b1c2d";
const TEXTS = { title: "Order 42", body: "Grüße & <more>" };
/** Ours with an id, so that web-push can be given the same. */
const HELLO = { ...TEXTS, message_id: ID };
/** What pushmux lays out of it. */
const SHOWN = { ...TEXTS, timestamp: NOW * 1000, data: { message_id: ID } };
/** web-push's own is 4 weeks. */
const TTL = { TTL: 300 };

const VAPID_SCHEME: Differs = {
  "authorization.scheme": "theirs is the draft's, which services no longer all take; ours is RFC 8292's",
  "authorization.key": "RFC 8292 has the public key beside the token",
};

export const ROWS: readonly WebPushRow[] = [
  {
    title: "notification, and nothing else said",
    ours: HELLO,
    message: { notification: TEXTS },
    differs: {
      ttl: "theirs is 4 weeks",
      "body.plaintext.notification.timestamp": "when it was sent, for a device that gets it later",
      "body.plaintext.notification.data": "the id that a device acknowledges",
    },
  },
  {
    title: "notification with every field",
    ours: {
      ...HELLO,
      data: { order: 42, deep: { list: [1, null] } },
      image: "/i.png",
      icon: "/c.png",
      badge: "/b.png",
      url: "/o/42",
      tag: "order-42",
      silent: true,
      actions: [{ action: "track", title: "Track", icon: "/t.png" }],
      created_at: "2026-11-20T12:00:00Z",
      platform_data: { web_push: { renotify: true, dir: "rtl", lang: "ar" } },
    },
    message: {
      notification: {
        ...TEXTS,
        icon: "/c.png",
        badge: "/b.png",
        image: "/i.png",
        tag: "order-42",
        renotify: true,
        silent: true,
        dir: "rtl",
        lang: "ar",
        timestamp: Date.UTC(2026, 10, 20, 12),
        actions: [{ action: "track", title: "Track", icon: "/t.png" }],
        data: { url: "/o/42", order: 42, deep: { list: [1, null] }, message_id: ID },
      },
    },
    options: TTL,
  },
  {
    title: "urgency low",
    ours: { ...HELLO, priority: "low" },
    message: { notification: SHOWN },
    options: { ...TTL, urgency: "low" },
  },
  {
    title: "urgency very-low",
    ours: { ...HELLO, platform_data: { web_push: { urgency: "very-low" } } },
    message: { notification: SHOWN },
    options: { ...TTL, urgency: "very-low" },
  },
  {
    title: "urgency high",
    ours: { ...HELLO, priority: "high" },
    message: { notification: { ...SHOWN, requireInteraction: true } },
    options: { ...TTL, urgency: "high" },
  },
  {
    title: "ttl of an hour with a topic",
    ours: { ...HELLO, ttl_seconds: 3600, collapse_key: "order-42" },
    message: { notification: { ...SHOWN, tag: "order-42" } },
    options: { TTL: 3600, topic: "order-42" },
  },
  {
    title: "ttl 0, now or never",
    ours: { ...HELLO, ttl_seconds: 0 },
    message: { notification: SHOWN },
    options: { TTL: 0 },
  },
  {
    title: "background",
    ours: { message_id: ID, data: { order: 42 } },
    message: { notification: { data: { order: 42, message_id: ID } } },
    options: TTL,
  },
  {
    title: "flat",
    ours: { ...HELLO, url: "/o/42", platform_data: { web_push: { format: "flat" } } },
    message: { ...SHOWN, data: { url: "/o/42", message_id: ID }, url: "/o/42", message_id: ID },
    options: TTL,
  },
  {
    title: "declarative",
    ours: {
      ...HELLO,
      url: "https://example.com/o/42",
      actions: [{ action: "track", title: "Track", url: "https://example.com/t/42" }],
      platform_data: { web_push: { format: "declarative", app_badge: 1, mutable: true } },
    },
    message: {
      web_push: 8030,
      notification: {
        ...SHOWN,
        navigate: "https://example.com/o/42",
        data: { url: "https://example.com/o/42", message_id: ID },
        actions: [{ action: "track", title: "Track", navigate: "https://example.com/t/42" }],
        app_badge: 1,
        mutable: true,
      },
      app_badge: 1,
      mutable: true,
    },
    options: TTL,
    differs: {
      "content-type":
        "the standard for declarative messages asks for its own; web-push puts its over any given one",
    },
  },
  {
    title: "raw text",
    ours: { platform_data: { web_push: { format: "raw", raw_body: "Grüße" } } },
    message: "Grüße",
    options: TTL,
  },
  {
    title: "raw bytes",
    ours: { platform_data: { web_push: { format: "raw", raw_body: Uint8Array.of(0, 255, 128) } } },
    message: Buffer.of(0, 255, 128),
    options: TTL,
  },
  {
    title: "empty",
    ours: { platform_data: { web_push: { format: "empty" } } },
    options: TTL,
  },
  {
    title: "aesgcm",
    content_encoding: "aesgcm",
    ours: HELLO,
    message: { notification: SHOWN },
    options: TTL,
    differs: VAPID_SCHEME,
  },
  {
    title: "aesgcm, empty",
    content_encoding: "aesgcm",
    ours: { platform_data: { web_push: { format: "empty" } } },
    options: TTL,
    differs: {
      ...VAPID_SCHEME,
      "crypto-key": "nothing is encrypted, and RFC 8292's scheme has the key elsewhere",
    },
  },
];
