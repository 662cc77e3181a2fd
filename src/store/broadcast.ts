import {
  type BulkOptions,
  PushError,
  type PushNotificationPayload,
  type PushNotificationResult,
  type PushTarget,
} from "../index.js";
import { broadcastMessageId } from "./ids.js";
import { type BroadcastProgress, broadcastProgress } from "./progress.js";
import type { Broadcast } from "./records.js";
import { routerOf, type Sender, settleEach, stopperOf } from "./settling.js";
import type { BroadcastRun, SubscriptionStore } from "./store.js";

/** Options of {@link sendBroadcast}. */
export type BroadcastOptions = Sender &
  Omit<BulkOptions, "dry_run" | "on_progress"> & {
    store: SubscriptionStore;
    /** Of a broadcast that `store.createBroadcast` made. */
    id: string;
    /** At most ten times a second, and once at the end. */
    on_progress?: ((progress: BroadcastProgress) => void) | undefined;
    /** Subscriptions read at a time; default 500. */
    page_size?: number | undefined;
  };

/**
 * Sends a broadcast to its segment, or goes on with one that was stopped, or whose process was killed: whoever has a result
 * or acknowledged it is left out, nobody is skipped. Those whose result was not written down yet get it once more, with the
 * same `message_id`. A subscription without a result when `signal` aborts, when the sender is closed, or when the reader
 * leaves is left for the next time; the broadcast is then `paused`. Started twice at once, the later one goes on and the
 * earlier one ends.
 *
 * Yields results as they are there, each after it was written down; returns the broadcast with its counts.
 *
 * `for await (const result of sendBroadcast({ store, router, id })) …`
 *
 * @throws PushError `OPTIONS_INVALID` when no broadcast has this id.
 */
export async function* sendBroadcast({
  store,
  id,
  router,
  provider,
  signal,
  on_progress,
  page_size,
  ...options
}: BroadcastOptions): AsyncGenerator<PushNotificationResult, Broadcast | undefined, undefined> {
  const sender = await routerOf(router, provider);
  const started = await store.startBroadcast(id);
  if (!started) return store.getBroadcast(id);
  const { broadcast, run } = started;
  const progress = broadcastProgress(broadcast, on_progress);
  const { stop, signal: stopped } = stopperOf(signal);
  const recipients = new Recipients(store, broadcast, { id, run }, page_size);
  let is_complete = false;
  try {
    const results = sender.stream(recipients.read(), { ...options, signal: stopped });
    const isFinal = ({ error_code }: PushNotificationResult) => error_code !== "ABORTED";
    let stopped_some = false;
    const { message_ids } = recipients;
    for await (const batch of settleEach(store, results, { stop, message_ids, isFinal })) {
      // Another sender has taken the broadcast over: what is left is that one's.
      if (!(await store.begin([], { id, run }))) stop.abort();
      stopped_some ||= !batch.results.every(isFinal);
      progress.count(batch);
      yield* batch.results;
    }
    is_complete = recipients.at_end && !stopped_some;
  } finally {
    await store.endBroadcast({ id, run }, is_complete ? "finished" : "paused");
    progress.end();
  }
  return store.getBroadcast(id);
}

/** Everybody who still has to get it, page by page; each page is written down before it is handed out. */
class Recipients {
  /** All pages were read. */
  at_end = false;
  /** Place in what was handed out -> message id. */
  readonly message_ids = new Map<number, string>();

  constructor(
    private readonly store: SubscriptionStore,
    private readonly broadcast: Broadcast,
    private readonly run: BroadcastRun,
    private readonly limit: number | undefined,
  ) {}

  async *read(): AsyncGenerator<readonly [PushTarget, PushNotificationPayload], void, undefined> {
    const { store, run, limit } = this;
    const { segment, payload } = this.broadcast;
    if (!payload) throw new PushError("OPTIONS_INVALID", "broadcast: its payload is not stored any more");
    let after: string | undefined;
    let count = 0;
    for (;;) {
      const page = await store.page({ segment, after, limit, unsettled_in: run.id });
      const last = page.at(-1);
      if (!last) break;
      const deliveries = page.map(({ id, platform, device_token }) => {
        const message_id = broadcastMessageId(run.id, id);
        return { platform, device_token, message_id, payload: { ...payload, message_id } };
      });
      if (!(await store.begin(deliveries, run))) return;
      for (const { platform, device_token, message_id, payload } of deliveries) {
        this.message_ids.set(count++, message_id);
        yield [{ platform, device_token }, payload];
      }
      after = last.id;
    }
    this.at_end = true;
  }
}
