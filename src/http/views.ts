/** Rows of the store, as JSON for a page: times as ISO 8601, no token. */
import type { PushNotificationResult } from "../index.js";
import type { Broadcast, Delivery, DeliveryStatistics } from "../store/index.js";

export function isoTime(ms: number): string;
export function isoTime(ms: number | null): string | null;
export function isoTime(ms: number | null): string | null {
  // What a payload calls its end may lie beyond all dates.
  return ms === null ? null : new Date(Math.min(ms, 8.64e15)).toISOString();
}

export function deliveryReply(delivery: Delivery) {
  const { sent_at_ms, expires_at_ms, received_at_ms, opened_at_ms, dismissed_at_ms, ...rest } = delivery;
  const { payload, reason, subscription_id: _id, ...shown } = rest;
  return {
    ...shown,
    title: payload?.title ?? null,
    body: payload?.body ?? null,
    sent_at: isoTime(sent_at_ms),
    expires_at: isoTime(expires_at_ms),
    received_at: isoTime(received_at_ms),
    opened_at: isoTime(opened_at_ms),
    dismissed_at: isoTime(dismissed_at_ms),
    error_message: reason,
  };
}

export function broadcastReply({ created_at_ms, started_at_ms, finished_at_ms, ...rest }: Broadcast) {
  return {
    ...rest,
    created_at: isoTime(created_at_ms),
    started_at: isoTime(started_at_ms),
    finished_at: isoTime(finished_at_ms),
  };
}

export function statisticsReply({ since_ms, ...rest }: DeliveryStatistics) {
  return { ...rest, since: isoTime(since_ms) };
}

/** Whoever sent it knows the token; a result is easily logged. */
export function resultReply({ device_token: _token, request: _request, ...rest }: PushNotificationResult) {
  return rest;
}
