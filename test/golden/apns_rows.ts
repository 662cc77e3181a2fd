import { Notification } from "@parse/node-apn";
import { type NotificationOptions, Priority, PushType } from "apns2";
import type { ApnsOptions, ApnsPushType } from "../../providers/apns/index.js";
import type { PushNotificationPayload } from "../../src/index.js";
import type { Differs } from "./differences.js";
import { NOW } from "./moment.js";

export const APP = "org.example.app";
export const ID = "6f0c1b9e-6c1f-4d9e-8a6c-0a4f9a3b1c2d";

export interface ApnsRow {
  readonly title: string;
  /** What the device's token is for; default `alert`. */
  readonly token_for?: Exclude<ApnsPushType, "background">;
  readonly ours: PushNotificationPayload<{ apns?: ApnsOptions | Notification }>;
  /** What node-apn's `Notification` is made of. */
  readonly node_apn: object;
  readonly node_apn_differs?: Differs;
  /** Absent where apns2 cannot say it. */
  readonly apns2?: NotificationOptions;
  readonly apns2_differs?: Differs;
}

/** What pushmux tells APNs unasked: which notification it is, and when its 300 seconds are over. */
export const addressed = (suffix = "") => ({ topic: `${APP}${suffix}`, id: ID, expiry: NOW + 300 });
/** The same for apns2, which has no ids. */
export const timed = (suffix = "") => ({ topic: `${APP}${suffix}`, expiration: NOW + 300 });
/** Ours: `apns-id` by our own name. */
export const identified = (options: ApnsOptions = {}) => ({ apns: { apns_id: ID, ...options } });

export const NO_TEN: Differs = { "apns-priority": "theirs leaves out 10, Apple's default" };

const TOO_LONG: Differs = {
  "apns-collapse-id": "Apple takes 64 bytes; ours is the hash of what is longer",
  answer: "so that Apple refuses theirs",
};

const TEXTS = { title: "Order 42", body: "Grüße & <more>" };

const OWN_NOTIFICATION = {
  ...addressed(),
  collapseId: "order-42",
  title: "t",
  body: "b",
  badge: 3,
  payload: { order: "42" },
};

/** A certificate stands in the place of the token. */
export const WITH_CERTIFICATE = {
  title: "alert, with a certificate",
  ours: { ...TEXTS, platform_data: identified() },
  node_apn: { ...addressed(), pushType: "alert", ...TEXTS, sound: "default" },
} as const satisfies ApnsRow;

