/** What each push service says when it refuses, in its own words; what it means is asked of its codec. */
import { createDecoder } from "../../providers/apns/decode.js";
import { decode as decodeFcm } from "../../providers/fcm/decode.js";
import { decode as decodeWebPush } from "../../providers/web_push/decode.js";
import { decode as decodeWns } from "../../providers/wns/decode.js";
import type { HttpResponse, Verdict } from "../../src/codec.js";
import type { PushErrorCode } from "../../src/error_codes.js";

export interface Answer {
  readonly service: "Web push, any" | "Mozilla" | "Google" | "Apple" | "Microsoft" | "FCM" | "APNs" | "WNS";
  readonly status: number;
  /** As people write it; also the body, when there is no other. */
  readonly says: string;
  readonly body?: object | string;
  readonly headers?: Readonly<Record<string, string>>;
}

const DECODERS: Partial<
  Record<Answer["service"], (response: HttpResponse, context: { now_ms: number }) => Verdict>
> = {
  FCM: decodeFcm,
  APNs: createDecoder("production"),
  WNS: decodeWns,
};

/** What an answer becomes, as its codec decides it. */
export function codeOf({
  service,
  status,
  says,
  body = says,
  headers = {},
}: Answer): PushErrorCode | "accepted" {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const response = { status, headers, body: new TextEncoder().encode(text), truncated: false };
  const verdict = (DECODERS[service] ?? decodeWebPush)(response, { now_ms: 0 });
  return verdict.verdict === "accepted" ? "accepted" : verdict.code;
}

const mozilla = (status: number, errno: number, message: string): Answer => ({
  service: "Mozilla",
  status,
  says: `errno ${errno}, ${message}`,
  body: { code: status, errno, message },
});
const apple = (status: number, reason: string): Answer => ({
  service: "Apple",
  status,
  says: reason,
  body: { reason },
});
const google = (status: number, says: string): Answer => ({ service: "Google", status, says });
const microsoft = (status: number, state: string, says: string): Answer => ({
  service: "Microsoft",
  status,
  says: `${state}: ${says}`,
  body: "",
  headers: { "x-wns-status": state, "x-wns-error-description": says },
});
const any = (status: number): Answer => ({
  service: "Web push, any",
  status,
  says: "whatever its words",
  body: "",
});

const WEB_PUSH: readonly Answer[] = [
  ...[400, 401, 403, 404, 405, 410, 413, 429, 500, 502, 503, 504, 302, 418].map(any),
  mozilla(404, 102, "Invalid token"),
  mozilla(410, 103, "UAID not found"),
  mozilla(410, 105, "User was deleted during routing"),
  mozilla(410, 106, "No such subscription"),
  mozilla(400, 108, "Invalid router type"),
  mozilla(401, 109, "VAPID public key mismatch"),
  mozilla(401, 109, "Invalid VAPID audience"),
  mozilla(401, 109, "ExpiredSignature"),
  mozilla(400, 110, "Unknown Content-Encoding header"),
  mozilla(400, 111, "Missing TTL value"),
  mozilla(400, 113, "Topic must be no greater than 32 characters"),
  mozilla(413, 104, "This message is intended for a constrained device"),
  mozilla(503, 201, "Service Unavailable"),
  mozilla(502, 902, "Bad Gateway"),
  google(400, "binary data passed in the request must be less than 4096 bytes"),
  google(400, "UnauthorizedRegistration"),
  google(
    403,
    "the VAPID credentials in the authorization header do not correspond to the credentials used to create the subscriptions",
  ),
  google(403, "aud claim in the token MUST include the origin of the push resource URL"),
  google(401, "invalid push subscription endpoint"),
  google(404, "A valid push subscription endpoint should be specified"),
  google(410, "push subscription has unsubscribed or expired"),
  apple(400, "BadTtl"),
  apple(400, "BadWebPushTopic"),
  apple(400, "VapidPkHashMismatch"),
  apple(403, "BadJwtToken"),
  apple(403, "BadVapidPublicKey"),
  apple(404, "BadPath"),
  apple(410, "Unregistered"),
  apple(413, "PayloadTooLarge"),
  apple(429, "TooManyRequests"),
  apple(503, "ServiceUnavailable"),
  microsoft(201, "dropped", "taken and thrown away"),
  microsoft(400, "dropped", "Ttl value conflicts with X-WNS-Cache-Policy."),
  microsoft(403, "dropped", "Domain Blocked"),
  microsoft(406, "appthrottled", "too many requests of this sender"),
  microsoft(410, "dropped", "Channel expired"),
];

const GOOGLE_TYPES = "type.googleapis.com/google.firebase.fcm.v1";

/** A google.rpc.Status with the FcmError that Firebase adds, and what else is in `details`. */
const fcm = (
  status: number,
  errorCode: string,
  says = errorCode,
  more: readonly object[] = [],
  rpc = errorCode,
): Answer => ({
  service: "FCM",
  status,
  says,
  body: {
    error: {
      code: status,
      message: says,
      status: rpc,
      details: [{ "@type": `${GOOGLE_TYPES}.FcmError`, errorCode }, ...more],
    },
  },
});
/** The same without an FcmError. */
const rpc = (status: number, name: string): Answer => ({
  service: "FCM",
  status,
  says: `${name}, without an FcmError`,
  body: { error: { code: status, message: name, status: name } },
});
const through_apns = (reason: string): Answer =>
  fcm(400, "INVALID_ARGUMENT", `INVALID_ARGUMENT, ApnsError ${reason}`, [
    { "@type": `${GOOGLE_TYPES}.ApnsError`, statusCode: 400, reason },
  ]);

