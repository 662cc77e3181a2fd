import { within } from "./shared/deadline.js";
import { storeDeviceKey, storedDeviceId } from "./shared/device.js";
import { ask, publicKeyOf, type Server } from "./shared/server.js";
import { readVapidKey } from "./shared/vapid_key.js";

/**
 * The browser has ended a subscription, or replaced it: the server gets the new one in its place. The key is the one that
 * the server has now; if the server does not say, that of the old subscription.
 */
export async function subscribeAgain(
  { pushManager }: ServiceWorkerRegistration,
  { oldSubscription, newSubscription }: PushSubscriptionChangeEvent,
  server: Server,
  vapid_public_key: string | undefined,
): Promise<void> {
  const made = newSubscription ?? (await subscribe());
  const device_id = await within(server.timeout_seconds, "reading the device's id", storedDeviceId());
  const { device_key } = await ask(server, "resubscribe", {
    ...(oldSubscription && { old_endpoint: oldSubscription.endpoint }),
    subscription: made.toJSON(),
    device_id,
  });
  // The earlier one is void now.
  if (typeof device_key === "string") await storeDeviceKey(device_key);

  async function subscribe(): Promise<PushSubscription> {
    const old_key = oldSubscription?.options.applicationServerKey;
    const key = await currentKey().catch((error: unknown) => {
      if (old_key) return old_key;
      throw error;
    });
    const subscribing = pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
    return within(server.timeout_seconds, "the push service", subscribing);
  }

  async function currentKey() {
    return readVapidKey(vapid_public_key ?? (await publicKeyOf(server)));
  }
}
