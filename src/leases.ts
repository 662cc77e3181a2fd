import { isDeepStrictEqual } from "node:util";
import type { Codec } from "./codec.js";
import type { SharedConfig } from "./config.js";
import { systemClock } from "./engine/clock.js";
import { Engine } from "./engine/engine.js";
import { debugLogger, type PushLogger, Reporter } from "./engine/events.js";
import { Lease } from "./engine/lease.js";
import { PushError } from "./errors.js";
import type { ProviderOptions } from "./options.js";
import type { AnyDefinition } from "./platforms.js";
import { vocabularyOf } from "./registry.js";
import { state } from "./state.js";

/** An engine and everybody who holds it. */
export interface SharedEngine {
  readonly platform: string;
  readonly config: object;
  readonly options: ProviderOptions;
  readonly engine: Promise<Engine>;
  readonly leases: Set<Lease>;
  /** Leases that are closing but not closed. */
  draining: number;
}

/** A lease on the open engine with the same platform, config and options, or on a new one. */
export async function leaseEngine(
  definition: AnyDefinition,
  config: object,
  options: ProviderOptions,
): Promise<Lease> {
  const { engines } = state();
  let shared = options.force_new ? undefined : findEqual(definition.platform, config, options);
  if (!shared) {
    shared = {
      platform: definition.platform,
      config,
      options,
      engine: openEngine(definition, config as SharedConfig, options),
      leases: new Set(),
      draining: 0,
    };
    // Entered before anything is awaited: two callers at once get the same engine.
    engines.add(shared);
  }
  return joinEngine(shared);
}

/** One more lease on an open engine. */
export async function joinEngine(shared: SharedEngine): Promise<Lease> {
  // Counts as a holder while the engine opens, so that nobody closes it under us.
  shared.draining++;
  try {
    const engine = await shared.engine;
    const lease: Lease = new Lease(engine, {
      leave: () => leave(shared, lease),
      left: () => left(shared),
    });
    shared.leases.add(lease);
    return lease;
  } catch (error) {
    state().engines.delete(shared);
    throw error;
  } finally {
    shared.draining--;
  }
}

/** The one open engine of a platform that may be shared, if there is exactly one. */
export function onlyOpenEngine(platform: string): SharedEngine | undefined {
  const open = sharable(platform);
  return open.length === 1 ? open[0] : undefined;
}

function sharable(platform: string): SharedEngine[] {
  return [...state().engines].filter((shared) => shared.platform === platform && !shared.options.force_new);
}

function findEqual(platform: string, config: object, options: ProviderOptions): SharedEngine | undefined {
  return sharable(platform).find(
    (shared) => sameOptions(shared.options, options) && sameConfig(shared.config, config),
  );
}

function sameOptions(a: ProviderOptions, b: ProviderOptions): boolean {
  const keys: (keyof ProviderOptions)[] = ["logger", "on_event", "clock", "random", "transport"];
  return keys.every((key) => a[key] === b[key]);
}

/** Data by value; functions, and objects that are not plain, by identity. */
function sameConfig(a: unknown, b: unknown): boolean {
  if (!isPlain(a) || !isPlain(b)) {
    if (typeof a === "object" && a !== null && !Array.isArray(a)) return a === b;
    return isDeepStrictEqual(a, b);
  }
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && sameConfig(a[key], b[key]))
  );
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** From here on nobody new may join an engine whose last holder goes. */
function leave(shared: SharedEngine, lease: Lease): void {
  shared.leases.delete(lease);
  shared.draining++;
  if (shared.leases.size === 0 && shared.draining === 1) state().engines.delete(shared);
}

async function left(shared: SharedEngine): Promise<void> {
  shared.draining--;
  if (shared.leases.size > 0 || shared.draining > 0) return;
  state().engines.delete(shared);
  await (await shared.engine).close();
}

async function openEngine(
  definition: AnyDefinition,
  config: SharedConfig,
  options: ProviderOptions,
): Promise<Engine> {
  const { platform } = definition;
  const clock = options.clock ?? systemClock;
  const random = options.random ?? Math.random;
  let codec: Codec | undefined;
  try {
    const context = { clock, random };
    codec = await definition.codec(config, context);
    const max_connections = config.max_concurrency ?? codec.limits.max_concurrency;
    const transport =
      options.transport ??
      codec.transport ??
      definition.transport?.(config, context) ??
      (await httpTransport(config, max_connections));
    const debug = debugLogger(platform, process.env.PUSHMUX_DEBUG);
    const loggers = [options.logger, debug].filter((logger): logger is PushLogger => logger !== undefined);
    const reporter = new Reporter(options.on_event, loggers);
    return new Engine({
      platform,
      codec,
      config,
      transport,
      vocabulary: vocabularyOf(definition),
      reporter,
      clock,
      random,
    });
  } catch (error) {
    await codec?.close?.();
    if (PushError.is(error)) throw error;
    // The error's own words may quote a key; they stay in the cause.
    throw new PushError("CONFIG_INVALID", `${platform}: could not be opened with this config`, {
      cause: error,
    });
  }
}

/** As many HTTP/1.1 connections to one origin as there are slots: waiting is the engine's, with its deadlines. */
async function httpTransport(config: SharedConfig, max_connections_per_origin: number) {
  const { createTransport } = await import("./transport/transport.js");
  return createTransport({
    max_connections_per_origin,
    ...(config.proxy === undefined ? {} : { proxy: config.proxy }),
    ...(config.ca === undefined ? {} : { ca: config.ca }),
  });
}
