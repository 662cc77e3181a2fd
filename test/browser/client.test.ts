import { describe, expect, it } from "vitest";
import type { ReceivedNotification } from "../../src/browser/index.js";
import { FakeBrowser } from "./fake_browser.js";
import { OTHER_KEY, refusal, subscribed, useServer } from "./support.js";

const server = useServer();
const SERVER_DOWN = { status: 503, body: "" };

describe("unsubscribe", () => {
  it("3.2.unsubscribe 5.1.p6 ends the subscription and tells the server; once more does nothing", async () => {
    const { browser, client, subscription } = await subscribed(() => server.client());
    expect(await client.unsubscribe()).toEqual({ server_told: true });
    expect(browser.subscription).toBeNull();
    expect(server.api.bodies("unsubscribe")).toEqual([{ subscription }]);
    expect(await client.unsubscribe()).toEqual({ server_told: false });
    expect(server.api.bodies("unsubscribe")).toHaveLength(1);
    expect(server.api.complaints).toEqual([]);
  });

  it.each([SERVER_DOWN, "stall" as const])("needs no server: %j", async (answer) => {
    const { browser, client } = await subscribed(() => server.client({ timeout_seconds: 0.5 }));
    server.api.answers.unsubscribe = answer;
    expect(await client.unsubscribe()).toEqual({ server_told: false });
    expect(browser.subscription).toBeNull();
  });

  it("a browser that cannot unsubscribe says so", async () => {
    const { browser, client } = await subscribed(() => server.client());
    const held = browser.subscription ?? {};
    Object.assign(held, {
      unsubscribe: () => Promise.reject(new DOMException("out of reach", "NetworkError")),
    });
    expect(await refusal(client.unsubscribe())).toMatchObject({ code: "PUSH_SERVICE_FAILED" });
    expect(server.api.bodies("unsubscribe")).toEqual([]);
  });
});

it("one call waits for another: to unsubscribe right after a click on Subscribe leaves no subscription", async () => {
  const browser = new FakeBrowser();
  const client = server.client();
  browser.permission = "granted";
  const subscribing = browser.click(() => client.subscribe());
  expect(await client.unsubscribe()).toEqual({ server_told: true });
  await subscribing;
  expect(browser.subscription).toBeNull();
  expect(server.api.paths).toEqual(["vapid-public-key", "subscribe", "unsubscribe"]);
});

describe("toggle", () => {
  it("5.2.a5 subscribes, unsubscribes, and says how it ended", async () => {
    const browser = new FakeBrowser();
    const client = server.client();
    expect(await browser.click(() => client.toggle())).toBe("subscribed");
    expect(await browser.click(() => client.toggle())).toBe("unsubscribed");
    expect(await browser.click(() => client.toggle())).toBe("subscribed");
    expect(server.api.paths.filter((path) => path !== "vapid-public-key")).toEqual([
      "subscribe",
      "unsubscribe",
      "subscribe",
    ]);
  });

  it("does not ask who has said no", async () => {
    const browser = new FakeBrowser();
    browser.permission = "denied";
    const client = server.client();
    expect(await refusal(browser.click(() => client.toggle()))).toMatchObject({ code: "PERMISSION_DENIED" });
  });
});

describe("initialize, on each load of a page", () => {
  it("3.2.initialize 3.2.register 5.1.p3 5.3.1 registers the worker and tells the state, without a word to the server", async () => {
    const browser = new FakeBrowser();
    expect(await server.client().initialize()).toBe("default");
    expect(browser.container.registered).toEqual([{ url: "/sw.js", type: "classic" }]);
    expect(server.api.received).toEqual([]);
  });

  it("a subscription is kept, and the server hears of it again", async () => {
    const { subscription } = await subscribed(() => server.client());
    expect(await server.client().initialize()).toBe("subscribed");
    expect(server.api.bodies("subscribe").map((body) => body.subscription)).toEqual([
      subscription,
      subscription,
    ]);
  });

  it("P1 a subscription under a key that the server has given up is replaced, without asking", async () => {
    const { browser, subscription } = await subscribed(() => server.client());
    server.api.vapid_public_key = OTHER_KEY;
    expect(await server.client().initialize()).toBe("subscribed");
    expect(browser.questions).toBe(1);
    expect(server.api.bodies("resubscribe")).toMatchObject([{ old_endpoint: subscription.endpoint }]);
    expect(browser.subscription?.toJSON()).toEqual(server.api.bodies("subscribe")[1]?.subscription);
  });

  it("who has unsubscribed stays so", async () => {
    const { client } = await subscribed(() => server.client());
    await client.unsubscribe();
    expect(await server.client().initialize()).toBe("unsubscribed");
  });

  it("a server that is down is an error, and costs no subscription", async () => {
    const { client } = await subscribed(() => server.client());
    server.api.answers["vapid-public-key"] = SERVER_DOWN;
    expect(await refusal(client.initialize())).toMatchObject({ code: "SERVER_FAILED", status: 503 });
    expect(await client.getState()).toBe("subscribed");
  });
});

