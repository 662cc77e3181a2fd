import type { Retry } from "../codec.js";
import type { Ending } from "./result_draft.js";

/** So many notifications in a row without any answer to their first attempt, and the origin counts as down. */
const FAILURES = 20;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;
/** After so many probes without an answer nobody waits any more. */
const PATIENCE = 5;

/** Why an origin takes no requests now. */
export interface Closed {
  /** When to look again, at the latest; earlier when `watch`'s wake is called. */
  readonly until_ms: number;
  /** It will not open sooner than that: whoever cannot wait so long need not wait at all. */
  readonly firm: boolean;
  /** It has been down for long: to wait is of no use. */
  readonly hopeless: boolean;
  /** What becomes of a notification that cannot wait. */
  readonly ending: Ending;
}

/** The probe is the one request that is to find out whether the origin is back. */
export type Pass = "open" | "probe";

/** How an attempt ended that had no answer. */
export interface NoAnswer {
  readonly code: "TIMEOUT" | "NETWORK_ERROR";
  readonly reason: string;
}

interface Pause {
  readonly until_ms: number;
  readonly verdict: Retry;
}

interface Down {
  readonly until_ms: number;
  readonly pause_ms: number;
  readonly failure: NoAnswer;
  readonly failed_probes: number;
  probing: boolean;
}

/**
 * Whether an origin takes requests now. It may have named a time before which it wants none, or it is down: then one
 * request at a time is let through to see whether it is back (a circuit breaker with a half-open probe).
 */
export class Gate {
  private pause: Pause | undefined;
  private failures = 0;
  private down: Down | undefined;
  private readonly watchers = new Set<() => void>();

  get open(): boolean {
    return this.pause === undefined && this.down === undefined;
  }

  /** Looks only: nobody is let through. */
  state(now_ms: number): "open" | "paused" | "down" {
    if (this.pause && now_ms < this.pause.until_ms) return "paused";
    return this.down ? "down" : "open";
  }

  /** Whoever is let through tells afterwards how it went, and whether it was the probe. */
  enter(now_ms: number): Pass | Closed {
    if (this.pause && now_ms < this.pause.until_ms) return paused(this.pause, now_ms);
    this.pause = undefined;
    if (!this.down) return "open";
    if (now_ms < this.down.until_ms || this.down.probing) return isDown(this.down, now_ms);
    this.down.probing = true;
    return "probe";
  }

  /** Called once when the gate opens, or has something new to say. Returns the end of the watch. */
  watch(wake: () => void): () => void {
    this.watchers.add(wake);
    return () => this.watchers.delete(wake);
  }

  /** The service named a time for everything that this sender asks of it. */
  pauseUntil(until_ms: number, verdict: Retry): void {
    if (until_ms > (this.pause?.until_ms ?? Number.NEGATIVE_INFINITY)) this.pause = { until_ms, verdict };
  }

  /** It answered, whatever it said: it is not down. */
  answered(): void {
    this.failures = 0;
    if (!this.down) return;
    this.down = undefined;
    this.wakeAll();
  }

  /** No answer to a first attempt, or to the probe. Those that are repeated are the unlucky ones: they say little of others. */
  unanswered(failure: NoAnswer, now_ms: number, attempt: "first" | "repeated" | "probe"): void {
    if (attempt === "first") this.failures++;
    if (attempt === "probe" && this.down) {
      const pause_ms = Math.min(LONGEST_PAUSE_MS, this.down.pause_ms * 2);
      this.close(failure, now_ms, pause_ms, this.down.failed_probes + 1);
      this.wakeAll();
    } else if (!this.down && this.failures >= FAILURES) {
      this.close(failure, now_ms, FIRST_PAUSE_MS, 0);
    }
  }

  /** The probe came to nothing: it was stopped before it could tell. Somebody else may try. */
  withdrawn(): void {
    if (this.down) this.down.probing = false;
    this.wakeAll();
  }

  private close(failure: NoAnswer, now_ms: number, pause_ms: number, failed_probes: number): void {
    this.down = { until_ms: now_ms + pause_ms, pause_ms, failure, failed_probes, probing: false };
  }

  private wakeAll(): void {
    const watchers = [...this.watchers];
    this.watchers.clear();
    for (const wake of watchers) wake();
  }
}

function paused({ until_ms, verdict }: Pause, now_ms: number): Closed {
  const ending = { verdict: { ...verdict, retry_after_ms: until_ms - now_ms } };
  return { until_ms, firm: true, hopeless: false, ending };
}

/** While a probe is under way nobody knows how long; its end wakes everybody. */
function isDown({ until_ms, probing, failure, failed_probes }: Down, now_ms: number): Closed {
  return {
    until_ms: probing ? now_ms + LONGEST_PAUSE_MS : until_ms,
    firm: false,
    hopeless: failed_probes >= PATIENCE,
    ending: failure,
  };
}
