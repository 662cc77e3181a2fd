import { randomBytes } from "node:crypto";
import { type CredentialFault, type Http2FaultKind, ReceivedLog } from "../../src/testing/kit.js";
import { type Condition, TOPIC } from "./emulator_condition.js";
import { apnsStatus } from "./emulator_reasons.js";
import type { FcmPlatform } from "./emulator_size.js";

/** A message as FCM reads it (https://firebase.google.com/docs/reference/fcm/rest/v1/projects.messages). */
export interface FcmReceivedMessage {
  readonly [field: string]: unknown;
  readonly notification?: Readonly<Record<string, unknown>> | undefined;
  readonly data?: Readonly<Record<string, unknown>> | undefined;
  readonly android?: Readonly<Record<string, unknown>> | undefined;
  readonly apns?: Readonly<Record<string, unknown>> | undefined;
  readonly webpush?: Readonly<Record<string, unknown>> | undefined;
}

/** What can go wrong on the way to or from the service; see `FcmService.fault`. */
export type FcmFaultKind = Http2FaultKind | CredentialFault;

/** One request as the service saw it. */
export interface FcmReceived {
  /** What was asked for: a message, a topic subscription (v1 API), or something of the Instance ID API. */
  kind: "send" | "topic_subscription" | "instance_id" | "unknown";
  /** The registration token of the device that it is for; absent for topics, conditions and strangers. */
  device_token?: string | undefined;
  method: string;
  /** With query and percent-encoding as they came. */
  path: string;
  http_version: "1.1" | "2";
  /** 1, 2, … in the order in which connections were opened. */
  connection_id: number;
  /** Lower-case names; a repeated header's values are joined with `, `. */
  headers: Readonly<Record<string, string>>;
  body: Uint8Array;
  /** The body as it was sent; absent when it is no JSON. */
  json?: unknown;
  /** The message as FCM reads it: names in snake_case, enums by their names. Absent when it cannot be read. */
  message?: FcmReceivedMessage | undefined;
  validate_only: boolean;
  /** The name that the message was given; absent when it was refused. */
  name?: string | undefined;
  /** What it was answered; absent when a fault swallowed the answer. */
  status?: number | undefined;
  /** Why it was refused: FcmError's `errorCode`, else the status' name. */
  reason?: string | undefined;
  /** The service's words when it refused. */
  error?: string | undefined;
  /** What happened to the answer. */
  fault?: FcmFaultKind | undefined;
  /** ISO 8601, by the emulator's clock. */
  timestamp: string;
}

/** Which app it is and how it is registered. */
export interface FcmDeviceOptions {
  /** Default `android`. */
  platform?: FcmPlatform | undefined;
  /** The Firebase project that its app belongs to; default the emulator's. Pushes to another one are a mismatch. */
  project_id?: string | undefined;
  /**
   * iOS only: what APNs answers when FCM forwards a message, for example `Unregistered`, `BadDeviceToken` or
   * `InvalidProviderToken`. A dry run does not find out, for it does not ask APNs.
   */
  apns_error?: string | undefined;
}

/** An installed app. */
export interface FcmDevice {
  /** Its registration token. */
  readonly device_token: string;
  /** Its Firebase installation id. */
  readonly fid: string;
  readonly platform: FcmPlatform;
  /** The topics that it is subscribed to, in the order of subscription. */
  readonly topics: readonly string[];
  /** The messages that reached it, in order. */
  readonly received: readonly FcmReceived[];
  /** Resolves with `received` once it holds `count` messages (default 1); rejects after `timeout_ms` (default 5000). */
  waitForMessages(count?: number, options?: { timeout_ms?: number }): Promise<readonly FcmReceived[]>;
  /** As the client SDK does it. */
  subscribeToTopic(topic: string): void;
  /** As the client SDK does it. */
  unsubscribeFromTopic(topic: string): void;
  /** The app was removed, or its token replaced: from now on the service answers 404 `UNREGISTERED`. */
  unregister(): void;
}

/** The device as the emulator holds it; {@link FcmDevice} is what users see of it. */
export class EmulatedDevice implements FcmDevice {
  readonly fid: string;
  readonly device_token: string;
  readonly platform: FcmPlatform;
  readonly project_id: string;
  readonly apns_error: string | undefined;
  readonly log = new ReceivedLog<FcmReceived>();
  /** When each topic was subscribed to, ISO 8601. */
  readonly subscriptions = new Map<string, string>();
  is_registered = true;
  readonly #now: () => number;

  constructor(project_id: string, options: FcmDeviceOptions, now: () => number) {
    this.fid = newFid();
    this.device_token = `${this.fid}:APA91b${randomBytes(96).toString("base64url")}`;
    this.platform = options.platform ?? "android";
    this.project_id = options.project_id ?? project_id;
    this.apns_error = options.apns_error;
    if (
      this.apns_error !== undefined &&
      (this.platform !== "ios" || apnsStatus(this.apns_error) === undefined)
    )
      throw new TypeError('createDevice: apns_error must be a reason of APNs, and needs platform "ios"');
    this.#now = now;
  }

  get topics(): readonly string[] {
    return [...this.subscriptions.keys()];
  }

  get received(): readonly FcmReceived[] {
    return this.log.entries;
  }

  waitForMessages(count = 1, { timeout_ms = 5000 } = {}): Promise<readonly FcmReceived[]> {
    return this.log.waitFor(count, timeout_ms);
  }

  subscribeToTopic(topic: string): void {
    if (!TOPIC.test(topic)) throw new TypeError("subscribeToTopic: not the name of a topic");
    this.subscriptions.set(topic, new Date(this.#now()).toISOString());
  }

  unsubscribeFromTopic(topic: string): void {
    this.subscriptions.delete(topic);
  }

  unregister(): void {
    this.is_registered = false;
  }
}

/** Whether a text has the form of a registration token, or of an installation id, which may stand for one. */
export function isRegistration(text: string): boolean {
  return /^[\w-]{8,}:[\w-]{30,}$/.test(text) || isFid(text);
}

/** 22 characters of base64url whose first four bits are 0111. */
export function isFid(text: string): boolean {
  return /^[c-f][\w-]{21}$/.test(text);
}

/** All devices, whatever their project. */
export class DeviceRegistry {
  /** By token and by installation id. */
  readonly #devices = new Map<string, EmulatedDevice>();

  add(device: EmulatedDevice): void {
    this.#devices.set(device.device_token, device);
    this.#devices.set(device.fid, device);
  }

  find(registration: string): EmulatedDevice | undefined {
    return this.#devices.get(registration);
  }

  all(): ReadonlySet<EmulatedDevice> {
    return new Set(this.#devices.values());
  }

  /** Those of a project that a topic message reaches. */
  meantBy(condition: Condition, project_id: string): EmulatedDevice[] {
    return [...this.all()].filter(
      (device) =>
        device.is_registered &&
        device.project_id === project_id &&
        condition(new Set(device.subscriptions.keys())),
    );
  }
}

function newFid(): string {
  const bytes = randomBytes(17);
  bytes[0] = 0x70 | ((bytes[0] ?? 0) & 0x0f);
  return bytes.toString("base64url").slice(0, 22);
}
