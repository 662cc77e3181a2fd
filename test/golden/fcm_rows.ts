import type { TokenMessage } from "firebase-admin/messaging";
import type { FcmOptions } from "../../providers/fcm/index.js";
import type { PushNotificationPayload, SendOptions } from "../../src/index.js";
import { deepMerge } from "../../src/merge.js";
import type { Differs } from "./differences.js";
import { NOW } from "./moment.js";

/** `android_v2` is younger than firebase-admin 13, which passes it on. */
export type AdminMessage = Omit<TokenMessage, "token"> & { android_v2?: object };

export interface FcmRow {
  readonly title: string;
  /** Default: a device, by its token. */
  readonly to?: "fid" | { readonly topic: string } | { readonly condition: string };
  readonly ours: PushNotificationPayload<{ fcm?: FcmOptions }>;
  readonly options?: SendOptions;
  /** Made anew for each sending: firebase-admin changes what it is given. */
  readonly theirs: () => AdminMessage;
  readonly differs?: Differs;
}

/** What pushmux tells each platform of delivery, and nobody else does unasked: a lifetime of 300 s, priority normal. */
const DELIVERY = {
  android: { ttl: 300_000, priority: "normal" },
  apns: { headers: { "apns-priority": "10", "apns-expiration": String(NOW + 300) } },
  webpush: { headers: { TTL: "300", Urgency: "normal" } },
} as const;

/** A message for firebase-admin that says the same. */
export const delivered = (message: AdminMessage): AdminMessage =>
  deepMerge<AdminMessage>({}, DELIVERY, message);

export const SMALL_LETTERS: Differs = {
  "body.message.android.priority": "theirs is the enum in small letters; FCM's reference has it in capitals",
};

/** JSON of a protobuf message may spell a field either way; the reference has the one with underscores. */
export const otherSpelling = (block: string): Differs => ({
  [`body.message.${block}fcm_options`]: "theirs is fcmOptions",
  [`body.message.${block}fcmOptions`]: "ours is fcm_options, as in FCM's reference",
});

export const TEXTS = { title: "Order 42", body: "Grüße & <more>" };

