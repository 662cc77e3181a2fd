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
}

const KEY = Symbol.for("pushmux.state.1");

export function state(): State {
  const holder = globalThis as { [KEY]?: State };
  holder[KEY] ??= { registered: new Map(), engines: new Set(), instances: new Set() };
  return holder[KEY];
}
