import { afterAll, beforeAll, expect, it } from "vitest";
import {
  generateVapidKeys,
  type WebPushConfig,
  type WebPushProvider,
} from "../../providers/web_push/index.js";
import { getPushProvider } from "../../src/index.js";
import { describeWith } from "../setup/requirements.js";
import { type Autopush, startAutopush } from "./autopush.js";
import { type Firefox, startFirefox } from "./browser.js";
import { type Site, startSite } from "./site.js";
import { type Visitor, visit } from "./visitor.js";

describeWith("firefox-esr", "web_push to a real Firefox", (firefox_path) => {
  let autopush: Autopush;
  let site: Site;
  let firefox: Firefox;
  let provider: WebPushProvider;

  beforeAll(async () => {
    autopush = await startAutopush();
    site = await startSite(autopush.service.config.vapid_public_key);
    firefox = await startFirefox(firefox_path, autopush.push_url);
    provider = await open();
  });

  afterAll(async () => {
    await Promise.all([firefox?.close(), provider?.close(), site?.close(), autopush?.close()]);
  });

  const open = (config: WebPushConfig = {}) =>
    getPushProvider("web_push", { ...autopush.service.config, ...config });
  const newVisitor = () => visit(firefox.browser, site.origin);
  /** What the push service took for this visitor, and what the browser said to each. */
  const served = ({ device_token }: Visitor) => {
    const { device, codes } = autopush.subscription(device_token);
    return { received: device.received, codes };
  };

  it("W4 W14 a notification is shown with its title, body, icon, tag, actions and data, the message id among them", async () => {
    const visitor = await newVisitor();
    const result = await provider.sendNotification(visitor.device_token, {
      title: "Order 42",
      body: "Shipped: grüße aus Köln 📦",
      icon: "/icon.svg",
      tag: "order-42",
      url: `${site.origin}/?order=42`,
      data: { order: 42, nested: { list: [1, "two", null] } },
      actions: [{ action: "track", title: "Track" }],
      collapse_key: "orders",
      priority: "high",
      ttl_seconds: 120,
    });
    expect(result).toMatchObject({ success: true, status_code: 201, attempts: 1, warnings: [] });

    await visitor.arrival(result.message_id);
    expect(await visitor.shown()).toEqual([
      {
        title: "Order 42",
        body: "Shipped: grüße aus Köln 📦",
        icon: `${site.origin}/icon.svg`,
        tag: "order-42",
        requireInteraction: true,
        silent: false,
        actions: [{ action: "track", title: "Track" }],
        data: {
          order: 42,
          nested: { list: [1, "two", null] },
          url: `${site.origin}/?order=42`,
          message_id: result.message_id,
        },
      },
    ]);
    expect(served(visitor).received).toMatchObject([{ ttl: 120, urgency: "high", topic: "orders" }]);
    await expect.poll(() => served(visitor).codes, { timeout: 5000 }).toEqual([100]);
  });

  it("a later notification with the same tag replaces the shown one, and no other", async () => {
    const visitor = await newVisitor();
    for (const [title, tag] of [
      ["first", "same"],
      ["other", "other"],
      ["second", "same"],
    ] as const) {
      const result = await provider.sendNotification(visitor.device_token, { title, tag });
      await visitor.arrival(result.message_id);
    }
    const titles = (await visitor.shown()).map(({ title }) => title);
    expect(titles.sort()).toEqual(["other", "second"]);
  });

  it("W6 3993 bytes arrive whole, 3994 are refused before anything is sent", async () => {
    const visitor = await newVisitor();
    const send = (bytes: number) => {
      const text = (body: string) =>
        JSON.stringify({ notification: { title: "Long", body, data: { message_id: "long" } } });
      const raw_body = text("x".repeat(bytes - text("").length));
      return provider.sendNotification(visitor.device_token, {
        platform_data: { web_push: { format: "raw", raw_body } },
      });
    };
    expect(await send(3993)).toMatchObject({ success: true });
    await visitor.arrival("long");
    expect((await visitor.shown())[0]?.body).toMatch(/^x{3900,}$/);

    expect(await send(3994)).toMatchObject({
      error_code: "PAYLOAD_TOO_LARGE",
      attempts: 0,
      remove_token: false,
    });
    expect(served(visitor).received).toHaveLength(1);
  });

  it("the legacy content coding aesgcm is decrypted too", async () => {
    const visitor = await newVisitor();
    await using legacy = await open({ content_encoding: "aesgcm" });
    const result = await legacy.sendNotification(visitor.device_token, {
      title: "Legacy",
      body: "Still read",
    });
    await visitor.arrival(result.message_id);
    expect(await visitor.shown()).toMatchObject([{ title: "Legacy", body: "Still read" }]);
    expect(served(visitor).received).toMatchObject([{ content_encoding: "aesgcm" }]);
  });

  it("W8 two devices in one bulk send each show their own message id", async () => {
    const visitors = await Promise.all([newVisitor(), newVisitor()]);
    const payload = { title: "To everybody" };
    const results = await provider.sendBulkNotifications(
      visitors.map(({ device_token }) => [device_token, payload] as const),
    );
    const ids = results.map(({ message_id }) => message_id);
    expect(new Set(ids).size).toBe(2);
    for (const [index, visitor] of visitors.entries()) {
      await visitor.arrival(ids[index] ?? "");
      expect(await visitor.shown()).toMatchObject([
        { title: "To everybody", data: { message_id: ids[index] } },
      ]);
    }
  });

  it("W5 of what is sent while the browser is away, the last of a collapse key arrives, and nothing with ttl 0", async () => {
    const visitor = await newVisitor();
    await autopush.goAway();
    const send = (title: string, more: { ttl_seconds?: number; collapse_key?: string }) =>
      provider.sendNotification(visitor.device_token, { title, tag: title, ...more });
    await send("now or never", { ttl_seconds: 0 });
    await send("early", { collapse_key: "news" });
    const late = await send("late", { collapse_key: "news" });
    autopush.comeBack();
    await visitor.arrival(late.message_id);
    expect((await visitor.shown()).map(({ title }) => title)).toEqual(["late"]);
    await expect.poll(() => served(visitor).codes, { timeout: 5000 }).toEqual([100]);
  });

  it("SENDER_MISMATCH when the page subscribed with another VAPID key", async () => {
    const visitor = await newVisitor();
    await using stranger = await open(generateVapidKeys());
    const result = await stranger.sendNotification(visitor.device_token, { title: "From a stranger" });
    expect(result).toMatchObject({
      success: false,
      error_code: "SENDER_MISMATCH",
      status_code: 401,
      remove_token: false,
    });
    expect(served(visitor).received).toEqual([]);
  });

  it("W1 UNREGISTERED, remove_token, once the user has unsubscribed on the page", async () => {
    const visitor = await newVisitor();
    const before = await provider.sendNotification(visitor.device_token, { title: "Still here" });
    await visitor.arrival(before.message_id);
    await visitor.unsubscribe();
    const after = await provider.sendNotification(visitor.device_token, { title: "Gone" });
    expect(after).toMatchObject({
      success: false,
      error_code: "UNREGISTERED",
      status_code: 410,
      remove_token: true,
    });
  });

  it("in all of this the browser and the push service never disagreed", () => {
    expect(autopush.complaints).toEqual([]);
  });
});
