/**
 * What a database has to do for a store; everything else (checking, hashing, keys, times, expressions) is done once, in
 * `createStore`. Rows are plain JSON and may come as one JSON text into a statement. Each method is one transaction.
 */
import type { Broadcast, BroadcastState, Segment, StoredSubscription } from "./records.js";
import type { TagExpression } from "./tags.js";

/** A database under a store. Implement it, hand it to `createStore`, and run `storeConformance` on the result. */
export interface StoreDriver {
  /**
   * Each row with a known `token_hash` updates: what is absent stays, `null` takes away (`device_id`: becomes the `id`);
   * `version` grows by one, `failure_count` becomes 0; when `user_id` or `device_token` differ, `registered_at_ms` becomes
   * `now_ms`; when `user_id` is given and differs, absent tags become none. The others are inserted, with version 1. No
   * `token_hash` comes twice in a call. Answers in the order of the input.
   *
   * Before that, the row with the hash `replaces` is given the `token_hash` of the first row; where that one is taken, it is
   * deleted.
   */
  upsert(rows: readonly SubscriptionWrite[], replaces?: string): Promise<SubscriptionRow[]>;
  find(key: { token_hash: string } | { id: string }): Promise<SubscriptionRow | undefined>;
  findDevice(device_id: string): Promise<SubscriptionRow[]>;
  /** A `version` of null fits any. How many rows were deleted. */
  remove(keys: readonly { token_hash: string; version: number | null }[]): Promise<number>;
  /** Ascending by `id`, compared byte by byte, from the first above `after`. */
  page(query: PageQuery): Promise<SubscriptionRow[]>;
  count(selection: Selection): Promise<number>;

  /**
   * Nothing, and false, when `broadcast` is given and its `run` is not the current one. Else each row gets, from the
   * subscription with its `token_hash`, `subscription_id`, `user_id`, `device_id` and `version` (null without one), and is
   * inserted. Where there is one with the same `message_id` and subscription (without one: `token_hash`), that one is
   * brought up to date if it is unsettled, else left alone.
   */
  begin(rows: readonly DeliveryWrite[], broadcast: { id: string; run: string } | undefined): Promise<boolean>;
  /**
   * For each row whose delivery (`message_id`, `token_hash`) is unsettled: counts it by `error_code` (null: accepted) in its
   * broadcast; brings `last_success_at_ms` and `failure_count` of its subscription up to date; deletes that subscription
   * when `remove` and its version is still that of the delivery, and counts that in the broadcast; settles it.
   * `sent_at_ms` only grows, not above `received_at_ms`; an `error_code` that is there stays. How many subscriptions were deleted.
   */
  settle(rows: readonly SettleWrite[]): Promise<number>;
  /**
   * Finds the deliveries with this `message_id` and `device_id`; false when there is none. Sets what `write` gives where it is
   * still null, `received_at_ms` at least `sent_at_ms`; each that becomes received, opened or dismissed counts in its
   * broadcast. `error_code` only where nothing was received.
   */
  acknowledge(write: AcknowledgeWrite): Promise<boolean>;
  /** Newest first (`sent_at_ms`, `message_id`, subscription or `token_hash`); with `pending_at_ms` oldest first. */
  deliveries(query: DeliveriesQuery): Promise<DeliveryRow[]>;
  /** Deliveries with a result or an acknowledgement, counted by platform, outcome and code. */
  sums(query: SumsQuery): Promise<DeliverySum[]>;
  /** Deletes deliveries sent before this, except those of broadcasts that are not finished. */
  prune(before_ms: number): Promise<number>;

  /** Leaves one that has this id alone. */
  createBroadcast(row: BroadcastWrite): Promise<void>;
  /** One by its id, or the newest (`id` descending) below `before`. */
  broadcasts(query: { id: string } | { before: string | undefined; limit: number }): Promise<BroadcastRow[]>;
  /**
   * `running`, with this run and total, unless it is finished; `started_at_ms` keeps the first time. Its deliveries that have
   * no result but were acknowledged (`received_at_ms` or `error_code`) are settled as accepted: they need not be sent again.
   */
  startBroadcast(write: { id: string; run: string; total: number; now_ms: number }): Promise<boolean>;
  /** Only while `run` is the current one; `finished` also sets `finished_at_ms`, and drops the payload if told to. */
  endBroadcast(write: EndBroadcastWrite): Promise<void>;

  close(): Promise<void>;
}

