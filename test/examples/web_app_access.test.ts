import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { installWebApp, openSite, PASSWORD, type Site, type Visitor } from "./web_app_site.js";

let folder: string;
/** One for all that leave it as it was; a password's check is dear. */
let shared: { site: Site; stranger: Visitor; viewer: Visitor; admin: Visitor };
const endings: (() => Promise<void>)[] = [];
beforeAll(async () => {
  folder = await installWebApp("web_app_access");
  const site = await openSite(folder, {}, (close) => endings.unshift(close));
  const [viewer, admin] = [await site.signedIn("viewer"), await site.signedIn("admin")];
  shared = { site, stranger: site.visitor(), viewer, admin };
});
afterAll(async () => {
  for (const close of endings) await close();
});

const MINUTE_MS = 60_000;
const PAYLOAD = { title: "Doors open" };

/** Every route that is not for everybody: what a stranger, a viewer and an admin are answered. */
const ROUTES: readonly [what: string, body: object | undefined, viewer: number, admin: number][] = [
  ["GET /admin", undefined, 200, 200],
  ["GET /admin/api/session", undefined, 200, 200],
  ["POST /admin/api/password", { password: "too short" }, 400, 400],
  ["POST /admin/api/subscribers", {}, 200, 200],
  ["GET /admin/api/users", undefined, 403, 200],
  ["POST /admin/api/users", { name: "eve", password: "long enough!", role: "queen" }, 403, 400],
  ["POST /admin/api/users/remove", { name: "nobody" }, 403, 404],
  ["POST /push/send", { device_id: "nobody", ...PAYLOAD }, 403, 404],
  ["POST /push/send-bulk", { device_tokens: [], ...PAYLOAD }, 403, 400],
  ["POST /push/broadcast", { segment: {}, ...PAYLOAD }, 403, 200],
  ["POST /push/broadcasts/unknown/stop", {}, 403, 404],
  ["POST /push/preview", { segment: {}, ...PAYLOAD }, 200, 200],
  ["POST /push/segment-size", { segment: {} }, 200, 200],
  ["GET /push/broadcasts", undefined, 200, 200],
  ["GET /push/push-logs", undefined, 200, 200],
  ["GET /push/statistics?days=90", undefined, 200, 200],
];

describe("who may do what", () => {
  it.each(ROUTES)(
    "5.2.a2 5.2.a4 H2 %s: not without sign-in, and not without the role",
    async (what, body, viewer, admin) => {
      const answers = [];
      for (const visitor of [shared.stranger, shared.viewer, shared.admin]) {
        answers.push((await visitor.ask(what, body)).status);
      }
      expect(answers).toEqual([401, viewer, admin]);
    },
  );

  it.each([
    "GET /",
    "GET /admin/sign-in",
    "GET /preferences",
    "GET /push/vapid-public-key",
    "GET /push/platforms",
  ])("%s is for everybody", async (what) => {
    const site = await openSite(folder);
    expect((await site.visitor().ask(what)).status).toBe(200);
  });

  it("a browser that opens the admin's page without sign-in is sent to it, a program is told 401", async () => {
    const html = await shared.stranger.ask("GET /admin", undefined, { accept: "text/html,*/*" });
    expect([html.status, html.headers.get("location")]).toEqual([303, "/admin/sign-in"]);
    const program = await shared.stranger.ask("GET /admin");
    expect([program.status, program.body.message]).toEqual([401, "sign in first"]);
  });

  it("who was removed is signed out, and nobody removes themselves", async () => {
    const site = await openSite(folder);
    const viewer = await site.signedIn("viewer");
    const admin = await site.signedIn("admin");
    expect((await admin.ask("POST /admin/api/users/remove", { name: "admin" })).status).toBe(409);
    const { status, body } = await admin.ask("POST /admin/api/users/remove", { name: "viewer" });
    expect([status, body.users]).toEqual([200, [{ name: "admin", role: "admin" }]]);
    expect((await viewer.ask("GET /push/statistics")).status).toBe(401);
    expect((await viewer.signIn("viewer", PASSWORD)).status).toBe(401);
    // Nor does somebody else of that name later bring the session back.
    const { cookie } = viewer;
    await admin.ask("POST /admin/api/users", { name: "viewer", password: "another one's", role: "viewer" });
    expect((await site.visitor({ cookie }).ask("GET /push/statistics")).status).toBe(401);
  });

  it.each([
    [{ name: "admin", password: "long enough!", role: "viewer" }, 409, "name"],
    [{ name: "a b", password: "long enough!", role: "viewer" }, 400, "name"],
    [{ name: "", password: "long enough!", role: "viewer" }, 400, "name"],
    [{ name: "eve", password: "too short", role: "viewer" }, 400, "password"],
    [{ name: "eve", password: "long enough!", role: "owner" }, 400, "role"],
    [{ name: "eve", role: "viewer" }, 400, "password"],
  ])("no account is made of %j", async (account, code, field) => {
    const { status, body } = await shared.admin.ask("POST /admin/api/users", account);
    expect([status, body.field, body.success]).toEqual([code, field, false]);
    const users = [
      { name: "admin", role: "admin" },
      { name: "viewer", role: "viewer" },
    ];
    expect((await shared.admin.ask("GET /admin/api/users")).body.users).toEqual(users);
  });
});

