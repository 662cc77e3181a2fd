import type { Clock } from "../codec.js";

/** A token bucket: `per_second` attempts on average, `burst` at once. */
export class TokenBucket {
  private tokens: number;
  private filled_at: number;
  private timer: unknown;
  private refilled: () => void = () => {};

  constructor(
    private readonly per_second: number,
    private readonly burst: number,
    private readonly clock: Clock,
  ) {
    this.tokens = burst;
    this.filled_at = clock.now();
  }

  /** Called when a token is there again after `take` had none. */
  onRefill(callback: () => void): void {
    this.refilled = callback;
  }

  take(): boolean {
    const now = this.clock.now();
    this.tokens = Math.min(this.burst, this.tokens + ((now - this.filled_at) / 1000) * this.per_second);
    this.filled_at = now;
    if (this.tokens >= 1) {
      this.tokens -= 1;
      return true;
    }
    this.timer ??= this.clock.setTimer(
      () => {
        this.timer = undefined;
        this.refilled();
      },
      Math.ceil(((1 - this.tokens) / this.per_second) * 1000),
    );
    return false;
  }

  close(): void {
    if (this.timer !== undefined) this.clock.clearTimer(this.timer);
    this.timer = undefined;
    this.refilled = () => {};
  }
}