/** What is shown, and what is not. The other push types are in a table of their own. */
export const ROWS: readonly ApnsRow[] = [
  {
    title: "alert, and nothing else said",
    ours: { ...TEXTS, message_id: ID },
    node_apn: { topic: APP, pushType: "alert", ...TEXTS },
    node_apn_differs: {
      "apns-id": "ours is one for all tries of a notification; theirs leaves it to Apple",
      "apns-expiration": "theirs leaves Apple's 30 days",
      "body.aps.sound": "ours is heard unless it says otherwise",
      "body.message_id": "for the app to acknowledge, when the payload gave it",
    },
  },
  {
    title: "alert",
    ours: { ...TEXTS, badge: 3, data: { order: 42 }, platform_data: identified() },
    node_apn: {
      ...addressed(),
      pushType: "alert",
      ...TEXTS,
      badge: 3,
      sound: "default",
      payload: { order: 42 },
    },
    apns2: { ...timed(), alert: TEXTS, badge: 3, sound: "default", data: { order: 42 } },
    apns2_differs: NO_TEN,
  },
  {
    title: "alert with every member",
    ours: {
      ...TEXTS,
      platform_data: identified({
        subtitle: "s",
        launch_image: "i.png",
        badge: 0,
        sound: "chime.caf",
        content_available: true,
        mutable_content: true,
        category: "ORDER",
        thread_id: "order-42",
        interruption_level: "passive",
        relevance_score: 0.5,
        target_content_id: "window",
        filter_criteria: "work",
        url_args: ["a", "b"],
      }),
    },
    node_apn: {
      ...addressed(),
      pushType: "alert",
      ...TEXTS,
      subtitle: "s",
      launchImage: "i.png",
      badge: 0,
      sound: "chime.caf",
      contentAvailable: true,
      mutableContent: true,
      category: "ORDER",
      threadId: "order-42",
      interruptionLevel: "passive",
      relevanceScore: 0.5,
      targetContentIdentifier: "window",
      filterCriteria: "work",
      urlArgs: ["a", "b"],
    },
  },
  {
    title: "alert with localisation keys",
    ours: {
      platform_data: identified({
        title_loc_key: "T",
        title_loc_args: ["1"],
        subtitle_loc_key: "S",
        subtitle_loc_args: ["2"],
        loc_key: "L",
        loc_args: ["3", "4"],
      }),
    },
    node_apn: {
      ...addressed(),
      pushType: "alert",
      sound: "default",
      titleLocKey: "T",
      titleLocArgs: ["1"],
      subtitleLocKey: "S",
      subtitleLocArgs: ["2"],
      locKey: "L",
      locArgs: ["3", "4"],
    },
  },
  {
    title: "alert with a critical sound",
    ours: {
      ...TEXTS,
      platform_data: identified({
        sound: { critical: 1, name: "alarm.caf", volume: 0.5 },
        interruption_level: "critical",
      }),
    },
    node_apn: {
      ...addressed(),
      pushType: "alert",
      ...TEXTS,
      sound: { critical: 1, name: "alarm.caf", volume: 0.5 },
      interruptionLevel: "critical",
    },
    apns2: {
      ...timed(),
      alert: TEXTS,
      sound: { critical: 1, name: "alarm.caf", volume: 0.5 },
      aps: { "interruption-level": "critical" },
    },
    apns2_differs: NO_TEN,
  },
  {
    title: "alert, silent",
    ours: { ...TEXTS, silent: true, platform_data: identified() },
    node_apn: { ...addressed(), pushType: "alert", ...TEXTS },
    apns2: { ...timed(), alert: TEXTS },
    apns2_differs: NO_TEN,
  },
  {
    title: "alert with an image and a url, which the app reads",
    ours: {
      ...TEXTS,
      image: "https://example.com/i.png",
      url: "https://example.com/o/42",
      platform_data: identified(),
    },
    node_apn: {
      ...addressed(),
      pushType: "alert",
      ...TEXTS,
      sound: "default",
      mutableContent: true,
      payload: { image: "https://example.com/i.png", url: "https://example.com/o/42" },
    },
    apns2: {
      ...timed(),
      alert: TEXTS,
      sound: "default",
      mutableContent: true,
      data: { image: "https://example.com/i.png", url: "https://example.com/o/42" },
    },
    apns2_differs: NO_TEN,
  },
  {
    title: "alert of low priority with a collapse id",
    ours: { ...TEXTS, priority: "low", collapse_key: "order-42", platform_data: identified() },
    node_apn: {
      ...addressed(),
      pushType: "alert",
      ...TEXTS,
      priority: 5,
      collapseId: "order-42",
      sound: "default",
    },
    apns2: {
      ...timed(),
      alert: TEXTS,
      sound: "default",
      priority: Priority.throttled,
      collapseId: "order-42",
    },
  },
  {
    title: "alert of the least priority",
    ours: { ...TEXTS, platform_data: identified({ priority: 1 }) },
    node_apn: { ...addressed(), pushType: "alert", ...TEXTS, priority: 1, sound: "default" },
    apns2: { ...timed(), alert: TEXTS, sound: "default", priority: Priority.low },
  },
  {
    title: "alert with a collapse id that is too long",
    ours: { ...TEXTS, collapse_key: "k".repeat(65), platform_data: identified() },
    node_apn: { ...addressed(), pushType: "alert", ...TEXTS, collapseId: "k".repeat(65), sound: "default" },
    node_apn_differs: TOO_LONG,
    apns2: { ...timed(), alert: TEXTS, sound: "default", collapseId: "k".repeat(65) },
    apns2_differs: { ...NO_TEN, ...TOO_LONG },
  },
  {
    title: "alert of priority critical",
    ours: { ...TEXTS, priority: "critical", platform_data: identified() },
    node_apn: {
      ...addressed(),
      pushType: "alert",
      ...TEXTS,
      sound: "default",
      interruptionLevel: "time-sensitive",
    },
    apns2: {
      ...timed(),
      alert: TEXTS,
      sound: "default",
      aps: { "interruption-level": "time-sensitive" },
    },
    apns2_differs: NO_TEN,
  },
  {
    title: "alert that expires at a time",
    ours: {
      ...TEXTS,
      expires_at: new Date((NOW + 7200) * 1000).toISOString(),
      platform_data: identified(),
    },
    node_apn: { ...addressed(), expiry: NOW + 7200, pushType: "alert", ...TEXTS, sound: "default" },
    apns2: {
      topic: APP,
      expiration: new Date((NOW + 7200) * 1000),
      alert: TEXTS,
      sound: "default",
    },
    apns2_differs: NO_TEN,
  },
  {
    title: "alert, now or never",
    ours: { ...TEXTS, ttl_seconds: 0, platform_data: identified() },
    node_apn: { ...addressed(), expiry: 0, pushType: "alert", ...TEXTS, sound: "default" },
    apns2: { topic: APP, expiration: 0, alert: TEXTS, sound: "default" },
    apns2_differs: NO_TEN,
  },
  {
    title: "badge alone",
    ours: { badge: 0, platform_data: identified() },
    node_apn: { ...addressed(), pushType: "alert", badge: 0 },
    apns2: { ...timed(), badge: 0 },
    apns2_differs: NO_TEN,
  },
  {
    title: "background",
    ours: { background: true, data: { a: 1 }, platform_data: identified() },
    node_apn: { ...addressed(), pushType: "background", contentAvailable: 1, payload: { a: 1 } },
    node_apn_differs: {
      "apns-priority": "theirs is 10 unless told otherwise, which Apple calls an error",
      answer: "so that Apple refuses theirs",
    },
    apns2: {
      ...timed(),
      type: PushType.background,
      priority: Priority.throttled,
      contentAvailable: true,
      data: { a: 1 },
    },
  },
  {
    title: "node-apn's own Notification in platform_data.apns",
    ours: { platform_data: { apns: new Notification(OWN_NOTIFICATION) } },
    node_apn: OWN_NOTIFICATION,
    node_apn_differs: {
      "apns-push-type":
        "theirs forgets it, which delays or drops the push; ours is what the content makes it",
    },
  },
];
