import type { PushNotificationPayload, PushNotificationResult } from "../index.js";
import type {
  Acknowledgement,
  Broadcast,
  Delivery,
  DeliveryStatistics,
  NewSubscription,
  RenewedSubscription,
  Segment,
  StoredSubscription,
  SubscriptionTarget,
} from "./records.js";

/**
 * Where subscriptions, the delivery log and broadcasts are kept. Get one with `openMemoryStore` or `openSqliteStore`, or
 * with `createStore` on a `StoreDriver` of your own.
 *
 * Every method rejects with a PushError `OPTIONS_INVALID` that names the field when its input is wrong; what the database
 * throws passes through. No error holds a token, a key or a payload.
 */
export interface SubscriptionStore {
  /**
   * Stores or renews one subscription and issues its device's key, which `pending` asks for. The key is shown here only
   * (its hash is stored); each call issues a new one and voids the earlier.
   */
  subscribe(subscription: RenewedSubscription): Promise<Subscribed>;
  /** Stores or renews many, in one transaction; keys stay as they are. In input order; of equal tokens the last counts. */
  upsert(subscriptions: readonly NewSubscription[]): Promise<StoredSubscription[]>;
  /** By its token, or by its `id`. */
  get(target: SubscriptionTarget | { id: string }): Promise<StoredSubscription | undefined>;
  /**
   * Removes what is there of these; how many that were. With `version` only if it was not renewed since that version was
   * read.
   */
  remove(targets: readonly (SubscriptionTarget & { version?: number | undefined })[]): Promise<number>;
  /**
   * One page, by ascending `id`; the next one begins `after` the last `id`. Whoever is there from the first page to the
   * last comes exactly once, whatever else is added or removed meanwhile.
   */
  page(options?: PageOptions): Promise<StoredSubscription[]>;
  /** How many a segment has. */
  count(segment?: Segment): Promise<number>;

  /**
   * Writes down what is about to be sent, so that an acknowledgement that is faster than the result is not lost. Again with
   * the same `message_id` for the same subscription: no second row. All for one broadcast, or for none; false, and nothing
   * is written, when another run has taken that broadcast over (with an empty list only that is asked). `deliver` and
   * `sendBroadcast` call this by themselves.
   */
  begin(deliveries: readonly NewDelivery[], broadcast?: BroadcastRun): Promise<boolean>;
  /**
   * Writes down what came of it, counts successes and failures of the subscriptions, and removes those whose result says
   * `remove_token`, unless they were renewed after `begin`. A result counts once, one without a `begin` not at all.
   */
  settle(results: readonly PushNotificationResult[]): Promise<Settled>;
  /**
   * What a device says. False, and nothing changes, for an unknown message or one that went to another device. Repeating it
   * changes nothing: the first time stays, and a delivered message does not fail any more.
   */
  acknowledge(acknowledgement: Acknowledgement): Promise<boolean>;
  /**
   * What was sent to a device and not acknowledged, oldest first. Undefined when no subscription of that device has this
   * key (compared in constant time): answer 401. Nothing from before the current registration is shown.
   */
  pending(device: PendingOptions): Promise<Delivery[] | undefined>;
  /** The delivery log, newest first. */
  deliveries(options?: DeliveriesOptions): Promise<Delivery[]>;
  /** The delivery log of the last 1 to 90 days (default 7), summed. */
  statistics(options?: StatisticsOptions): Promise<DeliveryStatistics>;
  /**
   * Deletes what was sent more than so many days ago (default 90) from the delivery log; how many rows that were. What an
   * unfinished broadcast still needs stays; broadcasts and their counts stay.
   */
  prune(options?: { older_than_days?: number | undefined }): Promise<number>;

  /** A new broadcast, not sent yet. With the `id` of one that exists: that one, as it is. */
  createBroadcast(broadcast: NewBroadcast): Promise<Broadcast>;
  getBroadcast(id: string): Promise<Broadcast | undefined>;
  /** Newest first; `before`: the last `id` of the page before. */
  listBroadcasts(options?: { limit?: number | undefined; before?: string | undefined }): Promise<Broadcast[]>;
  /**
   * A sender takes a broadcast over; `run` is its right to go on. Whoever had it before can begin nothing more.
   * Undefined when it is finished.
   */
  startBroadcast(id: string): Promise<{ broadcast: Broadcast; run: string } | undefined>;
  /** The end of a run; without effect when another has taken over. */
  endBroadcast(run: BroadcastRun, state: "paused" | "finished"): Promise<void>;

  /** Idempotent; every other method rejects afterwards. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Options of every store. */
export interface StoreOptions {
  /**
   * Whether the delivery log keeps what was sent: `pending` and the history show it then. Default true. False: it says only
   * that something was sent, and a broadcast's payload is deleted when it is finished.
   */
  keep_payloads?: boolean | undefined;
  /** When the time of a payload without `ttl_seconds` and `expires_at` ends; default 300, as in a provider's config. */
  default_ttl_seconds?: number | undefined;
  /** Milliseconds since the epoch; for tests. */
  now?: (() => number) | undefined;
}

/** What {@link SubscriptionStore.subscribe} answers. */
export interface Subscribed {
  subscription: StoredSubscription;
  /** 43 characters; for the device alone. */
  device_key: string;
}

/** What {@link SubscriptionStore.settle} did. */
export interface Settled {
  /** Subscriptions that were removed. */
  removed: number;
}

/** Options of {@link SubscriptionStore.page}. */
export interface PageOptions {
  segment?: Segment | undefined;
  /** The last `id` of the page before. */
  after?: string | undefined;
  /** 1 to 10,000; default 500. */
  limit?: number | undefined;
  /** Leaves out those for whom this broadcast has a result. */
  unsettled_in?: string | undefined;
}

/** A notification that is about to be sent. */
export interface NewDelivery extends SubscriptionTarget {
  message_id: string;
  payload: PushNotificationPayload;
}

/** A sender's right to go on with a broadcast. */
export interface BroadcastRun {
  id: string;
  run: string;
}

/** Options of {@link SubscriptionStore.pending}. */
export interface PendingOptions {
  device_id: string;
  device_key: string;
  /** 1 to 50; default 50. */
  limit?: number | undefined;
}

/** Options of {@link SubscriptionStore.deliveries}; those that fit all that is given. */
export interface DeliveriesOptions {
  device_id?: string | undefined;
  user_id?: string | undefined;
  broadcast_id?: string | undefined;
  /** 1 to 1,000; default 50. */
  limit?: number | undefined;
}

/** Options of {@link SubscriptionStore.statistics}. */
export interface StatisticsOptions {
  days?: number | undefined;
  /** Only of this platform, or of this device. */
  platform?: string | undefined;
  device_id?: string | undefined;
}

/** A broadcast to be created. */
export interface NewBroadcast {
  /** Default: a new one. */
  id?: string | undefined;
  title?: string | undefined;
  /** Default: everybody. */
  segment?: Segment | undefined;
  payload: PushNotificationPayload;
}
