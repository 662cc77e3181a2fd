import {
  createPushRouter,
  PushError,
  type PushNotificationProvider,
  type PushNotificationResult,
  type PushRouter,
} from "../index.js";
import { inBatches } from "./batches.js";
import type { SubscriptionStore } from "./store.js";

/** By whom it is sent: a router, or one provider. It is not closed. */
export type Sender =
  | { router: PushRouter; provider?: undefined }
  | { provider: PushNotificationProvider; router?: undefined };

export async function routerOf(
  router: PushRouter | undefined,
  provider: PushNotificationProvider | undefined,
): Promise<PushRouter> {
  if (router) return router;
  if (!provider) throw new PushError("OPTIONS_INVALID", "router: expected a router, or a provider");
  return createPushRouter({ [provider.platform]: provider });
}

/** Results that were written down, and how many subscriptions that removed. */
export interface SettledBatch {
  readonly results: readonly PushNotificationResult[];
  readonly removed: number;
}

/** How results are settled. */
export interface Settling {
  /** Aborted when the reader leaves: ends what is not sent yet. */
  readonly stop: AbortController;
  /** Index -> message id, as it was begun: a result that never came to its payload has an id of its own. */
  readonly message_ids: Map<number, string>;
  /** Others are left as they were begun. Default: all. */
  readonly isFinal?: (result: PushNotificationResult) => boolean;
}

/**
 * Writes results down as they come, then hands them over. A reader that leaves early has the rest stopped; what was under
 * way is still written down.
 */
export async function* settleEach(
  store: SubscriptionStore,
  results: AsyncGenerator<PushNotificationResult>,
  { stop, message_ids, isFinal = () => true }: Settling,
): AsyncGenerator<SettledBatch, void, undefined> {
  const batches = inBatches(results);
  const settleNext = async (): Promise<SettledBatch | undefined> => {
    const { value, done } = await batches.next();
    if (done) return undefined;
    const begun = value.map((result) => {
      const message_id = message_ids.get(result.index) ?? result.message_id;
      message_ids.delete(result.index);
      return { ...result, message_id };
    });
    const { removed } = await store.settle(begun.filter(isFinal));
    return { results: begun, removed };
  };
  try {
    for (let batch = await settleNext(); batch; batch = await settleNext()) yield batch;
  } finally {
    stop.abort();
    try {
      while (await settleNext());
    } finally {
      await batches.return();
    }
  }
}

/** A controller that the caller's signal aborts, too. */
export function stopperOf(signal: AbortSignal | undefined): { stop: AbortController; signal: AbortSignal } {
  const stop = new AbortController();
  return { stop, signal: signal ? AbortSignal.any([signal, stop.signal]) : stop.signal };
}
