import type { Page } from "puppeteer-core";
import { expect } from "vitest";

/** What the form asks for, by the names of its fields. */
export interface Letter {
  readonly title: string;
  readonly body?: string;
  readonly url?: string;
  readonly icon?: string;
  readonly image?: string;
  readonly collapse_key?: string;
  readonly action_1?: string;
  readonly action_url_1?: string;
  readonly action_2?: string;
  readonly ttl?: "0" | "3600";
  /** An expression; without one it is for everybody. */
  readonly tags?: string;
}

/** What the page says when all is sent. */
export interface Sent {
  /** Such as `2 of 2, 130 per second`. */
  readonly progress: string;
  /** The bars of the chart: `accepted` and error codes. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly note: string;
}

/** One entry of the history: its title, and its figures by name. */
export interface Entry {
  readonly title: string;
  readonly state: string;
  readonly figures: Readonly<Record<string, number>>;
}

const DEADLINE = { timeout: 45_000, interval: 100 };

/** The admin's pages. */
export class AdminPage {
  readonly errors: string[] = [];
  /** What was asked before sending; each time the answer was yes. */
  readonly questions: string[] = [];

  constructor(
    private readonly page: Page,
    private readonly origin: string,
  ) {
    page.on("pageerror", (error) => this.errors.push(String(error)));
    page.on("dialog", (dialog) => {
      this.questions.push(dialog.message());
      void dialog.accept();
    });
  }

  /** What the page says, or nothing once it has let in. */
  async signIn(name: string, password: string): Promise<string> {
    await this.page.goto(`${this.origin}/admin`);
    expect(this.page.url()).toBe(`${this.origin}/admin/sign-in`);
    await this.page.evaluate(fill("sign_in", { name, password }));
    await this.page.evaluate("document.querySelector('#sign_in button').click()");
    const outcome = () => this.#ask<string>(SIGN_IN_OUTCOME).catch(() => "");
    await expect.poll(outcome, DEADLINE).toMatch(/^(in|bad)$/);
    return (await outcome()) === "in" ? "" : this.#ask("document.getElementById('status').textContent");
  }

  /** Sends it, to the end. */
  async broadcast(letter: Letter): Promise<Sent> {
    await this.compose(letter);
    await this.press("send");
    const outcome = () => this.#ask<string>(SENDING_OUTCOME);
    await expect.poll(outcome, DEADLINE).toMatch(/^(Sent|Stopped|bad: .*)$/);
    expect(await outcome()).toBe("Sent");
    return this.#ask(OUTCOME);
  }

  async compose({ tags, ...fields }: Letter): Promise<void> {
    await this.open("send");
    if (tags) {
      await this.page.evaluate("document.querySelector('[name=audience][value=tags]').click()");
      await this.page.evaluate(fill("compose", { tags }));
    }
    await this.page.evaluate(fill("compose", fields));
  }

  async press(id: "send" | "preview" | "stop"): Promise<void> {
    await this.page.evaluate(`document.getElementById("${id}").click()`);
  }

  /** Newest first. */
  async history(): Promise<Entry[]> {
    await this.open("history");
    await expect.poll(() => this.#ask<Entry[]>(HISTORY), DEADLINE).not.toEqual([]);
    return this.#ask(HISTORY);
  }

  /** Loads the page anew, and goes where its link leads. */
  async open(view: "send" | "history" | "subscribers" | "statistics" | "team"): Promise<void> {
    await this.page.goto(`${this.origin}/admin`);
    await this.#isShown("send");
    await this.page.evaluate(`document.querySelector('.tabs a[href="#${view}"]').click()`);
    await this.#isShown(view);
  }

  async #isShown(view: string): Promise<void> {
    const hidden = () => this.#ask(`document.getElementById("view_${view}")?.hidden ?? true`);
    await expect.poll(hidden, DEADLINE).toBe(false);
  }

  async #ask<T = unknown>(expression: string): Promise<T> {
    return JSON.parse((await this.page.evaluate(`JSON.stringify(${expression})`)) as string);
  }
}

/** Puts values into a form's fields, as somebody who types does. */
function fill(form: string, values: object): string {
  return `for (const [name, value] of Object.entries(${JSON.stringify(values)})) {
    const field = document.getElementById("${form}").elements[name];
    field.value = value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }`;
}

const SIGN_IN_OUTCOME = `location.pathname === "/admin" ? "in" : document.getElementById("status").dataset.kind ?? ""`;

const SENDING_OUTCOME = `((status) => status.dataset.kind === "bad" ? "bad: " + status.textContent
  : document.getElementById("progress_title").textContent)(document.getElementById("compose_status"))`;

const OUTCOME = `({
  progress: document.getElementById("progress_text").textContent,
  outcomes: Object.fromEntries([...document.querySelectorAll("#outcomes tbody tr")]
    .map((row) => [row.cells[0].textContent, Number(row.cells[1].textContent)])),
  note: document.querySelector("#outcomes .hint").textContent,
})`;

const HISTORY = `[...document.querySelectorAll("#broadcasts li[data-broadcast-id]")].map((item) => ({
  title: item.querySelector("h2").firstChild.textContent,
  state: item.querySelector(".pill").textContent,
  figures: Object.fromEntries([...item.querySelectorAll("dl div")]
    .map((fact) => [fact.querySelector("dt").textContent, Number(fact.querySelector("dd").textContent)])),
}))`;
