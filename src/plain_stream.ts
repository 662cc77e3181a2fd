import { systemClock } from "./engine/clock.js";
import type { Input, Item } from "./engine/input.js";
import { startProgress } from "./engine/progress.js";
import { PushError } from "./errors.js";
import type { BulkOptions } from "./options.js";
import type { PushNotificationResult } from "./result.js";

const DEFAULT_WINDOW = 100;

/** Sending to many for a provider that can only send to one: a window of single sends. */
export async function* streamOneByOne(
  send: (item: Item) => Promise<PushNotificationResult>,
  input: Input,
  options: BulkOptions,
): AsyncGenerator<PushNotificationResult, void, undefined> {
  const window = options.max_concurrency ?? DEFAULT_WINDOW;
  const progress = startProgress(options.on_progress, input.total, systemClock);
  const running = new Map<number, Promise<PushNotificationResult>>();
  let index = 0;
  let ended = false;
  let thrown: { readonly cause: unknown } | undefined;
  try {
    while (!ended || running.size > 0) {
      while (!ended && running.size < window) {
        // An array is answered to its end; an iterator is not pulled after an abort.
        if (options.signal?.aborted && input.total === undefined) {
          ended = true;
          break;
        }
        try {
          const next = await input.next();
          ended = next.done === true;
          if (next.done) break;
          const at = index++;
          running.set(
            at,
            send(input.toItem(next.value)).then((result) => ({ ...result, index: at })),
          );
        } catch (cause) {
          thrown = { cause };
          ended = true;
        }
      }
      if (running.size === 0) break;
      const result = await Promise.race(running.values());
      running.delete(result.index);
      progress?.count(result);
      yield result;
    }
  } finally {
    progress?.end();
    input.end();
  }
  if (thrown) {
    throw new PushError(
      "INPUT_FAILED",
      `the input threw after ${index} items; its own error is the cause`,
      thrown,
    );
  }
}
