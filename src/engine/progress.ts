import type { Clock } from "../codec.js";
import type { BulkProgress } from "../options.js";
import type { PushNotificationResult } from "../result.js";
import { quietly } from "./events.js";

const LEAST_INTERVAL_MS = 100;

export interface Progress {
  count(result: PushNotificationResult): void;
  end(): void;
}

/** Counts results and tells the listener, at most ten times a second and once at the end. */
export function startProgress(
  listener: ((progress: BulkProgress) => void) | undefined,
  total: number | undefined,
  clock: Clock,
): Progress | undefined {
  if (!listener) return undefined;
  const started_ms = clock.now();
  let told_ms = started_ms;
  let timer: unknown;
  let succeeded = 0;
  let failed = 0;
  const codes: BulkProgress["codes"] = {};
  const tell = () => {
    clock.clearTimer(timer);
    timer = undefined;
    const now_ms = clock.now();
    told_ms = now_ms;
    const done = succeeded + failed;
    const per_second = done / Math.max(0.001, (now_ms - started_ms) / 1000);
    const snapshot: BulkProgress = { done, succeeded, failed, codes: { ...codes }, per_second };
    if (total !== undefined) snapshot.total = total;
    quietly(() => listener(snapshot));
  };
  return {
    count(result) {
      if (result.success) succeeded++;
      else {
        failed++;
        codes[result.error_code] = (codes[result.error_code] ?? 0) + 1;
      }
      if (timer !== undefined) return;
      const wait_ms = told_ms + LEAST_INTERVAL_MS - clock.now();
      if (wait_ms <= 0) tell();
      // Not with the next result: that may be long in coming.
      else timer = clock.setTimer(tell, wait_ms);
    },
    end: tell,
  };
}
