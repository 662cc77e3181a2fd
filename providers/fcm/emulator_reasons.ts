/** What a script's `reason` stands for: FcmError's codes, APNs' reasons, names of statuses, or Google's words. */
import type { ScriptedAnswer } from "../../src/testing/kit.js";
import {
  apnsError,
  CREDENTIALS_EXPIRED,
  type ErrorDetail,
  fcmError,
  type GoogleError,
  googleError,
  plainWords,
  quotaFailure,
  type Reply,
  STATUS_NAMES,
} from "./emulator_words.js";

/** An answer given in place of the service's own verdict. */
export interface FcmScriptedAnswer extends ScriptedAnswer {
  /**
   * `UNREGISTERED`, `QUOTA_EXCEEDED` or another FcmError code; `ACCESS_TOKEN_EXPIRED`; a reason of APNs, which then
   * comes as an `ApnsError`; the name of a status, `PERMISSION_DENIED` for example, which comes without an FcmError.
   * Each has its usual status and words, so that `status` may be left out. Anything else is used as the words. For the
   * token endpoint: the OAuth error.
   */
  reason?: string | undefined;
  /** The words, in place of the usual ones. */
  message?: string | undefined;
  /** Adds an `ApnsError` to the details. */
  apns_error?: { readonly status_code: number; readonly reason: string } | undefined;
  /** Which quota was exceeded: that of the project (default), of one device, or of one topic. */
  quota?: "message_rate" | "device_rate" | "topic_rate" | undefined;
}

/** FcmError's codes with their usual status and words. */
const CODES = {
  INVALID_ARGUMENT: [400, "Request contains an invalid argument."],
  UNSPECIFIED_ERROR: [400, "Unspecified error."],
  THIRD_PARTY_AUTH_ERROR: [401, "Auth error from APNS or Web Push Service"],
  SENDER_ID_MISMATCH: [403, "SenderId mismatch"],
  UNREGISTERED: [404, "Requested entity was not found."],
  QUOTA_EXCEEDED: [429, "Resource has been exhausted (e.g. check quota)."],
  INTERNAL: [500, "Internal error encountered."],
  UNAVAILABLE: [503, "The service is currently unavailable."],
} as const satisfies Record<string, readonly [status: number, words: string]>;

type Code = keyof typeof CODES;

/** The code of a status that came alone; the others are not FCM's own, and have none. */
const CODE_OF_STATUS: Readonly<Record<number, Code>> = {
  400: "INVALID_ARGUMENT",
  429: "QUOTA_EXCEEDED",
  500: "INTERNAL",
  503: "UNAVAILABLE",
};

/** developer.apple.com/documentation/usernotifications/handling-notification-responses-from-apns */
const APNS_REASONS: Readonly<Record<number, string>> = {
  400: "BadCollapseId BadDeviceToken BadExpirationDate BadMessageId BadPriority BadTopic DeviceTokenNotForTopic DuplicateHeaders IdleTimeout InvalidPushType MissingDeviceToken MissingTopic PayloadEmpty TopicDisallowed",
  403: "BadCertificate BadCertificateEnvironment BadEnvironmentKeyIdInToken BadEnvironmentKeyInToken ExpiredProviderToken Forbidden InvalidProviderToken MissingProviderToken UnrelatedKeyIdInToken",
  410: "ExpiredToken Unregistered",
  413: "PayloadTooLarge",
  429: "TooManyProviderTokenUpdates TooManyRequests",
  500: "InternalServerError",
  503: "ServiceUnavailable Shutdown",
};

/** What FCM makes of APNs' status; of all others `INVALID_ARGUMENT`. */
const CODE_OF_APNS: Readonly<Record<number, Code>> = {
  403: "THIRD_PARTY_AUTH_ERROR",
  429: "QUOTA_EXCEEDED",
  500: "INTERNAL",
  503: "UNAVAILABLE",
};

/** What a script asks for, in Google's envelope. `subject`: the device's token, or the topic. */
export function scriptedError(answer: FcmScriptedAnswer, project_id: string, subject: string): GoogleError {
  if (answer.reason === "ACCESS_TOKEN_EXPIRED") return CREDENTIALS_EXPIRED;
  const implied = answer.quota ? "QUOTA_EXCEEDED" : answer.apns_error?.reason;
  const meaning = meaningOf(answer.reason ?? implied ?? "", answer.status);
  const apns = answer.apns_error ?? meaning.apns_error;
  const details: ErrorDetail[] = [];
  if (meaning.code === "QUOTA_EXCEEDED") details.push(quotaDetail(answer.quota, project_id, subject));
  if (meaning.code) details.push(fcmError(meaning.code));
  if (apns) details.push(apnsError(apns.status_code, apns.reason));
  return googleError(answer.status ?? meaning.status, answer.message ?? meaning.words, ...details);
}

/** Whether a script takes the verdict's place; it may also only delay it, or dress it otherwise. */
export function isScripted({ status, reason, message, apns_error, quota }: FcmScriptedAnswer): boolean {
  return [status, reason, message, apns_error, quota].some((given) => given !== undefined);
}

/** A reply with what the script gives literally. */
export function overlay(reply: Reply, { status, headers = {}, body }: FcmScriptedAnswer): Reply {
  const own = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  return {
    ...reply,
    status: status ?? reply.status,
    headers: { ...reply.headers, ...Object.fromEntries(own) },
    body: body ?? reply.body,
  };
}

/** The status with which APNs gives this reason; `undefined` when it is none of APNs'. */
export function apnsStatus(reason: string): number | undefined {
  const found = Object.entries(APNS_REASONS).find(([, reasons]) => reasons.split(" ").includes(reason));
  return found && Number(found[0]);
}

interface Meaning {
  readonly status: number;
  readonly words: string;
  readonly code?: Code | undefined;
  readonly apns_error?: FcmScriptedAnswer["apns_error"];
}

function meaningOf(reason: string, status: number | undefined): Meaning {
  if (isCode(reason)) return usual(reason);
  const apns = apnsStatus(reason);
  if (apns !== undefined) return ofApns(apns, reason, status);
  const named = STATUS_NAMES.find(([, name]) => name === reason);
  if (named) return { status: named[0], words: plainWords(named[0]) };
  const code = CODE_OF_STATUS[status ?? 400];
  if (code) return { ...usual(code), ...(reason === "" ? {} : { words: reason }) };
  return { status: status ?? 400, words: reason || plainWords(status) };
}

function ofApns(status_code: number, reason: string, status: number | undefined): Meaning {
  const apns_error = { status_code, reason };
  if (status_code !== 410) return { ...usual(CODE_OF_APNS[status_code] ?? "INVALID_ARGUMENT"), apns_error };
  // FCM tells of an app that is gone in either of two ways.
  if (status === 404) return { ...usual("UNREGISTERED"), apns_error };
  return { ...usual("INVALID_ARGUMENT"), words: "APNs device token is disabled.", apns_error };
}

function usual(code: Code): Meaning {
  return { code, status: CODES[code][0], words: CODES[code][1] };
}

function isCode(reason: string): reason is Code {
  return Object.hasOwn(CODES, reason);
}

function quotaDetail(quota: FcmScriptedAnswer["quota"], project_id: string, subject: string): ErrorDetail {
  if (quota === "device_rate") return quotaFailure(`device:${subject}`, "Device message rate exceeded.");
  if (quota === "topic_rate") return quotaFailure(`topic:${subject}`, "Topic message rate exceeded.");
  return quotaFailure(`project:${project_id}`, "Message rate exceeded.");
}
