import type { Clock, Codec } from "../codec.js";
import type { SharedConfig } from "../config.js";
import { MinuteQuota } from "./quota.js";
import { RampUp } from "./ramp_up.js";
import { TokenBucket } from "./rate_limit.js";

/** One rule about how fast attempts may follow each other. The time that it is told never runs backwards. */
export interface Pace {
  /** Milliseconds until the next one may go; 0: now. */
  waitMs(now_ms: number): number;
  /** One goes, now that it may. */
  take(): void;
}

/** All rules together: an attempt goes when each of them lets it. Undefined: there is none. */
export function createPacer(
  { rate_limit }: Pick<SharedConfig, "rate_limit">,
  { per_minute, ramp_up }: NonNullable<Codec["pacing"]> = {},
  clock: Clock,
): Pacer | undefined {
  const paces: Pace[] = [];
  if (rate_limit) {
    const { per_second, burst = Math.max(1, per_second) } = rate_limit;
    paces.push(new TokenBucket(per_second, burst));
  }
  if (per_minute) paces.push(new MinuteQuota(per_minute));
  if (ramp_up && ramp_up.seconds > 0) {
    paces.push(new RampUp(ramp_up.seconds * 1000, ramp_up.full_per_minute / 60));
  }
  return paces.length > 0 ? new Pacer(paces, clock) : undefined;
}

export class Pacer {
  private timer: unknown;
  private latest_ms = Number.NEGATIVE_INFINITY;
  /** By how much the clock was set back so far. */
  private set_back_ms = 0;
  private freed: () => void = () => {};

  constructor(
    private readonly paces: readonly Pace[],
    private readonly clock: Clock,
  ) {}

  /** Called when one may go again after it was said that none may. */
  onFree(callback: () => void): void {
    this.freed = callback;
  }

  mayGo(): boolean {
    const now_ms = this.now();
    let wait_ms = 0;
    for (const pace of this.paces) wait_ms = Math.max(wait_ms, pace.waitMs(now_ms));
    if (wait_ms > 0) this.timer ??= this.clock.setTimer(() => this.free(), wait_ms);
    return wait_ms === 0;
  }

  take(): boolean {
    if (!this.mayGo()) return false;
    for (const pace of this.paces) pace.take();
    return true;
  }

  close(): void {
    if (this.timer !== undefined) this.clock.clearTimer(this.timer);
    this.timer = undefined;
    this.freed = () => {};
  }

  private now(): number {
    const now_ms = this.clock.now() + this.set_back_ms;
    if (now_ms < this.latest_ms) this.set_back_ms += this.latest_ms - now_ms;
    else this.latest_ms = now_ms;
    return this.latest_ms;
  }

  private free(): void {
    this.timer = undefined;
    this.freed();
  }
}
