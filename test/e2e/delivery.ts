import { expect, it } from "vitest";
import { generateVapidKeys } from "../../providers/web_push/index.js";
import type { Site } from "./site.js";
import type { Stage } from "./stage.js";
import { Visitor } from "./visitor.js";

/** What the library promises about every browser: from its call to what the browser shows. */
export function promisesOfDelivery(stage: () => Stage<Site>): void {
  const newVisitor = () => Visitor.subscribed(stage());
  const receivedFor = async (visitor: Visitor) =>
    stage().push.deviceOf(await visitor.deviceToken())?.received;

  it("W4 W14 a notification is shown with its title, body, icon, tag, actions and data, the message id among them", async () => {
    const visitor = await newVisitor();
    const result = await stage().provider.sendNotification(await visitor.deviceToken(), {
      title: "Order 42",
      body: "Shipped: grüße aus Köln 📦",
      icon: "/icon.svg",
      tag: "order-42",
      url: `${visitor.origin}/?order=42`,
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
        icon: `${visitor.origin}/icon.svg`,
        tag: "order-42",
        requireInteraction: true,
        silent: false,
        actions: [expect.objectContaining({ action: "track", title: "Track" })],
        data: {
          order: 42,
          nested: { list: [1, "two", null] },
          url: `${visitor.origin}/?order=42`,
          message_id: result.message_id,
        },
      },
    ]);
    expect(await receivedFor(visitor)).toMatchObject([{ ttl: 120, urgency: "high", topic: "orders" }]);
  });

  it("a later notification with the same tag replaces the shown one, and no other", async () => {
    const visitor = await newVisitor();
    for (const [title, tag] of [
      ["first", "same"],
      ["other", "other"],
      ["second", "same"],
    ] as const) {
      const result = await stage().provider.sendNotification(await visitor.deviceToken(), { title, tag });
      await visitor.arrival(result.message_id);
    }
    await visitor.shows(["other", "second"]);
  });

  it("W6 3993 bytes arrive whole, 3994 are refused before anything is sent", async () => {
    const visitor = await newVisitor();
    const device_token = await visitor.deviceToken();
    const send = (bytes: number) => {
      const text = (body: string) =>
        JSON.stringify({ notification: { title: "Long", body, data: { message_id: "long" } } });
      const raw_body = text("x".repeat(bytes - text("").length));
      return stage().provider.sendNotification(device_token, {
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
    expect(await receivedFor(visitor)).toHaveLength(1);
  });

  it("the legacy content coding aesgcm is decrypted too", async () => {
    const visitor = await newVisitor();
    await using legacy = await stage().open({ content_encoding: "aesgcm" });
    const result = await legacy.sendNotification(await visitor.deviceToken(), {
      title: "Legacy",
      body: "Still read",
    });
    await visitor.arrival(result.message_id);
    expect(await visitor.shown()).toMatchObject([{ title: "Legacy", body: "Still read" }]);
    expect(await receivedFor(visitor)).toMatchObject([{ content_encoding: "aesgcm" }]);
  });

  it("W8 two subscribers in one bulk send each show their own message id", async () => {
    const visitors = [await newVisitor(), await newVisitor()];
    const tokens = await Promise.all(visitors.map((visitor) => visitor.deviceToken()));
    const payload = { title: "To everybody" };
    const results = await stage().provider.sendBulkNotifications(
      tokens.map((device_token) => [device_token, payload] as const),
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

  it("W5 of what is sent while the browser is closed, the last of a collapse key arrives, and nothing with ttl 0", async () => {
    const { person, provider, push } = stage();
    const visitor = await newVisitor();
    const device_token = await visitor.deviceToken();
    await person.quit();
    const send = (title: string, more: { ttl_seconds?: number; collapse_key?: string }) =>
      provider.sendNotification(device_token, { title, tag: title, ...more });
    await send("now or never", { ttl_seconds: 0 });
    await send("early", { collapse_key: "news" });
    await send("late", { collapse_key: "news" });
    await person.relaunch();
    // It arrives with no page open.
    await expect.poll(() => push.deviceOf(device_token)?.received.length, { timeout: 30_000 }).toBe(1);
    await visitor.open();
    await visitor.shows(["late"]);
  });

  it("SENDER_MISMATCH when the page subscribed with another VAPID key", async () => {
    const visitor = await newVisitor();
    await using stranger = await stage().open(generateVapidKeys());
    const result = await stranger.sendNotification(await visitor.deviceToken(), { title: "From a stranger" });
    expect(result).toMatchObject({
      success: false,
      error_code: "SENDER_MISMATCH",
      status_code: { firefox: 401, chromium: 403 }[stage().browser.name],
      remove_token: false,
    });
    expect(await receivedFor(visitor)).toEqual([]);
  });

  it.each([
    ["has unsubscribed on the page", (visitor: Visitor) => visitor.unsubscribe()],
    ["has blocked notifications in the browser's settings", () => stage().person.revokePermission()],
  ])("W1 UNREGISTERED, remove_token, once the user %s", async (_title, leave) => {
    const { provider, push, site } = stage();
    const visitor = await Visitor.subscribed(stage(), site.origin);
    const device_token = await visitor.deviceToken();
    const before = await provider.sendNotification(device_token, { title: "Still here" });
    await visitor.arrival(before.message_id);
    await leave(visitor);
    // The push service hears of it a little later.
    await expect.poll(() => push.deviceOf(device_token), { timeout: 20_000 }).toBeUndefined();
    expect(await provider.sendNotification(device_token, { title: "Gone" })).toMatchObject({
      success: false,
      error_code: "UNREGISTERED",
      status_code: 410,
      remove_token: true,
    });
  });
}
