import type { Page } from "puppeteer-core";
import { expect } from "vitest";
import type { Site } from "./site.js";
import type { Stage } from "./stage.js";

interface ShownNotification {
  title: string;
  body: string;
  icon: string;
  tag: string;
  requireInteraction: boolean;
  silent: boolean;
  actions: { action: string; title: string }[];
  data: Record<string, unknown> | null;
}

/** Somebody on our page. */
export class Visitor {
  #page: Page | undefined;

  private constructor(
    private readonly stage: Stage<Site>,
    /** What our page's address begins with, for this visitor. */
    readonly origin: string,
  ) {}

  /** One who has subscribed, by the page's button. */
  static async subscribed(stage: Stage<Site>, origin = stage.newOrigin()): Promise<Visitor> {
    const visitor = new Visitor(stage, origin);
    await visitor.open();
    await visitor.#press("subscribe", "subscribed");
    return visitor;
  }

  /** Opens the page. */
  async open(): Promise<void> {
    this.#page = await this.stage.person.browser.newPage();
    this.#page.setDefaultTimeout(20_000);
    await this.#page.goto(this.origin);
  }

  /** The subscription's JSON text, as the page hands it to its server. */
  async deviceToken(): Promise<string> {
    return (await this.#open.evaluate("document.getElementById('subscription').textContent")) as string;
  }

  /** Resolves when the worker has shown the notification and told the page. */
  async arrival(message_id: string): Promise<void> {
    await this.#open.waitForSelector(`[data-message-id="${message_id}"]`);
  }

  /** What `registration.getNotifications()` says. */
  async shown(): Promise<ShownNotification[]> {
    return JSON.parse((await this.#open.evaluate(SHOWN)) as string);
  }

  async shows(titles: string[]): Promise<void> {
    const shown = async () => (await this.shown()).map(({ title }) => title).sort();
    await expect.poll(shown, { timeout: 20_000 }).toEqual(titles);
  }

  unsubscribe(): Promise<void> {
    return this.#press("unsubscribe", "unsubscribed");
  }

  async #press(button: string, state: string): Promise<void> {
    const page = this.#open;
    await page.waitForSelector(`#${button}:enabled`);
    // Not by the mouse: that waits for a frame to be painted, and tabs in the background paint none for seconds.
    await page.evaluate(`document.getElementById("${button}").click()`);
    await page.waitForSelector(`#state:is([data-state="${state}"], [data-state="failed"])`);
    const text = await page.evaluate("document.querySelector('#state[data-state=failed]')?.textContent");
    if (text) throw new Error(`${button}: ${text}`);
  }

  get #open(): Page {
    if (!this.#page) throw new Error("the page is not open");
    return this.#page;
  }
}

// As text: this program is type-checked without the DOM.
const SHOWN = `navigator.serviceWorker.ready
  .then((registration) => registration.getNotifications())
  .then((shown) => JSON.stringify(shown.map(
    ({ title, body, icon, tag, requireInteraction, silent, actions, data }) =>
      ({ title, body, icon, tag, requireInteraction, silent, actions, data }))))`;
