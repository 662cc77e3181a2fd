import type { Page } from "puppeteer-core";

/** More than any page here has. */
const MOST_STOPS = 80;

/** Somebody who has no mouse. */
export class Keyboard {
  /** Where the focus was, and nothing showed it. */
  readonly unseen: string[] = [];

  constructor(private readonly page: Page) {}

  /** Goes on with Tab, or back, until it is at an element. */
  async goTo(selector: string, direction: "on" | "back" = "on"): Promise<void> {
    for (let stop = 0; stop < MOST_STOPS; stop++) {
      if (direction === "back") await this.page.keyboard.down("Shift");
      await this.page.keyboard.press("Tab");
      if (direction === "back") await this.page.keyboard.up("Shift");
      const { name, is_seen, is_there } = await this.#look(selector);
      if (!is_seen) this.unseen.push(name);
      if (is_there) return;
    }
    throw new Error(`no way to ${selector} by keyboard`);
  }

  async press(...keys: ("Enter" | " " | "ArrowRight")[]): Promise<void> {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  async type(text: string): Promise<void> {
    await this.page.keyboard.type(text);
  }

  /** The id of what has the focus. */
  async place(): Promise<string> {
    return (await this.page.evaluate("document.activeElement.id")) as string;
  }

  async #look(selector: string): Promise<{ name: string; is_seen: boolean; is_there: boolean }> {
    const json = await this.page.evaluate(`((element) => {
      const hasOutline = (one) => {
        const { outlineStyle, outlineWidth } = getComputedStyle(one);
        return outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
      };
      // A field that is drawn by what stands beside it.
      const drawn = getComputedStyle(element).opacity === "0" ? element.nextElementSibling : element;
      const { top, bottom } = drawn.getBoundingClientRect();
      return JSON.stringify({
        name: element.outerHTML.slice(0, 80),
        is_seen: hasOutline(drawn) && bottom > 0 && top < innerHeight,
        is_there: element.matches(${JSON.stringify(selector)}),
      });
    })(document.activeElement)`);
    return JSON.parse(json as string);
  }
}
