import { expect, it } from "vitest";
import { generateVapidKeys, type WebPushOptions } from "../../providers/web_push/index.js";
import { VERSION } from "../../src/service_worker/version.js";
import { describeWith } from "../setup/requirements.js";
import { Autopush } from "./autopush.js";
import { chromiumAt } from "./chromium.js";
import { startClientSite } from "./client_site.js";
import { ClientVisitor } from "./client_visitor.js";
import { firefoxAt } from "./firefox_browser.js";
import type { RealBrowser } from "./real_browser.js";
import { promiseOfAgreement, useStage } from "./stage.js";

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

describeWith("chromium", "pushmux/browser, sw.js: a real Chromium, no bundler", (path) => {
  const { stage } = promisesOfTheClient(chromiumAt(path));
  promiseOfAgreement(stage);
});

describeWith("firefox-esr", "pushmux/browser, sw.js: a real Firefox, no bundler", (path) => {
  const { stage, newSubscriber, told } = promisesOfTheClient(firefoxAt(path));

  // Google's service tells no browser.
  it("P1 5.2.a6 the push service has lost its data: the worker subscribes again, tells the server, and the page hears of it", async () => {
    const { push, provider } = stage();
    if (!(push instanceof Autopush)) throw new TypeError("expected Mozilla's push service");
    const visitor = await newSubscriber();
    const old = await visitor.subscription();
    await push.goAway();
    push.forget();
    push.comeBack();
    await expect.poll(() => visitor.subscription(), { timeout: 20_000 }).not.toBe(old);
    const renewed = await visitor.subscription();
    const { endpoint } = JSON.parse(old);
    expect(told("resubscribe").find(({ old_endpoint }) => old_endpoint === endpoint)).toMatchObject({
      subscription: JSON.parse(renewed),
    });
    expect(await provider.sendNotification(renewed, { title: "Again" })).toMatchObject({ success: true });
    expect(await visitor.arrival(1)).toMatchObject({ title: "Again" });
  });

  promiseOfAgreement(stage);
});

