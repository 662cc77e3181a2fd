import { setImmediate } from "node:timers/promises";

const MAX_BATCH = 1000;

/** Gathers what comes in one turn of the event loop, so that a database has one write for it and nothing waits for a timer. */
export async function* inBatches<Item>(
  source: AsyncGenerator<Item>,
): AsyncGenerator<Item[], void, undefined> {
  // Never rejects: what was gathered before an error is handed over before it.
  const take = () =>
    source.next().then(
      (result) => ({ result, error: undefined }),
      (error: unknown) => ({ result: undefined, error }),
    );
  let next = take();
  try {
    for (;;) {
      const { result, error } = await next;
      if (!result) throw error;
      if (result.done) return;
      const batch = [result.value];
      next = take();
      const turn = setImmediate(undefined);
      while (batch.length < MAX_BATCH) {
        const more = (await Promise.race([next, turn]))?.result;
        if (!more || more.done) break;
        batch.push(more.value);
        next = take();
      }
      yield batch;
    }
  } finally {
    await source.return(undefined);
  }
}