describe("sessions", () => {
  const cookieOf = async (visitor: Visitor) =>
    (await visitor.signIn("admin", PASSWORD)).headers.get("set-cookie");

  it("the cookie is HttpOnly and SameSite, and Secure behind https", async () => {
    const plain = await cookieOf((await openSite(folder)).visitor());
    expect(plain).toMatch(/^pushmux_session=[\w-]{43}; Path=\/; Max-Age=43200; HttpOnly; SameSite=Lax$/);
    const site = await openSite(folder, { public_url: "https://push.example.org" });
    expect(await cookieOf(site.visitor())).toMatch(/; SameSite=Lax; Secure$/);
    const { headers } = await site.visitor().ask("GET /");
    expect(headers.get("strict-transport-security")).toBe("max-age=31536000");
  });

  it("each sign-in gives a new id and ends the session that was there; so does a change of the password, everywhere", async () => {
    const site = await openSite(folder);
    const [one, other] = [await site.signedIn("admin"), await site.signedIn("admin")];
    const earlier = one.cookie;
    await one.signIn("admin", PASSWORD);
    expect(one.cookie).not.toBe(earlier);
    expect((await site.visitor({ cookie: earlier }).ask("GET /admin/api/session")).status).toBe(401);
    const change = { current_password: PASSWORD, password: "a new password" };
    expect((await one.ask("POST /admin/api/password", change)).status).toBe(200);
    expect((await other.ask("GET /admin/api/session")).status).toBe(401);
    expect((await one.ask("GET /admin/api/session")).body.name).toBe("admin");
    expect((await site.visitor().signIn("admin", PASSWORD)).status).toBe(401);
    expect((await site.visitor().signIn("admin", "a new password")).status).toBe(200);
  });

  it("end two hours after their last use, and twelve after their sign-in", async () => {
    const site = await openSite(folder);
    const admin = await site.signedIn("admin");
    const status = async () => (await admin.ask("GET /admin/api/session")).status;
    const statuses = [];
    for (let hour = 1; hour <= 12; hour++) {
      site.clock.now_ms += 60 * MINUTE_MS;
      statuses.push(await status());
    }
    expect(statuses).toEqual([...Array(11).fill(200), 401]);
    await admin.signIn("admin", PASSWORD);
    site.clock.now_ms += 120 * MINUTE_MS - 1;
    expect(await status()).toBe(200);
    site.clock.now_ms += 120 * MINUTE_MS;
    expect(await status()).toBe(401);
  });

  it("sign-out ends the session on the server, and takes the cookie away", async () => {
    const site = await openSite(folder);
    const admin = await site.signedIn("admin");
    const { cookie } = admin;
    const { headers } = await admin.ask("POST /admin/api/sign-out", {});
    expect(headers.get("set-cookie")).toMatch(/^pushmux_session=; Path=\/; Max-Age=0; HttpOnly/);
    expect((await site.visitor({ cookie }).ask("GET /admin/api/session")).status).toBe(401);
  });
});

