import { randomBytes } from "node:crypto";
import { vi } from "vitest";
import { FakeIndexedDb } from "./fake_indexed_db.js";

const PAGE = "https://example.org/app/page.html";

/** A page in a browser, as far as push needs one, and as strict as one (https://www.w3.org/TR/push-api/). */
export class FakeBrowser {
  /** What the user says when asked; `"nothing"`: the question stays open. */
  answer: NotificationPermission | "nothing" = "granted";
  questions = 0;
  /** `"down"`: refuses; `"silent"`: never answers. */
  push_service: "up" | "down" | "silent" = "up";
  /** What becomes of a worker that is registered. */
  worker: "starts" | "missing" | "refused" | "stuck" = "starts";
  readonly storage = new FakeIndexedDb();
  readonly container = new FakeContainer(this);
  readonly permission_status = Object.assign(new EventTarget(), { state: "prompt" });
  readonly local_storage = new Map<string, string>();
  permission: NotificationPermission = "default";
  #is_clicking = false;

  /** Puts it in place of Node's globals, until `vi.unstubAllGlobals()`. `without`: what this browser does not have. */
  constructor(options: { without?: readonly string[]; navigator?: object; is_secure?: boolean } = {}) {
    const browser = this;
    const without = options.without ?? [];
    const navigator: Record<string, unknown> = {
      userAgent: "Fake/1.0",
      platform: "Linux",
      language: "en",
      maxTouchPoints: 0,
      permissions: { query: async () => browser.permission_status },
      ...(!without.includes("serviceWorker") && { serviceWorker: this.container }),
      ...options.navigator,
    };
    const globals: Record<string, unknown> = {
      isSecureContext: options.is_secure ?? true,
      document: { baseURI: PAGE },
      navigator,
      indexedDB: this.storage,
      localStorage: {
        getItem: (key: string) => browser.local_storage.get(key) ?? null,
        setItem: (key: string, value: string) => browser.local_storage.set(key, value),
      },
      PushManager: FakePushManager,
      Notification: {
        get permission() {
          return browser.permission;
        },
        requestPermission: () => browser.#ask(),
      },
    };
    for (const [name, value] of Object.entries(globals))
      if (!without.includes(name)) vi.stubGlobal(name, value);
  }

  /** Runs a click's handler: the user can be asked until it returns. */
  click<T>(handler: () => T): T {
    this.#is_clicking = true;
    try {
      return handler();
    } finally {
      this.#is_clicking = false;
    }
  }

  /** In the browser's settings. */
  setPermission(permission: NotificationPermission): void {
    this.permission = permission;
    this.permission_status.dispatchEvent(new Event("change"));
  }

  /** What the browser holds for the page's own worker. */
  get subscription(): FakeSubscription | null {
    return this.container.registrations.get("https://example.org/")?.pushManager.subscription ?? null;
  }

  /** As the worker does when the browser has ended the subscription. */
  async renewSubscription(): Promise<void> {
    const manager = this.container.registrations.get("https://example.org/")?.pushManager;
    const key = manager?.subscription?.options.applicationServerKey;
    if (!manager || !key) throw new Error("no subscription");
    await manager.subscription?.unsubscribe();
    await manager.subscribe({ userVisibleOnly: true, applicationServerKey: new Uint8Array(key) });
  }

  get shown() {
    return [...this.container.registrations.values()].flatMap(({ shown }) => shown);
  }

  #ask(): Promise<NotificationPermission> {
    if (!this.#is_clicking) return Promise.resolve("default");
    this.questions++;
    if (this.answer === "nothing") return new Promise(() => {});
    this.permission = this.answer;
    return Promise.resolve(this.answer);
  }
}

class FakeContainer extends EventTarget {
  readonly registrations = new Map<string, FakeRegistration>();
  readonly registered: { url: string; type: string }[] = [];
  /** As on a page that no worker controls. */
  readonly ready = new Promise(() => {});

  constructor(private readonly browser: FakeBrowser) {
    super();
  }

