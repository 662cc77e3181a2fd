import { createECDH, randomBytes } from "node:crypto";
import { type CredentialFault, type Http2FaultKind, ReceivedLog } from "../../src/testing/kit.js";
import { decryptMessage, type MessageHeaders, type ReceiverKeys } from "./decrypt.js";
import type { WebPushVendor } from "./emulator_words.js";

/** What can go wrong on the way to or from the service; see `WebPushService.fault`. */
export type WebPushFaultKind = Http2FaultKind | CredentialFault;

/** One request as the service saw it, decrypted with the device's keys where that was possible. */
export interface WebPushReceived {
  /** The token of the device whose endpoint was posted to; absent when there is none. */
  device_token?: string | undefined;
  vendor: WebPushVendor;
  method: string;
  /** With query and percent-encoding as they came. */
  path: string;
  /** Lower-case names; a repeated header's values are joined with `, `. */
  headers: Readonly<Record<string, string>>;
  /** Seconds; absent when the header was missing or no number. */
  ttl?: number | undefined;
  urgency?: string | undefined;
  topic?: string | undefined;
  content_encoding?: string | undefined;
  /** As it came, encrypted. */
  body: Uint8Array;
  /** What the device reads; absent when the body was empty or did not decrypt. */
  text?: string | undefined;
  /** `text` parsed, when it is JSON. */
  json?: unknown;
  /** The VAPID token's claims, whether or not its signature holds. */
  claims?: Readonly<Record<string, unknown>> | undefined;
  /** There was a body and the device cannot read it. No real service can see that, so it is accepted all the same. */
  undecryptable: boolean;
  /** Why not. */
  error?: string | undefined;
  /** What it was answered; absent when a fault swallowed the answer. */
  status?: number | undefined;
  /** The service's words when it refused. */
  reason?: string | undefined;
  /** What happened to the answer. */
  fault?: WebPushFaultKind | undefined;
  /** ISO 8601, by the emulator's clock. */
  timestamp: string;
}

/** The same shape as `PushSubscription.toJSON()` in a browser. */
export interface WebPushSubscriptionJson {
  endpoint: string;
  expirationTime: number | null;
  keys: { p256dh: string; auth: string };
}

/** Which browser it is and how it subscribed. */
export interface WebPushDeviceOptions {
  /** Whose push service its browser uses: the endpoint's shape, and the words of refusals. Default `mozilla`. */
  vendor?: WebPushVendor | undefined;
  /** The key that the page subscribed with, base64url; default the emulator's. With another one every push is a mismatch. */
  vapid_public_key?: string | undefined;
  /** What its browser can read, as `PushManager.supportedContentEncodings`. Default both; Safari: `aes128gcm` only. */
  content_encodings?: readonly ("aes128gcm" | "aesgcm")[] | undefined;
  /** Largest body that its service takes; default 4096 (RFC 8030 section 7.2). Firefox on Android takes less. */
  max_body_bytes?: number | undefined;
}

/** A browser with one subscription. */
export interface WebPushDevice {
  /** JSON text of the subscription: what a page sends to its server. */
  readonly device_token: string;
  readonly subscription: WebPushSubscriptionJson;
  readonly endpoint: string;
  readonly vendor: WebPushVendor;
  /** What reached this device, in order; also messages that it could not read (`error`). */
  readonly received: readonly WebPushReceived[];
  /** Resolves with `received` once it holds `count` messages (default 1); rejects after `timeout_ms` (default 5000). */
  waitForMessages(count?: number, options?: { timeout_ms?: number }): Promise<readonly WebPushReceived[]>;
  /** Decrypts as this browser would. `headers` are needed for `aesgcm`. Throws an Error that says what is wrong. */
  decrypt(body: Uint8Array, headers?: Readonly<Record<string, string | undefined>>): Uint8Array;
  /** The user withdrew: from now on the service answers 410. */
  unsubscribe(): void;
  /** The service forgot the subscription: from now on it answers 410. */
  expire(): void;
  /** From now on messages with a TTL above 0 are kept, the others are dropped. */
  goOffline(): void;
  /** Kept messages that have not expired arrive, in order. */
  goOnline(): void;
}

