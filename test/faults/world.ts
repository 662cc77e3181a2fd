/**
 * A service on real sockets, a provider that sends to it, and a thousand devices. Whatever a test does to them:
 * afterwards nothing is left open, and no error has escaped to the process.
 */
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import type { Clock } from "../../src/codec.js";
import type { SharedConfigInput } from "../../src/config.js";
import { closeAllProviders, getPushProvider, type PushNotificationProvider } from "../../src/index.js";
import { createTransport } from "../../src/transport/transport.js";
import {
  type Device,
  platformOf,
  type Service,
  type ServiceName,
  STARTERS,
  type StartOptions,
} from "./services.js";

export interface WorldOptions {
  readonly config?: SharedConfigInput & { readonly endpoint?: string };
  /** Default 1000. */
  readonly count?: number;
  /** Of the service and the provider. */
  readonly clock?: Clock;
}

export interface World {
  readonly name: ServiceName;
  readonly service: Service;
  readonly provider: PushNotificationProvider;
  readonly devices: readonly Device[];
  readonly tokens: readonly string[];
}

/** What keeps this process alive. */
export function handles(): string[] {
  return process.getActiveResourcesInfo().filter((name) => /TCP|TLS|Timeout|Server|Pipe/i.test(name));
}

/** To be called once in each file; worlds that are opened through it end with the test. */
export function useWorlds() {
  const open = new Set<{ close(): Promise<unknown> }>();
  const escaped: string[] = [];
  const hear = (error: unknown) => void escaped.push(error instanceof Error ? `${error.stack}` : `${error}`);
  let before = 0;
  beforeAll(() => void process.on("uncaughtException", hear).on("unhandledRejection", hear));
  beforeEach(() => {
    before = handles().length;
  });
  afterEach(async () => {
    await closeAllProviders({ timeout_seconds: 0 });
    await Promise.all([...open].map((one) => one.close()));
    open.clear();
    await expect.poll(() => handles().length, { timeout: 5000, interval: 5 }).toBeLessThanOrEqual(before);
  });
  afterAll(() => {
    process.off("uncaughtException", hear).off("unhandledRejection", hear);
    expect(escaped).toEqual([]);
  });

  const closes = <T extends { close(): unknown }>(one: T): T => {
    open.add({ close: async () => one.close() });
    return one;
  };
  const start = async (name: ServiceName, options: StartOptions = {}): Promise<Service> =>
    closes((await STARTERS[name](options)) as unknown as Service);
  return {
    /** Ends with the test. */
    closes,
    start,
    async world(name: ServiceName, { config, count = 1000, clock }: WorldOptions = {}): Promise<World> {
      const service = await start(name, { clock });
      // A machine that is busy with other things may need long for a handshake: that is not what is tried here.
      const transport = createTransport({
        ca: service.ca,
        connect_timeout_ms: 60_000,
        max_connections_per_origin: config?.max_concurrency ?? 200,
      });
      const provider = await getPushProvider(
        platformOf(name),
        { ...service.config, ...config },
        { clock, transport },
      );
      const devices = Array.from({ length: count }, () => service.createDevice());
      return { name, service, provider, devices, tokens: devices.map(({ device_token }) => device_token) };
    },
  };
}
