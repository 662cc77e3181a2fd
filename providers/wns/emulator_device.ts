import { randomBytes } from "node:crypto";
import { type CredentialFault, type Http1FaultKind, ReceivedLog } from "../../src/testing/kit.js";
import type { WnsType } from "./emulator_content.js";
import type { WnsXmlElement } from "./emulator_xml.js";

/** What can go wrong on the way to or from the service; see `WnsService.fault`. */
export type WnsFaultKind = Http1FaultKind | CredentialFault;

/** How a sender got its access token: from Microsoft Entra ID, or with a package SID from login.live.com. */
export type WnsFlow = "entra" | "legacy";

/** The values of X-WNS-Status that Microsoft documents. */
export type WnsStatus = "received" | "dropped" | "channelthrottled";

/** The values of X-WNS-DeviceConnectionStatus. */
export type WnsConnectionStatus = "connected" | "disconnected" | "tempconnected";

/** One request as the service saw it, decoded. */
export interface WnsReceived {
  /** The device whose channel was asked for; absent when it is nobody's. */
  device_token?: string | undefined;
  method: string;
  /** With query and percent-encoding as they came. */
  path: string;
  /** Lower-case names; a repeated header's values are joined with `, `. */
  headers: Readonly<Record<string, string>>;
  /** What X-WNS-Type names; absent when it is missing or names none. */
  type?: WnsType | undefined;
  /** X-WNS-TTL, seconds; absent when it is missing or no number. */
  ttl?: number | undefined;
  tag?: string | undefined;
  group?: string | undefined;
  /** X-WNS-PRIORITY, as it came. */
  priority?: string | undefined;
  cache_policy?: string | undefined;
  /** As it came. */
  body: Uint8Array;
  /** The body as text; absent when it is not UTF-8. */
  text?: string | undefined;
  /** The root element, when the notification is XML that is well formed. */
  xml?: WnsXmlElement | undefined;
  /** Why no device can show it: XML that is not well formed, or no toast, tile or badge. */
  problem?: string | undefined;
  /** What its `<text>` elements say, in order. */
  lines?: readonly string[] | undefined;
  /** Whose access token came with it; absent when it is nobody's or has expired. */
  sender?: WnsFlow | undefined;
  /** What it was answered; absent when a fault swallowed the answer. */
  status?: number | undefined;
  /** X-WNS-Status of the answer: a 200 is no delivery. */
  wns_status?: string | undefined;
  /** X-WNS-Error-Description of the answer. */
  reason?: string | undefined;
  /** What happened to the answer. */
  fault?: WnsFaultKind | undefined;
  /** ISO 8601, by the emulator's clock. */
  timestamp: string;
}

/** Which app asked for the channel, and on what. */
export interface WnsDeviceOptions {
  /**
   * Whose access tokens the channel takes. `mapped` (default): those of both flows, as for a packaged app whose package
   * is mapped to its Entra application. `windows_app_sdk`: Entra's. `uwp`: legacy ones. `foreign`: none of ours, it is
   * somebody else's app.
   */
  app?: "mapped" | "windows_app_sdk" | "uwp" | "foreign" | undefined;
  /** A Windows Phone channel: takes X-WNS-SuppressPopup, and DELETE with X-WNS-Match. Default false. */
  phone?: boolean | undefined;
}

/** An app on a Windows device, with one channel. */
export interface WnsDevice {
  /** The channel URI: what an app sends to its server. Its percent-encoding is part of it. */
  readonly device_token: string;
  /** What reached the device, in order. */
  readonly received: readonly WnsReceived[];
  /** Resolves with `received` once it holds `count` notifications (default 1); rejects after `timeout_ms` (default 5000). */
  waitForMessages(count?: number, options?: { timeout_ms?: number }): Promise<readonly WnsReceived[]>;
  /** From now on the channel answers 410. By itself it does so 30 days after it was made. */
  expire(): void;
  /** Too much was sent to this channel: for `seconds` (default 60) it answers 200 `channelthrottled` and delivers nothing. */
  throttle(seconds?: number): void;
  /** The user switched notifications off: 200 `dropped`. */
  block(): void;
  unblock(): void;
  readonly connection_status: WnsConnectionStatus;
  /** From now on one toast, one tile and one badge is kept, and one raw notification if its sender asks for it. */
  goOffline(as?: "disconnected" | "tempconnected"): void;
  /** What was kept and has not expired arrives, in order. */
  goOnline(): void;
}

