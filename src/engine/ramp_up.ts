import type { Pace } from "./pacer.js";

/**
 * From nothing to `full_per_second` in a straight line over `duration_ms`, and no limit afterwards. Begins with the first
 * attempt, and anew when for as long nobody wanted to send: services take a sudden flood for an attack, however short.
 */
export class RampUp implements Pace {
  private began_ms = Number.NEGATIVE_INFINITY;
  private asked_ms = Number.NEGATIVE_INFINITY;
  /** Of what the line allowed so far, how much has become tokens. */
  private counted = 0;
  private tokens = 0;

  constructor(
    private readonly duration_ms: number,
    private readonly full_per_second: number,
  ) {}

  waitMs(now_ms: number): number {
    if (now_ms - this.asked_ms >= this.duration_ms) this.begin(now_ms);
    this.asked_ms = now_ms;
    const since_ms = now_ms - this.began_ms;
    if (since_ms >= this.duration_ms) return 0;
    const earned = this.earnedBy(since_ms);
    // Who was slower than the ramp does not make up for it in one burst.
    this.tokens = Math.min(this.tokens + earned - this.counted, Math.max(1, this.perSecond(since_ms)));
    this.counted = earned;
    if (this.tokens >= 1) return 0;
    const next_ms = Math.min(this.timeOf(earned + 1 - this.tokens), this.duration_ms);
    return Math.ceil(next_ms - since_ms);
  }

  take(): void {
    this.tokens -= 1;
  }

  /** One may go at once: a notification that is alone is no flood. */
  private begin(now_ms: number): void {
    this.began_ms = now_ms;
    this.counted = 0;
    this.tokens = 1;
  }

  private perSecond(since_ms: number): number {
    return (this.full_per_second * since_ms) / this.duration_ms;
  }

  /** How many the line allows up to a time: the area below it. */
  private earnedBy(since_ms: number): number {
    return (this.perSecond(since_ms) * since_ms) / 2000;
  }

  private timeOf(earned: number): number {
    return Math.sqrt((2000 * earned * this.duration_ms) / this.full_per_second);
  }
}
