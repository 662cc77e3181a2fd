import { getEventListeners } from "node:events";
import type { Clock } from "../codec.js";

/** A signal for one attempt: it aborts when its time is over, or when somebody blows it. */
export class Fuse {
  readonly signal: AbortSignal;
  timed_out = false;
  uses = 0;
  timer: unknown;
  private readonly controller = new AbortController();

  constructor() {
    this.signal = this.controller.signal;
  }

  readonly blow = (): void => this.controller.abort();

  readonly expire = (): void => {
    this.timed_out = true;
    this.blow();
  };
}

/** What a transport may leave on a signal where it cannot be seen is forgotten with the signal. */
const MAX_USES = 100;

/**
 * Fuses that did not blow serve again: to make a signal costs more than all else that the engine does for an attempt.
 * One on which somebody still listens does not, since its next end would be taken for the end of that attempt too.
 */
export class Fuses {
  private readonly spare: Fuse[] = [];

  constructor(private readonly clock: Clock) {}

  light(duration_ms: number): Fuse {
    const fuse = this.spare.pop() ?? new Fuse();
    fuse.uses++;
    fuse.timer = this.clock.setTimer(fuse.expire, Math.max(0, duration_ms));
    return fuse;
  }

  /** The attempt is over; its fuse is not to be touched any more. */
  put(fuse: Fuse): void {
    this.clock.clearTimer(fuse.timer);
    const { signal, uses } = fuse;
    if (uses < MAX_USES && !signal.aborted && getEventListeners(signal, "abort").length === 0)
      this.spare.push(fuse);
  }
}
