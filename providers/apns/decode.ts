import {
  bodyText,
  type HttpResponse,
  type PushErrorCode,
  type Retry,
  rawReason,
  retryAfterMs,
  type Verdict,
} from "../../src/provider_kit.js";

/** What one documented answer means. */
type Meaning =
  | {
      readonly verdict: "rejected" | "reauthorize";
      readonly code: PushErrorCode;
      readonly message?: string;
      readonly retire_connection?: true;
    }
  | (Pick<Retry, "verdict" | "code" | "scope"> & Partial<Retry>);

export type ApnsEnvironment = "production" | "sandbox";

const INVALID = rejected("PAYLOAD_INVALID");
const TOO_LARGE = rejected("PAYLOAD_TOO_LARGE");
const UNAUTHORIZED = rejected("AUTHENTICATION_FAILED");
const UNAVAILABLE = retry("SERVICE_UNAVAILABLE", "origin");
/** About one device, or one channel. */
const TOO_MANY = retry("RATE_LIMITED", "token");
/** Nothing is wrong with the notification: the connection has ended. */
const RECONNECT = retry("SERVICE_UNAVAILABLE", "token", { retire_connection: true });
const GONE = rejected("UNREGISTERED", "The device token is inactive for this topic; remove it.");
const WRONG_CERTIFICATE = rejected(
  "AUTHENTICATION_FAILED",
  "APNs refused the certificate: it must be valid, for this topic, and for the configured environment.",
);
const WRONG_ENVIRONMENT = rejected(
  "AUTHENTICATION_FAILED",
  "The key is for the other environment; check `environment`, or make a key for this one.",
);
const WRONG_TOPIC = rejected(
  "AUTHENTICATION_FAILED",
  "APNs does not let this sender push to the topic; check bundle_id and topic.",
);

/**
 * `reason` of
 * https://developer.apple.com/documentation/usernotifications/handling-notification-responses-from-apns and, for channels,
 * https://developer.apple.com/documentation/usernotifications/handling-error-responses-from-apns
 */
export const REASONS: Readonly<Record<string, Meaning>> = {
  BadCollapseId: INVALID,
  BadDeviceToken: rejected("INVALID_TOKEN"),
  BadExpirationDate: rejected(
    "PAYLOAD_INVALID",
    "APNs refused the expiration; a channel that stores nothing takes only ttl_seconds 0.",
  ),
  BadMessageId: INVALID,
  BadPriority: INVALID,
  BadTopic: WRONG_TOPIC,
  DeviceTokenNotForTopic: rejected("SENDER_MISMATCH", "The device token belongs to another app (topic)."),
  DuplicateHeaders: INVALID,
  IdleTimeout: RECONNECT,
  InvalidPushType: INVALID,
  MissingDeviceToken: INVALID,
  MissingTopic: WRONG_TOPIC,
  PayloadEmpty: INVALID,
  TopicDisallowed: WRONG_TOPIC,

  BadCertificate: WRONG_CERTIFICATE,
  BadCertificateEnvironment: WRONG_CERTIFICATE,
  // A token that is too old by Apple's clock. What refused it once refuses every later one on the same connection.
  ExpiredProviderToken: {
    verdict: "reauthorize",
    code: "AUTHENTICATION_FAILED",
    message: "APNs calls a fresh token expired: check this machine's clock.",
    retire_connection: true,
  },
  Forbidden: UNAUTHORIZED,
  InvalidProviderToken: rejected(
    "AUTHENTICATION_FAILED",
    "APNs refused the token: check team_id, key_id, the key, and this machine's clock.",
  ),
  MissingProviderToken: UNAUTHORIZED,
  TopicMismatch: WRONG_TOPIC,
  // A connection belongs to the first key used on it.
  UnrelatedKeyIdInToken: retry("AUTHENTICATION_FAILED", "token", {
    retire_connection: true,
    max_attempts: 2,
  }),
  BadEnvironmentKeyIdInToken: WRONG_ENVIRONMENT,
  // The documentation has the name above; this one was seen.
  BadEnvironmentKeyInToken: WRONG_ENVIRONMENT,

  BadPath: INVALID,
  MethodNotAllowed: INVALID,
  ExpiredToken: GONE,
  Unregistered: GONE,
  PayloadTooLarge: TOO_LARGE,
  // Apple names no time; the token that brought this is kept.
  TooManyProviderTokenUpdates: retry("RATE_LIMITED", "sender", { min_delay_ms: 10_000 }),
  TooManyRequests: TOO_MANY,
  InternalServerError: UNAVAILABLE,
  ServiceUnavailable: UNAVAILABLE,
  "Service Unavailable": UNAVAILABLE,
  Shutdown: RECONNECT,

  BadChannelId: INVALID,
  BadRequestParams: INVALID,
  BadRequestPayload: INVALID,
  CannotCreateChannelConfig: rejected(
    "AUTHENTICATION_FAILED",
    "APNs lets this app make no more channels; delete some.",
  ),
  ChannelNotRegistered: rejected("UNREGISTERED", "The channel does not exist, or not in this environment."),
  FeatureNotEnabled: rejected(
    "AUTHENTICATION_FAILED",
    "Broadcasts are not enabled for this app; enable them at developer.apple.com.",
  ),
  MissingChannelId: INVALID,
  MissingChannelQueueSize: INVALID,
  MissingPushType: INVALID,
};

