import type { Browser, Page } from "puppeteer-core";
import { type BrowserProcess, newHome, removeHome } from "./browser_process.js";
import type { Person } from "./real_browser.js";

/** What differs from browser to browser. */
export interface Ways {
  /** With the profile in `home`; there is none yet the first time. */
  start(home: string): Promise<BrowserProcess>;
  /** Blocks notifications of the site, as in the browser's settings. */
  block(browser: Browser): Promise<void>;
}

export class BrowserPerson implements Person {
  #process: BrowserProcess | undefined;
  #page: Page | undefined;

  private constructor(
    private readonly home: string,
    private readonly ways: Ways,
  ) {}

  static async launch(ways: Ways): Promise<BrowserPerson> {
    const person = new BrowserPerson(await newHome(), ways);
    try {
      await person.relaunch();
      return person;
    } catch (error) {
      await person.close();
      throw error;
    }
  }

  get browser(): Browser {
    if (!this.#process) throw new Error("the browser was not started");
    return this.#process.browser;
  }

  get page(): Page {
    if (!this.#page) throw new Error("the browser was not started");
    return this.#page;
  }

  revokePermission(): Promise<void> {
    return this.ways.block(this.browser);
  }

  async quit(): Promise<void> {
    const too_long = setTimeout(() => void this.#process?.kill(), 15_000);
    await this.browser.close().finally(() => clearTimeout(too_long));
  }

  async relaunch(): Promise<void> {
    this.#process = await this.ways.start(this.home);
    const [page = await this.browser.newPage()] = await this.browser.pages();
    page.setDefaultTimeout(20_000);
    this.#page = page;
  }

  async close(): Promise<void> {
    await this.#process?.kill();
    await removeHome(this.home);
  }
}
