/**
 * How much a message weighs. firebase.google.com/docs/reference/fcm/rest/v1/ErrorCode (INVALID_ARGUMENT): 4096 bytes,
 * 2048 to topics. What counts here: the UTF-8 bytes of all keys and values of `data` and `notification`, as they reach
 * the device, that is with the platform's own block laid over the message's (for topics Android's). Numbers and flags
 * count as their text. For iOS it is the JSON that FCM forwards to APNs.
 */
import { isObject, part, type Read } from "./emulator_proto.js";
import { badRequest, fcmError, type GoogleError, googleError } from "./emulator_words.js";

/** What an app runs on. */
export type FcmPlatform = "android" | "ios" | "web";

const MAX_BYTES = 4096;
const MAX_TOPIC_BYTES = 2048;

/** `platform`: of the device that the message is for; `undefined` for topics and conditions. */
export function checkSize(message: Read, platform: FcmPlatform | undefined): GoogleError | undefined {
  const limit = platform === undefined ? MAX_TOPIC_BYTES : MAX_BYTES;
  const size =
    platform === "ios"
      ? Buffer.byteLength(JSON.stringify(apnsPayload(message)))
      : deliveredBytes(message, platform ?? "android");
  if (size <= limit) return undefined;
  // Google's answer has a BadRequest without violations.
  const words =
    platform === "ios" || platform === "web"
      ? "Message is too large. The maximum is 4K (4096 bytes)."
      : "Android message is too big";
  return googleError(400, words, badRequest(), fcmError("INVALID_ARGUMENT"));
}

function deliveredBytes(message: Read, platform: "android" | "web"): number {
  const own = platform === "web" ? part(message, "webpush") : part(message, "android");
  const v2 = part(message, "android_v2");
  const blocks = platform === "web" ? [own] : [own, v2, part(v2, "remote_notification")];
  const data = blocks.map((block) => part(block, "data"));
  const notifications = blocks.map((block) => part(block, "notification"));
  return (
    countBytes(Object.assign({}, part(message, "data"), ...data)) +
    countBytes(Object.assign({}, part(message, "notification"), ...notifications))
  );
}

/** Of all keys, and of all values as text. */
function countBytes(value: unknown): number {
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + countBytes(item), 0);
  if (!isObject(value)) return Buffer.byteLength(String(value ?? ""));
  return Object.entries(value).reduce(
    (sum, [key, inner]) => sum + Buffer.byteLength(key) + countBytes(inner),
    0,
  );
}

function apnsPayload(message: Read): Read {
  const { title, body } = part(message, "notification");
  const payload = part(message, "apns", "payload");
  const alert = title === undefined && body === undefined ? {} : { alert: { title, body } };
  return { ...part(message, "data"), ...payload, aps: { ...alert, ...part(payload, "aps") } };
}
