import type { Pacer } from "./pacer.js";

/** Somebody who waits for a slot. `granted` is set before `wake` is called. */
export interface Waiter {
  readonly key: string;
  readonly wake: () => void;
  state: "waiting" | "granted" | "gone";
}

/** What one origin has in flight and waiting. Waiters that left stay in the queue until their turn comes. */
interface Origin {
  active: number;
  waiting: number;
  readonly queue: Waiter[];
  /** Where the queue begins: taking from the front of a long array one by one would copy it each time. */
  head: number;
}

/**
 * Slots for attempts. Each origin has its own queue and its own window, and they take turns; while another origin has work, one origin
 * holds at most half of the slots, so that a slow or dead one cannot take them all.
 */
export class Limiter {
  active = 0;
  waiting = 0;
  /** Only those with work, in the order of their turns. */
  private readonly origins = new Map<string, Origin>();

  constructor(
    readonly max: number,
    private readonly pacer?: Pacer,
    /** How many slots one origin may have at most, whoever else has work. */
    private readonly windowOf: (key: string) => number = () => max,
    /** Called when those who waited for the pacer have had their turn. */
    on_free?: () => void,
  ) {
    pacer?.onFree(() => {
      this.dispatch();
      on_free?.();
    });
  }

  /** Slots taken or asked for. */
  get load(): number {
    return this.active + this.waiting;
  }

  /** Takes a slot now if there is one. */
  tryAcquire(key: string): boolean {
    if (this.active >= this.max) return false;
    const origin = this.origin(key);
    if (origin.waiting > 0 || !this.mayTake(key, origin) || this.pacer?.take() === false) {
      this.forgetIfIdle(key, origin);
      return false;
    }
    origin.active++;
    this.active++;
    return true;
  }

  enqueue(waiter: Waiter): void {
    const origin = this.origin(waiter.key);
    origin.queue.push(waiter);
    origin.waiting++;
    this.waiting++;
  }

  /** Leaves the queue. One that was granted a slot must release it instead. */
  leave(waiter: Waiter): void {
    const origin = this.origins.get(waiter.key);
    if (!origin || waiter.state !== "waiting") return;
    waiter.state = "gone";
    origin.waiting--;
    this.waiting--;
    this.forgetIfIdle(waiter.key, origin);
  }

  release(key: string): void {
    const origin = this.origins.get(key);
    if (!origin) return;
    origin.active--;
    this.active--;
    this.forgetIfIdle(key, origin);
    this.dispatch();
  }

  /** Hands free slots to those who wait, one origin after the other. */
  private dispatch(): void {
    while (this.waiting > 0 && this.active < this.max) {
      const turn = this.nextTurn();
      if (!turn || this.pacer?.take() === false) return;
      const [key, origin] = turn;
      const waiter = nextWaiter(origin);
      if (!waiter) return;
      // To the end of the line: a Map keeps the order of insertion.
      this.origins.delete(key);
      this.origins.set(key, origin);
      origin.waiting--;
      this.waiting--;
      origin.active++;
      this.active++;
      waiter.state = "granted";
      waiter.wake();
    }
  }

  private nextTurn(): [string, Origin] | undefined {
    for (const entry of this.origins) {
      if (entry[1].waiting > 0 && this.mayTake(...entry)) return entry;
    }
    return undefined;
  }

  private mayTake(key: string, origin: Origin): boolean {
    if (origin.active >= this.windowOf(key)) return false;
    return this.origins.size <= 1 || origin.active < Math.max(1, Math.floor(this.max / 2));
  }

  private origin(key: string): Origin {
    let origin = this.origins.get(key);
    if (!origin) {
      origin = { active: 0, waiting: 0, queue: [], head: 0 };
      this.origins.set(key, origin);
    }
    return origin;
  }

  private forgetIfIdle(key: string, origin: Origin): void {
    if (origin.active === 0 && origin.waiting === 0) this.origins.delete(key);
  }
}

const COMPACT_AT = 1024;

function nextWaiter(origin: Origin): Waiter | undefined {
  const { queue } = origin;
  let waiter: Waiter | undefined;
  while (origin.head < queue.length && waiter?.state !== "waiting") waiter = queue[origin.head++];
  if (origin.head >= COMPACT_AT && origin.head * 2 >= queue.length) {
    queue.splice(0, origin.head);
    origin.head = 0;
  }
  return waiter?.state === "waiting" ? waiter : undefined;
}
