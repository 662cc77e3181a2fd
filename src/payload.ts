import { z } from "zod";
import { type Rejection, reject } from "./codec.js";
import { hint } from "./suggest.js";

/** `PushPriority.HIGH === "high"`. */
export const PushPriority = Object.freeze({
  LOW: "low",
  NORMAL: "normal",
  HIGH: "high",
  CRITICAL: "critical",
} as const);
export type PushPriority = (typeof PushPriority)[keyof typeof PushPriority];

/** A button on a notification. `url` is what it opens, where the platform can do that. */
export interface NotificationAction {
  action: string;
  title: string;
  icon?: string | undefined;
  url?: string | undefined;
}

/**
 * One notification for any service. `null` in an optional field is the same as leaving it out.
 *
 * The object is never changed, and must not change until its result is out.
 */
export interface PushNotificationPayload<PlatformData = AnyPlatformData> {
  title?: string | null | undefined;
  body?: string | null | undefined;
  /** Any JSON, for the app. Each service carries it in its own place; its reserved keys are refused by name. */
  data?: Record<string, unknown> | null | undefined;
  /** Default `normal`. */
  priority?: PushPriority | null | undefined;
  /** Seconds, an integer >= 0; default: the provider's config. 0 means now or never, not unset. */
  ttl_seconds?: number | null | undefined;
  /** ISO 8601 with `Z` or an offset; wins over `ttl_seconds`. In the past: `EXPIRED`, nothing is sent. */
  expires_at?: string | null | undefined;
  /** A later notification with the same key replaces an earlier one. Too long for the service: hashed. */
  collapse_key?: string | null | undefined;
  image?: string | null | undefined;
  icon?: string | null | undefined;
  /** What a click opens. */
  url?: string | null | undefined;
  /** Replaces a shown notification with the same tag. Web push: defaults to `collapse_key`. */
  tag?: string | null | undefined;
  sound?: string | null | undefined;
  /** A URL (web push) or a number (APNs, FCM, WNS); the other kind becomes a warning. */
  badge?: string | number | null | undefined;
  actions?: readonly NotificationAction[] | null | undefined;
  /** Shown, without sound or vibration. */
  silent?: boolean | null | undefined;
  /** Nothing is shown, data only. */
  background?: boolean | null | undefined;
  /** Ours; default a fresh UUID per recipient. Stable over retries. */
  message_id?: string | null | undefined;
  /** ISO 8601; default now. */
  created_at?: string | null | undefined;
  /** Options of one service under its name; keys beside them are read by the provider that sends. */
  platform_data?: PlatformData | null | undefined;
}

/** `platform_data` where the provider is not known at compile time. */
export type AnyPlatformData = Record<string, unknown>;

/** A payload that has passed the check, as a codec sees it: no nulls, times as numbers, options merged. */
export interface CheckedPayload<Options = unknown> {
  readonly title?: string | undefined;
  readonly body?: string | undefined;
  readonly data: Readonly<Record<string, unknown>>;
  readonly priority: PushPriority;
  readonly ttl_seconds?: number | undefined;
  readonly expires_at_ms?: number | undefined;
  readonly collapse_key?: string | undefined;
  readonly image?: string | undefined;
  readonly icon?: string | undefined;
  readonly url?: string | undefined;
  readonly tag?: string | undefined;
  readonly sound?: string | undefined;
  readonly badge?: string | number | undefined;
  readonly actions?: readonly NotificationAction[] | undefined;
  readonly silent?: boolean | undefined;
  readonly background?: boolean | undefined;
  readonly message_id?: string | undefined;
  readonly created_at_ms?: number | undefined;
  /** This service's own options: the flat keys that are its, then its namespace over them. */
  readonly options: Options;
}

const text = z.string().nullish();
const isoTime = z.iso
  .datetime({ offset: true, error: "expected an ISO 8601 time with Z or an offset" })
  .nullish();

/** The buttons of a notification; providers use it for their own options too. */
export const actionsSchema = z.array(
  z.strictObject({
    action: z.string().min(1),
    title: z.string(),
    icon: z.string().optional(),
    url: z.string().optional(),
  }),
);

const fields = {
  title: text,
  body: text,
  data: z.record(z.string(), z.unknown()).nullish(),
  priority: z.enum(["low", "normal", "high", "critical"]).nullish(),
  ttl_seconds: z.int().nonnegative().nullish(),
  expires_at: isoTime,
  collapse_key: z.string().min(1).nullish(),
  image: text,
  icon: text,
  url: text,
  tag: text,
  sound: text,
  badge: z.union([z.string(), z.int().nonnegative()]).nullish(),
  actions: actionsSchema.nullish(),
  silent: z.boolean().nullish(),
  background: z.boolean().nullish(),
  message_id: z.string().min(1).max(200).nullish(),
  created_at: isoTime,
  platform_data: z.record(z.string(), z.unknown()).nullish(),
};

/** The unified payload. Service options inside `platform_data` are checked by the provider that sends. */
export const payloadSchema = z.strictObject(fields);

/** Fields that other systems put into the payload, and the method that takes their place. */
const MOVED: Record<string, string> = {
  topic: "use sendTopicNotification(topic, payload)",
  topics: "use sendTopicNotification(topic, payload)",
  device_tokens: "use sendMulticastNotification(device_tokens, payload)",
  device_token: "pass the token as the first argument of sendNotification",
  tokens: "use sendMulticastNotification(device_tokens, payload)",
};

/** Everything of a checked payload but the service's own options. */
export type UnifiedPayload = Omit<CheckedPayload, "options"> & {
  readonly platform_data: Readonly<Record<string, unknown>>;
};

/** Checks what is the same for all services. Pure; the given object is not changed. */
export function checkPayload(value: unknown): UnifiedPayload | Rejection {
  const parsed = payloadSchema.safeParse(value);
  if (!parsed.success) return reject("PAYLOAD_INVALID", describe(parsed.error.issues, value));
  const { expires_at, created_at, data, priority, platform_data, ...rest } = parsed.data;
  const present = Object.fromEntries(Object.entries(rest).filter(([, field]) => field != null));
  return {
    ...present,
    data: data ?? {},
    priority: priority ?? "normal",
    platform_data: platform_data ?? {},
    ...(expires_at == null ? {} : { expires_at_ms: Date.parse(expires_at) }),
    ...(created_at == null ? {} : { created_at_ms: Date.parse(created_at) }),
  };
}

function describe(issues: readonly z.core.$ZodIssue[], value: unknown): string {
  if (issues.some((issue) => issue.path.length === 0 && issue.code === "invalid_type")) {
    return `payload: expected an object such as { title, body }, got ${value === null ? "null" : Array.isArray(value) ? "an array" : typeof value}`;
  }
  const parts = issues.flatMap((issue) => {
    if (issue.code !== "unrecognized_keys") return `payload.${issue.path.join(".")}: ${issue.message}`;
    const inside = issue.path.length > 0;
    return issue.keys.map((key) => {
      if (inside) return `payload.${[...issue.path, key].join(".")}: unknown field`;
      return `payload.${key}: unknown field; ${MOVED[key] ?? hint(key, Object.keys(fields))}`;
    });
  });
  return parts.join("; ");
}
