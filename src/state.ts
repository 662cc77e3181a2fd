import type { SharedEngine } from "./leases.js";
import type { Registration } from "./registry.js";

/**
 * What outlives a single object: who is registered and which engines are open. It hangs on one global symbol, so that
 * the ESM and the CJS build, when both are loaded, are one library.
 */
export interface State {
  readonly registered: Map<string, Registration>;
  readonly engines: Set<SharedEngine>;
  /** Providers that are no codecs and so have no engine. */
  readonly instances: Set<{ close(): Promise<void> }>;
  /** What providers keep for the whole process, each under a name of its own. */
  readonly caches: Map<string, Map<string, unknown>>;
}

const KEY = Symbol.for("pushmux.state.1");

export function state(): State {
  const holder = globalThis as { [KEY]?: State };
  holder[KEY] ??= { registered: new Map(), engines: new Set(), instances: new Set(), caches: new Map() };
  return holder[KEY];
}

/** A map that all providers of a process share, for what a service wants to see once per process. */
export function processCache<Value>(name: string): Map<string, Value> {
  const { caches } = state();
  const cache = caches.get(name) ?? new Map<string, unknown>();
  caches.set(name, cache);
  return cache as Map<string, Value>;
}
