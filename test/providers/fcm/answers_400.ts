import { expect } from "vitest";
import { apns, badRequest, detail, error, fcm, type Row } from "./error_bodies.js";

/** 400: what the documentation lists, and what was seen. */
export const BAD_REQUESTS: readonly Row[] = [
  [
    "C1 2.fcm 400 INVALID_ARGUMENT whose words name the registration token",
    400,
    error(
      400,
      "INVALID_ARGUMENT",
      "The registration token is not a valid FCM registration token",
      fcm("INVALID_ARGUMENT"),
    ),
    { verdict: "rejected", code: "INVALID_TOKEN", reason: "INVALID_ARGUMENT" },
  ],
  [
    "400 INVALID_ARGUMENT with a violation at message.token",
    400,
    error(400, "INVALID_ARGUMENT", "Invalid", badRequest("message.token"), fcm("INVALID_ARGUMENT")),
    { verdict: "rejected", code: "INVALID_TOKEN", reason: "INVALID_ARGUMENT" },
  ],
  [
    "400 INVALID_ARGUMENT with a violation at message.fid",
    400,
    error(400, "INVALID_ARGUMENT", "Invalid", fcm("INVALID_ARGUMENT"), badRequest("message.fid")),
    { verdict: "rejected", code: "INVALID_TOKEN", reason: "INVALID_ARGUMENT" },
  ],
  [
    "C1 400 INVALID_ARGUMENT with ApnsError 410: the app is gone from an iPhone",
    400,
    error(
      400,
      "INVALID_ARGUMENT",
      "APNs device token is disabled.",
      fcm("INVALID_ARGUMENT"),
      apns(410, "Unregistered"),
    ),
    { verdict: "rejected", code: "UNREGISTERED", reason: "INVALID_ARGUMENT: Unregistered" },
  ],
  [
    "400 INVALID_ARGUMENT with ApnsError 410 of a reason that is new",
    400,
    error(400, "INVALID_ARGUMENT", "no", apns(410, "GoneForGood")),
    { verdict: "rejected", code: "UNREGISTERED", reason: "INVALID_ARGUMENT: GoneForGood" },
  ],
  [
    "400 INVALID_ARGUMENT with ApnsError 410 without a reason",
    400,
    error(400, "INVALID_ARGUMENT", "no", detail("google.firebase.fcm.v1.ApnsError", { statusCode: 410 })),
    { verdict: "rejected", code: "UNREGISTERED", reason: "INVALID_ARGUMENT: HTTP 410" },
  ],
  [
    "400 INVALID_ARGUMENT with ApnsError BadDeviceToken: maybe the other environment",
    400,
    error(400, "INVALID_ARGUMENT", "no", fcm("INVALID_ARGUMENT"), apns(400, "BadDeviceToken")),
    {
      verdict: "rejected",
      code: "INVALID_TOKEN",
      reason: "INVALID_ARGUMENT: BadDeviceToken",
      message: expect.stringContaining("sandbox or production"),
    },
  ],
  [
    "400 INVALID_ARGUMENT with ApnsError DeviceTokenNotForTopic",
    400,
    error(400, "INVALID_ARGUMENT", "no", apns(400, "DeviceTokenNotForTopic"), fcm("INVALID_ARGUMENT")),
    {
      verdict: "rejected",
      code: "SENDER_MISMATCH",
      reason: "INVALID_ARGUMENT: DeviceTokenNotForTopic",
      message: expect.stringContaining("another app"),
    },
  ],
  [
    "400 INVALID_ARGUMENT with ApnsError PayloadTooLarge",
    400,
    error(400, "INVALID_ARGUMENT", "no", fcm("INVALID_ARGUMENT"), apns(413, "PayloadTooLarge")),
    { verdict: "rejected", code: "PAYLOAD_TOO_LARGE", reason: "INVALID_ARGUMENT: PayloadTooLarge" },
  ],
  [
    "400 INVALID_ARGUMENT with ApnsError BadCollapseId, which the message is to blame for",
    400,
    error(400, "INVALID_ARGUMENT", "no", fcm("INVALID_ARGUMENT"), apns(400, "BadCollapseId")),
    { verdict: "rejected", code: "PAYLOAD_INVALID", reason: "INVALID_ARGUMENT: BadCollapseId" },
  ],
  [
    "400 INVALID_ARGUMENT Android message is too big",
    400,
    error(400, "INVALID_ARGUMENT", "Android message is too big", badRequest(), fcm("INVALID_ARGUMENT")),
    { verdict: "rejected", code: "PAYLOAD_TOO_LARGE", reason: "INVALID_ARGUMENT" },
  ],
  [
    "400 INVALID_ARGUMENT Message is too large",
    400,
    error(
      400,
      "INVALID_ARGUMENT",
      "Message is too large. The maximum is 4K (4096 bytes).",
      fcm("INVALID_ARGUMENT"),
    ),
    { verdict: "rejected", code: "PAYLOAD_TOO_LARGE", reason: "INVALID_ARGUMENT" },
  ],
  [
    "400 INVALID_ARGUMENT with violations in the message",
    400,
    error(
      400,
      "INVALID_ARGUMENT",
      "Invalid value at 'message.data[0].value' (TYPE_STRING), 12",
      badRequest("message.data[0].value", "message.android.ttl", "not a path, but words"),
    ),
    {
      verdict: "rejected",
      code: "PAYLOAD_INVALID",
      reason: "INVALID_ARGUMENT: Invalid value at 'message.data[0].value' (TYPE_STRING), 12",
      message: "FCM refused message.data[0].value, message.android.ttl.",
    },
  ],
  [
    "400 INVALID_ARGUMENT without details",
    400,
    error(400, "INVALID_ARGUMENT", "Request contains an invalid argument."),
    {
      verdict: "rejected",
      code: "PAYLOAD_INVALID",
      reason: "INVALID_ARGUMENT: Request contains an invalid argument.",
    },
  ],
  [
    "400 UNSPECIFIED_ERROR is tried once more at most",
    400,
    error(400, "INVALID_ARGUMENT", "Unspecified error.", fcm("UNSPECIFIED_ERROR")),
    {
      verdict: "retry",
      code: "SERVICE_UNAVAILABLE",
      reason: "UNSPECIFIED_ERROR",
      scope: "token",
      max_attempts: 2,
      min_delay_ms: 0,
    },
  ],
];
