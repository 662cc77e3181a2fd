/** Clocks for tests over sockets: those cannot be hurried, the waits of the engine can. */
import type { Clock } from "../../src/codec.js";

/** Time that runs `factor` times as fast as the sockets': seconds that a service asks for cost milliseconds. */
export function fastClock(factor: number): Clock {
  const start_ms = Date.now();
  const origin = performance.now();
  return {
    now: () => Math.floor(start_ms + (performance.now() - origin) * factor),
    // Node's timers may be a millisecond early, which would be long by this clock.
    setTimer: (callback, delay_ms) => setTimeout(callback, Math.ceil(delay_ms / factor) + 1),
    clearTimer: (timer) => clearTimeout(timer as NodeJS.Timeout),
  };
}

interface Timer {
  readonly at_ms: number;
  readonly fire: () => void;
  readonly handle: NodeJS.Timeout;
}

/** The real time, until it is told to leap: then all that would have been due meanwhile is due now. */
export class LeapingClock implements Clock {
  #ahead_ms = 0;
  readonly #timers = new Set<Timer>();

  readonly now = (): number => Date.now() + this.#ahead_ms;

  readonly setTimer = (callback: () => void, delay_ms: number): Timer => {
    const fire = () => {
      this.clearTimer(timer);
      callback();
    };
    const timer: Timer = { at_ms: this.now() + delay_ms, fire, handle: setTimeout(() => fire(), delay_ms) };
    this.#timers.add(timer);
    return timer;
  };

  readonly clearTimer = (timer: unknown): void => {
    clearTimeout((timer as Timer).handle);
    this.#timers.delete(timer as Timer);
  };

  /**
   * Leaps an hour whenever `progress` has been the same for `every_ms` of real time, until the returned function is
   * called: every wait ends, also one that begins late.
   */
  leapWhenever(progress: () => number, every_ms: number): () => void {
    let seen = progress();
    const looks = setInterval(() => {
      const now = progress();
      if (now === seen) this.leap(3_600_000);
      seen = now;
    }, every_ms);
    return () => clearInterval(looks);
  }

  leap(ms: number): void {
    this.#ahead_ms += ms;
    const due = [...this.#timers].filter(({ at_ms }) => at_ms <= this.now());
    for (const { fire } of due.sort((one, other) => one.at_ms - other.at_ms)) fire();
  }
}
