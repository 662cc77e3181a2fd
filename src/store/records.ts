/** What a store keeps, as it hands it out. Times are milliseconds since the epoch, whatever clock the other side has. */
import type { PushNotificationPayload } from "../index.js";

/** An address: which service, and its token. Aliases of platforms are accepted. */
export interface SubscriptionTarget {
  platform: string;
  /**
   * Web push: the subscription, as an object or as its JSON text, or its endpoint alone. Other services: the token.
   * Web push is recognised by the endpoint and nothing else: neither the order of the JSON's members nor a change of keys
   * makes a second row.
   */
  device_token: unknown;
}

/** A subscription to store, or to renew. What is absent stays as it is; `null` takes it away. */
export interface NewSubscription extends SubscriptionTarget {
  /**
   * Whose it is now. Another user than before is a new registration: tags start afresh, and what was sent to the earlier
   * one is not shown to this one.
   */
  user_id?: string | null | undefined;
  /** The app's own id of the device or browser profile; default: the subscription's `id`. */
  device_id?: string | null | undefined;
  /** Any JSON object: user agent, language, version. */
  device_info?: Record<string, unknown> | null | undefined;
  /** At most 100, each of 1 to 100 characters without quotation and control marks. They replace the earlier ones. */
  tags?: readonly string[] | null | undefined;
  /** Milliseconds; default: `expirationTime` of a web push subscription. For information: nothing is deleted by it. */
  expires_at_ms?: number | null | undefined;
}

/** One that may take the place of an earlier one. */
export interface RenewedSubscription extends NewSubscription {
  /** The earlier token, on the same platform: its row is kept, with `id`, tags and all that is not given. */
  replaces?: unknown;
}

/** A stored subscription. The token in it is a secret: whoever has it may be able to send. */
export interface StoredSubscription {
  /** Ours, sortable by age. Stays the same over renewals and replaced tokens. */
  id: string;
  /** Canonical name. */
  platform: string;
  /** As providers and routers take it: web push as JSON text. */
  device_token: string;
  user_id: string | null;
  device_id: string;
  device_info: Record<string, unknown>;
  tags: string[];
  expires_at_ms: number | null;
  created_at_ms: number;
  /** Since when it has this owner and these keys. */
  registered_at_ms: number;
  /** When it was last stored or renewed. */
  renewed_at_ms: number;
  /** When a service last accepted something for it. */
  last_success_at_ms: number | null;
  /** Failed sends since the last success. */
  failure_count: number;
  /** 1 when new, and one more with each renewal. */
  version: number;
}

/**
 * Which subscriptions are meant; those that fit all that is given. `{}` is everybody, an empty list nobody.
 */
export interface Segment {
  /** `vip && !(trial || region:eu)`, see {@link parseTags}; a list means one or more of its expressions. */
  tags?: string | readonly string[] | undefined;
  user_ids?: readonly string[] | undefined;
  device_ids?: readonly string[] | undefined;
  /** Names or aliases. */
  platforms?: readonly string[] | undefined;
}

/**
 * How far a notification has come:
 *
 * - `sending`: handed over, no result yet (or the process ended before it came)
 * - `sent`: the service accepted it, its time has not ended
 * - `delivered`: the device acknowledged it
 * - `failed`: the service refused it, or the device reported a failure
 * - `expired`: its time ended without an acknowledgement; becomes `delivered` by a late one
 */
export type DeliveryStatus = "sending" | "sent" | "delivered" | "failed" | "expired";

/** One notification to one device, from before it is sent on. */
export interface Delivery {
  message_id: string;
  /** Null when the token was not in the store. */
  subscription_id: string | null;
  broadcast_id: string | null;
  platform: string;
  device_id: string | null;
  user_id: string | null;
  status: DeliveryStatus;
  /** When the sender took it. */
  sent_at_ms: number;
  /** When its time ends. */
  expires_at_ms: number;
  /** When the device had it: as it says, but not before `sent_at_ms` and not in the future. */
  received_at_ms: number | null;
  /** From `sent_at_ms` to `received_at_ms`. */
  latency_ms: number | null;
  opened_at_ms: number | null;
  dismissed_at_ms: number | null;
  service_message_id: string | null;
  status_code: number | null;
  /** A `PushErrorCode`, or `DEVICE_REPORTED`. */
  error_code: string | null;
  /** The service's own words, or the device's. */
  reason: string | null;
  /** Null when the store does not keep payloads. */
  payload: PushNotificationPayload | null;
}

/** What a device says about a message that it got. */
export interface Acknowledgement {
  message_id: string;
  /** Must be that of the device that the message went to. */
  device_id: string;
  /** `opened` and `dismissed` say that it was delivered, too. Default `delivered`. */
  status?: "delivered" | "failed" | "opened" | "dismissed" | undefined;
  /** By the device's clock; default: now. */
  received_at_ms?: number | undefined;
  /** For `failed`: what went wrong there. */
  error_message?: string | undefined;
}

/** `created` -> `running` -> `finished`; `paused` when its sender was stopped in order. After a crash it stays `running`. */
export type BroadcastState = "created" | "running" | "paused" | "finished";

/** A payload for a segment. Its counts outlive the delivery log. */
export interface Broadcast {
  id: string;
  /** For people; default: the payload's title. */
  title: string | null;
  segment: Segment;
  /** Null once finished, when the store does not keep payloads. */
  payload: PushNotificationPayload | null;
  state: BroadcastState;
  /** How many the segment had when it was last started. */
  total: number;
  /** Accepted by their services. */
  sent: number;
  failed: number;
  /** Subscriptions that were removed because their service called them gone. */
  removed: number;
  delivered: number;
  opened: number;
  dismissed: number;
  /** Failures by error code. */
  codes: Record<string, number>;
  created_at_ms: number;
  started_at_ms: number | null;
  finished_at_ms: number | null;
}

/** Counts of one group of deliveries. */
export interface DeliveryCounts {
  /** All but those that are still `sending`. */
  total_sent: number;
  delivered: number;
  failed: number;
  expired: number;
  opened: number;
  dismissed: number;
  /** `delivered` of `total_sent`, 0 to 100 with one decimal; 0 when nothing was sent. */
  delivery_rate_percent: number;
  /** Of those delivered; null when there are none. */
  avg_latency_ms: number | null;
}

/** The delivery log, summed. */
export interface DeliveryStatistics extends DeliveryCounts {
  days: number;
  since_ms: number;
  platforms: Record<string, DeliveryCounts>;
  /** Failures by error code. */
  codes: Record<string, number>;
}
