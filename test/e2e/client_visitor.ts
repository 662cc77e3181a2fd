import type { Page } from "puppeteer-core";
import { expect } from "vitest";
import type { ReceivedNotification } from "../../src/service_worker/shared/messages.js";
import type { Person } from "./real_browser.js";

export interface ShownNotification {
  readonly title: string;
  readonly options: Record<string, unknown>;
}

/** Somebody on the page of `ClientSite`. */
export class ClientVisitor {
  private constructor(
    private readonly person: Person,
    readonly origin: string,
    private readonly page: Page,
  ) {}

  static async visit(person: Person, origin: string): Promise<ClientVisitor> {
    const visitor = new ClientVisitor(person, origin, await person.browser.newPage());
    await visitor.page.goto(origin);
    await visitor.#outcomeOf("initialize");
    return visitor;
  }

  /** What their windows show of the site, without its origin. */
  async windows(): Promise<string[]> {
    const urls = (await this.person.browser.pages()).map((page) => page.url());
    const ours = urls.filter((url) => url.startsWith(`${this.origin}/`));
    return ours.map((url) => url.slice(this.origin.length)).sort();
  }

  /** Opens one more. */
  async openWindow(path: string): Promise<void> {
    const page = await this.person.browser.newPage();
    await page.goto(`${this.origin}${path}`);
  }

  /** What the page says after its button was pressed: what the call returned, or the code of its error. */
  async press(button: "subscribe" | "unsubscribe" | "toggle" | "test"): Promise<string> {
    // Not by the mouse: that waits for a frame to be painted, and tabs in the background paint none for seconds.
    await this.page.evaluate(`document.getElementById("${button}").click()`);
    return this.#outcomeOf(button);
  }

  async reload(): Promise<string> {
    await this.page.reload();
    return this.#outcomeOf("initialize");
  }

  async hasState(state: string): Promise<void> {
    await expect.poll(() => this.#text("state"), { timeout: 20_000 }).toBe(state);
  }

  /** The subscription's JSON text, as the page shows it; empty without one. */
  subscription(): Promise<string> {
    return this.#text("subscription");
  }

  /** The notification that the page lists last, once there are so many. */
  async arrival(count: number): Promise<ReceivedNotification> {
    const listed = () => this.page.evaluate("document.querySelectorAll('#arrived li').length");
    await expect.poll(listed, { timeout: 20_000 }).toBe(count);
    return JSON.parse(
      (await this.page.evaluate("document.querySelector('#arrived li:last-child').textContent")) as string,
    );
  }

  /** What `registration.getNotifications()` says, with all that this browser tells of a notification. */
  async shown(): Promise<ShownNotification[]> {
    return JSON.parse((await this.page.evaluate(SHOWN)) as string);
  }

  /** The worker's answer on a port of its own. */
  ask(message: string): Promise<unknown> {
    return this.page.evaluate(`navigator.serviceWorker.ready.then(({ active }) => new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = ({ data }) => resolve(data);
      active.postMessage({ type: ${JSON.stringify(message)} }, [port2]);
    }))`);
  }

  async #outcomeOf(action: string): Promise<string> {
    const outcome = () => this.#text("outcome");
    await expect.poll(outcome, { timeout: 20_000 }).toMatch(new RegExp(`^${action} `));
    return (await outcome()).slice(action.length + 1);
  }

  #text(id: string): Promise<string> {
    return this.page.evaluate(`document.getElementById("${id}").textContent`) as Promise<string>;
  }
}

// As text: this program is type-checked without the DOM.
const SHOWN = `navigator.serviceWorker.ready
  .then((registration) => registration.getNotifications())
  .then((shown) => JSON.stringify(shown.map((one) => {
    const names = ["body", "icon", "badge", "image", "tag", "renotify", "requireInteraction", "silent", "vibrate",
      "timestamp", "dir", "lang", "actions", "data"];
    const known = names.filter((name) => name in Notification.prototype);
    return { title: one.title, options: Object.fromEntries(known.map((name) => [name, one[name]])) };
  })))`;