/** A subscription to insert or update; see {@link StoreDriver.upsert}. */
export interface SubscriptionWrite {
  /** For a new row. */
  id: string;
  token_hash: string;
  platform: string;
  device_token: string;
  user_id?: string | null | undefined;
  device_id?: string | null | undefined;
  device_info?: Record<string, unknown> | null | undefined;
  tags?: readonly string[] | null | undefined;
  expires_at_ms?: number | null | undefined;
  /** SHA-256 of the device's key. */
  key_hash?: string | undefined;
  now_ms: number;
}

/** A row of subscriptions. `device_info` null is `{}`, `tags` null is `[]`. */
export interface SubscriptionRow extends Omit<StoredSubscription, "device_info" | "tags"> {
  token_hash: string;
  device_info: Record<string, unknown> | null;
  tags: string[] | null;
  key_hash: string | null;
}

/** What a {@link Segment} comes to. */
export interface Selection {
  tags?: TagExpression | undefined;
  user_ids?: readonly string[] | undefined;
  device_ids?: readonly string[] | undefined;
  platforms?: readonly string[] | undefined;
}

/** See {@link StoreDriver.page}. */
export interface PageQuery {
  selection: Selection;
  after: string | undefined;
  limit: number;
  /** Leaves out subscriptions that have a settled delivery of this broadcast. */
  unsettled_in: string | undefined;
}

/** See {@link StoreDriver.begin}. */
export interface DeliveryWrite {
  message_id: string;
  token_hash: string;
  platform: string;
  /** JSON text; null when it is the broadcast's, or not kept. */
  payload: string | null;
  sent_at_ms: number;
  expires_at_ms: number;
}

/** See {@link StoreDriver.settle}. */
export interface SettleWrite {
  message_id: string;
  token_hash: string;
  error_code: string | null;
  reason: string | null;
  service_message_id: string | null;
  status_code: number | null;
  sent_at_ms: number;
  settled_at_ms: number;
  remove: boolean;
}

/** See {@link StoreDriver.acknowledge}. Null: not said. */
export interface AcknowledgeWrite {
  message_id: string;
  device_id: string;
  received_at_ms: number | null;
  opened_at_ms: number | null;
  dismissed_at_ms: number | null;
  error_code: string | null;
  reason: string | null;
}

/** See {@link StoreDriver.deliveries}; those that fit all that is given. */
export interface DeliveriesQuery {
  subscription_id?: string | undefined;
  device_id?: string | undefined;
  user_id?: string | undefined;
  broadcast_id?: string | undefined;
  /** Only settled ones without `error_code` and `received_at_ms` that expire after this. */
  pending_at_ms?: number | undefined;
  /** Only those sent at this time or later. */
  since_ms?: number | undefined;
  limit: number;
}

/** A row of the delivery log. */
export interface DeliveryRow {
  message_id: string;
  subscription_id: string | null;
  broadcast_id: string | null;
  platform: string;
  device_id: string | null;
  user_id: string | null;
  sent_at_ms: number;
  expires_at_ms: number;
  settled_at_ms: number | null;
  received_at_ms: number | null;
  opened_at_ms: number | null;
  dismissed_at_ms: number | null;
  service_message_id: string | null;
  status_code: number | null;
  error_code: string | null;
  reason: string | null;
  /** JSON text: its own, else its broadcast's. */
  payload: string | null;
}

/** See {@link StoreDriver.sums}. */
export interface SumsQuery {
  /** Sent at this time or later. */
  since_ms: number;
  now_ms: number;
  platform: string | undefined;
  device_id: string | undefined;
}

/** One group of the delivery log. */
export interface DeliverySum {
  platform: string;
  /** The first that fits: received is `delivered`, an `error_code` is `failed`, `expires_at_ms` up to now is `expired`. */
  status: "delivered" | "failed" | "expired" | "sent";
  /** Of failed ones. */
  error_code: string | null;
  count: number;
  opened: number;
  dismissed: number;
  /** Sum of `received_at_ms - sent_at_ms`. */
  latency_ms: number;
}

/** See {@link StoreDriver.createBroadcast}. */
export interface BroadcastWrite {
  id: string;
  title: string | null;
  segment: Segment;
  /** JSON text. */
  payload: string;
  now_ms: number;
}

/** A row of broadcasts, with what was counted for it. */
export interface BroadcastRow extends Omit<Broadcast, "payload" | "sent" | "failed" | "codes"> {
  payload: string | null;
  /** Settled deliveries by error code; `""` for accepted ones. */
  outcomes: Record<string, number>;
}

/** See {@link StoreDriver.endBroadcast}. */
export interface EndBroadcastWrite {
  id: string;
  run: string;
  state: Extract<BroadcastState, "paused" | "finished">;
  drop_payload: boolean;
  now_ms: number;
}
