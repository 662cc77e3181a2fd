import { z } from "zod";

/**
 * A browser's push subscription, as `PushSubscription.toJSON()` gives it: the device token of web push. Unknown
 * members are ignored. https://www.w3.org/TR/push-api/#pushsubscription-interface
 */
export interface Subscription {
  /** Secret: whoever has it may be able to send. */
  endpoint: string;
  /** Milliseconds since the epoch, or null. */
  expirationTime?: number | null | undefined;
  keys: {
    /** The device's P-256 public key: 65 bytes, base64url. */
    p256dh: string;
    /** 16 bytes, base64url. */
    auth: string;
  };
}

/** The shape of a subscription. Whether its keys and endpoint are usable is `validateDeviceToken`'s to say. */
export const subscriptionSchema = z.object({
  endpoint: z.url(),
  expirationTime: z.number().nullish(),
  keys: z.object({ p256dh: z.string().min(1), auth: z.string().min(1) }),
});
