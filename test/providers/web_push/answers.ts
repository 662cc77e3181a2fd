import { decode } from "../../../providers/web_push/decode.js";
import type { HttpResponse, Verdict } from "../../../src/codec.js";
import { NOW_MS } from "./support.js";

export function answer(
  status: number,
  body: string | object = "",
  headers: Record<string, string> = {},
): Verdict {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return decode(response(status, Buffer.from(text), headers), { now_ms: NOW_MS });
}

export function response(
  status: number,
  body: Uint8Array,
  headers: Record<string, string> = {},
  truncated = false,
): HttpResponse {
  return { status, headers, body, truncated };
}

/** `code`, or how it is not final: `retry token RATE_LIMITED`, `reauthorize AUTHENTICATION_FAILED`. */
export function summary(verdict: Verdict): string {
  if (verdict.verdict === "accepted") return "accepted";
  if (verdict.verdict === "retry") return `retry ${verdict.scope} ${verdict.code}`;
  return verdict.verdict === "rejected" ? verdict.code : `reauthorize ${verdict.code}`;
}

export const reasonOf = (verdict: Verdict) => (verdict.verdict === "accepted" ? undefined : verdict.reason);

/** Mozilla's error body. */
export const moz = (code: number, errno: number | null, message: string) => ({
  code,
  errno,
  error: "x",
  message,
  more_info: "http://autopush.readthedocs.io/en/latest/http.html#error-codes",
});
