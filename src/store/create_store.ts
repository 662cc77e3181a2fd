import { PushError, type PushNotificationResult } from "../index.js";
import type { Selection, StoreDriver, SubscriptionWrite } from "./driver.js";
import { idMaker, newDeviceKey, sameText, sha256 } from "./ids.js";
import { checkInput, inputs } from "./input.js";
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
import { sumUp } from "./statistics.js";
import type {
  BroadcastRun,
  DeliveriesOptions,
  NewBroadcast,
  NewDelivery,
  PageOptions,
  PendingOptions,
  Settled,
  StatisticsOptions,
  StoreOptions,
  Subscribed,
  SubscriptionStore,
} from "./store.js";
import { parseTags } from "./tags.js";
import { addressOf, canonicalPlatform, wholeAddressOf } from "./token.js";
import { toBroadcast, toDelivery, toSubscription } from "./views.js";
import { deliveryWrite, jsonText, settleWrite } from "./writes.js";

const DAY_MS = 86_400_000;

/** A store on a database of your own; see `StoreDriver` for what that has to do. */
export function createStore(driver: StoreDriver, options: StoreOptions = {}): SubscriptionStore {
  return new DriverStore(driver, options);
}

class DriverStore implements SubscriptionStore {
  readonly #driver: StoreDriver;
  readonly #now: () => number;
  readonly #newId: () => string;
  readonly #keep_payloads: boolean;
  readonly #ttl_seconds: number;
  #closing: Promise<void> | undefined;

  constructor(driver: StoreDriver, options: StoreOptions) {
    const { keep_payloads, default_ttl_seconds, now = Date.now } = checkInput(inputs.store, options);
    this.#driver = driver;
    this.#now = now;
    this.#newId = idMaker(now);
    this.#keep_payloads = keep_payloads;
    this.#ttl_seconds = default_ttl_seconds;
  }

  async subscribe(subscription: RenewedSubscription): Promise<Subscribed> {
    const { platform, replaces } = subscription;
    const device_key = newDeviceKey();
    const write = { ...this.#write(subscription), key_hash: sha256(device_key) };
    const replaced = replaces === undefined ? undefined : hashOf({ platform, device_token: replaces });
    const [row] = await this.#open.upsert([write], replaced === write.token_hash ? undefined : replaced);
    if (!row) throw new PushError("OPTIONS_INVALID", "driver: upsert answered without a row");
    return { subscription: toSubscription(row), device_key };
  }

  async upsert(subscriptions: readonly NewSubscription[]): Promise<StoredSubscription[]> {
    const writes = subscriptions.map((one) => this.#write(one));
    const last_of_each = new Map(writes.map((write) => [write.token_hash, write]));
    if (last_of_each.size === 0) return [];
    const rows = await this.#open.upsert([...last_of_each.values()]);
    const by_hash = new Map(rows.map((row) => [row.token_hash, row]));
    return writes.flatMap(({ token_hash }) => {
      const row = by_hash.get(token_hash);
      return row ? [toSubscription(row)] : [];
    });
  }

  async get(target: SubscriptionTarget | { id: string }): Promise<StoredSubscription | undefined> {
    const key = "id" in target ? { id: target.id } : { token_hash: hashOf(target) };
    const row = await this.#open.find(key);
    return row && toSubscription(row);
  }

  async remove(targets: readonly (SubscriptionTarget & { version?: number | undefined })[]): Promise<number> {
    const keys = targets.map((target) => ({ token_hash: hashOf(target), version: target.version ?? null }));
    return keys.length === 0 ? 0 : this.#open.remove(keys);
  }

  async page(options: PageOptions = {}): Promise<StoredSubscription[]> {
    const { segment, after, limit, unsettled_in } = checkInput(inputs.page, options);
    const rows = await this.#open.page({ selection: toSelection(segment), after, limit, unsettled_in });
    return rows.map(toSubscription);
  }

  async count(segment?: Segment): Promise<number> {
    return this.#open.count(toSelection(segment));
  }

  async begin(deliveries: readonly NewDelivery[], broadcast?: BroadcastRun): Promise<boolean> {
    const keep_payload = this.#keep_payloads && !broadcast;
    const now_ms = this.#now();
    const writes = deliveries.map((delivery) =>
      deliveryWrite(delivery, { now_ms, keep_payload, ttl_seconds: this.#ttl_seconds }),
    );
    return this.#open.begin(writes, broadcast);
  }

  async settle(results: readonly PushNotificationResult[]): Promise<Settled> {
    const now_ms = this.#now();
    const writes = results.filter((result) => !result.dry_run).map((result) => settleWrite(result, now_ms));
    const first_of_each = new Map(
      writes.toReversed().map((write) => [`${write.message_id} ${write.token_hash}`, write]),
    );
    if (first_of_each.size === 0) return { removed: 0 };
    return { removed: await this.#open.settle([...first_of_each.values()]) };
  }

  async acknowledge(acknowledgement: Acknowledgement): Promise<boolean> {
    const { message_id, device_id, status, received_at_ms, error_message } = checkInput(
      inputs.acknowledgement,
      acknowledgement,
    );
    const now_ms = this.#now();
    const failed = status === "failed";
    return this.#open.acknowledge({
      message_id,
      device_id,
      received_at_ms: failed ? null : Math.min(received_at_ms ?? now_ms, now_ms),
      opened_at_ms: status === "opened" ? now_ms : null,
      dismissed_at_ms: status === "dismissed" ? now_ms : null,
      error_code: failed ? "DEVICE_REPORTED" : null,
      reason: (failed && error_message) || null,
    });
  }

  async pending(device: PendingOptions): Promise<Delivery[] | undefined> {
    const { device_id, device_key, limit } = checkInput(inputs.pending, device);
    const key_hash = sha256(device_key);
    const rows = await this.#open.findDevice(device_id);
    const own = rows.find((row) => row.key_hash !== null && sameText(row.key_hash, key_hash));
    if (!own) return undefined;
    const now_ms = this.#now();
    const deliveries = await this.#open.deliveries({
      subscription_id: own.id,
      since_ms: own.registered_at_ms,
      pending_at_ms: now_ms,
      limit,
    });
    return deliveries.map((row) => toDelivery(row, now_ms));
  }

  async deliveries(options: DeliveriesOptions = {}): Promise<Delivery[]> {
    const query = checkInput(inputs.deliveries, options);
    const rows = await this.#open.deliveries(query);
    const now_ms = this.#now();
    return rows.map((row) => toDelivery(row, now_ms));
  }

  async statistics(options: StatisticsOptions = {}): Promise<DeliveryStatistics> {
    const { days, platform, device_id } = checkInput(inputs.statistics, options);
    const now_ms = this.#now();
    const since_ms = now_ms - days * DAY_MS;
    const canonical = platform === undefined ? undefined : canonicalPlatform(platform);
    const sums = await this.#open.sums({ since_ms, now_ms, platform: canonical, device_id });
    return { days, since_ms, ...sumUp(sums) };
  }

  async prune(options: { older_than_days?: number | undefined } = {}): Promise<number> {
    const { older_than_days } = checkInput(inputs.prune, options);
    return this.#open.prune(this.#now() - older_than_days * DAY_MS);
  }

  async createBroadcast(broadcast: NewBroadcast): Promise<Broadcast> {
    const { id = this.#newId(), title, segment, payload } = checkInput(inputs.broadcast, broadcast);
    toSelection(segment);
    const text = jsonText(payload);
    if (text === undefined) throw new PushError("OPTIONS_INVALID", "payload: expected what JSON can carry");
    const given = title ?? payload.title;
    await this.#open.createBroadcast({
      id,
      title: typeof given === "string" ? given : null,
      segment: (segment ?? {}) as Segment,
      payload: text,
      now_ms: this.#now(),
    });
    const created = await this.getBroadcast(id);
    if (!created) throw new PushError("OPTIONS_INVALID", "driver: createBroadcast kept nothing");
    return created;
  }

