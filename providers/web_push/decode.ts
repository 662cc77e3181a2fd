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
  | { readonly verdict: "rejected" | "reauthorize"; readonly code: PushErrorCode; readonly message?: string }
  | {
      readonly verdict: "retry";
      readonly code: PushErrorCode;
      readonly scope: Retry["scope"];
      readonly message?: string;
    };

const GONE = rejected("UNREGISTERED");
const INVALID = rejected("PAYLOAD_INVALID");
const TOO_LARGE = rejected("PAYLOAD_TOO_LARGE");
const UNAUTHORIZED = rejected("AUTHENTICATION_FAILED");
const EXPIRED: Meaning = { verdict: "reauthorize", code: "AUTHENTICATION_FAILED" };
/** The sender is blocked for abuse: its subscriptions live on. */
const BLOCKED = rejected("AUTHENTICATION_FAILED");
const MISMATCH = rejected("SENDER_MISMATCH", "The subscription was made with another VAPID key.");
const UNAVAILABLE = retry("SERVICE_UNAVAILABLE", "origin");
const THROTTLED = retry("RATE_LIMITED", "origin");
/** RFC 8030, section 8.4: a 429 is about one push resource, that is one subscription. */
const TOO_MANY = retry("RATE_LIMITED", "token");

/** `errno` of https://mozilla-push-service.readthedocs.io/en/latest/errors/ */
const MOZILLA: Readonly<Record<number, Meaning>> = {
  101: INVALID,
  102: GONE,
  103: GONE,
  104: TOO_LARGE,
  105: GONE,
  106: GONE,
  108: rejected("INVALID_TOKEN"),
  109: UNAUTHORIZED,
  110: INVALID,
  111: INVALID,
  112: INVALID,
  113: INVALID,
  114: INVALID,
  201: UNAVAILABLE,
  // "Retry immediately": nothing is wrong with the others.
  202: retry("SERVICE_UNAVAILABLE", "token"),
  900: UNAVAILABLE,
  901: UNAVAILABLE,
  902: UNAVAILABLE,
  903: UNAVAILABLE,
  999: UNAVAILABLE,
};

/** `reason` of https://developer.apple.com/documentation/usernotifications/sending-web-push-notifications-in-web-apps-and-browsers */
const APPLE: Readonly<Record<string, Meaning>> = {
  BadTtl: INVALID,
  BadUrgency: INVALID,
  BadWebPushTopic: INVALID,
  BadWebPushRequest: INVALID,
  MethodNotAllowed: INVALID,
  PayloadTooLarge: TOO_LARGE,
  VapidPkHashMismatch: MISMATCH,
  BadAuthorizationHeader: UNAUTHORIZED,
  BadVapidPublicKey: UNAUTHORIZED,
  BadJwtToken: {
    verdict: "reauthorize",
    code: "AUTHENTICATION_FAILED",
    message:
      "Apple refused the VAPID token: vapid_subject must be a real mailto: or https: address, and the clock right.",
  },
  BadPath: GONE,
  ExpiredToken: GONE,
  Unregistered: GONE,
  TooManyRequests: TOO_MANY,
  IdleTimeout: retry("SERVICE_UNAVAILABLE", "token"),
  InternalServerError: UNAVAILABLE,
  ServiceUnavailable: UNAVAILABLE,
  Shutdown: UNAVAILABLE,
};

/** Google documents none of its texts; these were seen. */
const FCM: readonly (readonly [words: string, meaning: Meaning])[] = [
  ["binary data passed in the request must be less than 4096 bytes", TOO_LARGE],
  ["UnauthorizedRegistration", MISMATCH],
  ["do not correspond to the credentials used to create the subscriptions", MISMATCH],
  ["aud claim in the token MUST include the origin of the push resource URL", UNAUTHORIZED],
  ["Authorization header must be specified", UNAUTHORIZED],
  // Comes and goes for single subscriptions that live on.
  ["invalid push subscription endpoint", retry("SERVICE_UNAVAILABLE", "token")],
  ["A valid push subscription endpoint should be specified", GONE],
  ["push subscription has unsubscribed or expired", GONE],
  ["NotRegistered", GONE],
];

/** What a refused authorization is about, by the words of Mozilla and Microsoft. */
const AUTHORIZATION: readonly (readonly [words: RegExp, meaning: Meaning])[] = [
  [/public key mismatch|public key used to sign JWT does not match/i, MISMATCH],
  [/expired ?signature|(auth|token) (has |is )?expired/i, EXPIRED],
];

