import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Browser, Page } from "puppeteer-core";
import { expect } from "vitest";
import { readPng } from "./png.js";

type Scheme = "light" | "dark";

const SIZES = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 900 } };
/** A picture of text has far more, a single colour far fewer. */
const LEAST_VARIETY = 64;
const SERIOUS = ["serious", "critical"];

/** What of Firefox's WebDriver BiDi puppeteer has no words for. */
interface Bidi {
  send(
    method: string,
    parameters: object,
  ): Promise<{ result: { contexts: { context: string; url: string }[] } }>;
}

/** Looks at pages in Firefox, by day and by night, on a phone and on a desk, and keeps a picture of each. */
export class Camera {
  private constructor(
    private readonly folder: string,
    private readonly axe: string,
  ) {}

  static async open(folder: string): Promise<Camera> {
    await mkdir(folder, { recursive: true });
    const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
    return new Camera(folder, await readFile(axe, "utf8"));
  }

  /** What is wrong with the page: it has to be scrolled sideways, shows nothing, or shuts somebody out. */
  async look(page: Page, name: string): Promise<string[]> {
    const problems: string[] = [];
    await page.bringToFront();
    await page.evaluate(`${this.axe};0`);
    for (const scheme of ["light", "dark"] as const) {
      await setScheme(page, scheme);
      for (const [size, viewport] of Object.entries(SIZES)) {
        const note = (what: string) => problems.push(`${name}, ${scheme}, ${size}: ${what}`);
        await page.setViewport(viewport);
        if (await page.evaluate(IS_TOO_WIDE)) note("scrolls sideways");
        for (const violation of JSON.parse((await page.evaluate(RUN_AXE)) as string)) note(violation);
        const png = await page.screenshot({ fullPage: true });
        const { width, height, variety } = readPng(png);
        if (width !== viewport.width || height < viewport.height) note(`is ${width} x ${height}`);
        if (variety < LEAST_VARIETY) note("shows nothing");
        await writeFile(join(this.folder, `${name}_${scheme}_${size}.png`), png);
      }
    }
    return problems;
  }
}

/** As the system's setting would, by the preference that stands for it: BiDi has no word for it. */
async function setScheme(page: Page, scheme: Scheme): Promise<void> {
  const bidi = (page.browser() as Browser as unknown as { connection: Bidi }).connection;
  const { result } = await bidi.send("browsingContext.getTree", { "moz:scope": "chrome" });
  const name = "layout.css.prefers-color-scheme.content-override";
  await bidi.send("script.evaluate", {
    expression: `Services.prefs.setIntPref("${name}", ${scheme === "dark" ? 0 : 1})`,
    target: { context: result.contexts[0]?.context },
    awaitPromise: false,
  });
  const is_there = () => page.evaluate(`matchMedia("(prefers-color-scheme: ${scheme})").matches`);
  await expect.poll(is_there, { timeout: 15_000 }).toBe(true);
}

const IS_TOO_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth";

const RUN_AXE = `axe.run({ resultTypes: ["violations"] }).then(({ violations }) => JSON.stringify(
  violations.filter(({ impact }) => ${JSON.stringify(SERIOUS)}.includes(impact)).flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => [id, html.slice(0, 120), failureSummary].join(" ")))))`;
