import { type ObjectSchemaLike, type SchemaLike, z } from "../../src/provider_kit.js";
import {
  type ApnsCriticalSound,
  type ApnsInterruptionLevel,
  type Aps,
  type ApsAlert,
  alert,
  apsSchema,
  foreignApsSchema,
  sound,
  unixSeconds,
} from "./aps.js";
import { isNotification, type NodeApnNotification, readNotification } from "./node_apn.js";
import { type ApnsPriority, type ApnsPushType, PUSH_TYPE_NAMES } from "./push_types.js";

/**
 * `platform_data.apns` (or flat in `platform_data`). Later wins, deep: the payload's own fields, the members of `aps`
 * given here one by one, `live_activity`, `aps`.
 */
export interface ApnsOptions {
  /** Default: from the content; see {@link ApnsPushType}. */
  push_type?: ApnsPushType | undefined;
  /** `apns-topic` as it is. Default: the bundle id with the push type's suffix. */
  topic?: string | undefined;
  /** Default: from the payload's `priority`. */
  priority?: ApnsPriority | undefined;
  /** `apns-expiration`, UNIX seconds; 0: now or never. Default: from the payload's `expires_at` or `ttl_seconds`. */
  expiration?: number | undefined;
  /** Over 64 bytes: hashed. Default: the payload's `collapse_key`, else its `tag`. */
  collapse_id?: string | undefined;
  /** A UUID. Default: the payload's `message_id`, when it is one. */
  apns_id?: string | undefined;
  /** A UUID; broadcasts only. */
  request_id?: string | undefined;
  /** Merged over the payload's `data`; `aps` is reserved. */
  payload?: Record<string, unknown> | undefined;
  /** The dictionary itself, in Apple's own names. */
  aps?: Aps | undefined;
  live_activity?: ApnsLiveActivity | undefined;

  title?: string | undefined;
  subtitle?: string | undefined;
  body?: string | undefined;
  launch_image?: string | undefined;
  /** Keys into the app's own strings, and what fills their gaps. */
  title_loc_key?: string | undefined;
  title_loc_args?: readonly string[] | undefined;
  subtitle_loc_key?: string | undefined;
  subtitle_loc_args?: readonly string[] | undefined;
  loc_key?: string | undefined;
  loc_args?: readonly string[] | undefined;
  /** 0 removes it. */
  badge?: number | undefined;
  /** A file of the app's, `default`, or a critical sound; `false` or empty: none. */
  sound?: string | false | ApnsCriticalSound | undefined;
  content_available?: boolean | 0 | 1 | undefined;
  mutable_content?: boolean | 0 | 1 | undefined;
  content_changed?: boolean | undefined;
  /** The app's own name for the actions under a notification. */
  category?: string | undefined;
  thread_id?: string | undefined;
  interruption_level?: ApnsInterruptionLevel | undefined;
  /** 0 to 1; any number in a Live Activity. */
  relevance_score?: number | undefined;
  target_content_id?: string | undefined;
  filter_criteria?: string | undefined;
  url_args?: readonly string[] | undefined;
}

/** A Live Activity starts, changes or ends. Times are UNIX seconds. */
export interface ApnsLiveActivity {
  event: "start" | "update" | "end";
  /** As the app's `ContentState` reads it; only an `end` may leave it out. */
  content_state?: Record<string, unknown> | undefined;
  /** Default: the payload's `created_at`, else now. */
  timestamp?: number | undefined;
  stale_date?: number | undefined;
  /** Only with `end`; in the past: taken away now. */
  dismissal_date?: number | undefined;
  /** This and what follows: only with `start`, which also needs an alert. */
  attributes_type?: string | undefined;
  attributes?: Record<string, unknown> | undefined;
  /** Default: the payload's `title`, `body` and `sound`. */
  alert?: string | ApsAlert | undefined;
  input_push_token?: boolean | undefined;
  input_push_channel?: string | undefined;
}

/** What `platform_data.apns` takes: options, or a `Notification` of `@parse/node-apn` as it is. */
export type ApnsPlatformData = ApnsOptions | NodeApnNotification;

/** Names of the options that are one text or list of texts of the alert. */
export const ALERT_OPTIONS = [
  "title",
  "subtitle",
  "body",
  "launch_image",
  "title_loc_key",
  "title_loc_args",
  "subtitle_loc_key",
  "subtitle_loc_args",
  "loc_key",
  "loc_args",
] as const;

/** Names of the options that are one other member of `aps`. */
export const APS_OPTIONS = [
  "badge",
  "sound",
  "content_available",
  "mutable_content",
  "content_changed",
  "category",
  "thread_id",
  "interruption_level",
  "relevance_score",
  "target_content_id",
  "filter_criteria",
  "url_args",
] as const;

export const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const text = z.string().optional();
const texts = z.array(z.string()).optional();
const flag = z.union([z.boolean(), z.literal(0), z.literal(1)], "expected true or false").optional();
const uuid = z.string().regex(UUID, "expected a UUID").optional();
const object = z.record(z.string(), z.unknown()).optional();
const { shape } = apsSchema;

const fields = {
  push_type: z.enum(PUSH_TYPE_NAMES).optional(),
  topic: z
    .string()
    .regex(/^[A-Za-z0-9.-]+$/, "expected a topic such as com.example.app")
    .optional(),
  priority: z.union([z.literal(10), z.literal(5), z.literal(1)], "expected 10, 5 or 1").optional(),
  expiration: unixSeconds.optional(),
  collapse_id: z.string().min(1).optional(),
  apns_id: uuid,
  request_id: uuid,
  payload: object,
  aps: apsSchema.optional(),
  live_activity: z
    .strictObject({
      event: z.enum(["start", "update", "end"]),
      content_state: shape["content-state"],
      timestamp: shape.timestamp,
      stale_date: shape["stale-date"],
      dismissal_date: shape["dismissal-date"],
      attributes_type: shape["attributes-type"],
      attributes: shape.attributes,
      alert: alert.optional(),
      input_push_token: z.boolean().optional(),
      input_push_channel: shape["input-push-channel"],
    })
    .optional(),
  title: text,
  subtitle: text,
  body: text,
  launch_image: text,
  title_loc_key: text,
  title_loc_args: texts,
  subtitle_loc_key: text,
  subtitle_loc_args: texts,
  loc_key: text,
  loc_args: texts,
  badge: shape.badge,
  sound: z.preprocess((value) => (value === false ? "" : value), sound).optional(),
  content_available: flag,
  mutable_content: flag,
  content_changed: z.boolean().optional(),
  category: shape.category,
  thread_id: shape["thread-id"],
  interruption_level: shape["interruption-level"],
  relevance_score: shape["relevance-score"],
  target_content_id: shape["target-content-id"],
  filter_criteria: shape["filter-criteria"],
  url_args: shape["url-args"],
};

const own: SchemaLike<ApnsOptions> = z.strictObject(fields);
const foreign: SchemaLike<ApnsOptions> = z.strictObject({ ...fields, aps: foreignApsSchema.optional() });

export const optionsSchema: ObjectSchemaLike<ApnsOptions> = {
  shape: fields,
  safeParse(value) {
    if (!isNotification(value)) return own.safeParse(value);
    const options = readNotification(value);
    if (options) return foreign.safeParse(options);
    const message = "the Notification could not be read: its payload must be a JSON object";
    return { success: false, error: { issues: [{ path: [], message }] } };
  },
};
