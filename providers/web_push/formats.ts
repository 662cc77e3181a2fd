import {
  type CheckedPayload,
  deepMerge,
  isRejection,
  jsonText,
  type NotificationAction,
  type Rejection,
  type ResultWarning,
  reject,
  warning,
} from "../../src/provider_kit.js";
import type { WebPushOptions } from "./config.js";
import { createSlots, type Slots, type Template, toTemplate } from "./template.js";

export type WebPushPayload = CheckedPayload<WebPushOptions>;

/** What devices will read. */
export interface Message {
  /** The message as JSON. Absent, as `raw` is, for an empty one. */
  readonly template?: Template | undefined;
  readonly raw?: string | Uint8Array | undefined;
  /** A notification is shown, under a tag: a second copy replaces the first. */
  readonly shows_tag: boolean;
  readonly warnings: readonly ResultWarning[];
}

/**
 * Lays a payload out in one of the five formats. Later wins, deep: the payload's own fields, then its options.
 *
 * No key of `data` is reserved, but `data.message_id` is always ours (devices acknowledge it), and `url` becomes
 * `data.url` unless `data` has one.
 */
export function layOut(payload: WebPushPayload): Message | Rejection {
  const { format = "nested", raw_body } = payload.options;
  if ((format === "raw") !== (raw_body !== undefined)) {
    return reject(
      "PAYLOAD_INVALID",
      'platform_data.web_push.raw_body: goes with format "raw", and only with it',
    );
  }
  if (format === "raw" || format === "empty") {
    const warnings = leftOut(
      payload,
      [...VISIBLE, "data", "url", "message_id"],
      `format "${format}" carries no fields`,
    );
    return { raw: raw_body, shows_tag: false, warnings };
  }
  try {
    return isBackground(payload) ? layOutBackground(payload, format) : layOutVisible(payload, format);
  } catch {
    // `data` is all that is unchecked: cycles, BigInt, a getter that throws.
    return refuseData(payload);
  }
}

type Format = "nested" | "flat" | "declarative";

/** https://notifications.spec.whatwg.org/#dictdef-notificationoptions */
const NOTIFICATION_OPTIONS = [
  "title",
  "body",
  "icon",
  "badge",
  "image",
  "tag",
  "renotify",
  "requireInteraction",
  "silent",
  "vibrate",
  "dir",
  "lang",
  "timestamp",
  "actions",
] as const;

const DECLARATIVE_ONLY = ["navigate", "app_badge", "mutable"] as const;

/** Everything that only a visible notification has. */
const VISIBLE = [...NOTIFICATION_OPTIONS, "sound", ...DECLARATIVE_ONLY] as const;

type Shown = Omit<Pick<WebPushOptions, (typeof NOTIFICATION_OPTIONS)[number]>, "timestamp" | "actions"> & {
  timestamp?: number | string | undefined;
  actions?: readonly NotificationAction[] | undefined;
};
type Notification = Shown & { readonly data: Record<string, unknown> };

function layOutVisible(payload: WebPushPayload, format: Format): Message | Rejection {
  const slots = createSlots();
  const notification = toNotification(payload, slots);
  if (!notification.title && !notification.body) {
    return reject("PAYLOAD_INVALID", "title: a web push notification needs a title or a body");
  }
  const warnings = [
    ...settleContradictions(notification),
    ...(typeof payload.badge === "number"
      ? [warning("unsupported_field", "badge", "a web push badge is the URL of an image")]
      : []),
    ...leftOut(payload, ["sound"], "web push has no sounds"),
    ...(format === "declarative"
      ? []
      : leftOut(payload, DECLARATIVE_ONLY, 'only format "declarative" carries it')),
    ...replacedId(payload),
  ];
  const envelope =
    format === "declarative" ? declare(notification, payload) : wrap(notification, format, slots);
  if (isRejection(envelope)) return envelope;
  return { template: toTemplate(envelope, slots), shows_tag: Boolean(notification.tag), warnings };
}

/**
 * Only `{ notification: { data } }`, or flat `{ data, url, message_id }`: a worker that expects something to show finds
 * its usual envelope and falls back to its default text.
 */
function layOutBackground(payload: WebPushPayload, format: Format): Message | Rejection {
  if (format === "declarative") {
    return reject(
      "PAYLOAD_INVALID",
      'platform_data.web_push.format: a background message cannot be "declarative"',
    );
  }
  const slots = createSlots();
  const details =
    "browsers want each push to show a notification (userVisibleOnly): they may show one of their own, or end the subscription";
  const warnings = [
    warning("notification_expected", null, details),
    ...leftOut(payload, VISIBLE, "a background message shows nothing"),
    ...replacedId(payload),
  ];
  const envelope = wrap({ data: mergeData(payload, slots) }, format, slots);
  return { template: toTemplate(envelope, slots), shows_tag: false, warnings };
}

