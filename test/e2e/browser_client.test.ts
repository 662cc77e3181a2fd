import { afterAll, beforeAll, expect, it } from "vitest";
import {
  generateVapidKeys,
  type WebPushConfig,
  type WebPushOptions,
  type WebPushProvider,
} from "../../providers/web_push/index.js";
import { getPushProvider } from "../../src/index.js";
import { VERSION } from "../../src/service_worker/version.js";
import { describeWith } from "../setup/requirements.js";
import { type Autopush, startAutopush } from "./autopush.js";
import { type Firefox, startFirefox } from "./browser.js";
import { type ClientSite, startClientSite } from "./client_site.js";
import { ClientVisitor } from "./client_visitor.js";

/** Everything that a payload can say about how it is shown: in its own fields, and as web push's own options. */
const UNIFIED = {
  title: "Order 42",
  body: "Shipped: grüße 📦",
  icon: "/icon.png",
  tag: "order-42",
  image: "/image.png",
};
const ACTIONS = [
  { action: "track", title: "Track" },
  { action: "dismiss", title: "Later" },
];
const OWN: WebPushOptions = {
  badge: "/badge.png",
  requireInteraction: true,
  silent: false,
  vibrate: [200, 100, 200],
  renotify: true,
  dir: "rtl",
  lang: "de",
  timestamp: Date.UTC(2026, 0, 2),
};

