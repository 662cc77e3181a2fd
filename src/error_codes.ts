/**
 * The one table of error codes. Types, results, tests and docs/error_codes.md are all derived from it.
 *
 * A notification's fate is always one of the *returned* codes; the *thrown* codes are mistakes in the call itself.
 */

interface ReturnedCode {
  /** What the code means, in one line. */
  meaning: string;
  /** May the same notification succeed later, unchanged? `by_status`: a 5xx or 429 answer may, any other may not. */
  retryable: boolean | "by_status";
  /** Does the service itself document that this token will never work again? */
  remove_token: boolean;
  /** The plain sentence of a result that carries no better one. */
  sentence: string;
}

/** Every code that a result can carry: what it means, and what follows from it. */
export const RETURNED_CODES = {
  UNREGISTERED: {
    meaning: "the token was valid and is gone",
    retryable: false,
    remove_token: true,
    sentence: "The device is no longer registered; remove this token.",
  },
  INVALID_TOKEN: {
    meaning: "not a token of this service",
    retryable: false,
    remove_token: false,
    sentence: "This is not a valid token for this service.",
  },
  SENDER_MISMATCH: {
    meaning: "the token belongs to another sender, topic, environment or VAPID key",
    retryable: false,
    remove_token: false,
    sentence: "The token was made for another sender.",
  },
  PAYLOAD_INVALID: {
    meaning: "this message can never be sent",
    retryable: false,
    remove_token: false,
    sentence: "The notification is not valid for this service.",
  },
  PAYLOAD_TOO_LARGE: {
    meaning: "the message is over the service's size limit",
    retryable: false,
    remove_token: false,
    sentence: "The notification is larger than the service accepts.",
  },
  EXPIRED: {
    meaning: "its time ended before anything was sent",
    retryable: false,
    remove_token: false,
    sentence: "The notification expired before it could be sent.",
  },
  AUTHENTICATION_FAILED: {
    meaning: "the credentials were refused, after one renewal where that can help",
    retryable: false,
    remove_token: false,
    sentence: "The service refused the sender's credentials.",
  },
  RATE_LIMITED: {
    meaning: "told to slow down; retries used up",
    retryable: true,
    remove_token: false,
    sentence: "The service asked to slow down.",
  },
  SERVICE_UNAVAILABLE: {
    meaning: "the service has a fault; retries used up",
    retryable: true,
    remove_token: false,
    sentence: "The service is not available.",
  },
  DROPPED: {
    meaning: "the service took the message and chose not to deliver it",
    retryable: false,
    remove_token: false,
    sentence: "The service accepted the notification and dropped it.",
  },
  TIMEOUT: {
    meaning: "no answer in time",
    retryable: true,
    remove_token: false,
    sentence: "The service did not answer in time.",
  },
  NETWORK_ERROR: {
    meaning: "no connection, or it broke before an answer",
    retryable: true,
    remove_token: false,
    sentence: "The connection to the service failed.",
  },
  ABORTED: {
    meaning: "ended by the caller's signal or by close()",
    retryable: true,
    remove_token: false,
    sentence: "Sending was aborted.",
  },
  TOPICS_NOT_SUPPORTED: {
    meaning: "this service has no topics",
    retryable: false,
    remove_token: false,
    sentence: "This service has no topics; send to device tokens instead.",
  },
  PLATFORM_NOT_CONFIGURED: {
    meaning: "the router has no provider for this platform",
    retryable: false,
    remove_token: false,
    sentence: "No provider is configured for this platform.",
  },
  ENDPOINT_REFUSED: {
    meaning: "the token points somewhere we will not post to",
    retryable: false,
    remove_token: false,
    sentence: "The token points to a place that notifications are not posted to.",
  },
  UNKNOWN_RESPONSE: {
    meaning: "an answer outside the service's documentation",
    retryable: "by_status",
    remove_token: false,
    sentence: "The service gave an answer that it does not document.",
  },
  INTERNAL_ERROR: {
    meaning: "a bug in pushmux or in a provider; other tokens go on",
    retryable: false,
    remove_token: false,
    sentence: "An internal error stopped this notification.",
  },
} as const satisfies Record<string, ReturnedCode>;

export const THROWN_CODES = {
  CONFIG_INVALID: "the provider's config is wrong or incomplete",
  UNKNOWN_PLATFORM: "no provider of that name",
  PEER_MISSING: "an optional package that this config needs is not installed",
  PROVIDER_CLOSED: "the provider was closed before the call",
  OPTIONS_INVALID: "wrong options, or an input that is not iterable",
  INPUT_FAILED: "the caller's own iterable threw half way",
} as const;

/** Every code that a result can carry in `error_code`. */
export type PushErrorCode = keyof typeof RETURNED_CODES;
/** Every code that a thrown {@link PushError} can carry. Disjoint from {@link PushErrorCode}. */
export type PushThrownCode = keyof typeof THROWN_CODES;

/** The returned codes as a const object: `PushErrorCode.UNREGISTERED === "UNREGISTERED"`. */
export const PushErrorCode = Object.freeze(
  Object.fromEntries(Object.keys(RETURNED_CODES).map((code) => [code, code])),
) as { readonly [Code in PushErrorCode]: Code };

/** Whether a failure with this code may succeed later unchanged. */
export function isRetryable(code: PushErrorCode, status_code?: number): boolean {
  const { retryable } = RETURNED_CODES[code];
  if (retryable !== "by_status") return retryable;
  return status_code === 429 || (status_code !== undefined && status_code >= 500);
}