export const ROWS: readonly FcmRow[] = [
  {
    title: "notification, and nothing else said",
    ours: TEXTS,
    theirs: () => ({ notification: { ...TEXTS } }),
    differs: {
      "body.message.android": "theirs leaves FCM's 4 weeks and the priority that the kind of message implies",
      "body.message.apns": "theirs leaves FCM's 30 days",
      "body.message.webpush": "theirs leaves FCM's 4 weeks",
    },
  },
  {
    title: "notification with an image",
    ours: { ...TEXTS, image: "https://example.com/i.png" },
    theirs: () =>
      delivered({
        notification: { ...TEXTS, imageUrl: "https://example.com/i.png" },
        apns: { payload: { aps: { mutableContent: true } } },
        webpush: { notification: { image: "https://example.com/i.png" } },
      }),
    differs: SMALL_LETTERS,
  },
  {
    title: "data",
    ours: { ...TEXTS, data: { order: "42", count: 7, is_new: true, none: null, deep: { list: [1, "a"] } } },
    theirs: () =>
      delivered({
        notification: { ...TEXTS },
        data: { order: "42", count: "7", is_new: "true", none: "null", deep: '{"list":[1,"a"]}' },
      }),
    differs: SMALL_LETTERS,
  },
  {
    title: "background",
    ours: { data: { order: "42" } },
    theirs: () =>
      delivered({
        data: { order: "42" },
        apns: {
          headers: { "apns-push-type": "background", "apns-priority": "5" },
          payload: { aps: { contentAvailable: true } },
        },
      }),
    differs: SMALL_LETTERS,
  },
  {
    title: "topic",
    to: { topic: "news" },
    ours: TEXTS,
    theirs: () => delivered({ notification: { ...TEXTS } }),
    differs: SMALL_LETTERS,
  },
  {
    title: "condition",
    to: { condition: "'news' in topics && !('sport' in topics)" },
    ours: TEXTS,
    theirs: () => delivered({ notification: { ...TEXTS } }),
    differs: SMALL_LETTERS,
  },
  {
    title: "installation id",
    to: "fid",
    ours: TEXTS,
    theirs: () => delivered({ notification: { ...TEXTS } }),
    differs: {
      ...SMALL_LETTERS,
      "body.message.fid": "firebase-admin 13 does not know the field of 2026",
      "body.message.token": "theirs says it as a token, which FCM takes while it moves to the field",
    },
  },
  {
    title: "dry run",
    ours: TEXTS,
    options: { dry_run: true },
    theirs: () => delivered({ notification: { ...TEXTS } }),
    differs: SMALL_LETTERS,
  },
  {
    title: "ttl and collapse key",
    ours: { ...TEXTS, ttl_seconds: 3600, collapse_key: "order-42" },
    theirs: () =>
      delivered({
        notification: { ...TEXTS },
        android: { ttl: 3_600_000, collapseKey: "order-42" },
        apns: { headers: { "apns-expiration": String(NOW + 3600), "apns-collapse-id": "order-42" } },
        webpush: { headers: { TTL: "3600", Topic: "order-42" } },
      }),
    differs: SMALL_LETTERS,
  },
  {
    title: "ttl 0, now or never",
    ours: { ...TEXTS, ttl_seconds: 0 },
    theirs: () =>
      delivered({
        notification: { ...TEXTS },
        android: { ttl: 0 },
        apns: { headers: { "apns-expiration": "0" } },
        webpush: { headers: { TTL: "0" } },
      }),
    differs: SMALL_LETTERS,
  },
  {
    title: "priority low",
    ours: { ...TEXTS, priority: "low" },
    theirs: () =>
      delivered({
        notification: { ...TEXTS },
        apns: { headers: { "apns-priority": "5" } },
        webpush: { headers: { Urgency: "low" } },
      }),
    differs: SMALL_LETTERS,
  },
  {
    title: "priority critical",
    ours: { ...TEXTS, priority: "critical" },
    theirs: () =>
      delivered({
        notification: { ...TEXTS },
        android: { priority: "high" },
        apns: { payload: { aps: { "interruption-level": "time-sensitive" } } },
        webpush: { headers: { Urgency: "high" }, notification: { requireInteraction: true } },
      }),
    differs: SMALL_LETTERS,
  },
  {
    title: "every field of the payload",
    ours: {
      ...TEXTS,
      data: { order: "42" },
      image: "https://example.com/i.png",
      icon: "ic_order",
      url: "https://example.com/o/42",
      tag: "order-42",
      sound: "chime",
      badge: 3,
      actions: [{ action: "track", title: "Track" }],
      message_id: "6f0c1b9e-6c1f-4d9e-8a6c-0a4f9a3b1c2d",
      created_at: "2026-11-20T12:00:00Z",
    },
    theirs: () =>
      delivered({
        notification: { ...TEXTS, imageUrl: "https://example.com/i.png" },
        data: {
          order: "42",
          url: "https://example.com/o/42",
          message_id: "6f0c1b9e-6c1f-4d9e-8a6c-0a4f9a3b1c2d",
        },
        android: {
          notification: {
            icon: "ic_order",
            sound: "chime",
            tag: "order-42",
            notificationCount: 3,
            eventTimestamp: new Date("2026-11-20T12:00:00Z"),
          },
        },
        apns: {
          headers: { "apns-collapse-id": "order-42" },
          payload: { aps: { badge: 3, sound: "chime", mutableContent: true } },
        },
        webpush: {
          notification: {
            image: "https://example.com/i.png",
            tag: "order-42",
            actions: [{ action: "track", title: "Track" }],
            timestamp: Date.UTC(2026, 10, 20, 12),
          },
          fcmOptions: { link: "https://example.com/o/42" },
        },
      }),
    differs: { ...SMALL_LETTERS, ...otherSpelling("webpush.") },
  },
];