const FCM: readonly Answer[] = [
  fcm(404, "UNREGISTERED"),
  fcm(400, "INVALID_ARGUMENT", "The registration token is not a valid FCM registration token"),
  fcm(400, "INVALID_ARGUMENT", "Android message is too big"),
  fcm(400, "INVALID_ARGUMENT", "Invalid value at 'message.data[0].value'", [
    {
      "@type": "type.googleapis.com/google.rpc.BadRequest",
      fieldViolations: [{ field: "message.data[0].value", description: "Invalid value" }],
    },
  ]),
  ...[
    ...["Unregistered", "ExpiredToken", "BadDeviceToken", "DeviceTokenNotForTopic", "PayloadTooLarge"],
    ...["TooManyRequests", "InvalidProviderToken", "ExpiredProviderToken", "MissingProviderToken"],
    ...[
      "BadEnvironmentKeyInToken",
      "BadEnvironmentKeyIdInToken",
      "BadCertificate",
      "BadCertificateEnvironment",
    ],
    ...["Forbidden", "TopicDisallowed"],
  ].map(through_apns),
  fcm(403, "SENDER_ID_MISMATCH"),
  fcm(401, "THIRD_PARTY_AUTH_ERROR"),
  fcm(401, "APNS_AUTH_ERROR"),
  fcm(429, "QUOTA_EXCEEDED"),
  rpc(429, "RESOURCE_EXHAUSTED"),
  fcm(500, "INTERNAL"),
  fcm(503, "UNAVAILABLE"),
  fcm(400, "UNSPECIFIED_ERROR"),
  rpc(401, "UNAUTHENTICATED"),
  rpc(403, "PERMISSION_DENIED"),
  rpc(404, "NOT_FOUND"),
  ...[401, 403, 404, 413, 429, 500, 502, 503, 418].map(
    (status): Answer => ({ service: "FCM", status, says: "no JSON", body: "<html>" }),
  ),
];

const apns = (status: number, ...reasons: string[]) =>
  reasons.map((reason): Answer => ({ service: "APNs", status, says: reason, body: { reason } }));

const APNS: readonly Answer[] = [
  ...apns(
    400,
    "BadCollapseId",
    "BadDeviceToken",
    "BadExpirationDate",
    "BadMessageId",
    "BadPriority",
    "BadTopic",
  ),
  ...apns(400, "DeviceTokenNotForTopic", "DuplicateHeaders", "IdleTimeout", "InvalidPushType"),
  ...apns(400, "MissingDeviceToken", "MissingTopic", "PayloadEmpty", "TopicDisallowed"),
  ...apns(400, "FeatureNotEnabled", "CannotCreateChannelConfig", "ChannelNotRegistered", "MissingChannelId"),
  ...apns(400, "BadChannelId", "BadRequestParams", "BadRequestPayload", "MissingPushType"),
  ...apns(400, "MissingChannelQueueSize"),
  ...apns(403, "BadCertificate", "BadCertificateEnvironment", "ExpiredProviderToken", "Forbidden"),
  ...apns(403, "InvalidProviderToken", "MissingProviderToken", "UnrelatedKeyIdInToken", "TopicMismatch"),
  ...apns(403, "BadEnvironmentKeyIdInToken", "BadEnvironmentKeyInToken"),
  ...apns(404, "BadPath"),
  ...apns(405, "MethodNotAllowed"),
  ...apns(410, "ExpiredToken", "Unregistered"),
  ...apns(413, "PayloadTooLarge"),
  ...apns(429, "TooManyProviderTokenUpdates", "TooManyRequests"),
  ...apns(500, "InternalServerError"),
  ...apns(503, "ServiceUnavailable", "Service Unavailable", "Shutdown"),
];

const wns = (status: number, state: string, says: string): Answer => ({
  service: "WNS",
  status,
  says: state === "" ? says : `${state}: ${says}`,
  body: "",
  headers: { ...(state === "" ? {} : { "x-wns-status": state }), "x-wns-error-description": says },
});

const WNS: readonly Answer[] = [
  wns(200, "dropped", "taken, not delivered"),
  wns(200, "channelthrottled", "too many for this channel"),
  wns(200, "appthrottled", "too many of this sender"),
  wns(400, "dropped", "headers or content"),
  wns(401, "dropped", "the access token"),
  wns(403, "dropped", "another app's channel"),
  wns(404, "dropped", "no such channel"),
  wns(405, "", "another method than POST"),
  wns(406, "channelthrottled", "too many for this channel"),
  wns(406, "dropped", "too many of this sender"),
  wns(410, "dropped", "the channel has expired"),
  wns(410, "dropped", "Domain Blocked"),
  wns(413, "dropped", "larger than 5000 bytes"),
  wns(429, "dropped", "too many of this sender"),
  wns(500, "", "an error of WNS"),
  wns(503, "", "not available"),
  wns(418, "", "anything else"),
];

/** What a table of the error codes page is headed with, and its rows. */
export const ANSWERS: Readonly<Record<"web push service" | "FCM" | "APNs" | "WNS", readonly Answer[]>> = {
  "web push service": WEB_PUSH,
  FCM,
  APNs: APNS,
  WNS,
};
