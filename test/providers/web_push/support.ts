import { createECDH, type ECDH, randomBytes } from "node:crypto";
import ece from "http_ece";
import type { WebPushOptions } from "../../../providers/web_push/config.js";
import type { WebPushPayload } from "../../../providers/web_push/formats.js";
import { webPush } from "../../../providers/web_push/index.js";
import type { WebPushCodec } from "../../../providers/web_push/provider.js";
import type { Recipient } from "../../../providers/web_push/subscription.js";
import { type HttpRequest, isRejection, type Rejection } from "../../../src/codec.js";
import { checkConfig } from "../../../src/config.js";

/** Signed nothing but these tests. */
export const KEYS = {
  vapid_public_key: "BCj0sHs1kHkaqb6rwwg62gFFhY1tR00KOrddLymwMGr7me_WKLNwMtDGSCedfNGVMH_C--kPkzNxKDj8m6QO84M",
  vapid_private_key: "Q8iH760f-4eqKgVjLJkB2_kPR_6q2IsWRI8Wc_fxqco",
};

export const NOW_MS = Date.UTC(2026, 10, 20, 12, 0, 0);

/** A browser's side of a subscription. */
export interface Device {
  readonly subscription: { endpoint: string; expirationTime: null; keys: { p256dh: string; auth: string } };
  readonly recipient: Recipient;
  /** What it reads, by http_ece. */
  read(request: HttpRequest): Buffer;
}

export function createDevice(endpoint = "https://updates.push.services.mozilla.com/wpush/v2/gAAAAA"): Device {
  const ecdh = createECDH("prime256v1");
  const p256dh = ecdh.generateKeys();
  const auth = randomBytes(16);
  const keys = { p256dh: p256dh.toString("base64url"), auth: auth.toString("base64url") };
  const { origin, hostname } = new URL(endpoint);
  return {
    subscription: { endpoint, expirationTime: null, keys },
    recipient: {
      endpoint,
      origin,
      vendor: hostname.endsWith(".notify.windows.com") ? ("wns" as const) : undefined,
      p256dh,
      auth,
    },
    read: ({ headers, body }) => decrypt(ecdh, auth, headers, body as Uint8Array),
  };
}

function decrypt(ecdh: ECDH, auth: Buffer, headers: HttpRequest["headers"], body: Uint8Array): Buffer {
  const version = headers["content-encoding"];
  if (version === "aes128gcm")
    return ece.decrypt(Buffer.from(body), { version, privateKey: ecdh, authSecret: auth });
  if (version !== "aesgcm") throw new Error(`content-encoding ${version}`);
  const dh = /dh=([\w-]+)/.exec(headers["crypto-key"] ?? "")?.[1] ?? "";
  const salt = /salt=([\w-]+)/.exec(headers.encryption ?? "")?.[1] ?? "";
  return ece.decrypt(Buffer.from(body), { version, privateKey: ecdh, authSecret: auth, dh, salt });
}

export async function openCodec(config: object = {}): Promise<WebPushCodec> {
  const checked = checkConfig("web_push", webPush.config, {
    ...KEYS,
    vapid_subject: "mailto:ops@example.org",
    ...config,
  });
  const clock = { now: () => NOW_MS, setTimer: () => undefined, clearTimer: () => undefined };
  return (await webPush.codec(checked, { clock, random: () => 0 })) as WebPushCodec;
}

export function payload(fields: Partial<WebPushPayload> = {}, options: WebPushOptions = {}): WebPushPayload {
  return { title: "Hello", data: {}, priority: "normal", options, ...fields };
}

export function context(ttl_seconds = 300, now_ms = NOW_MS) {
  return {
    message_id: "6f0c1b9e-6c1f-4d9e-8a6c-0a4f9a3b1c2d",
    now_ms,
    expires_at_ms: now_ms + ttl_seconds * 1000,
    sequence: 0,
  };
}

/** Fails the test when it was refused. */
export function accepted<T>(value: T | Rejection): T {
  if (isRejection(value)) throw new Error(`${value.code}: ${value.message}`);
  return value;
}

export function refused(value: unknown): Rejection {
  if (!isRejection(value)) throw new Error("was not refused");
  return value;
}
