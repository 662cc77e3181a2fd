import { randomUUID } from "node:crypto";
import type { HttpRequest, Verdict } from "../codec.js";
import { warning } from "../codec_tools.js";
import { isRetryable, type PushErrorCode, RETURNED_CODES } from "../error_codes.js";
import type {
  PushNotificationResult,
  PushNotificationSuccess,
  ResultRequest,
  ResultWarning,
} from "../result.js";

/** How a notification ended, in the words of whoever ended it. */
export type Ending =
  | { readonly verdict: Verdict; readonly status_code?: number | undefined }
  | { readonly dry_run: HttpRequest; readonly authorized: boolean }
  | {
      readonly code: PushErrorCode;
      readonly message?: string | undefined;
      readonly reason?: string | undefined;
      readonly status_code?: number | undefined;
    };

export interface Recipient {
  readonly platform: string;
  /** A token as it was given, or a topic. */
  readonly device_token: unknown;
  readonly is_topic: boolean;
  readonly index: number;
}

export interface Course {
  readonly attempts: number;
  readonly may_have_been_sent: boolean;
  readonly started_ms: number;
  readonly now_ms: number;
}

const NO_WARNINGS: readonly ResultWarning[] = [];

/** Gathers what a result needs on the way, and makes it at the end. */
export class ResultDraft {
  message_id: string = randomUUID();
  /** The service itself is asked, and asked not to deliver. */
  asks_only = false;
  private warnings = NO_WARNINGS;

  constructor(private readonly recipient: Recipient) {}

  addWarnings(more: readonly ResultWarning[]): void {
    if (more.length > 0) this.warnings = [...this.warnings, ...more];
  }

  finish(ending: Ending, course: Course): PushNotificationResult {
    if ("dry_run" in ending) return this.dryRun(ending, course);
    if ("verdict" in ending && ending.verdict.verdict === "accepted") {
      return this.success(ending.verdict, ending.status_code, course);
    }
    return this.failure(ending, course);
  }

  private success(
    { warnings = NO_WARNINGS, service_message_id }: Verdict & { verdict: "accepted" },
    status_code: number | undefined,
    course: Course,
  ): PushNotificationResult {
    this.addWarnings(warnings);
    if (course.may_have_been_sent) this.addWarnings([POSSIBLE_DUPLICATE]);
    const result = this.succeeded(this.asks_only ? WOULD_BE_SENT : SENT, course);
    if (this.asks_only) result.dry_run = true;
    if (status_code !== undefined) result.status_code = status_code;
    if (service_message_id !== undefined) result.service_message_id = service_message_id;
    return result;
  }

  private dryRun(
    { dry_run, authorized }: { dry_run: HttpRequest; authorized: boolean },
    course: Course,
  ): PushNotificationResult {
    const result = this.succeeded("Dry run: nothing was sent; `request` is what would have been.", course);
    return { ...result, dry_run: true, request: shownRequest(dry_run, authorized) };
  }

  /** Written out, and what is optional put in afterwards: spreads would cost more than all the rest of a result. */
  private succeeded(message: string, course: Course): PushNotificationSuccess {
    const { platform, device_token, is_topic, index } = this.recipient;
    const { message_id } = this;
    const { attempts } = course;
    const duration_ms = durationOf(course);
    const timestamp = isoTime(course.now_ms);
    const warnings = [...this.warnings];
    const success = true;
    return is_topic
      ? {
          ...{ success, platform, topic: String(device_token), index, message, message_id },
          ...{ attempts, duration_ms, timestamp, warnings },
        }
      : {
          success,
          platform,
          device_token,
          index,
          message,
          message_id,
          attempts,
          duration_ms,
          timestamp,
          warnings,
        };
  }

  private failure(ending: Ending, course: Course): PushNotificationResult {
    const { platform, device_token, is_topic, index } = this.recipient;
    const verdict = "verdict" in ending && ending.verdict.verdict !== "accepted" ? ending.verdict : undefined;
    const plain = "code" in ending ? ending : undefined;
    const status_code = "dry_run" in ending ? undefined : ending.status_code;
    const error_code = verdict?.code ?? plain?.code ?? "INTERNAL_ERROR";
    const reason = verdict?.reason ?? plain?.reason;
    const wait_ms = verdict && "retry_after_ms" in verdict ? verdict.retry_after_ms : undefined;
    const rejected = verdict?.verdict === "rejected" ? verdict : undefined;
    return {
      success: false,
      platform,
      ...(is_topic ? { topic: String(device_token) } : { device_token }),
      index,
      message_id: this.message_id,
      attempts: course.attempts,
      duration_ms: durationOf(course),
      timestamp: isoTime(course.now_ms),
      ...(status_code === undefined ? {} : { status_code }),
      ...(this.asks_only ? { dry_run: true } : {}),
      message: verdict?.message ?? plain?.message ?? RETURNED_CODES[error_code].sentence,
      error_code,
      ...(reason === undefined ? {} : { reason }),
      retryable: isRetryable(error_code, status_code),
      ...(wait_ms === undefined ? {} : { retry_after: Math.ceil(wait_ms / 1000) }),
      remove_token: RETURNED_CODES[error_code].remove_token && rejected?.remove_token !== false,
      may_have_been_sent: course.may_have_been_sent,
      ...(rejected?.unregistered_at === undefined ? {} : { unregistered_at: rejected.unregistered_at }),
      warnings: [...this.warnings],
    };
  }
}

const SENT = "The notification was sent successfully: the service accepted it.";
const WOULD_BE_SENT = "Dry run: the service would accept the notification; nothing was delivered.";

const POSSIBLE_DUPLICATE = warning(
  "possible_duplicate",
  null,
  "an earlier attempt was not answered and may have arrived too",
);

function durationOf({ started_ms, now_ms }: Course): number {
  return Math.max(0, now_ms - started_ms);
}

let last_ms = 0;
let last_text = new Date(last_ms).toISOString();

/** Under load many results share a millisecond, and to write it out costs more than the rest of a result. */
function isoTime(now_ms: number): string {
  if (now_ms !== last_ms) {
    last_text = new Date(now_ms).toISOString();
    last_ms = now_ms;
  }
  return last_text;
}

function shownRequest(request: HttpRequest, authorized: boolean): ResultRequest {
  const { method, url, headers, body = "", plaintext } = request;
  const shown =
    authorized || "authorization" in headers ? { ...headers, authorization: "[masked]" } : headers;
  return {
    method,
    url,
    headers: { ...shown },
    body: typeof body === "string" ? body : Buffer.from(body).toString("base64"),
    body_encoding: typeof body === "string" ? "utf8" : "base64",
    ...(plaintext === undefined ? {} : { plaintext }),
  };
}
