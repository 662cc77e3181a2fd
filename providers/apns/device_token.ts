import { type Rejection, reject } from "../../src/provider_kit.js";

/**
 * A device token: hexadecimal, in either case, as the app got it. Apple says not to count on a length; today's have 64
 * digits, those of Live Activities more. Never throws.
 */
export function parseDeviceToken(value: unknown): string | Rejection {
  if (typeof value === "string" && value.length % 2 === 0 && /^[0-9A-Fa-f]{64,200}$/.test(value))
    return value;
  return reject(
    "INVALID_TOKEN",
    "device_token: expected 64 to 200 hexadecimal digits, without spaces or angle brackets",
  );
}

/** The id of a broadcast channel, base64 as APNs gave it. Never throws. */
export function parseChannel(
  value: unknown,
): { readonly kind: "channel"; readonly value: string } | Rejection {
  if (typeof value === "string" && /^[\w+/-]{1,256}={0,2}$/.test(value)) return { kind: "channel", value };
  return reject("INVALID_TOKEN", "topic: expected the id of a broadcast channel, in base64");
}
