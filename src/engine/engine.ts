import type { Clock, Codec, HttpRequest, HttpResponse, Retry, Target, Transport } from "../codec.js";
import type { SharedConfig } from "../config.js";
import type { PushErrorCode } from "../error_codes.js";
import type { Vocabulary } from "../platform_data.js";
import type { PushNotificationResult } from "../result.js";
import { Aborts } from "./aborts.js";
import type { Bell } from "./bell.js";
import { RetryBudget } from "./budget.js";
import type { Call } from "./call.js";
import { Credentials } from "./credentials.js";
import type { Reporter } from "./events.js";
import { Fuses } from "./fuse.js";
import { Limiter } from "./limiter.js";
import { Origins } from "./origins.js";
import { createPacer, type Pacer } from "./pacer.js";
import { Resting } from "./resting.js";
import { Measures } from "./stats.js";

/** Everything an engine is made of. */
export interface EngineParts {
  readonly platform: string;
  readonly codec: Codec;
  readonly config: SharedConfig;
  readonly transport: Transport;
  readonly vocabulary: Vocabulary;
  readonly reporter: Reporter;
  readonly clock: Clock;
  readonly random: () => number;
}

/** How many notifications, and what became of them. A snapshot: it does not change afterwards. */
export interface Counters {
  /** Taken by the engine; always `accepted + failed` plus those still under way. */
  taken: number;
  accepted: number;
  failed: number;
  /** Requests started, retries included. */
  attempts: number;
  /** On the wire now. */
  in_flight: number;
  /** Waiting for a slot now. */
  queued: number;
  /** Waiting to be tried again now. */
  parked: number;
  codes: Partial<Record<PushErrorCode, number>>;
  /** ISO 8601: when the last result was made; `null` before the first. */
  last_settled: string | null;
}

/**
 * What all leases of one provider share: codec, transport, slots, credentials, counters. It knows no platform.
 */
export class Engine {
  readonly platform: string;
  readonly codec: Codec;
  readonly config: SharedConfig;
  readonly transport: Transport;
  readonly vocabulary: Vocabulary;
  readonly reporter: Reporter;
  readonly clock: Clock;
  readonly random: () => number;
  readonly limiter: Limiter;
  readonly origins: Origins;
  readonly resting = new Resting();
  readonly budget = new RetryBudget();
  readonly aborts = new Aborts();
  readonly fuses: Fuses;
  readonly credentials: Credentials<unknown> | undefined;
  readonly measures: Measures;
  /** Notifications that wait to be tried again, over all calls. */
  parked = 0;
  attempts = 0;
  /** Bulk runs that wait for room. */
  readonly bells = new Set<Bell>();
  private readonly pacer: Pacer | undefined;
  private taken = 0;
  private accepted = 0;
  private failed = 0;
  private last_settled: string | null = null;
  private readonly codes: Partial<Record<PushErrorCode, number>> = {};

  constructor(parts: EngineParts) {
    this.platform = parts.platform;
    this.codec = parts.codec;
    this.config = parts.config;
    this.transport = parts.transport;
    this.vocabulary = parts.vocabulary;
    this.reporter = parts.reporter;
    this.clock = parts.clock;
    this.random = parts.random;
    this.fuses = new Fuses(parts.clock);
    this.measures = new Measures(parts.clock.now());
    this.pacer = createPacer(parts.config, parts.codec.pacing, this.clock);
    const max = parts.config.max_concurrency ?? parts.codec.limits.max_concurrency;
    this.origins = new Origins(max);
    const windowOf = (key: string) => this.origins.of(key).window.size;
    this.limiter = new Limiter(max, this.pacer, windowOf, () => this.ring());
    if (parts.codec.credential) {
      this.credentials = new Credentials<unknown>(parts.codec.credential, {
        platform: this.platform,
        clock: this.clock,
        timeout_ms: parts.config.timeout_seconds * 1000,
        fetch: (request, signal) => this.fetch(request, signal),
      });
    }
  }

  /** Counts a notification that is taken; returns how many were taken before it. */
  take(): number {
    return this.taken++;
  }

  settled(result: PushNotificationResult): void {
    this.last_settled = result.timestamp;
    this.measures.notifications.record(result.duration_ms);
    if (result.success) {
      this.accepted++;
      return;
    }
    this.failed++;
    this.codes[result.error_code] = (this.codes[result.error_code] ?? 0) + 1;
  }

  counters(): Counters {
    return {
      taken: this.taken,
      accepted: this.accepted,
      failed: this.failed,
      attempts: this.attempts,
      in_flight: this.limiter.active,
      queued: this.limiter.waiting,
      parked: this.parked,
      codes: { ...this.codes },
      last_settled: this.last_settled,
    };
  }

  /** May a bulk run take another item from its input? */
  hasRoom(): boolean {
    const { load, active, waiting, max } = this.limiter;
    // What waited for its turn in here would only grow old.
    if (this.parked >= max || this.pacer?.mayGo() === false) return false;
    // Where all goes to one origin, an item is taken when it can go. Where not, one may wait while another goes.
    return this.origins.size > 1
      ? active < max && waiting < max
      : load < (this.origins.only?.window.size ?? max);
  }

  park(call: Call): void {
    this.parked++;
    call.parked++;
    this.ring();
  }

  unpark(call: Call): void {
    this.parked--;
    call.parked--;
  }

  /** Those who wait for one origin must not keep the work for others from being taken. */
  tooManyParked(): boolean {
    return this.origins.size > 1 && this.parked >= this.limiter.max / 2;
  }

  /** Something ended or was parked: whoever waits for room looks again. */
  ring(): void {
    for (const bell of this.bells) bell.ring();
  }

  async close(): Promise<void> {
    this.pacer?.close();
    await Promise.all([this.transport.close(), this.codec.close?.()]);
  }

  /** One plain request, for token endpoints. */
  private async fetch(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse | Retry> {
    const connection = { key: new URL(request.url).origin, protocol: "h1", guard: "fixed" } as const;
    const outcome = await this.transport.send(request, { signal, connection });
    if (outcome.outcome === "response") return outcome.response;
    return { verdict: "retry", code: "NETWORK_ERROR", reason: outcome.reason, scope: "sender" };
  }
}

export type AnyTarget = Target<unknown>;
