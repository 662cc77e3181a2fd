import { PushClientError } from "./errors.js";

/** An uncompressed point on P-256 in base64url (or base64): 65 bytes, the first of them 4 (RFC 8292, section 3.2). */
export function readVapidKey(text: string): Uint8Array<ArrayBuffer> {
  let bytes = new Uint8Array();
  try {
    const base64 = text.replace(/[\s=]/g, "").replaceAll("-", "+").replaceAll("_", "/");
    bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {}
  if (bytes.length === 65 && bytes[0] === 4) return bytes;
  throw new PushClientError("KEY_INVALID", "not a VAPID public key: expected 65 bytes as base64url");
}

/** Whether a subscription was made with this key. A browser that cannot tell is believed. */
export function isMadeWith(key: Uint8Array, { options }: PushSubscription): boolean {
  const made_with: ArrayBuffer | null | undefined = options?.applicationServerKey;
  if (made_with === undefined) return true;
  const bytes = made_with && new Uint8Array(made_with);
  return bytes?.length === key.length && bytes.every((byte, index) => byte === key[index]);
}