const DAY_MS = 86_400_000;
const CHANNEL_LIFETIME_MS = 30 * DAY_MS;
const KEPT_MS = 3 * DAY_MS;

/** The device as the emulator holds it; {@link WnsDevice} is what users see of it. */
export class EmulatedDevice implements WnsDevice {
  readonly device_token: string;
  readonly is_phone: boolean;
  readonly log = new ReceivedLog<WnsReceived>();
  readonly #app: NonNullable<WnsDeviceOptions["app"]>;
  readonly #now: () => number;
  #expires_at_ms: number;
  #throttled_until_ms = Number.NEGATIVE_INFINITY;
  #blocked = false;
  #connection_status: WnsConnectionStatus = "connected";
  readonly #kept = new Map<WnsType | undefined, { message: WnsReceived; expires_at_ms: number }>();

  constructor(origin: string, { app = "mapped", phone = false }: WnsDeviceOptions, now: () => number) {
    this.device_token = `${origin}/?token=${newToken()}`;
    this.is_phone = phone;
    this.#app = app;
    this.#now = now;
    this.#expires_at_ms = now() + CHANNEL_LIFETIME_MS;
  }

  get received(): readonly WnsReceived[] {
    return this.log.entries;
  }

  get connection_status(): WnsConnectionStatus {
    return this.#connection_status;
  }

  waitForMessages(count = 1, { timeout_ms = 5000 } = {}): Promise<readonly WnsReceived[]> {
    return this.log.waitFor(count, timeout_ms);
  }

  expire(): void {
    this.#expires_at_ms = Number.NEGATIVE_INFINITY;
    this.#kept.clear();
  }

  throttle(seconds = 60): void {
    this.#throttled_until_ms = this.#now() + seconds * 1000;
  }

  block(): void {
    this.#blocked = true;
  }

  unblock(): void {
    this.#blocked = false;
  }

  goOffline(as: "disconnected" | "tempconnected" = "disconnected"): void {
    this.#connection_status = as;
  }

  goOnline(): void {
    this.#connection_status = "connected";
    const waiting = [...this.#kept.values()].filter((kept) => kept.expires_at_ms > this.#now());
    this.#kept.clear();
    for (const { message } of waiting) this.log.add(message);
  }

  isOf(flow: WnsFlow): boolean {
    const takes = { mapped: ["entra", "legacy"], windows_app_sdk: ["entra"], uwp: ["legacy"], foreign: [] };
    return takes[this.#app].some((one) => one === flow);
  }

  isExpired(now_ms: number): boolean {
    return now_ms >= this.#expires_at_ms;
  }

  /** Whole seconds until the channel takes notifications again; 0: it does. */
  throttledFor(): number {
    return Math.max(0, Math.ceil((this.#throttled_until_ms - this.#now()) / 1000));
  }

  /** What becomes of a notification that is right in every way. */
  verdict(message: WnsReceived): WnsStatus {
    if (this.throttledFor() > 0) return "channelthrottled";
    if (this.#blocked) return "dropped";
    return this.#connection_status === "connected" || isKept(message) ? "received" : "dropped";
  }

  /** While the device is offline one of each type is kept, the newest. */
  take(message: WnsReceived): void {
    if (this.#connection_status === "connected") {
      this.log.add(message);
      return;
    }
    const lifetime_ms = message.ttl === undefined ? KEPT_MS : message.ttl * 1000;
    // Deleted first, so that it moves to the end.
    this.#kept.delete(message.type);
    this.#kept.set(message.type, { message, expires_at_ms: this.#now() + lifetime_ms });
  }
}

function isKept({ type, cache_policy }: WnsReceived): boolean {
  return (cache_policy ?? (type === "raw" ? "no-cache" : "cache")) === "cache";
}

/** Base64 whose `+`, `/` and `=` are percent-encoded: who parses and prints such a URI again breaks it. */
function newToken(): string {
  const part = (bytes: number) => randomBytes(bytes).toString("base64url");
  return `AwYAAAC${part(40)}%2b${part(40)}%2f${part(20)}%3d`;
}
