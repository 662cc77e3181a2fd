import { randomBytes } from "node:crypto";
import { type CredentialFault, type Http2FaultKind, ReceivedLog } from "../../src/testing/kit.js";
import type { ApnsEnvironment } from "./emulator_certificates.js";
import type { ApnsPushType } from "./emulator_topics.js";

/** What can go wrong on the way to or from the service; see `ApnsService.fault`. */
export type ApnsFaultKind = Http2FaultKind | CredentialFault;

/** One request as the service saw it. */
export interface ApnsReceived {
  /** The device that was pushed to, lower case; absent when there is none with that token. */
  device_token?: string | undefined;
  /** Of the `apns-channel-id` header, or of the channel that was created. */
  channel_id?: string | undefined;
  method: string;
  path: string;
  /** Lower-case names; a repeated header's values are joined with `, `. */
  headers: Readonly<Record<string, string>>;
  http_version: "1.1" | "2";
  /** 1, 2, … in the order in which connections were opened. */
  connection_id: number;
  stream_id?: number | undefined;
  /** As it came. */
  apns_id?: string | undefined;
  topic?: string | undefined;
  push_type?: string | undefined;
  /** Absent when the header was missing or no number; so is `expiration`, in seconds since 1970. */
  priority?: number | undefined;
  expiration?: number | undefined;
  collapse_id?: string | undefined;
  /** As it came. */
  body: Uint8Array;
  /** The body, when it is a JSON object. */
  payload?: Readonly<Record<string, unknown>> | undefined;
  /** The payload's `aps`, when that is an object. */
  aps?: Readonly<Record<string, unknown>> | undefined;
  /** The provider token's claims, whether or not its signature holds. */
  claims?: Readonly<Record<string, unknown>> | undefined;
  /** What APNs takes although it is wrong, or will not do what the sender meant. */
  notes: readonly string[];
  /** What it was answered; absent when a fault swallowed the answer. */
  status?: number | undefined;
  /** The service's word when it refused. */
  reason?: string | undefined;
  /** What happened to the answer. */
  fault?: ApnsFaultKind | undefined;
  /** ISO 8601, by the emulator's clock. */
  timestamp: string;
}

/** Whose token it is. */
export interface ApnsDeviceOptions {
  /** The app; default the service's first. With one that is not the team's, every push is refused. */
  bundle_id?: string | undefined;
  /**
   * What the token is for. With Apple the app's own is for alerts and background pushes (`alert`), and every other push
   * type has a token of its own: one for calls (`voip`), one for each Live Activity (`liveactivity`), … Default: all of
   * them, so that a test need not care.
   */
  push_type?: Exclude<ApnsPushType, "background"> | undefined;
  /** Which build the app is; default as the service. Tokens of the other environment are bad ones. */
  environment?: ApnsEnvironment | undefined;
}

/** One app on one device. */
export interface ApnsDevice {
  /** Lower-case hex. */
  readonly device_token: string;
  readonly bundle_id: string;
  readonly push_type: ApnsPushType | undefined;
  readonly environment: ApnsEnvironment;
  /** What reached this device, in order. */
  readonly received: readonly ApnsReceived[];
  /** Resolves with `received` once it holds `count` messages (default 1); rejects after `timeout_ms` (default 5000). */
  waitForMessages(count?: number, options?: { timeout_ms?: number }): Promise<readonly ApnsReceived[]>;
  /** The app was deleted: from now on the service answers 410 `Unregistered`, with this moment. */
  unregister(): void;
  /** From now on the service answers 410 `ExpiredToken`, with this moment. */
  expire(): void;
}

/** What a channel is for, and what it keeps. */
export interface ApnsChannelOptions {
  /** Default the service's first. */
  bundle_id?: string | undefined;
  /** 0: nothing is stored for devices that are offline; 1: the latest message. Default 1. */
  message_storage_policy?: 0 | 1 | undefined;
}

/** A broadcast channel. */
export interface ApnsChannel {
  readonly channel_id: string;
  readonly bundle_id: string;
  readonly message_storage_policy: 0 | 1;
  /** What was broadcast on it, in order. */
  readonly received: readonly ApnsReceived[];
  /** Resolves with `received` once it holds `count` messages (default 1); rejects after `timeout_ms` (default 5000). */
  waitForMessages(count?: number, options?: { timeout_ms?: number }): Promise<readonly ApnsReceived[]>;
}

/** What messages arrive at. */
class Receiver {
  readonly log = new ReceivedLog<ApnsReceived>();

  get received(): readonly ApnsReceived[] {
    return this.log.entries;
  }

  waitForMessages(count = 1, { timeout_ms = 5000 } = {}): Promise<readonly ApnsReceived[]> {
    return this.log.waitFor(count, timeout_ms);
  }
}

/** The device as the emulator holds it; {@link ApnsDevice} is what users see of it. */
export class EmulatedDevice extends Receiver implements ApnsDevice {
  readonly device_token: string;
  readonly bundle_id: string;
  readonly push_type: ApnsPushType | undefined;
  readonly environment: ApnsEnvironment;
  gone: { reason: "Unregistered" | "ExpiredToken"; since_ms: number } | undefined;
  readonly #now: () => number;

  constructor(
    options: ApnsDeviceOptions & { bundle_id: string; environment: ApnsEnvironment },
    now: () => number,
  ) {
    super();
    this.bundle_id = options.bundle_id;
    this.push_type = options.push_type;
    this.environment = options.environment;
    this.#now = now;
    // Those of Live Activities are longer; Apple asks not to count on any length.
    this.device_token = randomBytes(options.push_type === "liveactivity" ? 80 : 32).toString("hex");
  }

  unregister(): void {
    this.gone = { reason: "Unregistered", since_ms: this.#now() };
  }

  expire(): void {
    this.gone = { reason: "ExpiredToken", since_ms: this.#now() };
  }
}

/** The channel as the emulator holds it; {@link ApnsChannel} is what users see of it. */
export class EmulatedChannel extends Receiver implements ApnsChannel {
  readonly channel_id = randomBytes(16).toString("base64");

  constructor(
    readonly bundle_id: string,
    readonly message_storage_policy: 0 | 1,
  ) {
    super();
  }
}
