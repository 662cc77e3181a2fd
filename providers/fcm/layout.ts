import {
  type CheckedPayload,
  collapseKey,
  deepMerge,
  isRejection,
  type Rejection,
  type ResultWarning,
  reject,
  warning,
} from "../../src/provider_kit.js";
import { checkKeys, toTextMap } from "./data.js";
import type { Message } from "./message_schema.js";
import type { Slots } from "./template.js";
import { hasPath, leftOut, VISIBLE_OPTIONS, withoutPaths } from "./visible.js";

export type FcmPayload = CheckedPayload<Message>;

/** What FCM will read, but for target and lifetime. */
export interface Layout {
  readonly message: Message;
  readonly warnings: readonly ResultWarning[];
}

/**
 * A payload as FCM's message: the unified fields in the block of each platform that has a place for them, and over
 * them, deep, `platform_data.fcm`. The message says everything to each platform in that platform's own words, because
 * a token does not tell what it is.
 */
export function layOut(payload: FcmPayload, slots: Slots): Layout | Rejection {
  const background = isBackground(payload);
  const data = toTextMap({ url: payload.url, message_id: payload.message_id, ...payload.data });
  if (isRejection(data)) return data;
  const base = background ? layOutBackground(payload, slots) : layOutVisible(payload, slots);
  const options = background ? withoutPaths(payload.options, VISIBLE_OPTIONS) : payload.options;
  const message = deepMerge<Message>({ ...base, data: filled(data) }, options);
  if (message.android && message.android_v2) {
    return reject(
      "PAYLOAD_INVALID",
      "platform_data.fcm.android_v2: takes the place of android; give only one of them",
    );
  }
  if (!background && isEmpty(payload)) {
    return reject("PAYLOAD_INVALID", "title: an FCM message needs a title, a body or data");
  }
  const key_warnings = checkKeys(message);
  if (isRejection(key_warnings)) return key_warnings;
  const own_warnings = background ? leftOut(payload) : warnOfParts(payload, message);
  return { message, warnings: [...own_warnings, ...key_warnings] };
}

/** Asked for, or there is data and nothing to show. */
function isBackground({ background, title, body, data, options }: FcmPayload): boolean {
  if (background !== undefined) return background;
  if (title !== undefined || body !== undefined) return false;
  if ([...VISIBLE_OPTIONS, ...LIVE_ACTIVITY].some((path) => hasPath(options, path))) return false;
  return Object.keys({ ...data, ...options.data }).length > 0;
}

const LIVE_ACTIVITY = ["apns.live_activity_token", "apns.payload.aps.event"];

function isEmpty(payload: FcmPayload): boolean {
  const { title, body, badge, options } = payload;
  if (title !== undefined || body !== undefined || typeof badge === "number") return false;
  const { android, android_v2, apns, webpush } = options;
  const parts = [options.notification, android?.notification, android?.data, android_v2, apns?.payload];
  return [...parts, webpush?.notification, webpush?.data].every((part) => part === undefined);
}

function layOutVisible(payload: FcmPayload, slots: Slots): Message {
  const { title, body, image, sound, tag, silent, badge, priority, created_at_ms, icon, actions } = payload;
  const urgent = priority === "high" || priority === "critical";
  const heard = silent ? undefined : sound;
  const count = typeof badge === "number" ? badge : undefined;
  const drawn = filled({
    // Android draws only what is in the app; browsers only what has a URL.
    icon: icon !== undefined && isResource(icon) ? icon : undefined,
    sound: heard,
    tag,
    notification_count: count,
    notification_priority: silent ? "PRIORITY_LOW" : undefined,
    event_time: created_at_ms === undefined ? undefined : new Date(created_at_ms).toISOString(),
  });
  const link = payload.url !== undefined && isHttps(payload.url) ? payload.url : undefined;
  const collapse_id = payload.collapse_key ?? tag;
  return {
    notification: filled({ title, body, image }),
    ...androidBlock(payload, slots, { notification: drawn }),
    apns: {
      headers: {
        "apns-priority": priority === "low" || !showsOnApple(payload) ? "5" : "10",
        "apns-expiration": slots.expiration,
        ...(collapse_id ? { "apns-collapse-id": collapseKey(collapse_id, /^[\x21-\x7e]{1,64}$/, 64) } : {}),
      },
      payload: filled({
        aps: filled({
          badge: count,
          sound: heard,
          "interruption-level": priority === "critical" ? "time-sensitive" : undefined,
          // An image is fetched by the app's notification service extension, which runs only for these.
          "mutable-content": image === undefined ? undefined : 1,
        }),
      }),
    },
    webpush: {
      headers: webpushHeaders(payload, slots),
      notification: filled({
        icon: icon !== undefined && !isResource(icon) ? icon : undefined,
        badge: typeof badge === "string" ? badge : undefined,
        image,
        tag,
        actions,
        silent,
        requireInteraction: urgent ? true : undefined,
        timestamp: created_at_ms,
      }),
      fcm_options: filled({ link }),
    },
  };
}