function toNotification(payload: WebPushPayload, slots: Slots): Notification {
  const { options, priority, badge } = payload;
  const unified: Shown = {
    title: payload.title,
    body: payload.body,
    icon: payload.icon,
    badge: typeof badge === "string" ? badge : undefined,
    image: payload.image,
    tag: payload.tag ?? payload.collapse_key,
    requireInteraction: priority === "high" || priority === "critical" ? true : undefined,
    silent: payload.silent,
    timestamp: payload.created_at_ms ?? slots.timestamp,
    actions: payload.actions,
  };
  const own = Object.fromEntries(NOTIFICATION_OPTIONS.map((name) => [name, options[name]]));
  return { ...deepMerge(unified, own), data: mergeData(payload, slots) };
}

/** `showNotification` throws on these pairs, and nothing would be shown at all. */
function settleContradictions(notification: Notification): ResultWarning[] {
  const warnings: ResultWarning[] = [];
  if (notification.silent && notification.vibrate !== undefined) {
    notification.vibrate = undefined;
    const details = "a silent notification cannot vibrate";
    warnings.push(warning("unsupported_field", "platform_data.web_push.vibrate", details));
  }
  if (notification.renotify && !notification.tag) {
    notification.renotify = undefined;
    const details = "only a notification with a tag can alert again";
    warnings.push(warning("unsupported_field", "platform_data.web_push.renotify", details));
  }
  return warnings;
}

function mergeData({ url, data, options }: WebPushPayload, slots: Slots): Record<string, unknown> {
  return { ...deepMerge({ url }, data, options.data ?? {}), message_id: slots.message_id };
}

function wrap(notification: { data: Record<string, unknown> }, format: Format, slots: Slots): object {
  if (format === "nested") return { notification };
  return { ...notification, url: notification.data.url, message_id: slots.message_id };
}

/**
 * https://www.w3.org/TR/push-api/#declarative-push-message. Safari reads `app_badge` and `mutable` beside the notification,
 * Firefox inside of it.
 */
function declare(notification: Notification, payload: WebPushPayload): object | Rejection {
  const { app_badge, mutable } = payload.options;
  const navigate = payload.options.navigate ?? payload.url;
  if (!notification.title) return reject("PAYLOAD_INVALID", "title: a declarative web push needs a title");
  if (!isAbsolute(navigate)) {
    return reject(
      "PAYLOAD_INVALID",
      "url: a declarative web push needs an absolute http(s) URL, here or as platform_data.web_push.navigate",
    );
  }
  const actions = notification.actions?.map(({ url, ...action }) => ({
    ...action,
    navigate: url ?? navigate,
  }));
  const astray = actions?.findIndex((action) => !isAbsolute(action.navigate)) ?? -1;
  if (astray >= 0) {
    return reject(
      "PAYLOAD_INVALID",
      `actions.${astray}.url: expected an absolute http(s) URL in a declarative web push`,
    );
  }
  return {
    web_push: 8030,
    notification: { ...notification, actions, navigate, app_badge, mutable },
    app_badge,
    mutable,
  };
}

function isAbsolute(url: string | undefined): boolean {
  return url !== undefined && /^https?:\/\//i.test(url) && URL.canParse(url);
}

/** Asked for, or there is data and nothing to show. */
function isBackground({ background, title, body, data, options }: WebPushPayload): boolean {
  if (background !== undefined) return background;
  const { title: own_title, body: own_body, icon, badge, image, actions } = options;
  const shown = [title, body, own_title, own_body, icon, badge, image, actions].some(
    (field) => field !== undefined,
  );
  return !shown && Object.keys({ ...data, ...options.data }).length > 0;
}

/** One warning for each of these fields that was given. */
function leftOut(payload: WebPushPayload, fields: readonly string[], details: string): ResultWarning[] {
  const given = (object: object, field: string) => {
    const value = (object as Record<string, unknown>)[field];
    return value !== undefined && !(field === "data" && Object.keys(value as object).length === 0);
  };
  const { options } = payload;
  return fields.flatMap((field) => [
    ...(given(payload, field) ? [warning("unsupported_field", field, details)] : []),
    ...(given(options, field)
      ? [warning("unsupported_field", `platform_data.web_push.${field}`, details)]
      : []),
  ]);
}

function replacedId({ data, options, message_id }: WebPushPayload): ResultWarning[] {
  const given = options.data?.message_id ?? data.message_id;
  if (given === undefined || given === message_id) return [];
  const details = "data.message_id is always the notification's own; give yours as message_id";
  return [warning("field_replaced", "data.message_id", details)];
}

function refuseData({ data, options }: WebPushPayload): Rejection {
  for (const [name, part] of Object.entries({ data, "platform_data.web_push.data": options.data ?? {} })) {
    for (const [key, value] of Object.entries(part)) {
      const text = jsonText({ value }, `${name}.${key}`);
      if (isRejection(text)) return text;
    }
  }
  return reject("PAYLOAD_INVALID", "data: expected a JSON value");
}
