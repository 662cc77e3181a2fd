import type { TokenBucket } from "./rate_limit.js";

/** Somebody who waits for a slot. `granted` is set before `wake` is called. */
export interface Waiter {
  readonly key: string;
  granted: boolean;
  readonly wake: () => void;
}

interface Origin {
  active: number;
  queue: Waiter[];
}

/**
 * Slots for attempts. Each origin has its own queue and they take turns; while another origin has work, one origin
 * holds at most half of the slots, so that a slow or dead one cannot take them all.
 */
export class Limiter {
  active = 0;
  waiting = 0;
  private readonly origins = new Map<string, Origin>();

  constructor(
    readonly max: number,
    private readonly bucket?: TokenBucket,
  ) {
    bucket?.onRefill(() => this.dispatch());
  }

  /** Slots taken or asked for. */
  get load(): number {
    return this.active + this.waiting;
  }

  /** Takes a slot now if there is one. */
  tryAcquire(key: string): boolean {
    if (this.active >= this.max) return false;
    const origin = this.origin(key);
    if (origin.queue.length > 0 || !this.mayTake(origin) || this.bucket?.take() === false) {
      this.drop(key, origin);
      return false;
    }
    origin.active++;
    this.active++;
    return true;
  }

  enqueue(waiter: Waiter): void {
    this.origin(waiter.key).queue.push(waiter);
    this.waiting++;
  }

  /** Leaves the queue; a waiter that was granted a slot must release it instead. */
  forget(waiter: Waiter): void {
    const origin = this.origins.get(waiter.key);
    const place = origin?.queue.indexOf(waiter) ?? -1;
    if (!origin || place < 0) return;
    origin.queue.splice(place, 1);
    this.waiting--;
    this.drop(waiter.key, origin);
  }

  release(key: string): void {
    const origin = this.origins.get(key);
    if (!origin) return;
    origin.active--;
    this.active--;
    this.drop(key, origin);
    this.dispatch();
  }

  /** Hands free slots to those who wait, one origin after the other. */
  private dispatch(): void {
    while (this.waiting > 0 && this.active < this.max) {
      const next = this.nextOrigin();
      if (!next || this.bucket?.take() === false) return;
      const [key, origin] = next;
      const waiter = origin.queue.shift();
      if (!waiter) return;
      // To the end of the line: a Map keeps the order of insertion.
      this.origins.delete(key);
      this.origins.set(key, origin);
      this.waiting--;
      origin.active++;
      this.active++;
      waiter.granted = true;
      waiter.wake();
    }
  }

  private nextOrigin(): [string, Origin] | undefined {
    for (const entry of this.origins) {
      if (entry[1].queue.length > 0 && this.mayTake(entry[1])) return entry;
    }
    return undefined;
  }

  /** `origins` holds only those with work, so its size says whether this one is alone. */
  private mayTake(origin: Origin): boolean {
    return this.origins.size <= 1 || origin.active < Math.max(1, Math.floor(this.max / 2));
  }

  private origin(key: string): Origin {
    let origin = this.origins.get(key);
    if (!origin) {
      origin = { active: 0, queue: [] };
      this.origins.set(key, origin);
    }
    return origin;
  }

  private drop(key: string, origin: Origin): void {
    if (origin.active === 0 && origin.queue.length === 0) this.origins.delete(key);
  }
}
