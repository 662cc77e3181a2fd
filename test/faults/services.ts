import type { PushNotificationPayload } from "../../src/index.js";
import {
  type ApnsFaultOptions,
  type ScriptedAnswer,
  startApnsService,
  startFcmService,
  startWebPushService,
  startWnsService,
} from "../../src/testing/index.js";

export interface StartOptions {
  readonly clock?: { now(): number } | undefined;
}

/** The services by what they speak: over HTTP/1.1 a fault strikes one request, over HTTP/2 all of its connection. */
export const STARTERS = {
  apns: (options: StartOptions) => startApnsService(options),
  fcm: (options: StartOptions) => startFcmService(options),
  wns: (options: StartOptions) => startWnsService(options),
  web_push: (options: StartOptions) => startWebPushService(options),
  web_push_h2: (options: StartOptions) => startWebPushService({ ...options, protocols: ["h2"] }),
} as const;

export type ServiceName = keyof typeof STARTERS;
export const SERVICES = Object.keys(STARTERS) as ServiceName[];
/** Each once, over the protocol that it is known for. */
export const PLATFORMS = ["apns", "fcm", "wns", "web_push"] as const;
export const OVER_HTTP2 = ["apns", "fcm", "web_push_h2"] as const;

export const platformOf = (name: ServiceName): string => name.replace("_h2", "");

/** One request as a service saw it. */
interface Received {
  readonly device_token?: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly status?: number | undefined;
  readonly connection_id?: number;
}

export interface Device {
  readonly device_token: string;
  /** What was processed for it. */
  readonly received: readonly unknown[];
}

export type FaultOptions = Omit<ApnsFaultOptions, "reason">;

/** What the emulators have in common. */
export interface Service {
  readonly config: object;
  readonly port: number;
  readonly origin: string;
  readonly ca: string;
  readonly received: readonly Received[];
  readonly token_requests?: number;
  createDevice(): Device;
  clearReceived(): void;
  respond(token: string, ...answers: (ScriptedAnswer | readonly ScriptedAnswer[])[]): void;
  fault(kind: string, options?: FaultOptions): () => void;
  clearFaults(): void;
  close(): Promise<void>;
}

export const payload: PushNotificationPayload = { title: "hello", body: "world" };

/** Every nth of a thousand: `each(10)` is one in ten, spread evenly. */
export function each<T>(nth: number, list: readonly T[], first = 0): T[] {
  return list.filter((_, i) => i % nth === first);
}
