import { expect } from "vitest";
import type { Person } from "../real_browser.js";

/** As the page lists what arrived. */
export interface Listed {
  readonly message_id: string | null;
  readonly title: string;
  readonly body: string;
  readonly icon: string;
  /** What its heading links to. */
  readonly url: string | null;
}

/** As `registration.getNotifications()` tells of what the browser shows. */
export interface Shown {
  readonly title: string;
  readonly body: string;
  readonly icon: string;
  readonly tag: string;
  readonly actions: readonly { readonly action: string; readonly title: string }[];
  readonly data: Readonly<Record<string, unknown>> | null;
}

const DEADLINE = { timeout: 45_000, interval: 100 };

/** The subscriber's page in somebody's browser, or at least in a tab of it. */
export class SubscriberPage<P extends Pick<Person, "browser" | "page"> = Person> {
  /** What the pages of this site got wrong: exceptions, and what the browser refused them. */
  readonly errors: string[] = [];

  constructor(
    readonly person: P,
    private readonly origin: string,
  ) {}

  async open(): Promise<void> {
    const { page } = this.person;
    page.removeAllListeners("pageerror").on("pageerror", (error) => this.errors.push(String(error)));
    await page.goto(`${this.origin}/`);
    await expect.poll(() => this.state(), DEADLINE).not.toBe("loading");
  }

  state(): Promise<string> {
    return this.#ask("document.getElementById('state').dataset.state");
  }

  async hasState(state: string): Promise<void> {
    await expect.poll(() => this.state(), DEADLINE).toBe(state);
  }

  /** What the page says in the end. */
  async press(id: "subscribe" | "unsubscribe" | "test"): Promise<{ text: string; kind: string }> {
    await expect.poll(() => this.#ask<string[]>(BUTTONS), DEADLINE).toContain(id);
    // Not by the mouse: that waits for a frame to be painted, and tabs in the background paint none for seconds.
    await this.person.page.evaluate(`document.getElementById("${id}").click()`);
    await expect.poll(() => this.#ask(`document.getElementById("${id}").ariaBusy`), DEADLINE).toBe("false");
    return this.#ask("({ text: status.textContent, kind: status.dataset.kind })");
  }

  /** Ids of the buttons that can be pressed. */
  buttons(): Promise<string[]> {
    return this.#ask(BUTTONS);
  }

  /** The JSON text of the subscription, once it is shown. */
  async subscription({ other_than = "" } = {}): Promise<string> {
    const is_new = (text: string) => text !== "" && text !== other_than;
    await expect.poll(() => this.shownSubscription(), DEADLINE).toSatisfy(is_new);
    return this.shownSubscription();
  }

  /** The same, empty when there is none. */
  shownSubscription(): Promise<string> {
    return this.#ask("document.getElementById('subscription').textContent");
  }

  /** What stands above it, once it is complete. */
  async facts(): Promise<Record<string, string>> {
    const read = () => this.#ask<Record<string, string>>(FACTS);
    await expect.poll(async () => (await read()).Device, DEADLINE).not.toBe("");
    return read();
  }

  async deviceId(): Promise<string> {
    return (await this.facts()).Device ?? "";
  }

  /** Empty when it is not shown. */
  help(): Promise<string> {
    return this.#ask("((help) => help.hidden ? '' : help.innerText)(document.getElementById('help'))");
  }

  async chooseTopics(...topics: string[]): Promise<void> {
    await expect.poll(() => this.#ask("document.querySelectorAll('[name=topic]').length"), DEADLINE).toBe(3);
    await this.person.page.evaluate(`for (const box of document.querySelectorAll("[name=topic]"))
      if (box.checked !== ${JSON.stringify(topics)}.includes(box.value)) box.click();
      document.querySelector("#preferences_form button").click();`);
    const said = () => this.#ask("document.getElementById('preferences_status').textContent");
    await expect.poll(said, DEADLINE).toBe("Saved.");
  }

  /** What the page lists under this title, once it does. */
  async listed(title: string): Promise<Listed> {
    const find = async () => (await this.#ask<Listed[]>(LISTED)).filter((one) => one.title === title);
    await expect.poll(find, DEADLINE).not.toEqual([]);
    const [first] = await find();
    if (!first) throw new Error(`${title} is not listed any more`);
    return first;
  }

  async titles(): Promise<string[]> {
    return (await this.#ask<Listed[]>(LISTED)).map(({ title }) => title);
  }

  shown(): Promise<Shown[]> {
    return this.#ask(SHOWN);
  }

  /** The worker's answer to a message, on a port of its own. */
  askWorker(message: string): Promise<unknown> {
    return this.#ask(`navigator.serviceWorker.ready.then(({ active }) => new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = ({ data }) => resolve(data);
      active.postMessage({ type: ${JSON.stringify(message)} }, [port2]);
    }))`);
  }

  /** Ends the subscription past the page and its server. */
  async unsubscribeInSecret(): Promise<void> {
    const ended = await this.#ask(`navigator.serviceWorker.ready
      .then(({ pushManager }) => pushManager.getSubscription())
      .then((subscription) => subscription.unsubscribe())`);
    expect(ended).toBe(true);
  }

  /** Addresses of all tabs on this site. */
  async tabs(): Promise<string[]> {
    const pages = await this.person.browser.pages();
    return pages.map((page) => page.url()).filter((url) => url.startsWith(this.origin));
  }

  /** The tab with this address, once there is one, is looked at and closed. */
  async closeTab(url: string): Promise<void> {
    await expect.poll(() => this.tabs(), DEADLINE).toContain(url);
    const pages = await this.person.browser.pages();
    await pages.find((page) => page.url() === url)?.close();
  }

  /** An expression in the page, as text: this program is type-checked without the DOM. */
  async #ask<T = unknown>(expression: string): Promise<T> {
    const json = await this.person.page.evaluate(
      `Promise.resolve(((status) => ${expression})(document.getElementById("status"))).then(JSON.stringify)`,
    );
    return JSON.parse(json as string);
  }
}

const BUTTONS = `[...document.querySelectorAll(".hero button")].filter((button) => !button.hidden && !button.disabled)
  .map((button) => button.id)`;

const FACTS = `Object.fromEntries([...document.querySelectorAll(".facts div")]
  .map((fact) => [fact.querySelector("dt").textContent, fact.querySelector("dd").textContent]))`;

const LISTED = `[...document.querySelectorAll("#received li")].map((item) => ({
  message_id: item.dataset.messageId ?? null,
  title: item.querySelector("strong").textContent,
  body: item.querySelectorAll("p")[1]?.textContent ?? "",
  icon: item.querySelector("img").src,
  url: item.querySelector("a")?.href ?? null,
}))`;

const SHOWN = `navigator.serviceWorker.ready
  .then((registration) => registration.getNotifications())
  .then((shown) => shown.map(({ title, body, icon, tag, actions, data }) => ({
    title, body, icon, tag, data,
    actions: (actions ?? []).map(({ action, title }) => ({ action, title })),
  })))`;
