/** Small pure tools that every codec needs. */
import { createHash } from "node:crypto";
import { type HttpResponse, type Rejection, reject } from "./codec.js";
import type { ResultWarning } from "./result.js";

/** One entry for a result's `warnings`. */
export function warning(type: string, field: string | null, details: string): ResultWarning {
  return { type, field, details };
}

/** One for all: to make one costs ten times as much as to use it. */
const UTF8 = new TextDecoder();

/** The answer's body as text; never throws, whatever the bytes. */
export function bodyText(response: HttpResponse): string {
  return UTF8.decode(response.body);
}

/** `JSON.stringify` that answers with a rejection naming the field when the value is not JSON (cycles, BigInt). */
export function jsonText(value: unknown, field: string): string | Rejection {
  try {
    const text = JSON.stringify(value);
    if (text !== undefined) return text;
  } catch {}
  return reject("PAYLOAD_INVALID", `${field}: expected a JSON value (no cycles, no BigInt, no functions)`);
}

/**
 * A collapse key as a service allows it: as it is when `allowed` matches, else its SHA-256 in base64url (or hex)
 * cut to the limit. The same key always gives the same result.
 */
export function collapseKey(
  key: string,
  allowed: RegExp,
  length: number,
  encoding: "base64url" | "hex" = "base64url",
): string {
  if (allowed.test(key)) return key;
  return createHash("sha256").update(key).digest(encoding).slice(0, length);
}

/**
 * What a service said in words that it does not document, fit for a result: markup and white space folded, long
 * runs that could be a token or a key masked, at most 200 characters.
 */
export function rawReason(text: string): string {
  const folded = text
    .slice(0, 4096)
    .replaceAll(/<[^>]*>/g, " ")
    .replaceAll(/[A-Za-z0-9_\-+/=%.:]{40,}/g, "…")
    .replaceAll(/\s+/g, " ")
    .trim();
  return folded.length > 200 ? `${folded.slice(0, 199)}…` : folded;
}