function promisesOfTheClient(browser: RealBrowser) {
  const stage = useStage({ browser, startSite: startClientSite });
  const send: ReturnType<typeof stage>["provider"]["sendNotification"] = (...args) =>
    stage().provider.sendNotification(...args);
  const newVisitor = () => ClientVisitor.visit(stage().person, stage().newOrigin());
  async function newSubscriber(): Promise<ClientVisitor> {
    const visitor = await newVisitor();
    await visitor.press("subscribe");
    await visitor.hasState("subscribed");
    return visitor;
  }
  /** What the page and its worker told the server. */
  const told = (path: string) => stage().site.api.bodies(path);
  /** The page may hear that a subscription has ended sooner than the push service. */
  const isGivenBack = (subscription: string) =>
    expect.poll(() => stage().push.deviceOf(subscription), { timeout: 20_000 }).toBeUndefined();

  it("5.1.p1 5.1.p4 5.1.p7 subscribes by its button, shows the subscription as JSON, and the server has it", async () => {
    const visitor = await newVisitor();
    await visitor.hasState("unsubscribed");
    expect(await visitor.subscription()).toBe("");
    const outcome = JSON.parse(await visitor.press("subscribe"));
    await visitor.hasState("subscribed");
    expect(JSON.parse(await visitor.subscription())).toEqual(outcome);
    expect(told("subscribe").at(-1)).toMatchObject({
      subscription: outcome,
      user_id: "u-7",
      device_info: {
        userAgent: expect.stringContaining({ firefox: "Firefox", chromium: "Chrome" }[browser.name]),
        language: expect.any(String),
      },
    });
    const result = await send(await visitor.subscription(), { title: "Welcome" });
    expect(result).toMatchObject({ success: true });
    expect(await visitor.arrival(1)).toMatchObject({ title: "Welcome", icon: "/default.png" });
  });

  it("a second load finds the subscription, and the server hears of it again", async () => {
    const visitor = await newSubscriber();
    const before = told("subscribe").length;
    const subscription = await visitor.subscription();
    expect(await visitor.reload()).toBe('"subscribed"');
    await visitor.hasState("subscribed");
    expect(await visitor.subscription()).toBe(subscription);
    expect(told("subscribe").slice(before)).toMatchObject([{ subscription: JSON.parse(subscription) }]);
  });

  it.each(["nested", "flat", "declarative"] as const)(
    "3.3.options format %s: every option is shown, the page hears of it, the server has the acknowledgement",
    async (format) => {
      const visitor = await newSubscriber();
      const { device_id } = told("subscribe").at(-1) ?? {};
      const result = await send(await visitor.subscription(), {
        ...UNIFIED,
        url: `${visitor.origin}/orders/42`,
        data: { order: 42, list: [1, "two", null] },
        actions: ACTIONS.map((action) => ({ ...action, url: `${visitor.origin}/${action.action}` })),
        platform_data: { web_push: { ...OWN, format } },
      });
      expect(result).toMatchObject({ success: true, warnings: [] });

      const data = {
        order: 42,
        list: [1, "two", null],
        url: `${visitor.origin}/orders/42`,
        message_id: result.message_id,
        action_urls: { track: `${visitor.origin}/track`, dismiss: `${visitor.origin}/dismiss` },
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
        icon: `${visitor.origin}${icon}`,
        dir,
        lang,
        requireInteraction,
        silent,
        actions,
        data,
      };
      expect(await visitor.shown()).toEqual([{ title, options: expect.objectContaining(known) }]);
      await expect
        .poll(() => told("ack").filter(({ message_id }) => message_id === result.message_id), {
          timeout: 20_000,
        })
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
    expect(await send(await visitor.subscription(), payload)).toMatchObject({
      success: true,
    });
    expect(await visitor.arrival(1)).toMatchObject({ title, body, data: {} });
    expect(await visitor.shown()).toMatchObject([
      { title, options: { body, icon: `${visitor.origin}/default.png` } },
    ]);
  });

  it("5.2.a5 toggles; the subscription that was cancelled is gone for the sender", async () => {
    const visitor = await newVisitor();
    expect(await visitor.press("toggle")).toBe('"subscribed"');
    const subscription = await visitor.subscription();
    expect(await visitor.press("toggle")).toBe('"unsubscribed"');
    await visitor.hasState("unsubscribed");
    expect(told("unsubscribe").at(-1)).toEqual({ subscription: JSON.parse(subscription) });
    await isGivenBack(subscription);
    const result = await send(subscription, { title: "Gone" });
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
    await using successor = await stage().open(keys);
    const { api } = stage().site;
    const { vapid_public_key } = api;
    api.vapid_public_key = keys.vapid_public_key;
    expect(await visitor.reload()).toBe('"subscribed"');
    api.vapid_public_key = vapid_public_key;
    const renewed = await visitor.subscription();
    expect(told("resubscribe").at(-1)).toMatchObject({
      old_endpoint: JSON.parse(old).endpoint,
      subscription: JSON.parse(renewed),
    });
    await isGivenBack(old);
    expect(await send(old, { title: "Old" })).toMatchObject({
      error_code: "UNREGISTERED",
    });
    expect(await successor.sendNotification(renewed, { title: "New" })).toMatchObject({ success: true });
    expect(await visitor.arrival(1)).toMatchObject({ title: "New" });
  });

  it("3.2.test the test comes from the server, or from the page when the server cannot", async () => {
    const visitor = await newSubscriber();
    expect(JSON.parse(await visitor.press("test"))).toEqual({ via: "server" });
    const { answers } = stage().site.api;
    answers.test = { status: 503, body: "" };
    expect(JSON.parse(await visitor.press("test"))).toMatchObject({
      via: "local",
      error: { code: "SERVER_FAILED" },
    });
    delete answers.test;
    expect(await visitor.shown()).toMatchObject([{ title: "From the page" }]);
  });

  it("5.1.p5 who has blocked notifications is told so, and not asked", async () => {
    const person = await stage().newPerson("denied");
    const visitor = await ClientVisitor.visit(person, stage().site.origin);
    await visitor.hasState("denied");
    expect(await visitor.press("subscribe")).toMatch(/^"PERMISSION_DENIED: /);
    expect(await visitor.press("toggle")).toMatch(/^"PERMISSION_DENIED: /);
  });

  it("3.3.message the worker tells its version", async () => {
    expect(await (await newVisitor()).ask("GET_VERSION")).toEqual({ version: VERSION });
  });

  it("the page of the guide works as it stands", async () => {
    const page = await stage().person.browser.newPage();
    const textOf = (id: string) => page.evaluate(`document.getElementById("${id}").textContent`);
    await page.goto(`${stage().newOrigin()}/guide.html`);
    await expect.poll(() => textOf("state"), { timeout: 20_000 }).toBe("unsubscribed");
    await page.evaluate("document.getElementById('toggle').click()");
    await expect.poll(() => textOf("state"), { timeout: 20_000 }).toBe("subscribed");
    const { subscription } = told("subscribe").at(-1) ?? {};
    await send(subscription, { title: "Guide", body: "read" });
    await expect.poll(() => textOf("news"), { timeout: 20_000 }).toBe("Guide: read");
  });

  it("in all of this nobody said anything to the server that is not allowed", () => {
    expect(stage().site.api.complaints).toEqual([]);
  });

  return { stage, newSubscriber, told };
}
