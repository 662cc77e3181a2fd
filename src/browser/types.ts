import type { PushClientError } from "../service_worker/shared/errors.js";
import type { ReceivedNotification } from "../service_worker/shared/messages.js";
import type { PushFetchOptions } from "../service_worker/shared/server.js";

/**
 * How the page stands with push:
 *
 * - `unsupported`: this browser has no push
 * - `insecure_context`: the page came over http; push needs https (or localhost)
 * - `needs_home_screen`: on iPhone and iPad only a site on the home screen has push (iOS 16.4)
 * - `default`: the user was not asked yet
 * - `denied`: the user said no; only the browser's settings can change that
 * - `subscribed`, `unsubscribed`: allowed, and this browser has a subscription, or none
 */
export type PushState =
  | "unsupported"
  | "insecure_context"
  | "needs_home_screen"
  | "default"
  | "denied"
  | "subscribed"
  | "unsubscribed";

/** What the client needs to know of your site. */
export interface PushClientOptions {
  /** The worker's script; relative to the page. */
  service_worker_url: string;
  /** The pages it is for. Default: the folder of its script. */
  scope?: string | undefined;
  /** `"module"` when the worker's script has imports. Default `"classic"`. */
  service_worker_type?: "classic" | "module" | undefined;
  /** Where your server's handlers are, relative to the page. Default `"/push"`. */
  api_base?: string | undefined;
  /** Base64url, 65 bytes. Default: the server is asked each time. */
  vapid_public_key?: string | undefined;
  /** Whose browser this is, in your words; goes to the server with the subscription. */
  user_id?: string | undefined;
  /** For each request to the server. */
  fetch_options?: PushFetchOptions | undefined;
  /** For each of: the server, the worker, the push service, the device's storage. Default 15. The user has five minutes to answer the browser's question. */
  timeout_seconds?: number | undefined;
}

/** A subscription as JSON: what your server stores, and sends to. It is a secret. */
export interface PushSubscriptionData {
  endpoint: string;
  /** Milliseconds since 1970, or null. */
  expirationTime: number | null;
  keys: { p256dh: string; auth: string };
}

/** How a test went: the server sent one, or, because of `error`, the page made one itself. */
export type SentTest = { via: "server" } | { via: "local"; error: PushClientError };

/** What a page can listen to. */
export interface PushClientEvents {
  /** The state is known, or has changed, or the subscription is another one: through the page, its worker or the browser's settings. */
  state: PushState;
  /** The worker has shown a notification. */
  notification: ReceivedNotification;
}

/** The page's side of push. Its functions need no `this`. They reject with `PushClientError` only. */
export interface PushClient {
  /** Asks nobody and changes nothing. */
  getState(): Promise<PushState>;
  /**
   * For each load of the page: registers the worker, and, where there is a subscription, sees that it is with the server's
   * present key and that the server knows it. Never asks the user.
   */
  initialize(): Promise<PushState>;
  /**
   * Asks the user if need be, so call it from a click. A subscription with the same key is kept; one with another key is
   * replaced. If the server refuses a first subscription, it is undone.
   */
  subscribe(): Promise<PushSubscriptionData>;
  /** `server_told` is false when there was no subscription, or no server: it learns of it when it sends next. */
  unsubscribe(): Promise<{ server_told: boolean }>;
  /** From a click, too: unsubscribes who is subscribed, subscribes everybody else. */
  toggle(): Promise<PushState>;
  /** Has the server send a notification to this browser; if it cannot, shows `local`, made by the page. */
  sendTest(local?: LocalNotification): Promise<SentTest>;
  getSubscription(): Promise<PushSubscriptionData | null>;
  /** The id is made on first use and stays. The key opens what is pending for the device; it comes from the server. */
  getDevice(): Promise<{ device_id: string; device_key: string | undefined }>;
  /** @returns How to stop listening. */
  on<Event extends keyof PushClientEvents>(
    event: Event,
    listener: (detail: PushClientEvents[Event]) => void,
  ): () => void;
}

/** A notification that the page itself shows: https://notifications.spec.whatwg.org/#dictdef-notificationoptions */
export interface LocalNotification {
  /** Default `"Test notification"`. */
  title?: string | undefined;
  /** Default `"Notifications work on this device."`. */
  body?: string | undefined;
  icon?: string | undefined;
  badge?: string | undefined;
  image?: string | undefined;
  /** Default `"pushmux-test"`. */
  tag?: string | undefined;
  vibrate?: number[] | undefined;
  requireInteraction?: boolean | undefined;
  silent?: boolean | undefined;
  data?: unknown;
}
