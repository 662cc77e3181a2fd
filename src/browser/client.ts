import { within } from "../service_worker/shared/deadline.js";
import { storedDeviceKey } from "../service_worker/shared/device.js";
import { explain, PushClientError } from "../service_worker/shared/errors.js";
import type { WorkerMessage } from "../service_worker/shared/messages.js";
import { ask } from "../service_worker/shared/server.js";
import { deviceId } from "./device.js";
import { askUser, assertAllowed } from "./permission.js";
import { connect, end, findSubscription, type Settings, toData } from "./subscription.js";
import { assertPossible, findObstacle } from "./support.js";
import type {
  LocalNotification,
  PushClient,
  PushClientEvents,
  PushClientOptions,
  PushState,
  PushSubscriptionData,
  SentTest,
} from "./types.js";
import { registerWorker } from "./worker.js";

/**
 * The page's side of push: https://www.w3.org/TR/push-api/. Nothing happens before a function is called, so it may be
 * made anywhere, also where a server renders the page.
 */
export function createPushClient(options: PushClientOptions): PushClient {
  const { api_base = "/push", fetch_options = {}, timeout_seconds = 15 } = options;
  const settings: Settings = { options, server: { api_base, fetch_options, timeout_seconds } };
  const listeners: Listeners = { state: new Set(), notification: new Set() };
  let is_watching = false;
  let last_state: PushState | undefined;
  let last_endpoint: string | undefined;
  let last_turn: Promise<unknown> = Promise.resolve();

  return {
    getState,
    initialize: () => inTurn(initialize),
    subscribe,
    unsubscribe: () => inTurn(unsubscribe),
    toggle,
    sendTest: (local) => inTurn(() => sendTest(local)),
    getSubscription,
    getDevice,
    on,
  };

  async function getState(): Promise<PushState> {
    const { state, endpoint } = await readState();
    if (state !== last_state || endpoint !== last_endpoint) {
      last_state = state;
      last_endpoint = endpoint;
      emit(listeners.state, state);
    }
    return state;
  }

  async function readState(): Promise<{ state: PushState; endpoint?: string }> {
    const obstacle = findObstacle();
    if (obstacle) return { state: obstacle };
    if (Notification.permission !== "granted") return { state: Notification.permission };
    const subscription = await findSubscription(settings);
    return subscription
      ? { state: "subscribed", endpoint: subscription.endpoint }
      : { state: "unsubscribed" };
  }

  async function initialize(): Promise<PushState> {
    if (!findObstacle()) await registerWorker(options, timeout_seconds);
    const state = await getState();
    if (state === "subscribed") await connect(settings);
    return state;
  }

  function subscribe(): Promise<PushSubscriptionData> {
    // At once, not in turn: a browser asks the user only while the click counts.
    const asking = askUser();
    asking.catch(() => {});
    return inTurn(async () => {
      await asking;
      return connect(settings);
    });
  }

  async function unsubscribe(): Promise<{ server_told: boolean }> {
    const subscription = findObstacle() ? null : await findSubscription(settings);
    if (!subscription) return { server_told: false };
    await end(settings, subscription);
    const telling = ask(settings.server, "unsubscribe", { subscription: toData(subscription) });
    return telling.then(
      () => ({ server_told: true }),
      () => ({ server_told: false }),
    );
  }

  async function toggle(): Promise<PushState> {
    // Without permission there is no subscription, and to look for one would cost the click.
    if (findObstacle() || Notification.permission !== "granted") await subscribe();
    else await inTurn(async () => ((await findSubscription(settings)) ? unsubscribe() : connect(settings)));
    return getState();
  }

  async function sendTest(local: LocalNotification = {}): Promise<SentTest> {
    assertPossible();
    assertAllowed(Notification.permission);
    try {
      const subscription = await getSubscription();
      if (!subscription) throw new PushClientError("NOT_SUBSCRIBED", "this browser has no subscription");
      await ask(settings.server, "test", { subscription });
      return { via: "server" };
    } catch (error) {
      const { title = "Test notification", ...more } = local;
      const shown = { body: "Notifications work on this device.", tag: "pushmux-test", ...more };
      const registration = await registerWorker(options, timeout_seconds);
      const showing = registration.showNotification(title, shown as NotificationOptions);
      await within(timeout_seconds, "showing a notification", showing).catch(
        explain("WORKER_FAILED", "the browser did not show the notification"),
      );
      return { via: "local", error: error as PushClientError };
    }
  }

  async function getSubscription(): Promise<PushSubscriptionData | null> {
    const subscription = findObstacle() ? null : await findSubscription(settings);
    return subscription && toData(subscription);
  }

  async function getDevice() {
    const [device_id, device_key] = await Promise.all([
      deviceId(timeout_seconds),
      within(timeout_seconds, "reading the device's key", storedDeviceKey()).catch(() => undefined),
    ]);
    return { device_id, device_key };
  }

  function on<Event extends keyof PushClientEvents>(event: Event, listener: Listener<Event>): () => void {
    watch();
    listeners[event].add(listener);
    return () => listeners[event].delete(listener);
  }

  /** One after the other, so that a second click finds what the first one made. Each ends with the state announced. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = last_turn.then(work).finally(look);
    last_turn = turn.catch(() => {});
    return turn;
  }

  function watch(): void {
    if (is_watching || findObstacle()) return;
    is_watching = true;
    navigator.serviceWorker.addEventListener("message", ({ data }: MessageEvent<WorkerMessage | null>) => {
      if (data?.type === "pushmux:notification") emit(listeners.notification, data.notification);
      if (data?.type === "pushmux:subscription_change") void look();
    });
    navigator.permissions?.query({ name: "notifications" }).then(
      (permission) => permission.addEventListener("change", look),
      () => {},
    );
  }

  async function look(): Promise<void> {
    await getState().catch(() => {});
  }
}

type Listener<Event extends keyof PushClientEvents> = (detail: PushClientEvents[Event]) => void;
type Listeners = { readonly [Event in keyof PushClientEvents]: Set<Listener<Event>> };

/** A listener that throws is the page's own problem, and the window's `error` event says so. */
function emit<Detail>(listeners: ReadonlySet<(detail: Detail) => void>, detail: Detail): void {
  for (const listener of listeners) {
    try {
      listener(detail);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  }
}
