import { randomUUID } from "node:crypto";
import type { HttpRequest, Verdict } from "../codec.js";
import { warning } from "../codec_tools.js";
import { isRetryable, type PushErrorCode, RETURNED_CODES } from "../error_codes.js";
import type { PushNotificationResult, ResultRequest, ResultWarning } from "../result.js";

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

/** Gathers what a result needs on the way, and makes it at the end. */
export class ResultDraft {
  message_id: string = randomUUID();
  /** The service itself is asked, and asked not to deliver. */
  asks_only = false;
  private warnings: readonly ResultWarning[] = [];

  constructor(private readonly recipient: Recipient) {}

  addWarnings(more: readonly ResultWarning[]): void {
    if (more.length > 0) this.warnings = [...this.warnings, ...more];
  }

  finish(ending: Ending, course: Course): PushNotificationResult {
    const { platform, device_token, is_topic, index } = this.recipient;
    const base = {
      platform,
      ...(is_topic ? { topic: String(device_token) } : { device_token }),
      index,
      message_id: this.message_id,
      attempts: course.attempts,
      duration_ms: Math.max(0, course.now_ms - course.started_ms),
      timestamp: isoTime(course.now_ms),
      ...("status_code" in ending && ending.status_code !== undefined
        ? { status_code: ending.status_code }
        : {}),
    };
    if ("dry_run" in ending) return this.dryRun(base, ending);
    if ("verdict" in ending && ending.verdict.verdict === "accepted") {
      return this.success(base, ending.verdict, course.may_have_been_sent);
    }
    return this.failure(base, ending, course.may_have_been_sent);
  }

  private success(
    base: Base,
    verdict: Verdict & { verdict: "accepted" },
    ambiguous: boolean,
  ): PushNotificationResult {
    this.addWarnings(verdict.warnings ?? []);
    if (ambiguous) {
      const details = "an earlier attempt was not answered and may have arrived too";
      this.addWarnings([warning("possible_duplicate", null, details)]);
    }
    const { service_message_id } = verdict;
    return {
      success: true,
      ...base,
      message: this.asks_only
        ? "Dry run: the service would accept the notification; nothing was delivered."
        : "The notification was sent successfully: the service accepted it.",
      ...(this.asks_only ? { dry_run: true } : {}),
      ...(service_message_id === undefined ? {} : { service_message_id }),
      warnings: [...this.warnings],
    };
  }

  private dryRun(base: Base, ending: { dry_run: HttpRequest; authorized: boolean }): PushNotificationResult {
    return {
      success: true,
      ...base,
      message: "Dry run: nothing was sent; `request` is what would have been.",
      warnings: [...this.warnings],
      dry_run: true,
      request: shownRequest(ending.dry_run, ending.authorized),
    };
  }

  private failure(base: Base, ending: Ending, may_have_been_sent: boolean): PushNotificationResult {
    const verdict = "verdict" in ending && ending.verdict.verdict !== "accepted" ? ending.verdict : undefined;
    const plain = "code" in ending ? ending : undefined;
    const error_code = verdict?.code ?? plain?.code ?? "INTERNAL_ERROR";
    const reason = verdict?.reason ?? plain?.reason;
    const wait_ms = verdict && "retry_after_ms" in verdict ? verdict.retry_after_ms : undefined;
    const rejected = verdict?.verdict === "rejected" ? verdict : undefined;
    return {
      success: false,
      ...base,
      ...(this.asks_only ? { dry_run: true } : {}),
      message: verdict?.message ?? plain?.message ?? RETURNED_CODES[error_code].sentence,
      error_code,
      ...(reason === undefined ? {} : { reason }),
      retryable: isRetryable(error_code, base.status_code),
      ...(wait_ms === undefined ? {} : { retry_after: Math.ceil(wait_ms / 1000) }),
      remove_token: RETURNED_CODES[error_code].remove_token && rejected?.remove_token !== false,
      may_have_been_sent,
      ...(rejected?.unregistered_at === undefined ? {} : { unregistered_at: rejected.unregistered_at }),
      warnings: [...this.warnings],
    };
  }
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

type Base = Pick<
  PushNotificationResult,
  | "platform"
  | "device_token"
  | "topic"
  | "index"
  | "message_id"
  | "attempts"
  | "duration_ms"
  | "timestamp"
  | "status_code"
>;

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
