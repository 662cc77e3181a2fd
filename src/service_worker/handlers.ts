import { type Message, type NotificationDefaults, readMessage } from "./message.js";
import { openUrl } from "./open_url.js";
import { subscribeAgain } from "./resubscribe.js";
import { within } from "./shared/deadline.js";
import { storedDeviceId } from "./shared/device.js";
import type { ReceivedNotification, WorkerMessage } from "./shared/messages.js";
import { ask, type PushFetchOptions } from "./shared/server.js";
import { VERSION } from "./version.js";

/** How the worker behaves. */
export interface PushHandlerOptions {
  defaults?: NotificationDefaults | undefined;
  /** Where your server's handlers are, relative to the worker's script. Default `"/push"`. */
  api_base?: string | undefined;
  /** Tell the server what became of each notification that has a `message_id`. Default true. */
  acknowledge?: boolean | undefined;
  /** To subscribe with when the browser ends a subscription. Default: the server is asked. */
  vapid_public_key?: string | undefined;
  /** For each request to the server. */
  fetch_options?: PushFetchOptions | undefined;
  /** For each of: the server, the device's storage, the push service. Default 10. */
  timeout_seconds?: number | undefined;
  /** The answer to a page's `GET_VERSION`. Default: this package's version. */
  version?: string | undefined;
}

/**
 * Makes a service worker show push messages, open what they point to, and tell your server what became of them. It
 * listens to `push`, `notificationclick`, `notificationclose`, `pushsubscriptionchange` and `message`; the worker's life
 * and its caches are yours.
 *
 * Call it while the worker's script runs, not later: https://www.w3.org/TR/service-workers/#service-worker-concept
 */
export function installPushHandlers(options: PushHandlerOptions = {}): void {
  attachPushHandlers(self as unknown as ServiceWorkerGlobalScope, options);
}

/** The same, for a given worker. */
export function attachPushHandlers(worker: ServiceWorkerGlobalScope, options: PushHandlerOptions): void {
  const { defaults = {}, acknowledge = true, vapid_public_key, version = VERSION } = options;
  const { api_base = "/push", fetch_options = {}, timeout_seconds = 10 } = options;
  const server = { api_base, fetch_options, timeout_seconds };
  const clicked = new Set<unknown>();

  worker.addEventListener("push", (event) => event.waitUntil(receive(event)));
  worker.addEventListener("notificationclick", (event) => event.waitUntil(click(event)));
  worker.addEventListener("notificationclose", (event) => event.waitUntil(close(event)));
  worker.addEventListener("pushsubscriptionchange", (event) =>
    event.waitUntil(
      subscribeAgain(worker.registration, event, server, vapid_public_key)
        .then(() => tellPages({ type: "pushmux:subscription_change" }))
        // The page does it when it is opened next.
        .catch(() => {}),
    ),
  );
  worker.addEventListener("message", (event) => {
    const { data, ports } = event;
    const asked: unknown = data?.type ?? data;
    if (asked === "SKIP_WAITING") event.waitUntil(worker.skipWaiting());
    if (asked === "GET_VERSION") ports[0]?.postMessage({ version });
  });

  async function receive(event: DeclarativePushEvent): Promise<void> {
    const received_at = new Date().toISOString();
    const proposed = event.data ? null : event.notification;
    const message = readMessage(event.data?.text() ?? proposedText(proposed), defaults);
    const { title, options, app_badge } = message;
    // A browser that proposes a notification shows it by itself.
    const shown = Boolean(proposed) || (await show(worker.registration, message));
    const notification = { title, ...options, received_at } as ReceivedNotification;
    await Promise.allSettled([
      report(options.data, shown ? "delivered" : "failed", received_at),
      shown && tellPages({ type: "pushmux:notification", notification }),
      app_badge !== undefined && setBadge(worker.navigator, app_badge),
    ]);
  }

  async function click({ notification, action }: NotificationEvent): Promise<void> {
    notification.close();
    const data: ClickData = notification.data ?? {};
    clicked.add(data.message_id);
    if (action === "dismiss") return report(data, "dismissed");
    const urls = [data.action_urls?.[action], data.url, defaults.url];
    await Promise.allSettled([openUrl(worker, urls), report(data, "opened")]);
  }

  async function close({ notification }: NotificationEvent): Promise<void> {
    const data: ClickData = notification.data ?? {};
    // Firefox says so of a clicked one, too.
    if (!clicked.delete(data.message_id)) await report(data, "dismissed");
  }

  async function report(
    data: ClickData,
    status: Fate,
    received_at = new Date().toISOString(),
  ): Promise<void> {
    if (!acknowledge || typeof data.message_id !== "string") return;
    const { message_id } = data;
    // Nothing that goes wrong here is the user's concern.
    await within(timeout_seconds, "reading the device's id", storedDeviceId())
      .then((device_id) => ask(server, "ack", { message_id, device_id, status, received_at }))
      .catch(() => {});
  }

  async function tellPages(message: WorkerMessage): Promise<void> {
    const pages = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
    for (const page of pages) page.postMessage(message);
  }
}

type Fate = "delivered" | "opened" | "dismissed" | "failed";

/** What `readMessage` leaves in a notification; nothing of it in one that a page made. */
interface ClickData {
  readonly message_id?: unknown;
  readonly url?: unknown;
  readonly action_urls?: Readonly<Record<string, unknown>>;
}

/** A declarative message that a worker may change: https://www.w3.org/TR/push-api/#dom-pushevent-notification */
interface DeclarativePushEvent extends PushEvent {
  readonly notification?: Notification | null;
}

function proposedText(notification: Notification | null | undefined): string {
  if (!notification) return "";
  const { title, body, icon, tag, data } = notification;
  return JSON.stringify({ notification: { title, body, icon, tag, data } });
}

/** Whether it is shown. An option that this browser refuses does not cost the user the message. */
async function show(registration: ServiceWorkerRegistration, { title, options }: Message): Promise<boolean> {
  const { body, data } = options;
  const tries = [options, { body, data }].map(
    (some) => () => registration.showNotification(title, some as NotificationOptions),
  );
  for (const attempt of tries) {
    try {
      await attempt();
      return true;
    } catch {}
  }
  return false;
}

async function setBadge(navigator: WorkerNavigator, count: number): Promise<void> {
  if ("setAppBadge" in navigator) await navigator.setAppBadge(count);
}
