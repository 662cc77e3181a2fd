import { describe, expect, it } from "vitest";
import { createPushClient } from "../../src/browser/index.js";
import { FakeBrowser } from "./fake_browser.js";
import { refusal, subscribed, useServer } from "./support.js";

const server = useServer();

const IPHONE =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 Version/18.6 Safari/604.1";
const MAC =
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.6 Safari/605.1.15";
/** What Safari lacks on an iPhone where the site is not on the home screen. */
const NO_PUSH = { without: ["PushManager", "Notification"] };
const ipad = { userAgent: MAC, platform: "MacIntel", maxTouchPoints: 5 };

describe("a page that can have no push says why, and no call changes anything", () => {
  it.each([
    ["3.2.support no service workers", { without: ["serviceWorker"] }, "unsupported", "UNSUPPORTED"],
    ["5.1.p2 no push", { without: ["PushManager"] }, "unsupported", "UNSUPPORTED"],
    ["no notifications", { without: ["Notification"] }, "unsupported", "UNSUPPORTED"],
    ["no browser at all", { without: ["navigator", "isSecureContext"] }, "unsupported", "UNSUPPORTED"],
    ["3.4.troubleshooting http", { is_secure: false }, "insecure_context", "INSECURE_CONTEXT"],
    [
      "http, where browsers also hide service workers",
      { is_secure: false, without: ["serviceWorker"] },
      "insecure_context",
      "INSECURE_CONTEXT",
    ],
    [
      "5.4.1 an iPhone, not on the home screen",
      { ...NO_PUSH, navigator: { userAgent: IPHONE } },
      "needs_home_screen",
      "NEEDS_HOME_SCREEN",
    ],
    [
      "an iPad, which calls itself a Mac",
      { ...NO_PUSH, navigator: ipad },
      "needs_home_screen",
      "NEEDS_HOME_SCREEN",
    ],
    [
      "an iPhone before 16.4, on the home screen",
      { ...NO_PUSH, navigator: { userAgent: IPHONE, standalone: true } },
      "unsupported",
      "UNSUPPORTED",
    ],
    [
      "an old Safari on a Mac",
      { ...NO_PUSH, navigator: { userAgent: MAC, platform: "MacIntel" } },
      "unsupported",
      "UNSUPPORTED",
    ],
  ])("%s", async (_title, options, state, code) => {
    const browser = new FakeBrowser(options);
    const client = server.client();
    expect(await client.getState()).toBe(state);
    expect(await client.initialize()).toBe(state);
    for (const call of [client.subscribe, client.toggle, client.sendTest]) {
      expect(await refusal(browser.click(() => call()))).toMatchObject({ name: "PushClientError", code });
    }
    expect(await client.unsubscribe()).toEqual({ server_told: false });
    expect(await client.getSubscription()).toBeNull();
    expect(client.on("state", () => {})).toBeTypeOf("function");
    expect(browser.questions).toBe(0);
    expect(server.api.received).toEqual([]);
  });

  it("an iPhone where the site is on the home screen has push like others", async () => {
    new FakeBrowser({ navigator: { userAgent: IPHONE, standalone: true } });
    expect(await server.client().getState()).toBe("default");
  });
});

describe("a page that can have push", () => {
  it.each(["default", "denied"] as const)("3.2.status %s, as the browser says", async (permission) => {
    const browser = new FakeBrowser();
    browser.permission = permission;
    expect(await server.client().getState()).toBe(permission);
    expect(await server.client().initialize()).toBe(permission);
  });

  it("unsubscribed, subscribed: allowed, and without or with a subscription", async () => {
    const { client } = await subscribed(() => server.client());
    expect(await client.getState()).toBe("subscribed");
    await client.unsubscribe();
    expect(await client.getState()).toBe("unsubscribed");
  });

  it("asks nobody, registers nothing and sends nothing to tell its state", async () => {
    const browser = new FakeBrowser();
    browser.permission = "granted";
    expect(await server.client().getState()).toBe("unsubscribed");
    expect(browser.container.registered).toEqual([]);
    expect(server.api.received).toEqual([]);
  });

  it("does not take the subscription of another worker, in whose scope the page is, for its own", async () => {
    const { browser } = await subscribed(() => server.client());
    expect(browser.subscription).not.toBeNull();
    const other = server.client({ scope: "/app/" });
    expect(await other.getState()).toBe("unsubscribed");
    expect(await other.unsubscribe()).toEqual({ server_told: false });
    expect(browser.subscription).not.toBeNull();
  });

  it("each change is announced once, from the first state on, before the call that made it returns", async () => {
    const browser = new FakeBrowser();
    const client = server.client();
    const states: string[] = [];
    const stop = client.on("state", (state) => states.push(state));
    await client.getState();
    await client.getState();
    await browser.click(() => client.subscribe());
    expect(states).toEqual(["default", "subscribed"]);
    await browser.click(() => client.toggle());
    expect(states).toEqual(["default", "subscribed", "unsubscribed"]);
    stop();
    await browser.click(() => client.toggle());
    expect(states).toHaveLength(3);
  });

  it("5.1.p5 a no is announced, too", async () => {
    const browser = new FakeBrowser();
    browser.answer = "denied";
    const client = server.client();
    const states: string[] = [];
    client.on("state", (state) => states.push(state));
    await refusal(browser.click(() => client.subscribe()));
    expect(states).toEqual(["denied"]);
  });

  it("a change in the browser's settings is announced", async () => {
    const { browser, client } = await subscribed(() => server.client());
    const heard = new Promise((resolve) => client.on("state", resolve));
    await client.getState();
    browser.setPermission("denied");
    expect(await heard).toBe("denied");
  });

  it("a listener that throws disturbs neither the others nor the call", async () => {
    const browser = new FakeBrowser();
    const client = server.client();
    const thrown = new Promise((resolve) => process.once("uncaughtException", resolve));
    const states: string[] = [];
    client.on("state", () => {
      throw new Error("the page's own");
    });
    client.on("state", (state) => states.push(state));
    await browser.click(() => client.subscribe());
    expect(states).toEqual(["subscribed"]);
    expect(await thrown).toMatchObject({ message: "the page's own" });
  });

  it("nothing happens before a function is called, so it can be made where a server renders the page", () => {
    new FakeBrowser({ without: ["navigator", "document", "Notification", "PushManager", "indexedDB"] });
    expect(() => createPushClient({ service_worker_url: "/sw.js" })).not.toThrow();
  });
});
