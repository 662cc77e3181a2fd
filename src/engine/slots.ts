import type { Clock } from "../codec.js";
import type { Limiter, Waiter } from "./limiter.js";
import type { Waits } from "./waits.js";

/** Takes a slot, at once if there is one. False: stopped, or the deadline came first. */
export function acquireSlot(
  limiter: Limiter,
  key: string,
  waits: Waits,
  deadline_ms: number,
  clock: Clock,
): boolean | Promise<boolean> {
  if (waits.stopped || clock.now() > deadline_ms) return false;
  return limiter.tryAcquire(key) || waitForSlot(limiter, key, waits, deadline_ms, clock);
}

async function waitForSlot(
  limiter: Limiter,
  key: string,
  waits: Waits,
  deadline_ms: number,
  clock: Clock,
): Promise<boolean> {
  let waiter: Waiter | undefined;
  await waits.until(deadline_ms, (wake) => {
    waiter = { key, state: "waiting", wake };
    limiter.enqueue(waiter);
  });
  if (!waiter) return false;
  if (waiter.state !== "granted") {
    limiter.leave(waiter);
    return false;
  }
  if (!waits.stopped && clock.now() < deadline_ms) return true;
  limiter.release(key);
  return false;
}
