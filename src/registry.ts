import type { ObjectSchemaLike } from "./definition.js";
import { PushError } from "./errors.js";
import type { ProviderOptions } from "./options.js";
import type { Vocabulary } from "./platform_data.js";
import type { AnyDefinition } from "./platforms.js";
import { BUILT_IN } from "./platforms.js";
import type { PushNotificationProvider } from "./provider.js";
import { state } from "./state.js";
import { hint } from "./suggest.js";

/** A provider class written by hand, without a codec. Each `getPushProvider` makes a new one; it is never shared. */
export interface ProviderClass {
  readonly platform: string;
  readonly aliases?: readonly string[] | undefined;
  /** Checked like any provider's config; absent: the config is handed over as it came. */
  readonly config?: ObjectSchemaLike | undefined;
  new (config: never, options: ProviderOptions): PushNotificationProvider;
}

/** What {@link registerProvider} takes. */
export type Registration = AnyDefinition | ProviderClass;

export function isProviderClass(registration: Registration): registration is ProviderClass {
  return typeof registration === "function";
}

/**
 * Makes a provider of your own a platform of `getPushProvider`: what `defineProvider` returns, or a subclass of
 * `PushNotificationProvider` with a static `platform`.
 *
 * @throws PushError `CONFIG_INVALID` when the name is malformed or taken.
 */
export function registerProvider(registration: Registration): void {
  if (typeof registration !== "function" && !isDefinition(registration)) {
    throw new PushError(
      "CONFIG_INVALID",
      "registerProvider: expected what defineProvider returns, or a subclass of PushNotificationProvider",
    );
  }
  const { platform, aliases = [] } = registration;
  for (const name of [platform, ...aliases]) {
    if (typeof name !== "string" || !/^[a-z][a-z0-9_]*$/.test(name)) {
      throw new PushError(
        "CONFIG_INVALID",
        `platform: expected a name of lower-case letters, digits and _, got ${JSON.stringify(name)}`,
      );
    }
    if (canonicalName(name) !== undefined) {
      throw new PushError(
        "CONFIG_INVALID",
        `platform: the name ${name} is taken; taken: ${allNames().join(", ")}`,
      );
    }
  }
  state().registered.set(platform, registration);
}

/** Callers without types may hand over anything. */
function isDefinition(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { config, codec } = value as { config?: unknown; codec?: unknown };
  return typeof codec === "function" && typeof config === "object" && config !== null && "shape" in config;
}

/** Platforms that `getPushProvider` can open, by canonical name. */
export function getAvailablePlatforms(): string[] {
  return [...Object.keys(BUILT_IN), ...state().registered.keys()];
}

/** The canonical name for a name or an alias. */
export function canonicalName(name: string): string | undefined {
  if (Object.hasOwn(BUILT_IN, name) || state().registered.has(name)) return name;
  for (const [platform, { aliases }] of Object.entries(BUILT_IN)) if (aliases.includes(name)) return platform;
  for (const [platform, { aliases }] of state().registered) if (aliases?.includes(name)) return platform;
  return undefined;
}

export function aliasesOf(platform: string): readonly string[] {
  return BUILT_IN[platform]?.aliases ?? state().registered.get(platform)?.aliases ?? [];
}

/** @throws PushError `UNKNOWN_PLATFORM`, listing the names. */
export async function loadPlatform(name: unknown): Promise<Registration> {
  const platform = typeof name === "string" ? canonicalName(name) : undefined;
  const registration =
    platform === undefined
      ? undefined
      : (state().registered.get(platform) ?? (await BUILT_IN[platform]?.load()));
  if (registration) return registration;
  const shown = typeof name === "string" ? name.slice(0, 50) : typeof name;
  throw new PushError(
    "UNKNOWN_PLATFORM",
    `${shown}: unknown platform; ${hint(String(shown), getAvailablePlatforms())}`,
  );
}

/** What may stand in `platform_data`, seen from one provider. Looked up late: providers may be registered any time. */
export function vocabularyOf(definition: AnyDefinition): Vocabulary {
  return {
    platform: definition.platform,
    options: definition.platform_data,
    namespace: canonicalName,
    isForeign: (key) => {
      for (const [platform, { flat_keys }] of Object.entries(BUILT_IN)) {
        if (platform !== definition.platform && flat_keys.includes(key)) return true;
      }
      for (const [platform, other] of state().registered) {
        if (platform === definition.platform || isProviderClass(other)) continue;
        if (other.platform_data && Object.hasOwn(other.platform_data.shape, key)) return true;
      }
      return false;
    },
    namespaces: () => [...Object.keys(BUILT_IN), ...state().registered.keys()],
  };
}

function allNames(): string[] {
  const names = [...Object.keys(BUILT_IN), ...state().registered.keys()];
  return names.flatMap((name) => [name, ...aliasesOf(name)]);
}
