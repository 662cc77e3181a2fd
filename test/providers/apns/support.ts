import { generateKeyPairSync } from "node:crypto";
import { apns } from "../../../providers/apns/index.js";
import type { ApnsPayload } from "../../../providers/apns/layout.js";
import type { ApnsOptions } from "../../../providers/apns/options.js";
import type { ApnsCodec } from "../../../providers/apns/provider.js";
import {
  type HttpRequest,
  type HttpResponse,
  isRejection,
  type Rejection,
  type Target,
} from "../../../src/codec.js";
import { checkConfig } from "../../../src/config.js";
import { getPushProvider, type PushEvent } from "../../../src/index.js";
import { FakeClock, ScriptedTransport } from "../../engine/support.js";

export const NOW_MS = Date.UTC(2026, 10, 20, 12, 0, 0);
export const TOKEN = "00fc13adff785122b4ad28809a3420982341241421348097878e577c991de8f0";
export const CHANNEL = "dHN0LXNyY2gtY2hubA==";
export const MESSAGE_ID = "6f0c1b9e-6c1f-4d9e-8a6c-0a4f9a3b1c2d";

/** A fresh key, as the `.p8` file from Apple. */
export function newKey(): string {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return privateKey.export({ format: "pem", type: "pkcs8" }).toString();
}

export const CONFIG = {
  team_id: "DEF123GHIJ",
  key_id: "ABC123DEFG",
  auth_key: newKey(),
  bundle_id: "com.example.MyApp",
};

export async function openCodec(
  config: object = {},
  base: object = CONFIG,
  now_ms = NOW_MS,
): Promise<ApnsCodec> {
  const checked = checkConfig("apns", apns.config, { ...base, ...config });
  const clock = { now: () => now_ms, setTimer: () => undefined, clearTimer: () => undefined };
  return (await apns.codec(checked, { clock, random: () => 0 })) as ApnsCodec;
}

export function payload(fields: Partial<ApnsPayload> = {}, options: ApnsOptions = {}): ApnsPayload {
  return { data: {}, priority: "normal", options, ...fields };
}

export function context(ttl_seconds = 300, now_ms = NOW_MS, message_id = MESSAGE_ID) {
  return { message_id, now_ms, expires_at_ms: now_ms + ttl_seconds * 1000, sequence: 0 };
}

const shared = await openCodec();
const DEVICE: Target<string> = { kind: "token", token: TOKEN };

/** What goes to one device. */
export function requestOf(
  notification: ApnsPayload,
  { codec = shared, target = DEVICE, at = context() } = {},
): HttpRequest | Rejection {
  const prepared = codec.prepare(notification, { kind: target.kind, dry_run: false });
  if (isRejection(prepared)) return prepared;
  return codec.encode(prepared, target, at) as HttpRequest | Rejection;
}

/** Its body, parsed. Fails the test when it was refused. */
export function bodyOf(
  notification: ApnsPayload,
  more?: Parameters<typeof requestOf>[1],
): Record<string, unknown> {
  return JSON.parse(String(accepted(requestOf(notification, more)).body));
}

export function headersOf(notification: ApnsPayload, more?: Parameters<typeof requestOf>[1]) {
  return accepted(requestOf(notification, more)).headers;
}

/** The fields that its warnings are about. */
export function warnedOf(notification: ApnsPayload, kind: "token" | "channel" = "token"): (string | null)[] {
  const { warnings } = accepted(shared.prepare(notification, { kind, dry_run: false }));
  return warnings.map(({ field }) => field);
}

export function response(
  status: number,
  body: unknown = "",
  headers: Record<string, string> = {},
): HttpResponse {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return { status, headers, body: new TextEncoder().encode(text), truncated: false };
}

/** A provider over a scripted wire and a clock that stands. The script goes by paths: `3/device/…`. */
export async function openApns(config: object = {}, base: object = CONFIG, clock = new FakeClock()) {
  const transport = new ScriptedTransport(clock);
  const events: PushEvent[] = [];
  const options = {
    force_new: true,
    clock,
    transport,
    random: () => 0.5,
    on_event: (event: PushEvent) => events.push(event),
  };
  const provider = await getPushProvider("apns", { ...base, ...config }, options);
  return { provider, clock, transport, events };
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
