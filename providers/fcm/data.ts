import {
  isRejection,
  jsonText,
  type Rejection,
  type ResultWarning,
  reject,
  warning,
} from "../../src/provider_kit.js";
import type { Message } from "./message_schema.js";

/**
 * Any JSON as the text that FCM wants: text as it is, everything else (`null` too) as JSON text; `undefined` is left
 * out.
 */
export function toTextMap(data: Readonly<Record<string, unknown>>): Record<string, string> | Rejection {
  const texts: [string, string][] = [];
  for (const [key, value] of Object.entries(data)) {
    if (value === undefined) continue;
    const text = typeof value === "string" ? value : jsonText(value, `data.${key}`);
    if (isRejection(text)) return text;
    // A Date, and whatever else is text in JSON, is that text.
    texts.push([key, typeof value !== "string" && text.startsWith('"') ? JSON.parse(text) : text]);
  }
  return Object.fromEntries(texts);
}

/** Where else a message has `data`. */
const PLACES = ["android", "android_v2", "webpush"] as const;

/**
 * Keys that FCM keeps for itself are refused by name
 * (https://firebase.google.com/docs/reference/fcm/rest/v1/projects.messages#Message.FIELDS.data). Its older pages
 * warn of every word that begins with "google" or "gcm"; those are sent, with a warning.
 */
export function checkKeys(message: Message): readonly ResultWarning[] | Rejection {
  const warnings: ResultWarning[] = [];
  const maps = new Map([["data", message.data]]);
  for (const place of PLACES) maps.set(`platform_data.fcm.${place}.data`, message[place]?.data);
  for (const [place, data] of maps) {
    for (const key of Object.keys(data ?? {})) {
      if (/^(from|message_type|google|gcm|(google|gcm)\..*)$/s.test(key)) {
        return reject("PAYLOAD_INVALID", `${place}.${key}: FCM keeps this key for itself; use another name`);
      }
      if (/^(google|gcm)/.test(key)) {
        const details = "FCM may keep names that begin with google or gcm for itself";
        warnings.push(warning("reserved_key", `${place}.${key}`, details));
      }
    }
  }
  return warnings;
}
