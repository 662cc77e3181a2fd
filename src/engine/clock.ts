import type { Clock } from "../codec.js";

export const systemClock: Clock = {
  now: () => Date.now(),
  setTimer: (callback, delay_ms) => setTimeout(callback, delay_ms),
  clearTimer: (timer) => clearTimeout(timer as NodeJS.Timeout),
};
