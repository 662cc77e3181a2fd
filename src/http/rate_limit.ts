/** What is limited. */
export type Limited = "subscribe" | "test" | "ack";

interface Bucket {
  left: number;
  filled_ms: number;
}

/** Keys remembered; beyond that the longest unused is forgotten. */
const MAX_BUCKETS = 50_000;

/** A token bucket per key, in memory: a minute's worth at once, and refilled evenly. */
export class RateLimit {
  /** In the order of their last use. */
  readonly #buckets = new Map<string, Bucket>();

  constructor(
    private readonly per_minute: Readonly<Record<Limited, number>>,
    private readonly now: () => number,
  ) {}

  /** 0, or the seconds until there is room. */
  take(what: Limited, key: string): number {
    const full = Math.max(1, this.per_minute[what]);
    const per_ms = this.per_minute[what] / 60_000;
    const now_ms = this.now();
    const name = `${what} ${key}`;
    const { left, filled_ms } = this.#buckets.get(name) ?? { left: full, filled_ms: now_ms };
    const room = Math.min(full, left + Math.max(0, now_ms - filled_ms) * per_ms);
    const is_free = room >= 1;
    this.#buckets.delete(name);
    this.#buckets.set(name, { left: is_free ? room - 1 : room, filled_ms: now_ms });
    if (this.#buckets.size > MAX_BUCKETS) this.#forgetOldest();
    return is_free ? 0 : Math.ceil((1 - room) / per_ms / 1000);
  }

  #forgetOldest(): void {
    for (const name of this.#buckets.keys()) {
      this.#buckets.delete(name);
      return;
    }
  }
}
