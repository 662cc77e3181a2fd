import { readFileSync } from "node:fs";
import { createContext, runInContext } from "node:vm";

export interface ShownNotification {
  readonly title: string;
  readonly options: Record<string, unknown>;
  closed: boolean;
}

type Listener = (event: object) => void;

/**
 * A service worker's script in a global scope of its own, with as much of a browser around it as push needs. As strict
 * as one, where a script's options can be wrong (https://notifications.spec.whatwg.org/#create-a-notification).
 */
export class FakeServiceWorker {
  readonly shown: ShownNotification[] = [];
  readonly fetched: { url: string; body: unknown }[] = [];
  readonly opened: string[] = [];
  readonly focused: string[] = [];
  /** The URLs of the windows that are open. */
  windows: string[] = [];
  readonly #listeners = new Map<string, Listener>();

  constructor(file: string) {
    const self = {
      addEventListener: (type: string, listener: Listener) => this.#listeners.set(type, listener),
      registration: {
        showNotification: async (title: string, options: Record<string, unknown>) =>
          this.#show(title, options),
      },
      clients: {
        matchAll: async () => this.windows.map((url) => ({ url, focus: async () => this.focused.push(url) })),
        openWindow: async (url: string) => this.opened.push(url),
      },
      fetch: async (url: string, { body }: { body: string }) =>
        this.fetched.push({ url, body: JSON.parse(body) }),
    };
    const script = readFileSync(new URL(`../../fixtures/service_workers/${file}`, import.meta.url), "utf8");
    runInContext(script, createContext({ self }), { filename: file });
  }

  /** What a browser does with a decrypted message; null is a push without one. */
  async push(message: Buffer | null): Promise<ShownNotification | undefined> {
    const data = message && { text: () => message.toString(), json: () => JSON.parse(message.toString()) };
    await this.#dispatch("push", { data });
    return this.shown.at(-1);
  }

  async click(notification: ShownNotification, action = ""): Promise<void> {
    const { title, options } = notification;
    const close = () => {
      notification.closed = true;
    };
    await this.#dispatch("notificationclick", { action, notification: { title, ...options, close } });
  }

  async #dispatch(type: string, event: object): Promise<void> {
    const pending: unknown[] = [];
    this.#listeners.get(type)?.({ ...event, waitUntil: (work: unknown) => pending.push(work) });
    await Promise.all(pending);
  }

  #show(title: string, options: Record<string, unknown>): void {
    if (options.silent === true && options.vibrate !== undefined) throw new TypeError("silent and vibrate");
    if (options.renotify === true && !options.tag) throw new TypeError("renotify without tag");
    this.shown.push({ title: String(title), options, closed: false });
  }
}
