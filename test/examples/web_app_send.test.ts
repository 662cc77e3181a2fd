import { beforeAll, describe, expect, it } from "vitest";
import { installWebApp, openSite, PASSWORD } from "./web_app_site.js";

let folder: string;
beforeAll(async () => {
  folder = await installWebApp("web_app_send");
});

const PAYLOAD = {
  title: "Doors open",
  body: "Come in",
  url: "/tickets",
  actions: [{ action: "ticket", title: "Get a ticket", url: "/buy" }],
  ttl_seconds: 3600,
};

describe("sending", () => {
  it("5.2.b6 5.2.weak O1 a broadcast reaches every device, each decrypts it, and dead subscriptions are removed", async () => {
    const site = await openSite(folder);
    const alive = [];
    for (let i = 0; i < 12; i++) alive.push(await site.subscriber());
    const dead = [await site.subscriber(), await site.subscriber()];
    for (const { device } of dead) device.unsubscribe();
    const admin = await site.signedIn("admin");

    const events = await admin.broadcast({ ...PAYLOAD, segment: {} });
    expect(events[0]?.event).toBe("started");
    expect(events.at(-1)?.event).toBe("result");
    expect(events.at(-1)?.data).toMatchObject({
      success: true,
      broadcast: {
        state: "finished",
        total: 14,
        sent: 12,
        failed: 2,
        removed: 2,
        codes: { UNREGISTERED: 2 },
      },
    });
    for (const { device } of alive) {
      expect(device.received).toHaveLength(1);
      expect(device.received[0]).toMatchObject({
        undecryptable: false,
        ttl: 3600,
        json: { notification: { title: "Doors open", body: "Come in" } },
      });
    }
    expect(await site.app.store.count()).toBe(12);
  });

  it("5.2.b7 reaches one user only, or those with tags, and counts them beforehand", async () => {
    const site = await openSite(folder);
    const wanted = {
      ana: await site.subscriber(),
      ben: await site.subscriber(),
      none: await site.subscriber(),
    };
    const choose = (who: keyof typeof wanted, tags: string[], user_id: string) =>
      site
        .visitor()
        .ask("POST /preferences", { subscription: wanted[who].device.subscription, tags, user_id });
    await choose("ana", ["news", "events"], "ana");
    await choose("ben", ["news"], "ben");
    const admin = await site.signedIn("admin");
    const size = async (segment: object) =>
      (await admin.ask("POST /push/segment-size", { segment })).body.count;
    expect(await size({})).toBe(3);
    expect(await size({ tags: "news && !events" })).toBe(1);
    expect(await size({ user_ids: ["ana"] })).toBe(1);
    const wrong = await admin.ask("POST /push/segment-size", { segment: { tags: "news &&" } });
    expect([wrong.status, wrong.body.message]).toEqual([400, expect.stringContaining("position 8")]);

    await admin.broadcast({ ...PAYLOAD, segment: { tags: "news && !events" } });
    await admin.broadcast({ ...PAYLOAD, segment: { user_ids: ["ana"] } });
    const received = Object.values(wanted).map(({ device }) => device.received.length);
    expect(received).toEqual([1, 1, 0]);
  });

  it("a preview says what would be sent, and sends nothing", async () => {
    const site = await openSite(folder);
    const { device } = await site.subscriber();
    const viewer = await site.signedIn("viewer");
    const { body, text } = await viewer.ask("POST /push/preview", { ...PAYLOAD, segment: {} });
    expect(body).toMatchObject({
      total: 1,
      platforms: [{ platform: "web_push", recipients: 1, success: true }],
    });
    expect(text).toContain("Doors open");
    expect(text).not.toContain(new URL(device.endpoint).pathname);
    expect(site.service.received).toEqual([]);
  });

  it("the history tells what was sent, delivered and opened, and statistics sum it up", async () => {
    const site = await openSite(folder);
    const { device, device_id } = await site.subscriber();
    await site.subscriber();
    const admin = await site.signedIn("admin");
    await admin.broadcast({ ...PAYLOAD, segment: {} });
    const { body: log } = await admin.ask(`GET /push/push-logs?device_id=${device_id}`);
    const [{ message_id }] = log.deliveries as [{ message_id: string }];
    expect(JSON.stringify(device.received[0]?.json)).toContain(message_id);
    for (const status of ["delivered", "opened"]) {
      await site.visitor().ask("POST /push/ack", { message_id, device_id, status });
    }
    const { body: history } = await admin.ask("GET /push/broadcasts");
    expect(history.broadcasts).toEqual([
      expect.objectContaining({ title: "Doors open", state: "finished", sent: 2, delivered: 1, opened: 1 }),
    ]);
    const { body: statistics } = await admin.ask("GET /push/statistics?days=1");
    expect(statistics).toMatchObject({ total_sent: 2, delivered: 1, opened: 1, delivery_rate_percent: 50 });
    for (const days of [0, 91]) {
      expect((await admin.ask(`GET /push/statistics?days=${days}`)).status).toBe(400);
    }
  });

  it("5.3.3 the list of subscribers shows devices, tags and users, page by page, and no endpoint", async () => {
    const site = await openSite(folder);
    const device_info = { userAgent: "Firefox/140.0" };
    const { device, device_id } = await site.subscriber({ device_info });
    const { subscription } = device;
    await site.visitor().ask("POST /preferences", { subscription, tags: ["news"], user_id: "ana" });
    for (let i = 0; i < 50; i++) {
      await site.app.store.upsert([
        { platform: "web_push", device_token: site.service.createDevice().subscription },
      ]);
    }
    const viewer = await site.signedIn("viewer");
    const list = async (body: object) => (await viewer.ask("POST /admin/api/subscribers", body)).body;
    const { total, subscribers } = (await list({})) as { total: number; subscribers: { id: string }[] };
    expect([total, subscribers.length]).toEqual([51, 50]);
    expect(subscribers[0]).toMatchObject({
      ...{ device_id, device_info, tags: ["news"], user_id: "ana" },
      service: "localhost",
    });
    expect(Object.keys(subscribers[0] ?? {})).not.toContain("device_token");
    expect(JSON.stringify(subscribers)).not.toContain(subscription.keys.auth);
    expect((await list({ after: subscribers.at(-1)?.id })).subscribers).toHaveLength(1);
    expect((await list({ segment: { tags: "news" } })).total).toBe(1);
    expect(await list({ segment: { tags: "(" } })).toMatchObject({ success: false, field: "tags" });
  });
});

