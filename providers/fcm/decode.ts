import {
  bodyText,
  type DecodeContext,
  type HttpResponse,
  type PushErrorCode,
  type Retry,
  rawReason,
  retryAfterMs,
  type Verdict,
} from "../../src/provider_kit.js";
import { type FcmError, parseObject, readError } from "./error_body.js";

/** What one documented answer means. */
type Meaning =
  | { readonly verdict: "rejected" | "reauthorize"; readonly code: PushErrorCode; readonly message?: string }
  | Later;

interface Later {
  readonly verdict: "retry";
  readonly code: PushErrorCode;
  readonly scope: Retry["scope"];
  /** The least first wait where the service names none. */
  readonly min_delay_ms: number;
  readonly max_attempts?: number;
}

const GONE = rejected("UNREGISTERED");
const INVALID_TOKEN = rejected("INVALID_TOKEN");
const MISMATCH = rejected("SENDER_MISMATCH", "The token belongs to another Firebase project.");
const OTHER_APP = rejected("SENDER_MISMATCH", "The device's APNs token belongs to another app.");
const INVALID = rejected("PAYLOAD_INVALID");
const TOO_LARGE = rejected("PAYLOAD_TOO_LARGE");
const EXPIRED: Meaning = { verdict: "reauthorize", code: "AUTHENTICATION_FAILED" };
const FORBIDDEN = rejected(
  "AUTHENTICATION_FAILED",
  "Google refused the sender: the FCM API must be enabled in the project, and the account may need cloudmessaging.messages.create.",
);
const THIRD_PARTY = rejected(
  "AUTHENTICATION_FAILED",
  "The APNs key or web push key that is stored in the Firebase console is wrong; the sender's own credentials are fine.",
);
const NO_SUCH_PROJECT = rejected(
  "AUTHENTICATION_FAILED",
  "FCM does not know this project or address; that says nothing about the token.",
);
const WRONG_ENVIRONMENT = rejected(
  "INVALID_TOKEN",
  "APNs does not know the device's token: it may be of the other environment, sandbox or production.",
);
// Never sooner than 10 s after a 5xx, 60 s after a 429 without Retry-After:
// https://firebase.google.com/docs/cloud-messaging/scale-fcm
const INTERNAL = retry("SERVICE_UNAVAILABLE", "token", 10_000);
const UNAVAILABLE = retry("SERVICE_UNAVAILABLE", "origin", 10_000);
const UNSPECIFIED: Meaning = { ...retry("SERVICE_UNAVAILABLE", "token", 0), max_attempts: 2 };
const QUOTA = retry("RATE_LIMITED", "sender", 60_000);
/** https://firebase.google.com/docs/cloud-messaging/throttling-and-quotas: a device takes 240 messages a minute. */
const DEVICE_QUOTA = retry("RATE_LIMITED", "token", 60_000);
const UNKNOWN = rejected("UNKNOWN_RESPONSE");

/**
 * `errorCode` of FcmError (https://firebase.google.com/docs/reference/fcm/rest/v1/ErrorCode), and where that is
 * missing the `status` of the answer, a google.rpc.Code. What INVALID_ARGUMENT is about is in the other details.
 */
export const CODES: Readonly<Record<string, Meaning>> = {
  UNREGISTERED: GONE,
  SENDER_ID_MISMATCH: MISMATCH,
  THIRD_PARTY_AUTH_ERROR: THIRD_PARTY,
  APNS_AUTH_ERROR: THIRD_PARTY,
  QUOTA_EXCEEDED: QUOTA,
  RESOURCE_EXHAUSTED: QUOTA,
  INTERNAL,
  UNAVAILABLE,
  UNSPECIFIED_ERROR: UNSPECIFIED,
  UNAUTHENTICATED: EXPIRED,
  PERMISSION_DENIED: FORBIDDEN,
  NOT_FOUND: NO_SUCH_PROJECT,
};

/**
 * `reason` of ApnsError, that is Apple's own
 * (https://developer.apple.com/documentation/usernotifications/handling-notification-responses-from-apns).
 */
