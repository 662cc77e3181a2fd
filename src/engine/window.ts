const START = 32;
/** After a cut, from nothing to all in so many rounds. */
const ROUNDS = 64;
/** Latency has collapsed when it is this many times the best one seen, and at least this much above it. */
const COLLAPSE_FACTOR = 16;
const COLLAPSE_MS = 1000;

/**
 * How many attempts one origin gets at a time: more while it answers well, half when it is overloaded. Grows by one per
 * good answer until the first cut, by a fixed step per round afterwards (additive increase, multiplicative decrease).
 */
export class Window {
  private wished: number;
  private cautious = false;
  /** Whatever was started before says nothing about the size since. */
  private cut_at_ms = Number.NEGATIVE_INFINITY;
  private best_ms = Number.POSITIVE_INFINITY;
  private recent_ms = 0;

  private readonly step: number;

  constructor(private readonly max: number) {
    this.wished = Math.min(START, max);
    this.step = Math.max(1, max / ROUNDS);
  }

  /** At least 1, never above `max`. */
  get size(): number {
    return Math.floor(this.wished);
  }

  answered(started_ms: number, now_ms: number): void {
    const latency = now_ms - started_ms;
    this.best_ms = Math.min(this.best_ms, latency);
    this.recent_ms += (latency - this.recent_ms) / 8;
    if (this.recent_ms > this.best_ms * COLLAPSE_FACTOR && this.recent_ms > this.best_ms + COLLAPSE_MS) {
      this.overloaded(started_ms, now_ms);
    } else if (this.wished < this.max) {
      this.wished = Math.min(this.max, this.wished + (this.cautious ? this.step / this.wished : 1));
    }
  }

  overloaded(started_ms: number, now_ms: number): void {
    if (started_ms < this.cut_at_ms) return;
    this.cut_at_ms = now_ms;
    this.cautious = true;
    this.wished = Math.max(1, Math.floor(this.wished) / 2);
    // What is slow for good becomes the new measure: it must not be cut down to nothing.
    this.best_ms = Math.max(1, this.recent_ms / 2);
  }
}
