import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { installWebApp, openSite } from "./web_app_site.js";

let folder: string;
beforeAll(async () => {
  folder = await installWebApp("web_app_rows");
});

describe("the admin's form", () => {
  /** The form of the page with what somebody typed into it. */
  async function fill(typed: Readonly<Record<string, string>>) {
    const html = readFileSync(join(folder, "public/admin.html"), "utf8");
    const [form = ""] = /<form id="compose".*?<\/form>/s.exec(html) ?? [];
    const names = new Set([...form.matchAll(/ name="(\w+)"/g)].map(([, name = ""]) => name));
    expect(Object.keys(typed).filter((name) => !names.has(name))).toEqual([]);
    const untouched = { audience: "all", priority: "normal", ttl: "86400" };
    const value = (name: string) => ({ ...untouched, ...typed })[name] ?? "";
    const elements = Object.fromEntries([...names].map((name) => [name, { value: value(name) }]));
    const script = pathToFileURL(join(folder, "public/admin_payload.js")).href;
    const { readPayload, readSegment } = await import(/* @vite-ignore */ script);
    const untyped = [...names].filter((name) => !(name in typed));
    return { payload: readPayload({ elements }), segment: readSegment({ elements }), untyped };
  }

  it("5.2.b5 what is typed into any of its fields is what a device gets", async () => {
    const site = await openSite(folder);
    const { device } = await site.subscriber();
    const admin = await site.signedIn("admin");
    const { payload, segment, untyped } = await fill({
      ...{ title: " Doors open ", body: "Come in", url: "/tickets", icon: "/i.png", image: "/a.png" },
      ...{ action_1: "Buy", action_url_1: "/buy", action_2: "Later" },
      ...{ priority: "high", ttl: "3600", collapse_key: "doors", audience: "all" },
    });
    expect(untyped).toEqual(["tags", "user", "action_url_2"]);
    const events = await admin.broadcast({ ...payload, segment });
    expect(events.at(-1)?.data).toMatchObject({ success: true, broadcast: { sent: 1, failed: 0 } });
    const [received] = device.received;
    expect(received).toMatchObject({ ttl: 3600, urgency: "high", topic: "doors" });
    expect(received?.json).toMatchObject({
      notification: {
        ...{ title: "Doors open", body: "Come in", icon: "/i.png", image: "/a.png", tag: "doors" },
        actions: [
          { action: "action_1", title: "Buy", url: "/buy" },
          { action: "action_2", title: "Later" },
        ],
        data: { url: "/tickets" },
      },
    });
  });

  it("5.2.b5 a title and a text are enough; what is left empty is left out", async () => {
    const { payload, segment } = await fill({ title: "Doors open", body: "Come in" });
    expect(JSON.parse(JSON.stringify(payload))).toEqual({
      ...{ title: "Doors open", body: "Come in", priority: "normal", ttl_seconds: 86_400 },
    });
    expect(segment).toEqual({});
    expect((await fill({ audience: "tags", tags: "news" })).segment).toEqual({ tags: "news" });
    expect((await fill({ audience: "user", user: "ana" })).segment).toEqual({ user_ids: ["ana"] });
    expect((await fill({ audience: "user" })).segment).toBeUndefined();
  });
});

describe("the app", () => {
  it("5.2.a1 is made by a function: two of them in one process have nothing in common", async () => {
    const [one, other] = [await openSite(folder), await openSite(folder)];
    await one.subscriber();
    const admin = await one.signedIn("admin");
    expect([await one.app.store.count(), await other.app.store.count()]).toEqual([1, 0]);
    expect(one.app.vapid_public_key).not.toBe(other.app.vapid_public_key);
    const elsewhere = other.visitor({ cookie: admin.cookie });
    expect((await elsewhere.ask("GET /admin/api/session")).status).toBe(401);
    await one.app.close();
    expect((await other.visitor().ask("GET /push/vapid-public-key")).status).toBe(200);
  });

  it("5.4.7 can be installed: a manifest with a name, icons and a start of its own, and a worker above all its pages", async () => {
    const site = await openSite(folder);
    const visitor = site.visitor();
    const { text: page } = await visitor.ask("GET /");
    expect(page).toContain('<link rel="manifest" href="/manifest.webmanifest" />');
    expect(page).toContain('<link rel="apple-touch-icon" href="/icon-192x192.png" />');
    const manifest = JSON.parse((await visitor.ask("GET /manifest.webmanifest")).text);
    expect(manifest).toMatchObject({
      name: expect.any(String),
      start_url: "/",
      scope: "/",
      display: "standalone",
    });
    expect(manifest.icons.map(({ sizes }: { sizes: string }) => sizes)).toEqual(["192x192", "512x512"]);
    for (const { src, type } of manifest.icons) {
      const { status, headers } = await visitor.ask(`GET ${src}`);
      expect([status, headers.get("content-type")]).toEqual([200, type]);
    }
    expect((await visitor.ask("GET /sw.js")).status).toBe(200);
  });
});