describeWith("firefox-esr", "pushmux/browser, sw.js: a real Firefox, no bundler", (firefox_path) => {
  let autopush: Autopush;
  let site: ClientSite;
  let firefox: Firefox;
  let provider: WebPushProvider;

  beforeAll(async () => {
    autopush = await startAutopush();
    site = await startClientSite(autopush.service.config.vapid_public_key);
    firefox = await startFirefox(firefox_path, autopush.push_url);
    provider = await open();
  });

  afterAll(async () => {
    await Promise.all([firefox?.close(), provider?.close(), site?.close(), autopush?.close()]);
  });

  const open = (config: WebPushConfig = {}) =>
    getPushProvider("web_push", { ...autopush.service.config, ...config });
  const newVisitor = () => ClientVisitor.visit(firefox.browser, site.origin);
  async function newSubscriber(): Promise<ClientVisitor> {
    const visitor = await newVisitor();
    await visitor.press("subscribe");
    await visitor.hasState("subscribed");
    return visitor;
  }
  /** What the worker told the server about a message. */
  const acknowledged = (message_id: string) =>
    site.api.bodies("ack").filter((body) => body.message_id === message_id);

  it("5.1.p1 5.1.p4 5.1.p7 subscribes by its button, shows the subscription as JSON, and the server has it", async () => {
    const visitor = await newVisitor();
    await visitor.hasState("unsubscribed");
    expect(await visitor.subscription()).toBe("");
    const outcome = JSON.parse(await visitor.press("subscribe"));
    await visitor.hasState("subscribed");
    expect(JSON.parse(await visitor.subscription())).toEqual(outcome);
    expect(site.api.bodies("subscribe").at(-1)).toMatchObject({
      subscription: outcome,
      user_id: "u-7",
      device_info: { userAgent: expect.stringContaining("Firefox"), language: expect.any(String) },
    });
    const result = await provider.sendNotification(await visitor.subscription(), { title: "Welcome" });
    expect(result).toMatchObject({ success: true });
    expect(await visitor.arrival(1)).toMatchObject({ title: "Welcome", icon: "/default.png" });
  });

  it("a second load finds the subscription, and the server hears of it again", async () => {
    const visitor = await newSubscriber();
    const before = site.api.bodies("subscribe").length;
    const subscription = await visitor.subscription();
    expect(await visitor.reload()).toBe('"subscribed"');
    await visitor.hasState("subscribed");
    expect(await visitor.subscription()).toBe(subscription);
    expect(site.api.bodies("subscribe").slice(before)).toMatchObject([
      { subscription: JSON.parse(subscription) },
    ]);
  });

  it.each(["nested", "flat", "declarative"] as const)(
    "3.3.options format %s: every option is shown, the page hears of it, the server has the acknowledgement",
    async (format) => {
      const visitor = await newSubscriber();
      const { device_id } = site.api.bodies("subscribe").at(-1) ?? {};
      const result = await provider.sendNotification(await visitor.subscription(), {
        ...UNIFIED,
        url: `${site.origin}/orders/42`,
        data: { order: 42, list: [1, "two", null] },
        actions: ACTIONS.map((action) => ({ ...action, url: `${site.origin}/${action.action}` })),
        platform_data: { web_push: { ...OWN, format } },
      });
      expect(result).toMatchObject({ success: true, warnings: [] });

      const data = {
        order: 42,
        list: [1, "two", null],
        url: `${site.origin}/orders/42`,
        message_id: result.message_id,
        action_urls: { track: `${site.origin}/track`, dismiss: `${site.origin}/dismiss` },
      };
      const arrived = await visitor.arrival(1);
      expect(arrived).toEqual({
        ...UNIFIED,
        ...OWN,
        actions: ACTIONS,
        data,
        received_at: expect.any(String),
      });
      const { title, icon, image: _image, ...others } = UNIFIED;
      const { dir, lang, requireInteraction, silent } = OWN;
      const actions = ACTIONS.map((action) => expect.objectContaining(action));
      const known = {
        ...others,
        icon: `${site.origin}${icon}`,
        dir,
        lang,
        requireInteraction,
        silent,
        actions,
        data,
      };
      expect(await visitor.shown()).toEqual([{ title, options: expect.objectContaining(known) }]);
      await expect
        .poll(() => acknowledged(result.message_id), { timeout: 5000 })
        .toEqual([
          {
            message_id: result.message_id,
            device_id,
            status: "delivered",
            received_at: arrived.received_at,
          },
        ]);
    },
  );

  it.each([
    ["plain text", { format: "raw", raw_body: "Just text ✓" }, "New notification", "Just text ✓"],
    ["JSON that is cut off", { format: "raw", raw_body: '{"title":' }, "New notification", '{"title":'],
    ["nothing", { format: "empty" }, "New notification", "You have a new notification"],
  ] as const)("%s is shown, too", async (_title, web_push, title, body) => {
    const visitor = await newSubscriber();
    const payload = { platform_data: { web_push } };
    expect(await provider.sendNotification(await visitor.subscription(), payload)).toMatchObject({
      success: true,
    });
    expect(await visitor.arrival(1)).toMatchObject({ title, body, data: {} });
    expect(await visitor.shown()).toMatchObject([
      { title, options: { body, icon: `${site.origin}/default.png` } },
    ]);
  });

  it("5.2.a5 toggles; the subscription that was cancelled is gone for the sender", async () => {
    const visitor = await newVisitor();
    expect(await visitor.press("toggle")).toBe('"subscribed"');
    const subscription = await visitor.subscription();
    expect(await visitor.press("toggle")).toBe('"unsubscribed"');
    await visitor.hasState("unsubscribed");
    expect(site.api.bodies("unsubscribe").at(-1)).toEqual({ subscription: JSON.parse(subscription) });
    const result = await provider.sendNotification(subscription, { title: "Gone" });
    expect(result).toMatchObject({ error_code: "UNREGISTERED", remove_token: true });
    expect(await visitor.press("toggle")).toBe('"subscribed"');
    expect(await visitor.subscription()).not.toBe(subscription);
  });

  it("3.2.unsubscribe by its button, once and once more", async () => {
    const visitor = await newSubscriber();
    expect(await visitor.press("unsubscribe")).toBe('{"server_told":true}');
    await visitor.hasState("unsubscribed");
    expect(await visitor.subscription()).toBe("");
    expect(await visitor.press("unsubscribe")).toBe('{"server_told":false}');
  });

  it("P1 5.3.8 the server's key has changed: the next load subscribes again, and only the new key's messages arrive", async () => {
    const visitor = await newSubscriber();
    const old = await visitor.subscription();
    const keys = generateVapidKeys();
    await using successor = await open(keys);
    const { vapid_public_key } = site.api;
    site.api.vapid_public_key = keys.vapid_public_key;
    expect(await visitor.reload()).toBe('"subscribed"');
    site.api.vapid_public_key = vapid_public_key;
    const renewed = await visitor.subscription();
    expect(site.api.bodies("resubscribe").at(-1)).toMatchObject({
      old_endpoint: JSON.parse(old).endpoint,
      subscription: JSON.parse(renewed),
    });
    expect(await provider.sendNotification(old, { title: "Old" })).toMatchObject({
      error_code: "UNREGISTERED",
    });
    expect(await successor.sendNotification(renewed, { title: "New" })).toMatchObject({ success: true });
    expect(await visitor.arrival(1)).toMatchObject({ title: "New" });
  });

  it("3.2.test the test comes from the server, or from the page when the server cannot", async () => {
    const visitor = await newSubscriber();
    expect(JSON.parse(await visitor.press("test"))).toEqual({ via: "server" });
    site.api.answers.test = { status: 503, body: "" };
    expect(JSON.parse(await visitor.press("test"))).toMatchObject({
      via: "local",
      error: { code: "SERVER_FAILED" },
    });
    delete site.api.answers.test;
    expect(await visitor.shown()).toMatchObject([{ title: "From the page" }]);
  });

  it("5.1.p5 who has blocked notifications is told so, and not asked", async () => {
    const visitor = await ClientVisitor.visit(firefox.browser, site.origin, "denied");
    await visitor.hasState("denied");
    expect(await visitor.press("subscribe")).toMatch(/^"PERMISSION_DENIED: /);
    expect(await visitor.press("toggle")).toMatch(/^"PERMISSION_DENIED: /);
  });

  it("3.3.message the worker tells its version", async () => {
    expect(await (await newVisitor()).ask("GET_VERSION")).toEqual({ version: VERSION });
  });

  it("P1 5.2.a6 the push service has lost its data: the worker subscribes again, tells the server, and the page hears of it", async () => {
    const visitor = await newSubscriber();
    const old = await visitor.subscription();
    await autopush.goAway();
    autopush.forget();
    autopush.comeBack();
    await expect.poll(() => visitor.subscription(), { timeout: 15_000 }).not.toBe(old);
    const renewed = await visitor.subscription();
    const told = site.api
      .bodies("resubscribe")
      .find(({ old_endpoint }) => old_endpoint === JSON.parse(old).endpoint);
    expect(told).toMatchObject({ subscription: JSON.parse(renewed) });
    expect(await provider.sendNotification(renewed, { title: "Again" })).toMatchObject({ success: true });
    expect(await visitor.arrival(1)).toMatchObject({ title: "Again" });
  });

  it("the page of the guide works as it stands", async () => {
    const page = await (await firefox.browser.createBrowserContext()).newPage();
    const textOf = (id: string) => page.evaluate(`document.getElementById("${id}").textContent`);
    await page.goto(`${site.origin}/guide.html`);
    await expect.poll(() => textOf("state"), { timeout: 15_000 }).toBe("unsubscribed");
    await page.evaluate("document.getElementById('toggle').click()");
    await expect.poll(() => textOf("state"), { timeout: 15_000 }).toBe("subscribed");
    const { subscription } = site.api.bodies("subscribe").at(-1) ?? {};
    await provider.sendNotification(subscription, { title: "Guide", body: "read" });
    await expect.poll(() => textOf("news"), { timeout: 15_000 }).toBe("Guide: read");
  });

  it("in all of this nobody said anything that is not allowed", () => {
    expect(site.api.complaints).toEqual([]);
    expect(autopush.complaints).toEqual([]);
  });
});
