import type { SharedConfigInput } from "../../src/config.js";
import { getPushProvider, type PushNotificationProvider } from "../../src/index.js";
import {
  startApnsService,
  startFcmService,
  startWebPushService,
  startWnsService,
} from "../../src/testing/index.js";

export const STARTERS = {
  web_push: startWebPushService,
  fcm: startFcmService,
  apns: startApnsService,
  wns: startWnsService,
} as const;

export type Platform = keyof typeof STARTERS;
export const PLATFORMS = Object.keys(STARTERS) as Platform[];
/** Those that are spoken to over HTTP/2. */
export const OVER_HTTP2 = ["fcm", "apns"] as const;
/** Those whose access tokens come from a token endpoint. */
export const WITH_TOKEN_ENDPOINT = ["fcm", "wns"] as const;

/** One push as a service saw it. */
interface Received {
  readonly device_token?: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly connection_id?: number;
}

interface Device {
  readonly device_token: string;
  readonly received: readonly unknown[];
}

/** What the emulators have in common. */
export interface Service {
  readonly config: object;
  readonly port: number;
  readonly received: readonly Received[];
  readonly token_requests?: number;
  createDevice(): Device;
  respond(token: string, ...answers: { status?: number; reason?: string; delay_ms?: number }[]): void;
  fault(
    kind: string,
    options?: { device_token?: string; times?: number; after?: number; before_reading?: boolean },
  ): () => void;
  close(): Promise<void>;
}

const open = new Set<{ close(): Promise<void> }>();

export async function startService(platform: Platform): Promise<Service> {
  const service = (await STARTERS[platform]()) as unknown as Service;
  open.add(service);
  return service;
}

export async function openProvider(
  platform: Platform,
  service: Service,
  config: SharedConfigInput & { endpoint?: string } = {},
): Promise<PushNotificationProvider> {
  return getPushProvider(platform as string, { ...service.config, ...config });
}

/** Closes every service that was started. */
export async function closeServices(): Promise<void> {
  await Promise.all([...open].map((service) => service.close()));
  open.clear();
}

export function devicesOf(service: Service, count: number): Device[] {
  return Array.from({ length: count }, () => service.createDevice());
}

export function tokensOf(devices: readonly Device[]): string[] {
  return devices.map(({ device_token }) => device_token);
}
