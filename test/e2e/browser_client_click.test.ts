import { afterAll, beforeAll, expect, it } from "vitest";
import type { WebPushProvider } from "../../providers/web_push/index.js";
import { getPushProvider } from "../../src/index.js";
import { describeWith } from "../setup/requirements.js";
import { touchAlert } from "./alerts.js";
import { type Autopush, startAutopush } from "./autopush.js";
import { type Firefox, startFirefox } from "./browser.js";
import { type ClientSite, startClientSite } from "./client_site.js";
import { ClientVisitor } from "./client_visitor.js";

describeWith("firefox-esr", "notifications of sw.js under a hand, in a real Firefox", (firefox_path) => {
  let autopush: Autopush;
  let site: ClientSite;
  let firefox: Firefox;
  let provider: WebPushProvider;

  beforeAll(async () => {
    autopush = await startAutopush();
    site = await startClientSite(autopush.service.config.vapid_public_key);
    firefox = await startFirefox(firefox_path, autopush.push_url);
    provider = await getPushProvider("web_push", autopush.service.config);
  });

  afterAll(async () => {
    await Promise.all([firefox?.close(), provider?.close(), site?.close(), autopush?.close()]);
  });

  /** Somebody who has got a notification; `pages()` are the URLs of their windows. */
  async function notified(url: string) {
    const visitor = await ClientVisitor.visit(firefox.browser, site.origin);
    await visitor.press("subscribe");
    const subscription = await visitor.subscription();
    const { message_id } = await provider.sendNotification(subscription, { title: "Here", url });
    const fates = () => {
      const told = site.api.bodies("ack").filter((body) => body.message_id === message_id);
      return told.map(({ status }) => status);
    };
    await expect.poll(fates, { timeout: 10_000 }).toEqual(["delivered"]);
    const pages = async () => (await visitor.context.pages()).map((page) => page.url()).sort();
    return { visitor, fates, pages };
  }

  it("3.3.click a click opens the URL in a new window, and the server hears that it was opened", async () => {
    const { fates, pages } = await notified("/?order=42");
    await touchAlert(firefox.browser, "click");
    await expect.poll(pages, { timeout: 10_000 }).toEqual([`${site.origin}/`, `${site.origin}/?order=42`]);
    await expect.poll(fates, { timeout: 10_000 }).toEqual(["delivered", "opened"]);
  });

  it("P1 5.1.weak a click opens no second window where one shows the URL", async () => {
    const { visitor, fates, pages } = await notified("/");
    const other = await visitor.context.newPage();
    await other.goto(`${site.origin}/?order=42`);
    await touchAlert(firefox.browser, "click");
    await expect.poll(fates, { timeout: 10_000 }).toEqual(["delivered", "opened"]);
    expect(await pages()).toEqual([`${site.origin}/`, `${site.origin}/?order=42`]);
  });

  it("3.3.close one that is closed was dismissed", async () => {
    const { fates, pages } = await notified("/?order=42");
    await touchAlert(firefox.browser, "close");
    await expect.poll(fates, { timeout: 10_000 }).toEqual(["delivered", "dismissed"]);
    expect(await pages()).toEqual([`${site.origin}/`]);
    expect(site.api.complaints).toEqual([]);
  });
});
