import { PushError } from "../errors.js";
import type { BulkOptions } from "../options.js";
import type { PushNotificationResult } from "../result.js";
import { Bell } from "./bell.js";
import { runBulk } from "./bulk.js";
import type { Input } from "./input.js";
import type { Lease } from "./lease.js";
import { startProgress } from "./progress.js";

/**
 * Results as they come. A reader that is slow, or stops, stops the reading of the input; one that leaves ends the
 * run. When the input throws, everything that was taken is yielded first, then `INPUT_FAILED` is thrown.
 */
export async function* streamResults(
  lease: Lease,
  open: () => Input,
  options?: BulkOptions,
): AsyncGenerator<PushNotificationResult, void, undefined> {
  const input = open();
  const call = lease.open("token", options);
  const { engine } = lease;
  call.payloads.multicast = input.multicast === true && input.total !== 1;
  const progress = startProgress(options?.on_progress, input.total, engine.clock);
  const unread: PushNotificationResult[] = [];
  const reader = new Bell();
  let finished = false;
  const readerHasRoom = () => unread.length < engine.limiter.max;
  const run = runBulk({
    call,
    input,
    deliver: (result) => {
      progress?.count(result);
      unread.push(result);
      reader.ring();
    },
    readerHasRoom,
  }).finally(() => {
    finished = true;
    progress?.end();
    reader.ring();
  });
  try {
    while (!finished || unread.length > 0) {
      const had_room = readerHasRoom();
      const result = unread.shift();
      if (!result) {
        await reader.wait();
        continue;
      }
      if (!had_room) call.bell?.ring();
      yield result;
    }
  } finally {
    // The reader left early; or the run is over, and this changes nothing.
    call.stop("aborted");
    await run;
  }
  const { taken, thrown } = await run;
  if (thrown) {
    const message = `the input threw after ${taken} items; its own error is the cause`;
    throw new PushError("INPUT_FAILED", message, { cause: thrown.error });
  }
}
