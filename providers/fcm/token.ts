import { type Rejection, reject } from "../../src/provider_kit.js";

/** Whom a message is for, and the member of `message` that says so. */
export interface Recipient {
  readonly field: "token" | "fid";
  readonly value: string;
}

/**
 * A registration token is text. A Firebase installation id is given as `{ fid: "…" }`, or as the JSON text of that.
 *
 * Both are opaque and of no promised length; only what can never be one is refused
 * (https://firebase.google.com/docs/cloud-messaging/manage-tokens).
 */
export function parseToken(value: unknown): Recipient | Rejection {
  const given = typeof value === "string" && value.startsWith("{") ? parseJson(value) : value;
  const recipient: { field: Recipient["field"]; value: unknown } =
    typeof given === "object" && given !== null && "fid" in given
      ? { field: "fid", value: given.fid }
      : { field: "token", value: given };
  if (typeof recipient.value !== "string" || !isOpaque(recipient.value)) {
    return reject(
      "INVALID_TOKEN",
      "device_token: expected an FCM registration token or { fid }, at most 4096 characters without white space",
    );
  }
  return { field: recipient.field, value: recipient.value };
}

/** Nearly all are ASCII, and to see that is four times as fast. */
function isOpaque(text: string): boolean {
  return /^[!-~]{1,4096}$/.test(text) || /^[^\s\p{Cc}]{1,4096}$/u.test(text);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