  async getBroadcast(id: string): Promise<Broadcast | undefined> {
    const [row] = await this.#open.broadcasts({ id });
    return row && toBroadcast(row);
  }

  async listBroadcasts(
    options: { limit?: number | undefined; before?: string | undefined } = {},
  ): Promise<Broadcast[]> {
    const { limit, before } = checkInput(inputs.list, options);
    return (await this.#open.broadcasts({ limit, before })).map(toBroadcast);
  }

  async startBroadcast(id: string): Promise<{ broadcast: Broadcast; run: string } | undefined> {
    const found = await this.getBroadcast(id);
    if (!found) throw new PushError("OPTIONS_INVALID", "id: no broadcast has it");
    const run = this.#newId();
    const total = await this.count(found.segment);
    if (!(await this.#open.startBroadcast({ id, run, total, now_ms: this.#now() }))) return undefined;
    const broadcast = await this.getBroadcast(id);
    return broadcast && { broadcast, run };
  }

  async endBroadcast({ id, run }: BroadcastRun, state: "paused" | "finished"): Promise<void> {
    const drop_payload = state === "finished" && !this.#keep_payloads;
    await this.#open.endBroadcast({ id, run, state, drop_payload, now_ms: this.#now() });
  }

  async close(): Promise<void> {
    this.#closing ??= this.#driver.close();
    await this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  get #open(): StoreDriver {
    if (this.#closing) throw new PushError("PROVIDER_CLOSED", "store: this store was closed");
    return this.#driver;
  }

  #write(subscription: NewSubscription): SubscriptionWrite {
    const { platform, device_token } = subscription;
    const address = wholeAddressOf(platform, device_token);
    const given = checkInput(inputs.subscription, subscription);
    return {
      ...given,
      id: this.#newId(),
      token_hash: address.hash,
      platform: address.platform,
      device_token: address.text,
      expires_at_ms: given.expires_at_ms === undefined ? address.expires_at_ms : given.expires_at_ms,
      ...(given.tags && { tags: [...new Set(given.tags)] }),
      now_ms: this.#now(),
    };
  }
}

function hashOf({ platform, device_token }: SubscriptionTarget): string {
  return addressOf(platform, device_token).hash;
}

function toSelection(value: unknown): Selection {
  const segment = checkInput(inputs.segment, value ?? {}, "segment");
  return {
    ...segment,
    tags: segment.tags === undefined ? undefined : parseTags(segment.tags),
    platforms: segment.platforms?.map(canonicalPlatform),
  };
}
