import type { Pace } from "./pacer.js";

const CELL_MS = 100;
/** A minute and the cell that is just beginning. */
const CELLS = 60_000 / CELL_MS + 1;

/**
 * A quota per minute: what was taken comes back a minute later. So no minute has more, wherever the service's own
 * minutes begin.
 */
export class MinuteQuota implements Pace {
  /** How many were taken, by tenths of a second. */
  private readonly taken = new Uint32Array(CELLS);
  private in_all = 0;
  private now_cell = 0;

  constructor(private readonly per_minute: number) {}

  waitMs(now_ms: number): number {
    this.forget(now_ms);
    if (this.in_all < this.per_minute) return 0;
    let oldest = this.now_cell - CELLS + 1;
    while (this.count(oldest) === 0) oldest++;
    return (oldest + CELLS) * CELL_MS - now_ms;
  }

  take(): void {
    this.taken[this.now_cell % CELLS] = this.count(this.now_cell) + 1;
    this.in_all++;
  }

  /** What was taken more than a minute ago. */
  private forget(now_ms: number): void {
    const cell = Math.floor(now_ms / CELL_MS);
    if (cell - this.now_cell >= CELLS) {
      this.taken.fill(0);
      this.in_all = 0;
      this.now_cell = cell;
    }
    while (this.now_cell < cell) {
      this.now_cell++;
      this.in_all -= this.count(this.now_cell);
      this.taken[this.now_cell % CELLS] = 0;
    }
  }

  private count(cell: number): number {
    return this.taken[cell % CELLS] ?? 0;
  }
}