describe("sign-in", () => {
  const guess = (site: Site, name: string, headers = {}) => site.visitor(headers).signIn(name, "wrong");

  it("says the same of a wrong password and of an unknown name, after as much work", async () => {
    const site = await openSite(folder);
    const answers = [];
    const took_ms: number[] = [];
    for (const name of ["admin", "nobody", "admin", "nobody"]) {
      const start_ms = process.cpuUsage();
      const { status, text } = await guess(site, name);
      const { user, system } = process.cpuUsage(start_ms);
      took_ms.push((user + system) / 1000);
      answers.push([status, text]);
    }
    expect(new Set(answers.map(String)).size).toBe(1);
    expect(answers[0]?.[0]).toBe(401);
    const [known = 0, unknown = 0] = [0, 1].map((start) =>
      Math.min(took_ms[start] ?? 0, took_ms[start + 2] ?? 0),
    );
    expect(unknown).toBeGreaterThan(known / 3);
  });

  it("is limited for a name and for an address, and free again after a quarter of an hour", async () => {
    const site = await openSite(folder, { trust_proxy: true });
    const from = (place: number) => ({ "x-forwarded-for": `198.51.100.1, 192.0.2.${place}` });
    const admin = await site.signedIn("admin");
    const change = (current_password: string) =>
      admin.ask("POST /admin/api/password", { current_password, password: "a new password" }, from(1));
    const statuses: number[] = [];
    for (let i = 0; i < 5; i++) {
      statuses.push((await guess(site, "admin", from(1))).status, (await change("wrong")).status);
    }
    expect(statuses).toEqual([401, 400, 401, 400, 401, 400, 401, 400, 401, 400]);
    // The name, from wherever it comes, also with the right password.
    const right = await site.visitor(from(2)).signIn("admin", PASSWORD);
    expect([right.status, right.headers.get("retry-after")]).toEqual([429, "900"]);
    expect((await change(PASSWORD)).status).toBe(429);
    // The address, whatever the name.
    for (let i = 0; i < 19; i++) expect((await guess(site, "admin", from(1))).status).toBe(429);
    expect((await guess(site, "nobody", from(1))).status).toBe(429);
    expect((await guess(site, "nobody", from(2))).status).toBe(401);

    site.clock.now_ms += 15 * MINUTE_MS;
    expect((await site.visitor(from(1)).signIn("admin", PASSWORD)).status).toBe(200);
  });

  it("an address that a client makes up counts for nothing without a proxy", async () => {
    const site = await openSite(folder);
    await guess(site, "nobody", { "x-forwarded-for": "192.0.2.1" });
    expect(site.lines.at(-1)).toMatch(/ sign-in failed address=(::ffff:)?127\.0\.0\.1\n$/);
  });
});

describe("requests of other sites' pages", () => {
  const WRITES = [
    "/admin/api/sign-in",
    "/admin/api/password",
    "/admin/api/users",
    "/preferences",
    "/push/broadcast",
  ];

  it.each(WRITES)("%s takes none, and no form", async (path) => {
    const { app } = shared.site;
    const ask = async (headers: Record<string, string>) =>
      (await shared.admin.ask(`POST ${path}`, {}, headers)).status;
    expect(await ask({ origin: "https://evil.example" })).toBe(403);
    expect(await ask({ "sec-fetch-site": "cross-site" })).toBe(403);
    expect(await ask({ "sec-fetch-site": "same-site", origin: app.url })).toBe(403);
    expect(await ask({ "content-type": "application/x-www-form-urlencoded" })).toBe(415);
    expect(await ask({ "content-type": "text/plain" })).toBe(415);
    expect([200, 201, 400, 401, 404]).toContain(await ask({ origin: app.url }));
  });

  it.each([
    ["no JSON", "{", 400],
    ["no object", "[]", 400],
    ["too much", JSON.stringify({ name: "a".repeat(20_000), password: "x" }), 413],
    ["a name that is none", { name: { $ne: null }, password: "x" }, 400],
  ])("%s is refused", async (_title, body, code) => {
    expect((await shared.stranger.ask("POST /admin/api/sign-in", body)).status).toBe(code);
  });
});
