import { type Rejection, reject, type TargetKind } from "../../src/provider_kit.js";
import type { Message } from "./message_schema.js";

/** https://firebase.google.com/docs/reference/fcm/rest/v1/ErrorCode */
export const MAX_MESSAGE_BYTES = { token: 4096, topic: 2048 } as const;
/** https://developer.apple.com/documentation/usernotifications/generating-a-remote-notification */
const MAX_APNS_BYTES = 4096;

/**
 * FCM counts the keys and values of notification and data, in bytes of UTF-8, as one platform gets them: the
 * message's own with that platform's over them. Which platform a token is of is not known here, so the largest
 * counts. Values that are no text count as JSON.
 *
 * FCM makes what goes to Apple from the same parts and `apns.payload`; of that, all that can be said is that the
 * payload alone must not be too large.
 */
export function checkSize(message: Message, kind: TargetKind): Rejection | undefined {
  const limit = MAX_MESSAGE_BYTES[kind === "token" ? "token" : "topic"];
  const size = messageBytes(message);
  if (size > limit) {
    return reject(
      "PAYLOAD_TOO_LARGE",
      `The keys and values of notification and data are ${size} bytes; FCM carries at most ${limit} bytes to a ${kind}.`,
    );
  }
  const apns_size = Buffer.byteLength(JSON.stringify(message.apns?.payload ?? {}));
  if (apns_size <= MAX_APNS_BYTES) return undefined;
  return reject(
    "PAYLOAD_TOO_LARGE",
    `platform_data.fcm.apns.payload is ${apns_size} bytes; APNs takes at most ${MAX_APNS_BYTES} bytes.`,
  );
}

function messageBytes({ notification, data, android, android_v2, webpush }: Message): number {
  const droid = android ?? { ...android_v2, notification: android_v2?.remote_notification?.notification };
  const sizes = [droid, webpush].map((platform) => {
    const shown = { ...notification, ...platform?.notification };
    return countBytes(shown) + countBytes({ ...data, ...platform?.data });
  });
  return Math.max(...sizes);
}

function countBytes(pairs: object): number {
  const texts = Object.entries(pairs).map(([key, value]) => {
    if (value === undefined) return "";
    return key + (typeof value === "string" ? value : JSON.stringify(value));
  });
  return Buffer.byteLength(texts.join(""));
}
