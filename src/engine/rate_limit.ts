import type { Pace } from "./pacer.js";

/** A token bucket: `per_second` attempts on average, `burst` at once. */
export class TokenBucket implements Pace {
  private tokens: number;
  private filled_ms = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly per_second: number,
    private readonly burst: number,
  ) {
    this.tokens = burst;
  }

  waitMs(now_ms: number): number {
    const earned = ((now_ms - this.filled_ms) / 1000) * this.per_second;
    this.tokens = Math.min(this.burst, this.tokens + earned);
    this.filled_ms = now_ms;
    return this.tokens >= 1 ? 0 : Math.ceil(((1 - this.tokens) / this.per_second) * 1000);
  }

  take(): void {
    this.tokens -= 1;
  }
}
