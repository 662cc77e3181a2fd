/** The delivery log of the store in memory. */
import type {
  AcknowledgeWrite,
  BroadcastRow,
  DeliveriesQuery,
  DeliveryRow,
  DeliverySum,
  DeliveryWrite,
  SettleWrite,
  SubscriptionRow,
  SumsQuery,
} from "./driver.js";

interface LogRow extends DeliveryRow {
  token_hash: string;
  version: number | null;
}

export abstract class MemoryLog {
  /** By message and subscription, in the order of `begin`. */
  readonly #log = new Map<string, LogRow>();
  readonly #by_message = new Map<string, Set<LogRow>>();
  /** Broadcast -> subscriptions that have a result. */
  readonly #settled = new Map<string, Set<string>>();

  protected abstract subscription(token_hash: string): SubscriptionRow | undefined;
  protected abstract subscriptionById(id: string): SubscriptionRow | undefined;
  protected abstract broadcast(id: string): (BroadcastRow & { run: string | null }) | undefined;
  protected abstract removeIf(row: SubscriptionRow | undefined, version: number | null): boolean;

  protected isSettled(broadcast_id: string, subscription_id: string): boolean {
    return this.#settled.get(broadcast_id)?.has(subscription_id) ?? false;
  }

  protected settleAcknowledged(broadcast_id: string, now_ms: number): void {
    for (const row of this.#log.values()) {
      if (row.broadcast_id !== broadcast_id || row.settled_at_ms !== null || isOpen(row)) continue;
      row.settled_at_ms = now_ms;
      this.#count(row, null, false);
    }
  }

  async begin(rows: readonly DeliveryWrite[], of: { id: string; run: string } | undefined): Promise<boolean> {
    if (of && this.broadcast(of.id)?.run !== of.run) return false;
    for (const write of rows) {
      const subscription = this.subscription(write.token_hash);
      const key = placeOf({ ...write, subscription_id: subscription?.id ?? null });
      const old = this.#log.get(key);
      if (!old) this.#insert(key, write, subscription, of?.id ?? null);
      else if (old.settled_at_ms === null) {
        Object.assign(old, { ...write, version: subscription?.version ?? null });
      }
    }
    return true;
  }

  async settle(rows: readonly SettleWrite[]): Promise<number> {
    let removed = 0;
    for (const { message_id, token_hash, remove, sent_at_ms, error_code, reason, ...rest } of rows) {
      for (const row of this.#by_message.get(message_id) ?? []) {
        if (row.token_hash !== token_hash || row.settled_at_ms !== null) continue;
        const latest_ms = row.received_at_ms ?? Number.POSITIVE_INFINITY;
        Object.assign(row, rest);
        row.sent_at_ms = Math.min(latest_ms, Math.max(row.sent_at_ms, sent_at_ms));
        row.error_code ??= error_code;
        row.reason ??= reason;
        const subscription = this.subscriptionById(row.subscription_id ?? "");
        if (subscription && error_code === null) subscription.last_success_at_ms = rest.settled_at_ms;
        if (subscription)
          subscription.failure_count = error_code === null ? 0 : subscription.failure_count + 1;
        const is_gone = remove && row.version !== null && this.removeIf(subscription, row.version);
        if (is_gone) removed++;
        this.#count(row, error_code, is_gone);
      }
    }
    return removed;
  }

