/** Rows of a driver, as a store hands them out. */
import type { PushNotificationPayload } from "../index.js";
import type { BroadcastRow, DeliveryRow, SubscriptionRow } from "./driver.js";
import type { Broadcast, Delivery, DeliveryStatus, StoredSubscription } from "./records.js";

export function toSubscription(row: SubscriptionRow): StoredSubscription {
  const { key_hash: _key, token_hash: _hash, device_info, tags, ...rest } = row;
  return { ...rest, device_info: device_info ?? {}, tags: tags ?? [] };
}

export function toDelivery(row: DeliveryRow, now_ms: number): Delivery {
  const { settled_at_ms: _settled, payload, ...rest } = row;
  return {
    ...rest,
    status: statusOf(row, now_ms),
    latency_ms: row.received_at_ms === null ? null : row.received_at_ms - row.sent_at_ms,
    payload: toPayload(payload),
  };
}

export function toBroadcast({ outcomes, payload, ...row }: BroadcastRow): Broadcast {
  const { "": sent = 0, ...codes } = outcomes;
  const failed = Object.values(codes).reduce((sum, count) => sum + count, 0);
  return { ...row, payload: toPayload(payload), sent, failed, codes };
}

/** What arrived has arrived, whatever the service said; what failed does not expire. */
function statusOf(row: DeliveryRow, now_ms: number): DeliveryStatus {
  if (row.received_at_ms !== null) return "delivered";
  if (row.error_code !== null) return "failed";
  if (row.expires_at_ms <= now_ms) return "expired";
  return row.settled_at_ms === null ? "sending" : "sent";
}

function toPayload(text: string | null): PushNotificationPayload | null {
  return text === null ? null : JSON.parse(text);
}
