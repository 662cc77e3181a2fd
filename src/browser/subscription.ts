import { within } from "../service_worker/shared/deadline.js";
import { storeDeviceKey } from "../service_worker/shared/device.js";
import { explain } from "../service_worker/shared/errors.js";
import { ask, publicKeyOf, type Server } from "../service_worker/shared/server.js";
import { isMadeWith, readVapidKey } from "../service_worker/shared/vapid_key.js";
import { deviceId, deviceInfo } from "./device.js";
import type { PushClientOptions, PushSubscriptionData } from "./types.js";
import { findWorker, registerWorker } from "./worker.js";

/** The client's options, and what follows from them. */
export interface Settings {
  readonly options: PushClientOptions;
  readonly server: Server;
}

export async function findSubscription(settings: Settings): Promise<PushSubscription | null> {
  const worker = await pushService(settings, findWorker(settings.options));
  return worker ? pushService(settings, worker.pushManager.getSubscription()) : null;
}

/**
 * Ends with a subscription that is made with the right key, and that the server knows. Permission has been given.
 *
 * A first one that the server does not take is undone: the user would believe in it. One that replaces another stays,
 * and the server hears of it when the page is opened next.
 */
export async function connect(settings: Settings): Promise<PushSubscriptionData> {
  const { options, server } = settings;
  const [{ pushManager }, key] = await Promise.all([
    registerWorker(options, server.timeout_seconds),
    readKey(settings),
  ]);
  const known = await pushService(settings, pushManager.getSubscription());
  if (known && isMadeWith(key, known)) return introduce(settings, known);
  if (known) await end(settings, known);
  const wanted = { userVisibleOnly: true, applicationServerKey: key };
  const made = await pushService(settings, pushManager.subscribe(wanted));
  return introduce(settings, made, known?.endpoint).catch(async (error) => {
    if (!known) await end(settings, made).catch(() => {});
    throw error;
  });
}

/** Tells the server. */
async function introduce(
  { options, server }: Settings,
  made: PushSubscription,
  old_endpoint?: string,
): Promise<PushSubscriptionData> {
  const subscription = toData(made);
  const device_id = await deviceId(server.timeout_seconds);
  if (old_endpoint) {
    // A server that never had the old one learns of the new one right below.
    await ask(server, "resubscribe", { old_endpoint, subscription, device_id }).catch(() => {});
  }
  const about = { device_id, device_info: deviceInfo(), user_id: options.user_id };
  const { device_key } = await ask(server, "subscribe", { subscription, ...about });
  if (typeof device_key === "string") {
    await within(server.timeout_seconds, "storing the device's key", storeDeviceKey(device_key)).catch(
      () => {},
    );
  }
  return subscription;
}

export async function end(settings: Settings, subscription: PushSubscription): Promise<void> {
  await pushService(settings, subscription.unsubscribe());
}

export function toData(subscription: PushSubscription): PushSubscriptionData {
  const { endpoint, expirationTime, keys } = subscription.toJSON();
  return { endpoint, expirationTime: expirationTime ?? null, keys } as PushSubscriptionData;
}

async function readKey({ options, server }: Settings) {
  return readVapidKey(options.vapid_public_key ?? (await publicKeyOf(server)));
}

/** Where a browser is cut off from its push service, it says so late, or never. */
function pushService<T>({ server }: Settings, work: Promise<T>): Promise<T> {
  return within(server.timeout_seconds, "the browser's push service", work).catch(
    explain(
      "PUSH_SERVICE_FAILED",
      "the browser's push service failed; it may be switched off or out of reach",
    ),
  );
}