describe("what nobody else may know", () => {
  it("5.3.3 H2 no line of the log holds an endpoint, a key, a password, a cookie, a name of a user or a text", async () => {
    const site = await openSite(folder);
    const { device, device_id } = await site.subscriber();
    const { subscription } = device;
    await site.visitor().ask("POST /preferences", { subscription, tags: ["news"], user_id: "ana-secret" });
    await site.visitor().ask("POST /push/test", { subscription });
    const admin = await site.signedIn("admin");
    await admin.signIn("admin", "a wrong password");
    const { cookie } = admin;
    await admin.broadcast({ ...PAYLOAD, segment: { user_ids: ["ana-secret"] } });
    await admin.ask("POST /push/send", { device_id, ...PAYLOAD });
    await admin.ask("POST /push/broadcast", { title: 7 });
    await admin.ask("POST /admin/api/users", { name: "eve", password: "eve's password", role: "viewer" });
    device.unsubscribe();
    await admin.broadcast({ ...PAYLOAD, segment: {} });
    expect(site.lines.some((line) => / info push request .* user=admin /.test(line))).toBe(true);
    expect(site.lines.some((line) => line.includes("sign-in failed"))).toBe(true);
    const { keys, endpoint } = subscription;
    const secrets = [
      ...[endpoint, new URL(endpoint).pathname, keys.auth, keys.p256dh, cookie.split("=")[1] ?? ""],
      ...[PASSWORD, "a wrong password", "eve's password", "ana-secret", PAYLOAD.title, PAYLOAD.body],
    ];
    for (const secret of secrets) expect(site.lines.filter((line) => line.includes(secret))).toEqual([]);
    expect(site.lines.every((line) => /^\d{4}-\d\d-\d\dT[\d:.]+Z (info|error) [^\n]*\n$/.test(line))).toBe(
      true,
    );
  });
});