describe("sendTest", () => {
  it("3.2.test has the server send to this subscription", async () => {
    const { browser, client, subscription } = await subscribed(() => server.client());
    expect(await client.sendTest()).toEqual({ via: "server" });
    expect(server.api.bodies("test")).toEqual([{ subscription }]);
    expect(browser.shown).toEqual([]);
    expect(server.api.complaints).toEqual([]);
  });

  it.each([
    [{}, "Test notification", { body: "Notifications work on this device.", tag: "pushmux-test" }],
    [{ title: "Hi", tag: "t", icon: "/i.png" }, "Hi", { body: expect.any(String), tag: "t", icon: "/i.png" }],
  ])(
    "3.2.local_notification the page shows %j itself when the server cannot",
    async (local, title, options) => {
      const { browser, client } = await subscribed(() => server.client());
      server.api.answers.test = { status: 429, body: "" };
      expect(await client.sendTest(local)).toMatchObject({
        via: "local",
        error: { code: "SERVER_FAILED", status: 429 },
      });
      expect(browser.shown).toEqual([{ title, options }]);
    },
  );

  it("without a subscription, too", async () => {
    const { browser, client } = await subscribed(() => server.client());
    await client.unsubscribe();
    expect(await client.sendTest()).toMatchObject({ via: "local", error: { code: "NOT_SUBSCRIBED" } });
    expect(browser.shown).toHaveLength(1);
  });

  it.each([
    ["default", "PERMISSION_DISMISSED"],
    ["denied", "PERMISSION_DENIED"],
  ] as const)("permission %s: %s, and nobody is asked", async (permission, code) => {
    const browser = new FakeBrowser();
    browser.permission = permission;
    const client = server.client();
    expect(await refusal(browser.click(() => client.sendTest()))).toMatchObject({ code });
    expect(browser.questions).toBe(0);
  });
});

describe("what the worker says", () => {
  const notification: ReceivedNotification = {
    title: "News",
    data: {},
    received_at: new Date().toISOString(),
  };

  it("each notification is heard by every listener, until it stops listening", async () => {
    const browser = new FakeBrowser();
    const client = server.client();
    const heard: [string, ReceivedNotification][] = [];
    const stop = client.on("notification", (one) => heard.push(["first", one]));
    client.on("notification", (one) => heard.push(["second", one]));
    browser.container.say({ type: "pushmux:notification", notification });
    stop();
    browser.container.say({ type: "pushmux:notification", notification });
    expect(heard).toEqual([
      ["first", notification],
      ["second", notification],
      ["second", notification],
    ]);
  });

  it("other messages of a worker are not ours", () => {
    const browser = new FakeBrowser();
    const heard: unknown[] = [];
    server.client().on("notification", (one) => heard.push(one));
    for (const data of [null, undefined, "text", 7, { type: "other" }, [notification]])
      browser.container.say(data);
    expect(heard).toEqual([]);
  });

  it("5.2.a6 a new subscription that the worker made is announced, although the state is the same", async () => {
    const { browser, client } = await subscribed(() => server.client());
    const heard: string[] = [];
    client.on("state", (state) => heard.push(state));
    browser.container.say({ type: "pushmux:subscription_change" });
    await client.getState();
    expect(heard).toEqual([]);
    await browser.renewSubscription();
    browser.container.say({ type: "pushmux:subscription_change" });
    await expect.poll(() => heard).toEqual(["subscribed"]);
  });
});

describe("the device", () => {
  it("3.2.device_id has an id that stays, the same for every client", async () => {
    new FakeBrowser();
    const [one, other] = await Promise.all([server.client().getDevice(), server.client().getDevice()]);
    expect(one.device_id).toMatch(/^[0-9a-f-]{36}$/);
    expect(other.device_id).toBe(one.device_id);
    expect(one.device_key).toBeUndefined();
  });

  it("has the key that the server gave it for what is pending", async () => {
    const { client } = await subscribed(() => server.client());
    expect(await client.getDevice()).toEqual({
      device_id: server.api.bodies("subscribe")[0]?.device_id,
      device_key: "the-key-of-the-device",
    });
  });

  it.each(["closed", "silent"] as const)("without IndexedDB (%s) localStorage keeps the id", async (mood) => {
    const browser = new FakeBrowser();
    browser.storage.mood = mood;
    const newClient = () => server.client({ timeout_seconds: 0.5 });
    const { device_id } = await newClient().getDevice();
    expect(browser.local_storage.get("pushmux.device_id")).toBe(device_id);
    expect((await newClient().getDevice()).device_id).toBe(device_id);
    expect(await browser.click(() => newClient().subscribe())).toHaveProperty("endpoint");
  });

  it("without any storage there is an id all the same", async () => {
    new FakeBrowser({ without: ["indexedDB", "localStorage"] });
    expect((await server.client().getDevice()).device_id).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("3.2.info 5.1.p7 the subscription is JSON: endpoint, expirationTime, keys", async () => {
    const { client, subscription } = await subscribed(() => server.client());
    expect(await client.getSubscription()).toEqual(subscription);
    expect(Object.keys(subscription)).toEqual(["endpoint", "expirationTime", "keys"]);
    expect(Object.keys(subscription.keys)).toEqual(["p256dh", "auth"]);
  });
});
