/** What a store's caller says, as rows for a driver. */
import type { PushNotificationPayload, PushNotificationResult } from "../index.js";
import type { DeliveryWrite, SettleWrite } from "./driver.js";
import type { NewDelivery } from "./store.js";
import { recognise } from "./token.js";

export function deliveryWrite(
  { platform, device_token, message_id, payload }: NewDelivery,
  options: { now_ms: number; keep_payload: boolean; ttl_seconds: number },
): DeliveryWrite {
  const { now_ms, keep_payload, ttl_seconds } = options;
  return {
    ...recognise(platform, device_token),
    message_id,
    payload: (keep_payload && jsonText(payload)) || null,
    sent_at_ms: now_ms,
    expires_at_ms: expiry(payload, now_ms, ttl_seconds),
  };
}

export function settleWrite(result: PushNotificationResult, now_ms: number): SettleWrite {
  return {
    token_hash: recognise(result.platform, result.device_token).token_hash,
    message_id: result.message_id,
    error_code: result.error_code ?? null,
    reason: result.reason ?? null,
    service_message_id: result.service_message_id ?? null,
    status_code: result.status_code ?? null,
    // The time in a queue before the sender took it is not the service's latency.
    sent_at_ms: now_ms - Math.round(result.duration_ms),
    settled_at_ms: now_ms,
    remove: result.remove_token === true,
  };
}

/** Undefined for what would not come back as it was: bytes, big integers, circles. */
export function jsonText(value: unknown): string | undefined {
  try {
    return JSON.stringify(value, (_key, inner) => {
      if (ArrayBuffer.isView(inner)) throw new TypeError("bytes");
      return inner;
    });
  } catch {
    return undefined;
  }
}

function expiry(payload: PushNotificationPayload, now_ms: number, ttl_seconds: number): number {
  const named_ms = typeof payload?.expires_at === "string" ? Date.parse(payload.expires_at) : Number.NaN;
  if (Number.isSafeInteger(named_ms)) return named_ms;
  const seconds = payload?.ttl_seconds;
  return now_ms + 1000 * (Number.isSafeInteger(seconds) ? Number(seconds) : ttl_seconds);
}