/** What shows nothing on Apple's devices may have no priority but 5 there. */
function showsOnApple({ title, body, image, sound, badge, options }: FcmPayload): boolean {
  if ([title, body, image, sound].some((field) => field !== undefined) || typeof badge === "number")
    return true;
  return APPLE_SHOWS.some((path) => hasPath(options, path));
}

const APPLE_SHOWS = [
  ...["notification", "apns.payload.aps.alert", "apns.payload.aps.sound", "apns.payload.aps.badge"],
  ...LIVE_ACTIVITY,
];

/** Data only. Apple wants to be told that nothing is shown, and then takes no priority but 5. */
function layOutBackground(payload: FcmPayload, slots: Slots): Message {
  return {
    ...androidBlock(payload, slots, {}),
    apns: {
      headers: {
        "apns-push-type": "background",
        "apns-priority": "5",
        "apns-expiration": slots.expiration,
      },
      payload: { aps: { "content-available": 1 } },
    },
    webpush: { headers: webpushHeaders(payload, slots) },
  };
}

/**
 * `android`, or `android_v2` where that was given: FCM refuses both together. The second has no priority, its kind
 * says it.
 */
function androidBlock(
  { collapse_key, priority, options }: FcmPayload,
  { ttl }: Slots,
  shown: { notification?: NonNullable<Message["android"]>["notification"] },
): Message {
  const delivery = { ttl, ...(collapse_key === undefined ? {} : { collapse_key }) };
  if (!options.android_v2) {
    const urgent = priority === "high" || priority === "critical";
    return { android: { ...delivery, priority: urgent ? "HIGH" : "NORMAL", ...shown } };
  }
  const { background_sync, remote_notification } = options.android_v2;
  const silent = background_sync || !("notification" in shown || remote_notification);
  return {
    android_v2: { ...delivery, ...(silent ? { background_sync: {} } : { remote_notification: shown }) },
  };
}

/** RFC 8030, sections 5.2 to 5.4. */
function webpushHeaders({ priority, collapse_key }: FcmPayload, { ttl_seconds }: Slots) {
  return {
    TTL: ttl_seconds,
    Urgency: priority === "critical" ? "high" : priority,
    ...(collapse_key ? { Topic: collapseKey(collapse_key, /^[A-Za-z0-9_-]{1,32}$/, 32) } : {}),
  };
}

/** What reaches only some of the platforms behind FCM. */
function warnOfParts(payload: FcmPayload, message: Message): ResultWarning[] {
  const warnings: ResultWarning[] = [];
  const warn = (field: string, details: string) =>
    warnings.push(warning("unsupported_field", field, details));
  const { badge, actions, silent, url } = payload;
  if (typeof badge === "string") warn("badge", "only browsers take a picture; Android and iOS take a number");
  if (actions) warn("actions", "FCM carries buttons to browsers only");
  if (url !== undefined && !isHttps(url)) {
    warn("url", "browsers open only https links by themselves; it is in data.url for the app");
  }
  const drawn = message.android?.notification ?? message.android_v2?.remote_notification?.notification;
  if (silent && drawn?.channel_id === undefined) {
    const where = "platform_data.fcm.android.notification.channel_id";
    warn(
      "silent",
      `from Android 8 on the channel decides about sound and vibration; name a quiet one in ${where}`,
    );
  }
  return warnings;
}

/** The object without what is undefined; undefined when nothing is left. */
function filled<T extends object>(value: T): T | undefined {
  const entries = Object.entries(value).filter(([, entry]) => entry !== undefined);
  return entries.length > 0 ? (Object.fromEntries(entries) as T) : undefined;
}

/** The name of a drawable. */
function isResource(icon: string): boolean {
  return /^\w+$/.test(icon);
}

function isHttps(url: string): boolean {
  return /^https:\/\//i.test(url) && URL.canParse(url);
}
