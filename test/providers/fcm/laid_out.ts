import type { FcmOptions } from "../../../providers/fcm/index.js";
import { type FcmPayload, layOut } from "../../../providers/fcm/layout.js";
import { createSlots } from "../../../providers/fcm/template.js";
import type { Rejection } from "../../../src/codec.js";
import { accepted, payload, refused } from "./support.js";

const slots = { ...createSlots(), ttl: "TTL", ttl_seconds: "SECONDS", expiration: "EXPIRATION" };

const tryLayOut = (fields: Partial<FcmPayload> = {}, options: FcmOptions = {}) =>
  layOut(payload(fields, options), slots);

/** A payload as FCM's message, with the names of its times in their places, and which fields there is a warning about. */
export function lay(fields?: Partial<FcmPayload>, options?: FcmOptions) {
  const { message, warnings } = accepted(tryLayOut(fields, options));
  return { message: JSON.parse(JSON.stringify(message)), fields: warnings.map(({ field }) => field) };
}

export const message = (fields?: Partial<FcmPayload>, options?: FcmOptions) => lay(fields, options).message;

export const refusal = (fields?: Partial<FcmPayload>, options?: FcmOptions): Rejection =>
  refused(tryLayOut(fields, options));
