import { vi } from "vitest";
import { FakeIndexedDb } from "../browser/fake_indexed_db.js";

export interface Shown {
  readonly title: string;
  readonly options: Record<string, unknown>;
  closed: boolean;
}

/** A window that is open on the worker's origin. */
export class FakeWindow {
  readonly heard: unknown[] = [];
  focused = 0;
  /** The window refuses to come forward. */
  refuses = false;

  constructor(readonly url: string) {}

  async focus(): Promise<this> {
    if (this.refuses) throw new DOMException("gone", "InvalidStateError");
    this.focused++;
    return this;
  }

  postMessage(message: unknown): void {
    this.heard.push(structuredClone(message));
  }
}

/**
 * The global scope of a service worker, as far as push needs one, and as strict as one
 * (https://www.w3.org/TR/service-workers/#serviceworkerglobalscope, https://notifications.spec.whatwg.org/).
 */
export class FakeScope {
  readonly shown: Shown[] = [];
  readonly windows: FakeWindow[] = [];
  readonly opened: string[] = [];
  readonly badges: number[] = [];
  readonly storage = new FakeIndexedDb();
  /** Keys that this browser has subscribed with. */
  readonly subscribed: unknown[] = [];
  skipped = 0;
  claimed = 0;
  /** What a browser does not accept: `showNotification` rejects when an option of that name is given. */
  refused_option: string | undefined;
  readonly #listeners = new Map<string, (event: object) => void>();

  /** As globals of the worker's script. */
  readonly globals = {
    addEventListener: (type: string, listener: (event: object) => void) => {
      if (this.#listeners.has(type)) throw new Error(`two listeners for ${type}`);
      this.#listeners.set(type, listener);
    },
    registration: {
      scope: "https://example.org/app/",
      showNotification: async (title: string, options: Record<string, unknown>) => this.#show(title, options),
      pushManager: {
        subscribe: async (options: {
          userVisibleOnly: boolean;
          applicationServerKey: Uint8Array<ArrayBuffer>;
        }) => {
          if (!options.userVisibleOnly) throw new DOMException("userVisibleOnly", "NotAllowedError");
          this.subscribed.push(Buffer.from(options.applicationServerKey).toString("base64url"));
          return this.newSubscription("made-by-the-worker");
        },
      },
    },
    clients: {
      matchAll: async (options: { type?: string; includeUncontrolled?: boolean }) =>
        options.type === "window" && options.includeUncontrolled ? this.windows : [],
      openWindow: async (url: string) => {
        this.opened.push(url);
        return null;
      },
      claim: async () => {
        this.claimed++;
      },
    },
    skipWaiting: async () => {
      this.skipped++;
    },
    location: { href: "https://example.org/app/sw.js" },
    navigator: { setAppBadge: async (count: number) => void this.badges.push(count) },
  };

  constructor() {
    vi.stubGlobal("indexedDB", this.storage);
  }

  newSubscription(name: string) {
    const keys = {
      p256dh: Buffer.alloc(65, 4).toString("base64url"),
      auth: Buffer.alloc(16).toString("base64url"),
    };
    const endpoint = `https://push.example.net/${name}`;
    return { endpoint, options: {}, toJSON: () => ({ endpoint, expirationTime: null, keys }) };
  }

  openWindow(url: string): FakeWindow {
    const window = new FakeWindow(url);
    this.windows.push(window);
    return window;
  }

  get events(): string[] {
    return [...this.#listeners.keys()].sort();
  }

  /** A decrypted message, or none, and what it showed. */
  async push(message: unknown): Promise<Shown | undefined> {
    const text = typeof message === "string" ? message : JSON.stringify(message);
    await this.dispatch("push", {
      data: message === null ? null : { text: () => text, json: () => JSON.parse(text) },
    });
    return this.shown.at(-1);
  }

  async click(shown: Shown, action = ""): Promise<void> {
    await this.dispatch("notificationclick", { action, notification: this.#notification(shown) });
  }

  async close(shown: Shown): Promise<void> {
    await this.dispatch("notificationclose", { notification: this.#notification(shown) });
  }

  /** Rejects when the worker's work does: a browser counts that against the site. */
  async dispatch(type: string, event: object): Promise<void> {
    const pending: unknown[] = [];
    let is_open = true;
    const waitUntil = (work: unknown) => {
      if (!is_open) throw new DOMException("waitUntil after the event", "InvalidStateError");
      pending.push(work);
    };
    const listener = this.#listeners.get(type);
    if (!listener) throw new Error(`nobody listens to ${type}`);
    listener({ type, ...event, waitUntil });
    is_open = false;
    await Promise.all(pending);
  }

  #notification(shown: Shown) {
    const { title, options } = shown;
    const close = () => {
      shown.closed = true;
    };
    return { title, data: null, ...options, close };
  }

  #show(title: string, options: Record<string, unknown>): void {
    const { silent, vibrate, renotify, tag, data, dir, actions } = options;
    if (silent === true && vibrate !== undefined) throw new TypeError("silent and vibrate");
    if (renotify === true && !tag) throw new TypeError("renotify without tag");
    if (dir !== undefined && !["auto", "ltr", "rtl"].includes(String(dir))) throw new TypeError("dir");
    if (actions !== undefined && !Array.isArray(actions)) throw new TypeError("actions");
    if (this.refused_option && this.refused_option in options) throw new TypeError(this.refused_option);
    this.shown.push({
      title: String(title),
      options: { ...options, data: structuredClone(data) },
      closed: false,
    });
  }
}