/** The options with every default filled in. */
type DeviceSettings = { [K in keyof WebPushDeviceOptions]-?: NonNullable<WebPushDeviceOptions[K]> };

interface StoredMessage {
  readonly id: string;
  readonly message: WebPushReceived;
  readonly expires_at_ms: number;
}

/** The device as the emulator holds it; {@link WebPushDevice} is what users see of it. */
export class EmulatedDevice implements WebPushDevice {
  readonly device_token: string;
  readonly subscription: WebPushSubscriptionJson;
  readonly vendor: WebPushVendor;
  readonly bound_key: Buffer;
  readonly max_body_bytes: number;
  state: "subscribed" | "unsubscribed" | "expired" = "subscribed";
  readonly log = new ReceivedLog<WebPushReceived>();
  readonly #keys: ReceiverKeys;
  readonly #codings: readonly string[];
  readonly #now: () => number;
  #online = true;
  #stored: StoredMessage[] = [];

  constructor(endpoint: string, options: DeviceSettings, now: () => number) {
    const ecdh = createECDH("prime256v1");
    const p256dh = ecdh.generateKeys().toString("base64url");
    const auth_secret = randomBytes(16);
    this.#keys = { ecdh, auth_secret };
    this.#codings = options.content_encodings;
    this.#now = now;
    this.vendor = options.vendor;
    this.bound_key = Buffer.from(options.vapid_public_key, "base64url");
    if (this.bound_key.length !== 65)
      throw new TypeError("createDevice: vapid_public_key must be 65 bytes in base64url");
    this.max_body_bytes = options.max_body_bytes;
    this.subscription = {
      endpoint,
      expirationTime: null,
      keys: { p256dh, auth: auth_secret.toString("base64url") },
    };
    this.device_token = JSON.stringify(this.subscription);
  }

  get endpoint(): string {
    return this.subscription.endpoint;
  }

  get received(): readonly WebPushReceived[] {
    return this.log.entries;
  }

  waitForMessages(count = 1, { timeout_ms = 5000 } = {}): Promise<readonly WebPushReceived[]> {
    return this.log.waitFor(count, timeout_ms);
  }

  decrypt(body: Uint8Array, headers: MessageHeaders = {}): Buffer {
    const coding = headers["content-encoding"] ?? "aes128gcm";
    if (!this.#codings.includes(coding))
      throw new Error(`this browser does not know the content coding ${coding}`);
    return decryptMessage(body, this.#keys, headers);
  }

  unsubscribe(): void {
    this.#end("unsubscribed");
  }

  expire(): void {
    this.#end("expired");
  }

  goOffline(): void {
    this.#online = false;
  }

  goOnline(): void {
    this.#online = true;
    const waiting = this.#stored.filter((stored) => stored.expires_at_ms > this.#now());
    this.#stored = [];
    for (const { message } of waiting) this.log.add(message);
  }

  /** RFC 8030 sections 5.2 and 5.4: a TTL of 0 ends at once, a topic replaces what is still undelivered. */
  take(id: string, message: WebPushReceived, ttl_seconds: number): void {
    if (this.#online) {
      this.log.add(message);
      return;
    }
    if (message.topic !== undefined) {
      this.#stored = this.#stored.filter((stored) => stored.message.topic !== message.topic);
    }
    this.#stored.push({ id, message, expires_at_ms: this.#now() + ttl_seconds * 1000 });
  }

  /** The sender takes a message back; one that arrived already stays. */
  withdraw(id: string): void {
    this.#stored = this.#stored.filter((stored) => stored.id !== id);
  }

  #end(state: "unsubscribed" | "expired"): void {
    this.state = state;
    this.#stored = [];
  }
}
