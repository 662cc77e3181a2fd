import type { Clock, Codec, Prepared, Transport } from "./codec.js";
import type { SharedConfig } from "./config.js";
import type { Lease } from "./engine/lease.js";
import type { PushNotificationProvider } from "./provider.js";

/** The part of a zod schema that is used here, so that a provider may bring its own copy of zod. */
export interface SchemaLike<Output = unknown> {
  safeParse(
    value: unknown,
  ): { success: true; data: Output } | { success: false; error: { issues: readonly SchemaIssue[] } };
}

export interface SchemaIssue {
  readonly code?: string | undefined;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly keys?: readonly string[] | undefined;
}

/** An object schema whose keys can be listed, so that a wrong key can be answered with the valid ones. */
export interface ObjectSchemaLike<Output = unknown> extends SchemaLike<Output> {
  readonly shape: Readonly<Record<string, SchemaLike>>;
}

/** What a provider's parts get beside their config. */
export interface OpenContext {
  readonly clock: Clock;
  /** Like Math.random: [0, 1). */
  readonly random: () => number;
}

/**
 * Everything there is to know about a push service. `registerProvider(defineProvider({ … }))` makes it a platform
 * of `getPushProvider`.
 */
export interface ProviderDefinition<
  Config = unknown,
  Token = unknown,
  Options = unknown,
  P extends Prepared = Prepared,
  Provider extends PushNotificationProvider = PushNotificationProvider,
> {
  /** Canonical name: lower case, digits and `_`. */
  readonly platform: string;
  readonly aliases?: readonly string[] | undefined;
  /** The provider's own config keys, an object schema (zod). The shared keys (`ttl_seconds`, `retry`, …) are added. */
  readonly config: ObjectSchemaLike<Config>;
  /** The provider's own options, flat in `platform_data` or under its name there: an object schema (zod). */
  readonly platform_data?: ObjectSchemaLike<Options> | undefined;
  /** Makes the codec. Throws (or rejects) with what is wrong with the config; never later. */
  codec(
    config: Config & SharedConfig,
    context: OpenContext,
  ): Codec<Token, Options, P> | Promise<Codec<Token, Options, P>>;
  /** A transport of its own; default: HTTPS. */
  transport?(config: Config & SharedConfig, context: OpenContext): Transport;
  /** The class users hold; default: a plain provider. */
  readonly provider?: (new (lease: Lease) => Provider) | undefined;
  /** Config key -> environment variables that give it, the first that is set wins. */
  readonly environment?: Readonly<Record<string, readonly string[]>> | undefined;
}

/** Checks the shape of a definition's types; returns it as it is. */
export function defineProvider<
  Config,
  Token,
  Options,
  P extends Prepared,
  Provider extends PushNotificationProvider,
>(
  definition: ProviderDefinition<Config, Token, Options, P, Provider>,
): ProviderDefinition<Config, Token, Options, P, Provider> {
  return definition;
}