  async acknowledge({
    message_id,
    device_id,
    error_code,
    reason,
    ...times
  }: AcknowledgeWrite): Promise<boolean> {
    const rows = [...(this.#by_message.get(message_id) ?? [])].filter((row) => row.device_id === device_id);
    for (const row of rows) {
      const broadcast = this.broadcast(row.broadcast_id ?? "");
      if (row.received_at_ms === null && error_code !== null) {
        row.error_code ??= error_code;
        row.reason ??= reason;
      }
      if (row.received_at_ms === null && times.received_at_ms !== null) {
        row.received_at_ms = Math.max(row.sent_at_ms, times.received_at_ms);
        if (broadcast) broadcast.delivered++;
      }
      for (const what of ["opened", "dismissed"] as const) {
        if (row[`${what}_at_ms`] !== null || times[`${what}_at_ms`] === null) continue;
        row[`${what}_at_ms`] = times[`${what}_at_ms`];
        if (broadcast) broadcast[what]++;
      }
    }
    return rows.length > 0;
  }

  async deliveries({ pending_at_ms, since_ms, limit, ...wanted }: DeliveriesQuery): Promise<DeliveryRow[]> {
    const found = [...this.#log.values()].filter((row) => {
      const { settled_at_ms, error_code, received_at_ms, expires_at_ms } = row;
      const is_pending = settled_at_ms !== null && error_code === null && received_at_ms === null;
      return (
        (Object.keys(wanted) as (keyof typeof wanted)[]).every(
          (key) => wanted[key] === undefined || row[key] === wanted[key],
        ) &&
        (since_ms === undefined || row.sent_at_ms >= since_ms) &&
        (pending_at_ms === undefined || (is_pending && expires_at_ms > pending_at_ms))
      );
    });
    const direction = pending_at_ms === undefined ? -1 : 1;
    found.sort((a, b) => direction * (a.sent_at_ms - b.sent_at_ms || (placeOf(a) < placeOf(b) ? -1 : 1)));
    return found.slice(0, limit).map(({ token_hash: _hash, version: _version, ...row }) => ({
      ...row,
      payload: row.payload ?? this.broadcast(row.broadcast_id ?? "")?.payload ?? null,
    }));
  }

  async sums({ since_ms, now_ms, platform, device_id }: SumsQuery): Promise<DeliverySum[]> {
    const sums = new Map<string, DeliverySum>();
    for (const row of this.#log.values()) {
      if (row.sent_at_ms < since_ms || isOpen(row)) continue;
      if (platform !== undefined && row.platform !== platform) continue;
      if (device_id !== undefined && row.device_id !== device_id) continue;
      const status = outcomeOf(row, now_ms);
      const error_code = status === "failed" ? row.error_code : null;
      const key = `${row.platform} ${status} ${error_code}`;
      const group = { platform: row.platform, status, error_code };
      const sum = sums.get(key) ?? { ...group, count: 0, opened: 0, dismissed: 0, latency_ms: 0 };
      sum.count++;
      if (row.opened_at_ms !== null) sum.opened++;
      if (row.dismissed_at_ms !== null) sum.dismissed++;
      if (row.received_at_ms !== null) sum.latency_ms += row.received_at_ms - row.sent_at_ms;
      sums.set(key, sum);
    }
    return [...sums.values()];
  }

  async prune(before_ms: number): Promise<number> {
    let deleted = 0;
    for (const [key, row] of this.#log) {
      const broadcast = this.broadcast(row.broadcast_id ?? "");
      if (row.sent_at_ms >= before_ms || (broadcast && broadcast.state !== "finished")) continue;
      this.#log.delete(key);
      const same = this.#by_message.get(row.message_id);
      if (same?.delete(row) && same.size === 0) this.#by_message.delete(row.message_id);
      this.#settled.delete(row.broadcast_id ?? "");
      deleted++;
    }
    return deleted;
  }

  #insert(
    key: string,
    write: DeliveryWrite,
    subscription: SubscriptionRow | undefined,
    broadcast_id: string | null,
  ): void {
    const row: LogRow = {
      ...write,
      broadcast_id,
      subscription_id: subscription?.id ?? null,
      user_id: subscription?.user_id ?? null,
      device_id: subscription?.device_id ?? null,
      version: subscription?.version ?? null,
      settled_at_ms: null,
      received_at_ms: null,
      opened_at_ms: null,
      dismissed_at_ms: null,
      service_message_id: null,
      status_code: null,
      error_code: null,
      reason: null,
    };
    this.#log.set(key, row);
    const same = this.#by_message.get(row.message_id) ?? new Set();
    this.#by_message.set(row.message_id, same.add(row));
  }

  #count({ broadcast_id, subscription_id }: LogRow, error_code: string | null, is_gone: boolean): void {
    const broadcast = this.broadcast(broadcast_id ?? "");
    if (!broadcast) return;
    const code = error_code ?? "";
    broadcast.outcomes[code] = (broadcast.outcomes[code] ?? 0) + 1;
    if (is_gone) broadcast.removed++;
    const settled = this.#settled.get(broadcast.id) ?? new Set();
    this.#settled.set(broadcast.id, settled.add(subscription_id ?? ""));
  }
}

/** By message, then by subscription, or by token where that was not stored. */
function placeOf(row: { message_id: string; subscription_id: string | null; token_hash: string }): string {
  return `${row.message_id}\n${row.subscription_id ?? row.token_hash}`;
}

/** Nothing has come back of it: no result, and no word from the device. */
function isOpen({ settled_at_ms, received_at_ms, error_code }: LogRow): boolean {
  return settled_at_ms === null && received_at_ms === null && error_code === null;
}

function outcomeOf(row: LogRow, now_ms: number): DeliverySum["status"] {
  if (row.received_at_ms !== null) return "delivered";
  if (row.error_code !== null) return "failed";
  return row.expires_at_ms <= now_ms ? "expired" : "sent";
}
