import { CodecProvider } from "./codec_provider.js";
import { checkConfig } from "./config.js";
import { quietly } from "./engine/events.js";
import type { Lease } from "./engine/lease.js";
import { configFromEnvironment } from "./environment.js";
import { joinEngine, leaseEngine, onlyOpenEngine } from "./leases.js";
import { checkProviderOptions, type ProviderOptions } from "./options.js";
import type { AnyDefinition, PushPlatformAliases, PushPlatforms } from "./platforms.js";
import type { PushNotificationProvider } from "./provider.js";
import {
  aliasesOf,
  getAvailablePlatforms,
  isProviderClass,
  loadPlatform,
  type ProviderClass,
} from "./registry.js";
import { state } from "./state.js";

/** Canonical names and aliases that the types know. */
export type PlatformName = keyof PushPlatforms | keyof PushPlatformAliases;

type Canonical<Name> = Name extends keyof PushPlatformAliases ? PushPlatformAliases[Name] : Name;
type Entry<Name> = Canonical<Name> extends keyof PushPlatforms ? PushPlatforms[Canonical<Name>] : never;

/** What `getPushProvider(name)` takes as config. */
export type ConfigOf<Name> = Name extends PlatformName
  ? Entry<Name> extends { config: infer Config }
    ? Config
    : object
  : Record<string, unknown>;

/** What `getPushProvider(name)` gives. */
export type ProviderOf<Name> = Name extends PlatformName
  ? Entry<Name> extends { provider: infer Provider }
    ? Provider
    : PushNotificationProvider
  : PushNotificationProvider;

/**
 * A provider for one push service, ready to send.
 *
 * Each call is a lease: equal platform, config and options share one engine, and `close()` ends only this handle.
 * Without a config: the one open instance of the platform; else the environment; else, for `simulation`, its defaults.
 *
 * @throws PushError `UNKNOWN_PLATFORM`, `CONFIG_INVALID` (all problems at once), `PEER_MISSING`, `OPTIONS_INVALID`.
 */
export async function getPushProvider<Name extends PlatformName | (string & {})>(
  platform: Name,
  config?: ConfigOf<Name> | undefined,
  options: ProviderOptions = {},
): Promise<ProviderOf<Name>> {
  // The registry is keyed by name at run time; the types follow the literal.
  return (await openProvider(platform, config, options)) as ProviderOf<Name>;
}

async function openProvider(
  platform: string,
  config: object | undefined,
  options: ProviderOptions,
): Promise<PushNotificationProvider> {
  checkProviderOptions(options);
  const registration = await loadPlatform(platform);
  if (isProviderClass(registration)) return makeInstance(registration, config, options);
  const lease = await findLease(registration, config, options);
  const Provider = registration.provider ?? PlainProvider;
  return new Provider(lease);
}

/**
 * The first provider that opens, or `null`; why the others did not is logged as a warning.
 *
 * `const provider = await getFallbackProvider([["web_push", config], ["simulation"]])`
 */
export async function getFallbackProvider(
  preferred: readonly (readonly [platform: PlatformName | (string & {}), config?: object | undefined])[],
  options: ProviderOptions = {},
): Promise<PushNotificationProvider | null> {
  for (const [platform, config] of preferred) {
    try {
      return await openProvider(platform, config, options);
    } catch (error) {
      quietly(() =>
        options.logger?.warn?.({ platform, error }, "provider could not be opened, trying the next"),
      );
    }
  }
  return null;
}

/** What {@link getPlatformStatus} says of one platform. */
export interface PlatformStatus {
  /** Can be opened in this version. */
  available: boolean;
  aliases: string[];
  /** Engines open now. */
  open: number;
  /** Handles on them. */
  leases: number;
}

/** Every platform that can be opened, and how many of it are open. */
export function getPlatformStatus(): Record<string, PlatformStatus> {
  const engines = [...state().engines];
  return Object.fromEntries(
    getAvailablePlatforms().map((platform) => {
      const open = engines.filter((shared) => shared.platform === platform);
      const leases = open.reduce((sum, shared) => sum + shared.leases.size, 0);
      return [platform, { available: true, aliases: [...aliasesOf(platform)], open: open.length, leases }];
    }),
  );
}

/** Closes every open provider, as `close()` does. */
export async function closeAllProviders(
  options: { timeout_seconds?: number | undefined } = {},
): Promise<void> {
  const timeout_ms = (options.timeout_seconds ?? 30) * 1000;
  const leases = [...state().engines].flatMap((shared) => [...shared.leases]);
  const instances = [...state().instances];
  state().instances.clear();
  await Promise.all([
    ...leases.map((lease) => lease.close(timeout_ms)),
    ...instances.map((instance) => instance.close()),
  ]);
}

class PlainProvider extends CodecProvider {}

function findLease(
  definition: AnyDefinition,
  config: object | undefined,
  options: ProviderOptions,
): Promise<Lease> {
  if (config !== undefined && config !== null) {
    return leaseEngine(definition, checkConfig(definition.platform, definition.config, config), options);
  }
  const without_options = Object.values(options).every((value) => value === undefined || value === false);
  const open = without_options ? onlyOpenEngine(definition.platform) : undefined;
  if (open) return joinEngine(open);
  return leaseEngine(definition, configFromEnvironment(definition, process.env), options);
}

function makeInstance(Class: ProviderClass, config: object | undefined, options: ProviderOptions) {
  const checked = Class.config ? checkConfig(Class.platform, Class.config, config ?? {}) : config;
  const instance = new Class(checked as never, options);
  state().instances.add(instance);
  return instance;
}
