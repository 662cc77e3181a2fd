/**
 * A bulk run: pulls its input only while there is room, starts a notification for each item, and hands over results
 * as they come. Memory stays flat however long the input is.
 */
import type { PushNotificationResult } from "../result.js";
import { Bell } from "./bell.js";
import type { Call } from "./call.js";
import type { Input } from "./input.js";
import { Job } from "./job.js";

export interface BulkRun {
  readonly call: Call;
  readonly input: Input;
  readonly deliver: (result: PushNotificationResult) => void;
  /** Can whoever reads the results take more? */
  readonly readerHasRoom: () => boolean;
}

/** After so many items without a pause, timers and sockets get a turn. */
const BREATHE_EVERY = 256;

export interface BulkEnd {
  /** Items taken from the input; each has its result. */
  readonly taken: number;
  /** What the input itself threw, if it did. */
  readonly thrown?: { readonly error: unknown } | undefined;
}

/** Resolves when every taken item has its result. */
export async function runBulk(run: BulkRun): Promise<BulkEnd> {
  const { call, input } = run;
  const { engine } = call.lease;
  const bell = new Bell();
  call.bell = bell;
  engine.bells.add(bell);
  let running = 0;
  let index = 0;
  let thrown: { readonly error: unknown } | undefined;

  const settle = (result: PushNotificationResult) => {
    running--;
    run.deliver(result);
    if (running === 0) bell.ring();
  };
  const start = (value: unknown) => {
    const { device_token, payload } = input.toItem(value);
    const job = new Job(call, device_token, payload, index++);
    running++;
    void job.run().then(settle);
  };

  try {
    while (!call.stopped) {
      if (!call.hasRoom() || !run.readerHasRoom()) {
        await bell.wait();
        continue;
      }
      const next = await pull(input, bell, call);
      if (!next || next.done) break;
      start(next.value);
      if (index % BREATHE_EVERY === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    if (call.stopped) abandon(input, start);
  } catch (error) {
    thrown = { error };
  }
  while (running > 0) await bell.wait();
  engine.bells.delete(bell);
  call.end();
  return { taken: index, thrown };
}

/** The next item; undefined when the run was stopped while the input kept it waiting. */
async function pull(input: Input, bell: Bell, call: Call): Promise<IteratorResult<unknown> | undefined> {
  const next = input.next();
  if (!("then" in next)) return next;
  let arrived: IteratorResult<unknown> | undefined;
  let failure: { readonly error: unknown } | undefined;
  Promise.resolve(next).then(
    (result) => {
      arrived = result;
      bell.ring();
    },
    (error: unknown) => {
      failure = { error };
      bell.ring();
    },
  );
  while (!arrived && !failure && !call.stopped) await bell.wait();
  if (failure) throw failure.error;
  return arrived;
}

/** Stopped: every item of an array is still answered, an iterator is not pulled further. */
function abandon(input: Input, start: (value: unknown) => void): void {
  if (input.total === undefined) {
    input.end();
    return;
  }
  for (let next = input.next(); "done" in next && !next.done; next = input.next()) start(next.value);
}
