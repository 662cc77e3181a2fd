import {
  bodyText,
  type HttpResponse,
  PushErrorCode,
  rawReason,
  retryAfterMs,
  type Verdict,
} from "../../src/provider_kit.js";

/** The status with which the simulated service gives a code; 400 for the others. */
export const STATUS: { readonly [Code in PushErrorCode]?: number } = {
  UNREGISTERED: 410,
  SENDER_MISMATCH: 403,
  PAYLOAD_TOO_LARGE: 413,
  AUTHENTICATION_FAILED: 401,
  RATE_LIMITED: 429,
  SERVICE_UNAVAILABLE: 503,
  // Taken, then thrown away: what makes this code worth simulating is that the status looks well.
  DROPPED: 200,
};

/** The codes that stand for "send it again later"; a simulated answer with any other one is final. */
const RETRIED: ReadonlySet<PushErrorCode> = new Set(["RATE_LIMITED", "SERVICE_UNAVAILABLE"]);

/** The body of an answer. */
export interface Answer {
  readonly service_message_id?: string;
  readonly error_code?: PushErrorCode;
  readonly reason?: string;
  /** Seconds; in the body, because the header knows no fractions. */
  readonly retry_after?: number | undefined;
}

/** The code in the body decides; an answer without one is not the simulated service's and is judged by its status. */
export function decode(response: HttpResponse, { now_ms }: { readonly now_ms: number }): Verdict {
  const answer = readAnswer(response);
  const code = answer.error_code ?? codeOfStatus(response.status);
  if (code === undefined) return { verdict: "accepted", service_message_id: answer.service_message_id };
  const reason = answer.reason ?? (rawReason(bodyText(response)) || `HTTP ${response.status}`);
  const retry_after_ms =
    answer.retry_after === undefined
      ? retryAfterMs(response.headers["retry-after"], now_ms)
      : answer.retry_after * 1000;
  return RETRIED.has(code)
    ? { verdict: "retry", code, reason, scope: "token", retry_after_ms }
    : { verdict: "rejected", code, reason, retry_after_ms };
}

function codeOfStatus(status: number): PushErrorCode | undefined {
  if (status >= 200 && status < 300) return undefined;
  if (status === 429) return "RATE_LIMITED";
  return status >= 500 ? "SERVICE_UNAVAILABLE" : "UNKNOWN_RESPONSE";
}

function readAnswer(response: HttpResponse): Answer {
  let body: { [Field in keyof Answer]?: unknown };
  try {
    body = Object(JSON.parse(bodyText(response)));
  } catch {
    return {};
  }
  const { service_message_id, error_code, reason, retry_after } = body;
  return {
    ...(typeof service_message_id === "string" ? { service_message_id } : {}),
    ...(isCode(error_code) ? { error_code } : {}),
    ...(isCode(error_code) && typeof reason === "string" ? { reason } : {}),
    ...(typeof retry_after === "number" && retry_after >= 0 ? { retry_after } : {}),
  };
}

function isCode(value: unknown): value is PushErrorCode {
  return typeof value === "string" && Object.hasOwn(PushErrorCode, value);
}
