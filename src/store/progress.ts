import type { Broadcast } from "./records.js";
import type { SettledBatch } from "./settling.js";

/** How far a broadcast has come, with what earlier runs did. */
export interface BroadcastProgress {
  broadcast_id: string;
  /** How many the segment had when this run was started. */
  total: number;
  /** With a result. */
  done: number;
  sent: number;
  failed: number;
  /** Subscriptions that were removed because their service called them gone. */
  removed: number;
  /** Failures by error code. */
  codes: Record<string, number>;
  /** Results per second since this run was started. */
  per_second: number;
}

const LEAST_INTERVAL_MS = 100;

/** Counts results and tells the listener, at most ten times a second and once at the end. What it throws is its own. */
export function broadcastProgress(
  { id, total, sent, failed, removed, codes }: Broadcast,
  listener: ((progress: BroadcastProgress) => void) | undefined,
): { count(batch: SettledBatch): void; end(): void } {
  const started_ms = performance.now();
  const now = { broadcast_id: id, total, done: sent + failed, sent, failed, removed, codes: { ...codes } };
  const done_before = now.done;
  let told_ms = started_ms;
  let timer: NodeJS.Timeout | undefined;
  const tell = () => {
    clearTimeout(timer);
    timer = undefined;
    told_ms = performance.now();
    const per_second = (now.done - done_before) / Math.max(0.001, (told_ms - started_ms) / 1000);
    try {
      listener?.({ ...now, codes: { ...now.codes }, per_second });
    } catch {}
  };
  return {
    count({ results, removed }) {
      for (const { error_code } of results) {
        if (error_code === "ABORTED") continue;
        now.done++;
        if (error_code === undefined) now.sent++;
        else {
          now.failed++;
          now.codes[error_code] = (now.codes[error_code] ?? 0) + 1;
        }
      }
      now.removed += removed;
      const wait_ms = told_ms + LEAST_INTERVAL_MS - performance.now();
      if (wait_ms <= 0) tell();
      // Later, and not with the next result: that may take long.
      else timer ??= setTimeout(tell, wait_ms).unref();
    },
    end: tell,
  };
}
