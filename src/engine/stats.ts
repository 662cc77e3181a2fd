import type { CredentialStats } from "./credentials.js";
import type { Counters, Engine } from "./engine.js";
import { Histogram, type LatencyStats } from "./histogram.js";
import { type OriginStats, Origins } from "./origins.js";

/**
 * How a provider does: counters since it was opened, and what is going on now. A snapshot, JSON-safe, without tokens,
 * names of hosts or secrets; its size does not grow with use.
 */
export interface ProviderStats extends Counters {
  platform: string;
  /** ISO 8601: since when it is counted; `null` where nothing is measured. */
  since: string | null;
  /** Requests beyond the first of their notification; they are in `attempts` too. */
  retries: number;
  /** Single requests that ended, from the wire's side: without waiting for a slot, a credential or the next try. */
  attempt_latency: LatencyStats;
  /** Whole notifications, from when they were taken to their result, whatever it was. */
  notification_latency: LatencyStats;
  /** Open now; 0 also where a transport of its own does not say. */
  connections: number;
  origins: OriginStats;
  /** `null` where nothing is signed. */
  credentials: CredentialStats | null;
}

/** What is measured while an engine works. */
export class Measures {
  retries = 0;
  readonly attempts = new Histogram();
  readonly notifications = new Histogram();

  constructor(readonly since_ms: number) {}
}

export function engineStats(engine: Engine): ProviderStats {
  const { platform, measures, transport, origins, credentials } = engine;
  const now_ms = engine.clock.now();
  return {
    platform,
    since: new Date(measures.since_ms).toISOString(),
    ...engine.counters(),
    retries: measures.retries,
    attempt_latency: measures.attempts.snapshot(),
    notification_latency: measures.notifications.snapshot(),
    connections: transport.connections?.() ?? 0,
    origins: origins.stats(now_ms),
    credentials: credentials?.stats(now_ms) ?? null,
  };
}

/** Of a provider without an engine: its counters, and else nothing. */
export function unmeasured(platform: string, counters: Counters): ProviderStats {
  const nothing = new Histogram();
  return {
    platform,
    since: null,
    ...counters,
    retries: 0,
    attempt_latency: nothing.snapshot(),
    notification_latency: nothing.snapshot(),
    connections: 0,
    origins: new Origins(0).stats(0),
    credentials: null,
  };
}
