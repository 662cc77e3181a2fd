import type { Clock } from "../codec.js";
import type { Limiter, Waiter } from "./limiter.js";
import type { Waits } from "./waits.js";

/** Takes a slot, or waits for one. False: stopped, or the deadline came first. */
export async function acquireSlot(
  limiter: Limiter,
  key: string,
  waits: Waits,
  deadline_ms: number,
  clock: Clock,
): Promise<boolean> {
  if (waits.stopped || clock.now() > deadline_ms) return false;
  if (limiter.tryAcquire(key)) return true;
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