/** What the status alone means. 5xx: below. */
const STATUS: Readonly<Record<number, Meaning>> = {
  400: INVALID,
  403: UNAUTHORIZED,
  404: INVALID,
  405: INVALID,
  410: GONE,
  413: TOO_LARGE,
  429: TOO_MANY,
};

const OTHER_ENVIRONMENT = {
  production: "a development build's token is for sandbox",
  sandbox: "a token of a build from the App Store or TestFlight is for production",
} as const;

export type Decoder = (response: HttpResponse, context: { readonly now_ms: number }) => Verdict;

/** Reads APNs' answers to notifications. Never throws. */
export function createDecoder(environment: ApnsEnvironment): Decoder {
  return (response, { now_ms }) => {
    const { status, headers } = response;
    if (status !== 200) return decodeFailure(response, environment, now_ms);
    return { verdict: "accepted", service_message_id: headers["apns-id"] ?? headers["apns-request-id"] };
  };
}

/** What anything but success means. */
export function decodeFailure(response: HttpResponse, environment: ApnsEnvironment, now_ms: number): Verdict {
  const { status, headers } = response;
  const text = bodyText(response);
  const { reason, timestamp } = parseBody(response);
  const known = typeof reason === "string" && Object.hasOwn(REASONS, reason) ? REASONS[reason] : undefined;
  const words = rawReason(typeof reason === "string" ? reason : text) || `HTTP ${status}`;
  // 410 alone says that a device token is dead: the same words with another status are no proof.
  const meaning = known && (known !== GONE || status === 410) ? known : byStatus(status, text);
  if (meaning.verdict === "retry") {
    return { ...meaning, reason: words, retry_after_ms: retryAfterMs(headers["retry-after"], now_ms) };
  }
  if (meaning.verdict === "reauthorize") return { ...meaning, reason: words };
  return {
    ...meaning,
    verdict: "rejected",
    reason: words,
    ...(meaning.code === "INVALID_TOKEN" ? { message: explainBadToken(environment) } : {}),
    ...(meaning === GONE ? { unregistered_at: isoTime(timestamp) } : {}),
  };
}

/** A page that is not APNs' own does not kill a token, whatever its status. */
function byStatus(status: number, text: string): Meaning {
  const is_foreign = text.trim() !== "" && !text.trimStart().startsWith("{");
  const meaning = STATUS[status] ?? (status >= 500 ? UNAVAILABLE : rejected("UNKNOWN_RESPONSE"));
  return meaning === GONE && is_foreign ? rejected("UNKNOWN_RESPONSE") : meaning;
}

function explainBadToken(environment: ApnsEnvironment): string {
  return `APNs does not know this token in its ${environment} environment: ${OTHER_ENVIRONMENT[environment]}, and one that was cut or altered is nowhere known. Check \`environment\` before removing it.`;
}

/** Since when a token is dead: milliseconds since the epoch. */
function isoTime(timestamp: unknown): string | undefined {
  if (typeof timestamp !== "number") return undefined;
  const time = new Date(timestamp);
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString();
}

/** The members of the JSON in it; none when there is none. Never throws. */
export function parseBody(response: HttpResponse): Readonly<Record<string, unknown>> {
  try {
    return { ...JSON.parse(bodyText(response)) };
  } catch {
    return {};
  }
}

function rejected(code: PushErrorCode, message?: string): Meaning {
  return { verdict: "rejected", code, ...(message === undefined ? {} : { message }) };
}

function retry(code: PushErrorCode, scope: Retry["scope"], more: Partial<Retry> = {}): Meaning {
  return { ...more, verdict: "retry", code, scope };
}
