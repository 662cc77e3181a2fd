import type { Browser } from "puppeteer-core";
import { expect } from "vitest";

/** What of Firefox's WebDriver BiDi puppeteer has no words for. */
interface Bidi {
  send(
    method: string,
    parameters: object,
  ): Promise<{ result: { contexts: { context: string; url: string }[] } }>;
}

/**
 * A person's hand on the notification that Firefox shows: each is a window of the browser's own
 * (searchfox.org/mozilla-central/source/toolkit/components/alerts/resources/content/alert.js).
 */
export async function touchAlert(browser: Browser, touch: "click" | "close"): Promise<void> {
  const bidi = (browser as unknown as { connection: Bidi }).connection;
  const alerts = async () => {
    const { result } = await bidi.send("browsingContext.getTree", { "moz:scope": "chrome" });
    return result.contexts.filter(({ url }) => url.endsWith("/alert.xhtml"));
  };
  await expect.poll(async () => (await alerts()).length, { timeout: 10_000 }).toBeGreaterThan(0);
  const [alert] = await alerts();
  const expression =
    touch === "click"
      ? "document.getElementById('alertBox').click()"
      : "document.getElementById('alert-close').doCommand()";
  await bidi.send("script.evaluate", {
    expression,
    target: { context: alert?.context },
    awaitPromise: false,
  });
}