  async register(url: string, { scope, type = "classic" }: { scope?: string; type?: string } = {}) {
    if (this.browser.worker === "missing") throw new TypeError("ServiceWorker script threw 404");
    const script = new URL(url, PAGE);
    const folder = new URL("./", script);
    const { href } = scope === undefined ? folder : new URL(scope, PAGE);
    if (!href.startsWith(folder.href)) throw new DOMException("scope above the script", "SecurityError");
    this.registered.push({ url, type });
    const known = this.registrations.get(href);
    if (known) return known;
    const registration = new FakeRegistration(href, this.browser);
    this.registrations.set(href, registration);
    return registration;
  }

  async getRegistration(url: string) {
    const { href } = new URL(url, PAGE);
    const fitting = [...this.registrations.values()].filter(({ scope }) => href.startsWith(scope));
    return fitting.sort((one, other) => other.scope.length - one.scope.length)[0];
  }

  /** From a worker. */
  say(data: unknown): void {
    this.dispatchEvent(new MessageEvent("message", { data }));
  }
}

class FakeWorker extends EventTarget {
  state = "installing";

  become(state: string): void {
    this.state = state;
    this.dispatchEvent(new Event("statechange"));
  }
}

export class FakeRegistration {
  installing: FakeWorker | null = new FakeWorker();
  waiting: FakeWorker | null = null;
  active: FakeWorker | null = null;
  readonly shown: { title: string; options: unknown }[] = [];
  readonly pushManager: FakePushManager;

  constructor(
    readonly scope: string,
    private readonly browser: FakeBrowser,
  ) {
    this.pushManager = new FakePushManager(this, browser);
    if (browser.worker !== "stuck") setImmediate(() => this.#install());
  }

  async showNotification(title: string, options: unknown): Promise<void> {
    if (this.browser.permission !== "granted") throw new TypeError("no permission");
    if (!this.active) throw new TypeError("no active worker");
    this.shown.push({ title, options });
  }

  #install(): void {
    const worker = this.installing;
    this.installing = null;
    if (this.browser.worker === "refused") {
      worker?.become("redundant");
      return;
    }
    this.waiting = worker;
    worker?.become("installed");
    setImmediate(() => {
      this.waiting = null;
      this.active = worker;
      worker?.become("activating");
      worker?.become("activated");
    });
  }
}

class FakePushManager {
  subscription: FakeSubscription | null = null;

  constructor(
    private readonly registration: FakeRegistration,
    private readonly browser: FakeBrowser,
  ) {}

  async getSubscription() {
    return this.subscription;
  }

  async subscribe(options: { userVisibleOnly?: boolean; applicationServerKey?: Uint8Array<ArrayBuffer> }) {
    const { userVisibleOnly, applicationServerKey: key } = options;
    if (userVisibleOnly !== true || key?.length !== 65 || key[0] !== 4) throw new TypeError("options");
    if (!this.registration.active) throw new DOMException("no active worker", "AbortError");
    if (this.browser.permission !== "granted") throw new DOMException("permission", "NotAllowedError");
    if (this.browser.push_service === "silent") await new Promise(() => {});
    if (this.browser.push_service === "down") throw new DOMException("Registration failed", "AbortError");
    const { subscription } = this;
    const known = subscription?.options.applicationServerKey;
    if (known && !Buffer.from(known).equals(key)) throw new DOMException("other key", "InvalidStateError");
    this.subscription ??= new FakeSubscription(this, key.buffer.slice(0));
    return this.subscription;
  }
}

class FakeSubscription {
  readonly endpoint = `https://push.example.net/${randomBytes(8).toString("hex")}`;
  readonly expirationTime = null;
  readonly options: { applicationServerKey: ArrayBuffer | null };
  readonly #keys = {
    p256dh: randomBytes(65).toString("base64url"),
    auth: randomBytes(16).toString("base64url"),
  };

  constructor(
    private readonly manager: FakePushManager,
    applicationServerKey: ArrayBuffer | null,
  ) {
    this.options = { applicationServerKey };
  }

  toJSON() {
    const { endpoint, expirationTime } = this;
    return { endpoint, expirationTime, keys: this.#keys };
  }

  async unsubscribe(): Promise<boolean> {
    const was_in_force = this.manager.subscription === this;
    if (was_in_force) this.manager.subscription = null;
    return was_in_force;
  }
}
