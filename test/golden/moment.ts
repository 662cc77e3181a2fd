import { vi } from "vitest";

/**
 * The one moment at which everything is sent, UNIX seconds. In a test file that imports this the clock stands, for both
 * senders and the emulator, so that what a request says of time can be compared to the second. Timers run.
 */
export const NOW = Math.floor(Date.now() / 1000);
vi.setSystemTime(NOW * 1000);

/** Times as what they are from `NOW` on: `{now}`, `{now + 300}`, `{now in ms}`. */
export function nameTimes(text: string): string {
  return text
    .replaceAll(new Date(NOW * 1000).toISOString(), "{now, ISO 8601}")
    .replaceAll(`${NOW}000`, "{now in ms}")
    .replaceAll(/(?<![\w.])\d{10}(?![\w.])/g, (digits) => {
      const seconds = Number(digits) - NOW;
      if (seconds === 0) return "{now}";
      return seconds > 0 && seconds <= 30 * 86_400 ? `{now + ${seconds}}` : digits;
    });
}
