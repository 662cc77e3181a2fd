import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { getPushProvider } from "../../../src/index.js";
import { VERSION } from "../../../src/service_worker/version.js";
import type { RealBrowser } from "../real_browser.js";
import { PASSWORD } from "./installed_app.js";
import { openStage, type Stage } from "./stage.js";

/** What the help page says in each browser to those who have blocked notifications. */
const WAY_OUT = {
  firefox: "crossed-out bubble",
  chromium: "Click the sign left of the address.",
};

/** The app's promises as one story, from the first visit to the last subscription that ends. Each test goes on from the one before. */
export function tellStory(real: RealBrowser, dbus_daemon: string): void {
  // Firefox takes 20 seconds for a notification on a desktop where every processor is busy, and here each is waited for.
  vi.setConfig({ testTimeout: 120_000 });
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage(real, dbus_daemon);
  });
  afterAll(() => stage?.close());

  const devices = { ana: "", ben: "" };
  const url = (path: string) => stage.app.url + path;
  const provider = async () => getPushProvider("web_push", await stage.senderConfig());

  it("5.1.p5 who has blocked notifications is told so, and how to allow them in this very browser", async () => {
    const { carl } = stage;
    await carl.open();
    await carl.hasState("denied");
    expect(await carl.help()).toMatch(/^How to allow notifications again/);
    expect(await carl.help()).toContain(WAY_OUT[real.name]);
    expect(await carl.buttons()).toEqual([]);
  });

  it("5.1.p1 5.1.p5 5.1.p7 3.2.panel one click subscribes: the page says so, and shows the JSON that the server has stored", async () => {
    const { ana, app, push } = stage;
    await ana.open();
    await ana.hasState("unsubscribed");
    expect([await ana.buttons(), await ana.shownSubscription()]).toEqual([["subscribe"], ""]);
    expect(await ana.press("subscribe")).toEqual({ text: "Subscribed.", kind: "good" });
    await ana.hasState("subscribed");
    expect(await ana.buttons()).toEqual(["unsubscribe", "test"]);

    const json = await ana.subscription();
    const subscription = JSON.parse(json);
    expect(json).toBe(JSON.stringify(subscription, null, 2));
    expect(subscription).toEqual({
      endpoint: expect.stringMatching(/^https:\/\//),
      expirationTime: null,
      keys: { p256dh: expect.stringMatching(/^[\w-]{87}$/), auth: expect.stringMatching(/^[\w-]{22}$/) },
    });
    expect(push.deviceOf(json)).toBeDefined();
    const facts = await ana.facts();
    const { hostname } = new URL(subscription.endpoint);
    expect(facts).toMatchObject({ Permission: "Granted", "Push service": hostname, Expires: "Never" });
    devices.ana = facts.Device ?? "";
    const [row, ...others] = await app.store.page();
    expect([row, others]).toMatchObject([
      { platform: "web_push", device_id: devices.ana, device_info: { userAgent: expect.any(String) } },
      [],
    ]);
    const { endpoint, keys } = subscription;
    expect(JSON.parse(row?.device_token ?? "")).toEqual({ endpoint, keys });
  });

  it("5.1.p4 5.2.b4 who comes again is still subscribed, and is still one row", async () => {
    const { ana, app } = stage;
    const json = await ana.subscription();
    await ana.open();
    await ana.hasState("subscribed");
    expect(await ana.subscription()).toBe(json);
    expect(await ana.deviceId()).toBe(devices.ana);
    await expect.poll(async () => (await app.store.page()).map(({ version }) => version)).toEqual([2]);
  });

  it("3.2.test 3.1.test the test button has the server send one", async () => {
    const { ana } = stage;
    expect(await ana.press("test")).toEqual({ text: "Sent. It should appear in a moment.", kind: "good" });
    expect(await ana.listed("It works")).toMatchObject({ body: "Notifications reach this browser." });
    expect(await ana.shown()).toMatchObject([{ title: "It works", tag: "test" }]);
  });

  it("the admin signs in, with the right password only", async () => {
    const { admin } = stage;
    expect(await admin.signIn("admin", "a wrong password")).toBe("wrong name or password");
    expect(await admin.signIn("admin", PASSWORD)).toBe("");
  });

  it("5.2.b5 5.2.b6 5.3.7 3.3.push 3.3.ack a broadcast from the form is decrypted, shown and listed with all that was typed; log and history say delivered", async () => {
    const { ana, admin, hasFate } = stage;
    const sent = await admin.broadcast({
      ...{ title: "Doors open at seven", body: "Bring a friend: grüße 📦", url: "/?order=42" },
      ...{ icon: "/icon-512x512.png", collapse_key: "order-42", ttl: "3600" },
      ...{ action_1: "Track", action_url_1: "/?track=42", action_2: "Later" },
    });
    expect(admin.questions.at(-1)).toBe("Send “Doors open at seven” to 1 device?");
    expect(sent).toEqual({ progress: expect.stringMatching(/^1 of 1/), outcomes: { accepted: 1 }, note: "" });

    const words = { title: "Doors open at seven", body: "Bring a friend: grüße 📦" };
    const icon = url("/icon-512x512.png");
    const listed = await ana.listed(words.title);
    expect(listed).toMatchObject({ ...words, icon, url: url("/?order=42") });
    const actions = [
      { action: "action_1", title: "Track" },
      { action: "action_2", title: "Later" },
    ];
    const shown = (await ana.shown()).filter(({ tag }) => tag === "order-42");
    expect(shown).toMatchObject([{ ...words, icon, actions, data: { message_id: listed.message_id } }]);

    await hasFate(devices.ana, { message_id: listed.message_id, status: "delivered", status_code: 201 });
    expect((await stage.fate(devices.ana))?.latency_ms).toBeGreaterThanOrEqual(0);
    const figures = { Sent: 1, Delivered: 1, Opened: 0, Dismissed: 0, Failed: 0, Removed: 0 };
    expect(await admin.history()).toEqual([{ title: words.title, state: "finished", figures }]);
  });

  it.each([
    ["a click opens the URL", "default", "/?from=click"],
    ["a button opens its own", "Track", "/?from=button"],
  ] as const)("5.1.w3 3.3.click %s, and counts as opened", async (title, touched, path) => {
    const { ana, admin, desktop, hasFate } = stage;
    await admin.broadcast({ title, url: "/?from=click", action_1: "Track", action_url_1: "/?from=button" });
    const { id, actions } = await desktop.shown(title);
    expect(actions).toEqual(expect.arrayContaining(["Track"]));
    await desktop.invoke(id, touched);
    await ana.closeTab(url(path));
    await hasFate(devices.ana, { status: "delivered", opened_at_ms: expect.any(Number) });
    const [newest] = await admin.history();
    expect(newest).toMatchObject({ title, figures: { Delivered: 1, Opened: 1 } });
  });

  it("3.3.close one that is closed counts as dismissed, and opens nothing", async () => {
    const { ana, admin, desktop, hasFate } = stage;
    await admin.broadcast({ title: "Close me", url: "/?from=close" });
    await desktop.dismiss((await desktop.shown("Close me")).id);
    await hasFate(devices.ana, { opened_at_ms: null, dismissed_at_ms: expect.any(Number) });
    expect(await ana.tabs()).toEqual([url("/")]);
  });

  it("3.3.options a later one with the same key replaces the earlier one on the screen", async () => {
    const { ana, admin } = stage;
    for (const title of ["It costs 7", "It costs 9"]) {
      await admin.broadcast({ title, collapse_key: "price" });
      await ana.listed(title);
    }
    const prices = (await ana.shown()).filter(({ title }) => title.startsWith("It costs"));
    expect(prices).toMatchObject([{ title: "It costs 9", tag: "price" }]);
  });

  it("5.2.b7 two devices get one broadcast, each a message of its own; by tags only the one that asked for it", async () => {
    const { ana, ben, admin, hasFate } = stage;
    await ana.chooseTopics("news");
    await ben.open();
    await ben.press("subscribe");
    devices.ben = await ben.deviceId();
    expect(await admin.broadcast({ title: "For both" })).toMatchObject({ outcomes: { accepted: 2 } });
    const both = [await ana.listed("For both"), await ben.listed("For both")];
    expect(new Set(both.map(({ message_id }) => message_id)).size).toBe(2);
    for (const device_id of Object.values(devices)) await hasFate(device_id, { status: "delivered" });

    const letter = { title: "For readers of news", tags: "news && !offers" };
    expect(await admin.broadcast(letter)).toMatchObject({ outcomes: { accepted: 1 } });
    await ana.listed(letter.title);
    // Had he got it, it would have come before this one.
    await admin.broadcast({ title: "For both again" });
    await ben.listed("For both again");
    expect(await ben.titles()).toEqual(["For both again", "For both"]);
  });

  it("5.3.6 5.3.10 what is sent while the browser is closed is shown after its start, with no page open", async () => {
    const { ana, admin, desktop, hasFate } = stage;
    await ana.person.quit();
    await admin.broadcast({ title: "While you were away" });
    await hasFate(devices.ben, { status: "delivered" });
    expect(await stage.fate(devices.ana)).toMatchObject({ status: "sent" });
    await ana.person.relaunch();
    await desktop.shown("While you were away");
    await hasFate(devices.ana, { status: "delivered" });
    expect(await ana.tabs()).toEqual([]);
    await ana.open();
    await ana.hasState("subscribed");
  });

  it("5.2.b9 5.2.b10 plain text from another sender becomes the text of a notification", async () => {
    const { ana } = stage;
    await using sender = await provider();
    const platform_data = { web_push: { format: "raw", raw_body: "Just text ✓" } as const };
    const result = await sender.sendNotification(await ana.subscription(), { platform_data });
    expect(result).toMatchObject({ success: true });
    expect(await ana.listed("Loop")).toMatchObject({ body: "Just text ✓", icon: url("/icon-192x192.png") });
    expect((await ana.shown()).filter(({ title }) => title === "Loop")).toMatchObject([
      { body: "Just text ✓" },
    ]);
  });

  it("W6 3993 bytes arrive whole, 3994 are refused before anything is sent", async () => {
    const { ana, push } = stage;
    await using sender = await provider();
    const text = (body: string) => JSON.stringify({ title: "Long", body });
    const send = async (bytes: number) => {
      const raw_body = text("x".repeat(bytes - text("").length));
      const platform_data = { web_push: { format: "raw", raw_body } as const };
      return sender.sendNotification(await ana.subscription(), { platform_data });
    };
    const before = push.service.received.length;
    expect(await send(3994)).toMatchObject({ error_code: "PAYLOAD_TOO_LARGE", attempts: 0 });
    expect(push.service.received).toHaveLength(before);
    expect(await send(3993)).toMatchObject({ success: true });
    expect((await ana.listed("Long")).body).toBe("x".repeat(3993 - text("").length));
  });

  it("3.3.message 5.3.1 a new version of the worker takes over while its page is open, and keeps the subscription", async () => {
    const { ana, admin, installed } = stage;
    const json = await ana.subscription();
    expect(await ana.askWorker("GET_VERSION")).toEqual({ version: VERSION });
    await stage.restart(() => installed.updateWorker("9.9.9"));
    // A browser looks for a new one some time after a visit, and not while the old one is kept busy.
    const versionAtVisit = async () => {
      await ana.open();
      return ana.askWorker("GET_VERSION");
    };
    await expect.poll(versionAtVisit, { timeout: 60_000, interval: 3000 }).toEqual({ version: "9.9.9" });
    expect(await ana.subscription()).toBe(json);
    expect(await admin.signIn("admin", PASSWORD)).toBe("");
    await admin.broadcast({ title: "By the new worker" });
    await ana.listed("By the new worker");
  });

  it("P1 5.3.8 the site's key was lost: who opens the page gets a subscription with the new one in place of the old", async () => {
    const { ana, ben, app, admin, installed, isGivenBack } = stage;
    const [old, old_of_ben] = [await ana.subscription(), await ben.subscription()];
    const { id } = (await app.store.get({ platform: "web_push", device_token: old })) ?? {};
    await using old_sender = await provider();
    await stage.restart(() => installed.loseVapidKeys());
    await ana.open();
    const renewed = await ana.subscription({ other_than: old });
    const { store } = stage.app;
    expect(await store.get({ platform: "web_push", device_token: old })).toBeUndefined();
    expect(await store.get({ platform: "web_push", device_token: renewed })).toMatchObject({
      ...{ id, device_id: devices.ana, tags: ["news"] },
    });
    await isGivenBack(old);
    expect(await old_sender.sendNotification(old, { title: "Old" })).toMatchObject({
      error_code: "UNREGISTERED",
    });

    expect(await admin.signIn("admin", PASSWORD)).toBe("");
    const sent = await admin.broadcast({ title: "With the new key" });
    expect(sent).toMatchObject({ outcomes: { accepted: 1, SENDER_MISMATCH: 1 }, note: "" });
    await ana.listed("With the new key");
    await ben.open();
    await ben.subscription({ other_than: old_of_ben });
    expect(await admin.broadcast({ title: "Both are back" })).toMatchObject({ outcomes: { accepted: 2 } });
    await ben.listed("Both are back");
  });

  it("5.1.p6 3.2.unsubscribe the other button ends it: for the page, the server and the push service", async () => {
    const { ben, app, isGivenBack } = stage;
    const json = await ben.subscription();
    expect(await ben.press("unsubscribe")).toEqual({ text: "Canceled.", kind: "good" });
    await ben.hasState("unsubscribed");
    expect([await ben.buttons(), await ben.shownSubscription()]).toEqual([["subscribe"], ""]);
    expect(await app.store.get({ platform: "web_push", device_token: json })).toBeUndefined();
    await isGivenBack(json);
  });

  it("W1 5.2.weak a subscription that ended behind the server's back is removed by the next broadcast", async () => {
    const { ana, ben, app, admin, isGivenBack } = stage;
    await ben.press("subscribe");
    const json = await ben.subscription();
    await ben.unsubscribeInSecret();
    await isGivenBack(json);
    expect(await app.store.count()).toBe(2);
    const sent = await admin.broadcast({ title: "Who is there?" });
    expect(sent).toMatchObject({
      outcomes: { accepted: 1, UNREGISTERED: 1 },
      note: "1 dead subscription removed.",
    });
    expect(await app.store.count()).toBe(1);
    await ana.listed("Who is there?");
    const [newest] = await admin.history();
    expect(newest).toMatchObject({ title: "Who is there?", figures: { Sent: 1, Failed: 1, Removed: 1 } });
  });

  it("3.2.permission permission withdrawn in the settings: the page offers help at once, the next broadcast removes the row", async () => {
    const { ana, app, admin, isGivenBack } = stage;
    const json = await ana.subscription();
    await ana.person.revokePermission();
    await ana.hasState("denied");
    expect(await ana.help()).toContain(WAY_OUT[real.name]);
    await isGivenBack(json);
    expect(await app.store.count()).toBe(1);
    const sent = await admin.broadcast({ title: "Gone" });
    expect(sent).toMatchObject({ outcomes: { UNREGISTERED: 1 }, note: "1 dead subscription removed." });
    expect(await app.store.count()).toBe(0);
  });

  it("in all of this browser and push service never disagreed, and no page failed", () => {
    const { push, ana, ben, carl, admin } = stage;
    expect(push.complaints).toEqual([]);
    expect([ana, ben, carl, admin].flatMap(({ errors }) => errors)).toEqual([]);
  });
}
