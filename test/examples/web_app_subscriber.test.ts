import { beforeAll, describe, expect, it } from "vitest";
import { installWebApp, openSite } from "./web_app_site.js";

let folder: string;
beforeAll(async () => {
  folder = await installWebApp("web_app_subscriber");
});

describe("a subscriber", () => {
  it("5.2.b3 5.2.b4 gets the site's own key, is stored once however its JSON is written, and can go", async () => {
    const site = await openSite(folder);
    const visitor = site.visitor();
    const { body } = await visitor.ask("GET /push/vapid-public-key");
    expect(body.publicKey).toBe(site.app.vapid_public_key);
    const { subscription } = site.service.createDevice({ vapid_public_key: String(body.publicKey) });
    const { endpoint, expirationTime, keys } = subscription;
    for (const one of [subscription, { keys, expirationTime, endpoint }]) {
      expect((await visitor.ask("POST /push/subscribe", { subscription: one })).status).toBe(201);
    }
    expect(await site.app.store.count()).toBe(1);
    expect((await visitor.ask("POST /push/unsubscribe", { subscription })).status).toBe(200);
    expect(await site.app.store.count()).toBe(0);
  });

  it("5.2.b7 chooses topics and a name, reads them back, and keeps the tags that others gave", async () => {
    const site = await openSite(folder, { topics: ["news", "sport"] });
    const { device } = await site.subscriber();
    const { subscription } = device;
    const target = { platform: "web_push", device_token: subscription };
    await site.app.store.upsert([{ ...target, tags: ["vip", "sport"] }]);
    const visitor = site.visitor();
    expect((await visitor.ask("GET /preferences")).body.topics).toEqual(["news", "sport"]);
    const wish = { subscription, tags: ["news"], user_id: " ana " };
    expect((await visitor.ask("POST /preferences", wish)).body).toMatchObject({
      tags: ["vip", "news"],
      user_id: "ana",
    });
    const { body } = await visitor.ask("POST /preferences", { subscription });
    expect(body).toEqual({ success: true, tags: ["vip", "news"], user_id: "ana" });
    await visitor.ask("POST /preferences", { subscription, tags: [], user_id: "" });
    expect(await site.app.store.get(target)).toMatchObject({ tags: ["vip"], user_id: null });
  });

  it("has a device key that choosing topics leaves as it is", async () => {
    const site = await openSite(folder);
    const device = site.service.createDevice({ vapid_public_key: site.app.vapid_public_key });
    const { subscription } = device;
    const visitor = site.visitor();
    const { body } = await visitor.ask("POST /push/subscribe", { subscription, device_id: "mine" });
    await visitor.ask("POST /preferences", { subscription, tags: ["news"], user_id: "" });
    const headers = { "x-device-id": "mine", authorization: `Bearer ${body.device_key}` };
    expect((await visitor.ask("GET /push/pending", undefined, headers)).status).toBe(200);
  });

  it("5.3.3 nobody reads or changes what another one chose: it takes the subscription's secret", async () => {
    const site = await openSite(folder);
    const { device } = await site.subscriber();
    const { subscription } = device;
    const auth = site.service.createDevice().subscription.keys.auth;
    const ask = async (given: unknown) => {
      const { status, body } = await site
        .visitor()
        .ask("POST /preferences", { subscription: given, tags: [], user_id: "" });
      return [status, body.field];
    };
    expect(await ask({ ...subscription, keys: { ...subscription.keys, auth } })).toEqual([
      403,
      "subscription",
    ]);
    expect(await ask({ endpoint: subscription.endpoint })).toEqual([404, "subscription"]);
    expect(await ask(subscription.endpoint)).toEqual([404, "subscription"]);
    expect(await ask(undefined)).toEqual([404, "subscription"]);
    expect(await ask({ endpoint: 7, keys: { auth } })).toEqual([400, "device_token"]);
    expect(await ask(site.service.createDevice().subscription)).toEqual([404, "subscription"]);
  });

  it.each([
    [{ tags: ["vip"], user_id: "" }, "tags"],
    [{ tags: ["news", 7], user_id: "" }, "tags"],
    [{ tags: [], user_id: "a".repeat(51) }, "user_id"],
    [{ tags: [] }, "user_id"],
  ])("%j is no choice", async (wish, field) => {
    const site = await openSite(folder);
    const { device } = await site.subscriber();
    const { subscription } = device;
    const { status, body } = await site.visitor().ask("POST /preferences", { subscription, ...wish });
    expect([status, body.field]).toEqual([400, field]);
  });

  it("sends itself a test, which links to the page", async () => {
    const site = await openSite(folder);
    const { device } = await site.subscriber();
    const { body } = await site.visitor().ask("POST /push/test", { subscription: device.subscription });
    expect(body.success).toBe(true);
    expect(device.received[0]?.json).toMatchObject({
      notification: { title: "It works", icon: "/icon-192x192.png", tag: "test" },
    });
    expect(device.received[0]?.text).toContain('"url":"/"');
  });
});