/** RFC 8030 and RFC 8292, for answers whose words say nothing; 406 is Microsoft's. 5xx: below. */
const STATUS: Readonly<Record<number, Meaning>> = {
  400: INVALID,
  401: UNAUTHORIZED,
  403: UNAUTHORIZED,
  404: GONE,
  405: INVALID,
  406: THROTTLED,
  410: GONE,
  413: TOO_LARGE,
  429: TOO_MANY,
};

const ACCEPTED = [200, 201, 202, 204];

/**
 * What a push service's answer means. Services are recognised by what they say and not by their host, so that a
 * self-hosted one is understood too. Never throws.
 */
export function decode(response: HttpResponse, { now_ms }: { readonly now_ms: number }): Verdict {
  const { status, headers } = response;
  const answer = ACCEPTED.includes(status) ? readDropped(response) : readFailure(response);
  if (!answer) {
    return {
      verdict: "accepted",
      service_message_id: headers.location ?? headers["apns-id"] ?? headers["x-wns-msg-id"],
    };
  }
  const { meaning, reason } = answer;
  if (meaning.verdict !== "retry") return { ...meaning, reason };
  return { ...meaning, reason, retry_after_ms: retryAfterMs(headers["retry-after"], now_ms) };
}

interface Answer {
  readonly meaning: Meaning;
  readonly reason: string;
}

/** Microsoft says 201 also for what it throws away. */
function readDropped({ headers }: HttpResponse): Answer | undefined {
  const state = wnsStatus(headers);
  if (state === "dropped") return { meaning: rejected("DROPPED"), reason: state };
  return state === "channelthrottled" ? { meaning: TOO_MANY, reason: state } : undefined;
}

function readFailure(response: HttpResponse): Answer {
  const { status } = response;
  const text = bodyText(response);
  const by_status = STATUS[status] ?? (status >= 500 ? UNAVAILABLE : rejected("UNKNOWN_RESPONSE"));
  const answer = readJson(text) ?? readFcm(text) ?? readWns(response, by_status);
  if (!answer) return { meaning: nearer(by_status, text), reason: rawReason(text) || `HTTP ${status}` };
  // Words alone never say that a token is dead: a gateway's page may quote anything. 404 and 410 always do.
  const agrees = answer.meaning === BLOCKED || (answer.meaning === GONE) === (by_status === GONE);
  return agrees ? answer : { ...answer, meaning: by_status };
}

function readJson(text: string): Answer | undefined {
  if (!text.trimStart().startsWith("{")) return undefined;
  const { errno, message, reason } = parseObject(text);
  const words = typeof message === "string" ? message : "";
  const mozilla = typeof errno === "number" && Object.hasOwn(MOZILLA, errno) ? MOZILLA[errno] : undefined;
  if (mozilla) return { meaning: nearer(mozilla, words), reason: `${errno} ${rawReason(words)}`.trim() };
  const apple = typeof reason === "string" && Object.hasOwn(APPLE, reason) ? APPLE[reason] : undefined;
  return apple && { meaning: apple, reason: String(reason) };
}

function readFcm(text: string): Answer | undefined {
  const row = FCM.find(([words]) => text.includes(words));
  return row && { meaning: row[1], reason: row[0] };
}

/** https://learn.microsoft.com/windows/apps/design/shell/tiles-and-notifications/push-request-response-headers */
function readWns({ status, headers }: HttpResponse, by_status: Meaning): Answer | undefined {
  const state = wnsStatus(headers);
  const words = headers["x-wns-error-description"]?.trim() || state;
  if (!words) return undefined;
  const reason = rawReason(words) || `HTTP ${status}`;
  if (/domain blocked/i.test(words)) return { meaning: BLOCKED, reason };
  if (state === "channelthrottled") return { meaning: TOO_MANY, reason };
  return { meaning: status === 429 ? THROTTLED : nearer(by_status, words), reason };
}

function nearer(meaning: Meaning, words: string): Meaning {
  if (meaning !== UNAUTHORIZED) return meaning;
  return AUTHORIZATION.find(([pattern]) => pattern.test(words))?.[1] ?? meaning;
}

function wnsStatus(headers: HttpResponse["headers"]): string | undefined {
  return (headers["x-wns-status"] ?? headers["x-wns-notificationstatus"])?.trim().toLowerCase();
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    return { ...JSON.parse(text) };
  } catch {
    return {};
  }
}

function rejected(code: PushErrorCode, message?: string): Meaning {
  return { verdict: "rejected", code, ...(message === undefined ? {} : { message }) };
}

function retry(code: PushErrorCode, scope: Retry["scope"]): Meaning {
  return { verdict: "retry", code, scope };
}
