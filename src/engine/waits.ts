import type { Clock } from "../codec.js";

/**
 * Why a notification is stopped. `closing` lets an attempt on the wire finish; `aborted` (the caller's signal) and
 * `cut` (closing has waited long enough) end it too.
 */
export type StopReason = "aborted" | "closing" | "cut";

/** All the waiting that one notification does: every wait has an end, and every wait can be stopped. */
export class Waits {
  stop_reason: StopReason | undefined;
  private interrupt: (() => void) | undefined;
  private on_wire = false;

  constructor(private readonly clock: Clock) {}

  get stopped(): boolean {
    return this.stop_reason !== undefined;
  }

  /** True when an attempt on the wire was ended too. */
  get cut(): boolean {
    return this.stop_reason === "aborted" || this.stop_reason === "cut";
  }

  stop(reason: StopReason): void {
    if (this.cut) return;
    this.stop_reason = reason;
    if (reason !== "closing" || !this.on_wire) this.interrupt?.();
  }

  /** Ends when `arm`'s wake is called, when the time comes, or when stopped; the caller looks which it was. */
  until(time_ms: number, arm?: (wake: () => void) => void): Promise<void> {
    if (this.stopped) return Promise.resolve();
    return new Promise((resolve) => {
      const finish = () => {
        this.clock.clearTimer(timer);
        this.interrupt = undefined;
        resolve();
      };
      const timer = this.clock.setTimer(finish, Math.max(0, time_ms - this.clock.now()));
      this.interrupt = finish;
      arm?.(finish);
    });
  }

  /** The value of a promise; undefined when the time came, or the stop, before it. Rejects as the promise does. */
  async value<T>(promise: Promise<T>, time_ms: number): Promise<T | undefined> {
    let ended: { readonly value: T } | { readonly error: unknown } | undefined;
    // Whoever does not wait for it any more must not be told of its failure by the process.
    promise.catch(() => {});
    await this.until(time_ms, (wake) => {
      promise.then(
        (value) => {
          ended = { value };
          wake();
        },
        (error: unknown) => {
          ended = { error };
          wake();
        },
      );
    });
    if (!ended) return undefined;
    if ("error" in ended) throw ended.error;
    return ended.value;
  }

  /** An attempt is on the wire until `landed`; `cut` ends it. */
  onWire(cut: () => void): void {
    this.interrupt = cut;
    this.on_wire = true;
  }

  landed(): void {
    this.interrupt = undefined;
    this.on_wire = false;
  }
}
