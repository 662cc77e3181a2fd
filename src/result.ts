import { createHash } from "node:crypto";
import { z } from "zod";
import { PushErrorCode } from "./error_codes.js";

/** Something that the service could not carry, or that the caller should know. Never silence. */
export interface ResultWarning {
  /** Machine-readable kind: `unsupported_field`, `ttl_clamped`, `possible_duplicate`, `shared_message_id`, … */
  type: string;
  /** The payload field it is about, dotted; `null` when it is about none. */
  field: string | null;
  /** One plain sentence. */
  details: string;
}

/** Dry run only: the exact request that would have been sent, with the authorization masked. */
export interface ResultRequest {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string;
  /** How `body` is to be read: `utf8` text, or `base64` for bytes. */
  body_encoding: "utf8" | "base64";
  /** Web push: what the device would decrypt. */
  plaintext?: string;
}

interface ResultBase {
  /** Canonical platform name, also when an alias was used. */
  platform: string;
  /** The token exactly as it was given, whole. Absent on topic sends. */
  device_token?: unknown;
  /** The topic, condition or channel of a topic send. */
  topic?: string;
  /** Position in the input of a bulk, multicast or stream call; 0 for a single send. */
  index: number;
  /** One plain sentence for people. */
  message: string;
  /** Ours: stable over retries, one per recipient. */
  message_id: string;
  /** The service's own id: FCM `name`, `apns-id`, `X-WNS-Msg-ID`, web push `Location`. */
  service_message_id?: string | undefined;
  /** HTTP status of the last answer, when there was one. */
  status_code?: number | undefined;
  /** How many requests were started; 0 when nothing was sent. */
  attempts: number;
  /** Milliseconds from the moment the engine took the notification. */
  duration_ms: number;
  /** ISO 8601, UTC: when the result was made. */
  timestamp: string;
  warnings: ResultWarning[];
  dry_run?: boolean | undefined;
  request?: ResultRequest | undefined;
}

/** The service accepted the notification. Accepted is not delivered: no push service promises delivery. */
export interface PushNotificationSuccess extends ResultBase {
  success: true;
  error_code?: undefined;
  reason?: undefined;
  retryable?: undefined;
  retry_after?: undefined;
  remove_token?: undefined;
  may_have_been_sent?: undefined;
  unregistered_at?: undefined;
}

/** The notification was refused, or could not be sent in its time. */
export interface PushNotificationFailure extends ResultBase {
  success: false;
  error_code: PushErrorCode;
  /** The service's own code or text, verbatim (masked and capped when it is not documented). */
  reason?: string | undefined;
  /** May succeed later, unchanged. */
  retryable: boolean;
  /** Seconds; only when the service itself named a time. */
  retry_after?: number | undefined;
  /** The service documents that this token is gone for good: delete it. */
  remove_token: boolean;
  /** Some attempt left and was not answered, whatever the final code says: a copy may be on its way. */
  may_have_been_sent: boolean;
  /** ISO 8601: since when the token is dead, when the service says so. */
  unregistered_at?: string | undefined;
}

/** What became of one notification. `success` discriminates; JSON-safe. */
export type PushNotificationResult = PushNotificationSuccess | PushNotificationFailure;

const warningSchema = z.object({ type: z.string(), field: z.string().nullable(), details: z.string() });
const requestSchema = z.object({
  method: z.string(),
  url: z.string(),
  headers: z.record(z.string(), z.string()),
  body: z.string(),
  body_encoding: z.enum(["utf8", "base64"]),
  plaintext: z.string().optional(),
});
const baseShape = {
  platform: z.string(),
  device_token: z.unknown().optional(),
  topic: z.string().optional(),
  index: z.int().nonnegative(),
  message: z.string(),
  message_id: z.string(),
  service_message_id: z.string().optional(),
  status_code: z.int().optional(),
  attempts: z.int().nonnegative(),
  duration_ms: z.number().nonnegative(),
  timestamp: z.string(),
  warnings: z.array(warningSchema),
  dry_run: z.boolean().optional(),
  request: requestSchema.optional(),
};

/** Validates a result that comes back from storage or over the wire. */
export const resultSchema = z.discriminatedUnion("success", [
  z.object({ success: z.literal(true), ...baseShape }),
  z.object({
    success: z.literal(false),
    ...baseShape,
    error_code: z.enum(Object.keys(PushErrorCode) as [PushErrorCode, ...PushErrorCode[]]),
    reason: z.string().optional(),
    retryable: z.boolean(),
    retry_after: z.number().optional(),
    remove_token: z.boolean(),
    may_have_been_sent: z.boolean(),
    unregistered_at: z.string().optional(),
  }),
]);

/**
 * A copy that may be logged: the token and the topic become a short fingerprint (equal tokens, equal
 * fingerprints), the request and everything the service wrote in its own words are left out.
 */
export function redactResult(result: PushNotificationResult): Record<string, unknown> {
  const {
    device_token,
    topic,
    request: _request,
    reason: _reason,
    service_message_id: _id,
    ...rest
  } = result;
  return {
    ...rest,
    ...(device_token === undefined ? {} : { device_token: fingerprint(device_token) }),
    ...(topic === undefined ? {} : { topic: fingerprint(topic) }),
  };
}

/** A short name for a token that lets log lines be matched and gives nothing away: `sha256:` and 12 characters. */
export function fingerprint(token: unknown): string {
  let text: string;
  try {
    text = typeof token === "string" ? token : (JSON.stringify(token) ?? String(token));
  } catch {
    text = "unprintable";
  }
  return `sha256:${createHash("sha256").update(text).digest("base64url").slice(0, 12)}`;
}
