import { randomUUID } from "node:crypto";
import type { PushNotificationPayload, PushNotificationResult, SendOptions } from "../index.js";
import type { SubscriptionTarget } from "./records.js";
import { routerOf, type Sender, settleEach, stopperOf } from "./settling.js";
import type { SubscriptionStore } from "./store.js";

/** A notification for {@link deliver}. */
export interface StoredNotification extends SubscriptionTarget {
  payload: PushNotificationPayload;
}

/** Options of {@link deliver}. */
export type DeliverOptions = Sender & Omit<SendOptions, "dry_run"> & { store: SubscriptionStore };

/**
 * Sends and keeps the store up to date: each notification is written down before it is sent and its result before it is
 * handed over; subscriptions that are gone are removed; each gets a `message_id` (its payload's, or a new one), so that its
 * device can acknowledge it. Tokens that are not in the store are sent to and logged as well. Results come as they are
 * there, with their `index`. A reader that leaves early stops the rest.
 *
 * `for await (const result of deliver([{ platform, device_token, payload }], { store, router })) …`
 */
export async function* deliver(
  notifications: readonly StoredNotification[],
  { store, router, provider, signal, ...options }: DeliverOptions,
): AsyncGenerator<PushNotificationResult, void, undefined> {
  const planned = notifications.map(({ platform, device_token, payload }) => {
    const message_id = payload.message_id ?? randomUUID();
    return { platform, device_token, message_id, payload: { ...payload, message_id } };
  });
  const sender = await routerOf(router, provider);
  const { stop, signal: stopped } = stopperOf(signal);
  await store.begin(planned);
  const pairs = planned.map(
    ({ platform, device_token, payload }) => [{ platform, device_token }, payload] as const,
  );
  const results = sender.stream(pairs, { ...options, signal: stopped });
  const message_ids = new Map(planned.map(({ message_id }, index) => [index, message_id]));
  for await (const batch of settleEach(store, results, { stop, message_ids })) yield* batch.results;
}
