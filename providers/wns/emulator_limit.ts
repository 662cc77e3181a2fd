/** How fast a sender may send. Microsoft keeps its own numbers to itself. */
export interface WnsSenderLimit {
  /** Notifications per window. */
  requests: number;
  window_seconds: number;
}

/** Counts notifications in windows of time; without a limit it lets all of them pass. */
export class SenderLimit {
  readonly #limit: WnsSenderLimit | undefined;
  #window_ends_at_ms = Number.NEGATIVE_INFINITY;
  #count = 0;

  constructor(limit: WnsSenderLimit | undefined) {
    this.#limit = limit;
  }

  /** Counts one notification, and tells whether it is one too many. */
  exceeds(now_ms: number): boolean {
    if (!this.#limit) return false;
    if (now_ms >= this.#window_ends_at_ms) {
      this.#window_ends_at_ms = now_ms + this.#limit.window_seconds * 1000;
      this.#count = 0;
    }
    this.#count++;
    return this.#count > this.#limit.requests;
  }

  /** Whole seconds until the next window. */
  waitSeconds(now_ms: number): number {
    return Math.max(0, Math.ceil((this.#window_ends_at_ms - now_ms) / 1000));
  }
}
