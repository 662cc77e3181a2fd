import type { PushThrownCode } from "./error_codes.js";
import type { PushNotificationResult } from "./result.js";

const BRAND = Symbol.for("pushmux.PushError");

/** One thing that is wrong with a config or an option. `path` is dotted: `retry.max_attempts`. */
export interface PushErrorIssue {
  path: string;
  message: string;
}

export interface PushErrorDetails {
  cause?: unknown;
  /** `CONFIG_INVALID`: every problem found, not only the first. */
  issues?: readonly PushErrorIssue[];
  /** `INPUT_FAILED` of a bulk send: one result for each item that was taken before the input threw. */
  results?: readonly PushNotificationResult[];
}

/**
 * A mistake in the call: wrong config, wrong options, a closed provider, an input that threw.
 * What happens to a notification is never thrown; it is a result.
 *
 * Its text holds no token, payload or secret. `results` and `cause` are the caller's own data: they are
 * reachable, but not enumerable, so a logger that prints the error does not print them.
 */
export class PushError extends Error {
  override readonly name = "PushError";
  readonly code: PushThrownCode;
  declare readonly issues?: readonly PushErrorIssue[];
  declare readonly results?: readonly PushNotificationResult[];

  constructor(code: PushThrownCode, message: string, details: PushErrorDetails = {}) {
    super(message, "cause" in details ? { cause: details.cause } : undefined);
    this.code = code;
    if (details.issues) this.issues = details.issues;
    if (details.results) Object.defineProperty(this, "results", { value: details.results });
    Object.defineProperty(this, BRAND, { value: true });
  }

  /** True for a PushError of any copy of this package: the ESM and the CJS build are two copies of the class. */
  static is(value: unknown): value is PushError {
    return typeof value === "object" && value !== null && (value as Record<symbol, unknown>)[BRAND] === true;
  }
}

/** The same `INPUT_FAILED` with the results of what was taken; any other error as it is. */
export function withResults(error: unknown, results: readonly PushNotificationResult[]): unknown {
  if (!PushError.is(error) || error.code !== "INPUT_FAILED") return error;
  return new PushError("INPUT_FAILED", error.message, { cause: error.cause, results });
}
