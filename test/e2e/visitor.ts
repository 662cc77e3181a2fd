import type { Browser } from "puppeteer-core";

/** Somebody with a browser of their own (a context: own cookies, own worker, own subscription) on our page. */
export interface Visitor {
  /** The subscription's JSON text, as the page hands it to its server. */
  readonly device_token: string;
  /** Resolves when the worker has shown the notification and told the page. */
  arrival(message_id: string): Promise<void>;
  /** What `registration.getNotifications()` says. */
  shown(): Promise<ShownNotification[]>;
  unsubscribe(): Promise<void>;
}

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

/** Opens the page at `url` and subscribes there by its button. */
export async function visit(browser: Browser, url: string): Promise<Visitor> {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  await page.goto(url);
  const press = async (button: string, state: string) => {
    await page.waitForSelector(`#${button}:enabled`);
    // Not by the mouse: that waits for a frame to be painted, and tabs in the background paint none for seconds.
    await page.evaluate(`document.getElementById("${button}").click()`);
    await page.waitForSelector(`#state:is([data-state="${state}"], [data-state="failed"])`);
    const text = await page.evaluate("document.querySelector('#state[data-state=failed]')?.textContent");
    if (text) throw new Error(`${button}: ${text}`);
  };
  await press("subscribe", "subscribed");
  return {
    device_token: (await page.evaluate("document.getElementById('subscription').textContent")) as string,
    async arrival(message_id) {
      await page.waitForSelector(`[data-message-id="${message_id}"]`);
    },
    shown: async () => JSON.parse((await page.evaluate(SHOWN)) as string),
    unsubscribe: () => press("unsubscribe", "unsubscribed"),
  };
}

// As text: this program is type-checked without the DOM.
const SHOWN = `navigator.serviceWorker.ready
  .then((registration) => registration.getNotifications())
  .then((shown) => JSON.stringify(shown.map(
    ({ title, body, icon, tag, requireInteraction, silent, actions, data }) =>
      ({ title, body, icon, tag, requireInteraction, silent, actions, data }))))`;