export const APNS: Readonly<Record<string, Meaning>> = {
  Unregistered: GONE,
  ExpiredToken: GONE,
  BadDeviceToken: WRONG_ENVIRONMENT,
  DeviceTokenNotForTopic: OTHER_APP,
  PayloadTooLarge: TOO_LARGE,
  TooManyRequests: DEVICE_QUOTA,
  InvalidProviderToken: THIRD_PARTY,
  ExpiredProviderToken: THIRD_PARTY,
  MissingProviderToken: THIRD_PARTY,
  BadEnvironmentKeyInToken: THIRD_PARTY,
  BadEnvironmentKeyIdInToken: THIRD_PARTY,
  BadCertificate: THIRD_PARTY,
  BadCertificateEnvironment: THIRD_PARTY,
  Forbidden: THIRD_PARTY,
  TopicDisallowed: THIRD_PARTY,
};

/** For answers whose body says nothing that is known. Every other 5xx: UNAVAILABLE. */
const STATUS: Readonly<Record<number, Meaning>> = {
  401: EXPIRED,
  403: FORBIDDEN,
  404: NO_SUCH_PROJECT,
  413: TOO_LARGE,
  429: QUOTA,
  500: INTERNAL,
};

/** What FCM's answer to a message means: `details` first, then `status`, then the HTTP status. Never throws. */
export function decode(response: HttpResponse, context: Pick<DecodeContext<unknown>, "now_ms">): Verdict {
  if (response.status !== 200) return decodeFailure(response, context);
  const { name } = parseObject(bodyText(response));
  if (typeof name === "string") return { verdict: "accepted", service_message_id: name };
  return { ...UNKNOWN, reason: rawReason(bodyText(response)) || "HTTP 200" };
}

/** The same for any other request to the same API. */
export function decodeFailure(
  response: HttpResponse,
  { now_ms }: Pick<DecodeContext<unknown>, "now_ms">,
): Verdict {
  const { meaning, reason } = readFailure(response);
  if (meaning.verdict !== "retry") return { ...meaning, reason };
  const retry_after_ms = retryAfterMs(response.headers["retry-after"], now_ms);
  const { min_delay_ms, ...rest } = meaning;
  return { ...rest, reason, ...(retry_after_ms === undefined ? { min_delay_ms } : { retry_after_ms }) };
}

interface Answer {
  readonly meaning: Meaning;
  readonly reason: string;
}

function readFailure(response: HttpResponse): Answer {
  const { status } = response;
  const text = bodyText(response);
  const error = readError(parseObject(text).error);
  const code = error.fcm_code ?? error.status;
  if (code === "INVALID_ARGUMENT") return readInvalidArgument(error);
  if (code !== undefined && Object.hasOwn(CODES, code)) {
    return { meaning: nearer(CODES[code] ?? UNKNOWN, error), reason: error.fcm_code ?? error.info ?? code };
  }
  const by_status = STATUS[status] ?? (status >= 500 ? UNAVAILABLE : UNKNOWN);
  return { meaning: by_status, reason: rawReason(code ?? text) || `HTTP ${status}` };
}

/** One code for a wrong token, a wrong message, and whatever Apple said of either. */
function readInvalidArgument({ apns, fields, message }: FcmError): Answer {
  const reason = "INVALID_ARGUMENT";
  if (apns) {
    const known = Object.hasOwn(APNS, apns.reason) ? APNS[apns.reason] : undefined;
    const meaning = known ?? (apns.status === 410 ? GONE : INVALID);
    return { meaning, reason: `${reason}: ${rawReason(apns.reason)}` };
  }
  if (/too (big|large)/i.test(message)) return { meaning: TOO_LARGE, reason };
  if (fields.some((field) => /^message\.(token|fid)$/.test(field)) || NOT_A_TOKEN.test(message)) {
    return { meaning: INVALID_TOKEN, reason };
  }
  const meaning =
    fields.length > 0 ? rejected("PAYLOAD_INVALID", `FCM refused ${fields.join(", ")}.`) : INVALID;
  return { meaning, reason: message ? `${reason}: ${rawReason(message)}` : reason };
}

const NOT_A_TOKEN = /registration token is not a valid|not a valid FCM registration token/i;

/** What the other details add to a code. */
function nearer(meaning: Meaning, { quota, apns, message }: FcmError): Meaning {
  if (meaning === QUOTA && (/device/i.test(quota) || apns?.reason === "TooManyRequests")) return DEVICE_QUOTA;
  return meaning === FORBIDDEN && /sender ?id mismatch/i.test(message) ? MISMATCH : meaning;
}

function rejected(code: PushErrorCode, message?: string): Meaning {
  return { verdict: "rejected", code, ...(message === undefined ? {} : { message }) };
}

function retry(code: PushErrorCode, scope: Retry["scope"], min_delay_ms: number): Later {
  return { verdict: "retry", code, scope, min_delay_ms };
}
