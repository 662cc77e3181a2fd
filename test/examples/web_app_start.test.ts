import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { ownEnvironment } from "../../scripts/own_environment.mjs";
import { startWebPushService } from "../../src/testing/index.js";
import { root } from "../setup/packed_project.js";
import { run } from "../setup/run.js";
import { anchors, localLinks, readMarkdown } from "./markdown.js";
import { installWebApp, openSite, PASSWORD, Visitor } from "./web_app_site.js";

let folder: string;
beforeAll(async () => {
  folder = await installWebApp("web_app_start");
});

interface Server {
  readonly child: ChildProcess;
  readonly data_folder: string;
  /** All that it printed so far. */
  readonly printed: { text: string };
  readonly url: string;
}

/** `server.mjs` as a process of its own, once it has said where it is. */
async function startServer(env: Record<string, string> = {}): Promise<Server> {
  const data_folder = env.PUSHMUX_DATA ?? join(mkdtempSync(join(folder, "start-")), "data");
  const child = spawn(process.execPath, [join(folder, "server.mjs")], {
    env: { ...ownEnvironment(), PORT: "0", PUSHMUX_DATA: data_folder, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const printed = { text: "" };
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (printed.text += text));
  const address = () => /Administer {2}(\S+)\/admin\n/.exec(printed.text)?.[1];
  await expect.poll(address, { timeout: 20_000 }).toBeDefined();
  return { child, data_folder, printed, url: address() ?? "" };
}

async function end({ child }: Server, signal: NodeJS.Signals): Promise<[number | null, string | null]> {
  const exit = once(child, "exit");
  child.kill(signal);
  return (await exit) as [number | null, string | null];
}

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

describe("npm run demo:web", () => {
  it("5.2.b1 makes keys and a password on the first start, for its owner's eyes only, and tells the password once", async () => {
    const server = await startServer();
    const password = /admin with the password (\S+)\n/.exec(server.printed.text)?.[1] ?? "";
    expect(password).toMatch(/^[\w-]{20}$/);
    expect(server.printed.text).toContain(`Subscribe   ${server.url}/\n`);
    expect((await new Visitor(server.url).signIn("admin", password)).status).toBe(200);
    const { data_folder } = server;
    expect(modeOf(data_folder)).toBe("700");
    const files = readdirSync(data_folder);
    expect(files).toEqual(expect.arrayContaining(["accounts.json", "push.db", "vapid_keys.json"]));
    expect(files.map((name) => modeOf(join(data_folder, name)))).toEqual(files.map(() => "600"));
    expect(readFileSync(join(data_folder, "accounts.json"), "utf8")).not.toContain(password);
    const keys = readFileSync(join(data_folder, "vapid_keys.json"), "utf8");
    expect(await end(server, "SIGTERM")).toEqual([0, null]);

    const again = await startServer({ PUSHMUX_DATA: data_folder, ADMIN_PASSWORD: "not for an old one" });
    expect(again.printed.text).not.toContain("password");
    expect(readFileSync(join(data_folder, "vapid_keys.json"), "utf8")).toBe(keys);
    const { publicKey } = (await new Visitor(again.url).ask("GET /push/vapid-public-key")).body;
    expect(JSON.parse(keys)).toMatchObject({ vapid_public_key: publicKey });
    expect((await new Visitor(again.url).signIn("admin", password)).status).toBe(200);
    expect(await end(again, "SIGINT")).toEqual([0, null]);
    expect(server.printed.text + again.printed.text).not.toContain(JSON.parse(keys).vapid_private_key);
  });

  it("takes the first password, topics, services and the address of its owner from the environment", async () => {
    const server = await startServer({
      ADMIN_PASSWORD: PASSWORD,
      TOPICS: "sport, weather",
      PLATFORMS: "simulation",
      VAPID_SUBJECT: "ops@example.org",
      PUBLIC_URL: "https://push.example.org",
    });
    expect(server.printed.text).not.toContain(PASSWORD);
    const visitor = new Visitor(server.url);
    expect((await visitor.signIn("admin", PASSWORD)).headers.get("set-cookie")).toContain("; Secure");
    expect((await visitor.ask("GET /preferences")).body.topics).toEqual(["sport", "weather"]);
    expect((await visitor.ask("GET /push/platforms/simulation/info")).status).toBe(200);
    const keys = JSON.parse(readFileSync(join(server.data_folder, "vapid_keys.json"), "utf8"));
    expect(keys.vapid_subject).toBe("ops@example.org");
    const own = { origin: "https://push.example.org" };
    expect((await visitor.ask("POST /push/segment-size", {}, own)).status).toBe(200);
    expect((await visitor.ask("POST /admin/api/subscribers", {}, own)).status).toBe(200);
    expect(await end(server, "SIGTERM")).toEqual([0, null]);
  });

  it("takes no short password", async () => {
    const data_folder = mkdtempSync(join(folder, "short-"));
    const { code, stderr } = await run(process.execPath, [join(folder, "server.mjs")], {
      env: { PORT: "0", PUSHMUX_DATA: data_folder, ADMIN_PASSWORD: "too short" },
    });
    expect([code, stderr]).toEqual([1, expect.stringContaining("expected at least 10 characters")]);
    expect(readdirSync(data_folder)).toEqual(["vapid_keys.json"]);
  });

  it("says so, and ends, when its port is taken", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    onTestFinished(() => void other.close());
    const { port } = other.address() as { port: number };
    const data_folder = mkdtempSync(join(folder, "taken-"));
    const { code, stderr } = await run(process.execPath, [join(folder, "server.mjs")], {
      env: { PORT: String(port), PUSHMUX_DATA: data_folder, ADMIN_PASSWORD: PASSWORD },
    });
    expect([code, stderr]).toEqual([1, expect.stringContaining("EADDRINUSE")]);
  });
});

describe("a restart", () => {
  it("5.2.b2 5.2.weak keeps keys, subscriptions, history and accounts, and asks everybody to sign in again", async () => {
    const service = await startWebPushService();
    onTestFinished(() => service.close());
    const first = await openSite(folder, { service });
    const { device } = await first.subscriber();
    const admin = await first.signedIn("admin");
    await admin.ask("POST /admin/api/users", { name: "vera", password: PASSWORD, role: "viewer" });
    await admin.broadcast({ title: "Before", segment: {} });
    await first.app.close();

    const second = await openSite(folder, { service, data_folder: first.data_folder });
    expect(second.app.vapid_public_key).toBe(first.app.vapid_public_key);
    expect(second.app.first_password).toBeUndefined();
    expect((await second.visitor({ cookie: admin.cookie }).ask("GET /admin/api/session")).status).toBe(401);
    const vera = second.visitor();
    expect((await vera.signIn("vera", PASSWORD)).status).toBe(200);
    const { broadcasts } = (await vera.ask("GET /push/broadcasts")).body;
    expect(broadcasts).toEqual([expect.objectContaining({ title: "Before", sent: 1 })]);
    await (await second.signedIn("admin")).broadcast({ title: "After", segment: {} });
    expect(device.received.map(({ json }) => json)).toMatchObject([
      { notification: { title: "Before" } },
      { notification: { title: "After" } },
    ]);
  });

  it("forgets after 90 days what became of each notification; the history stays", async () => {
    const first = await openSite(folder);
    await first.subscriber();
    await (await first.signedIn("admin")).broadcast({ title: "Long ago", segment: {} });
    await first.app.close();
    for (const [days, rows] of [
      [89, 1],
      [91, 0],
    ]) {
      const now = () => first.clock.now_ms + Number(days) * 86_400_000;
      const later = await openSite(folder, { data_folder: first.data_folder, now });
      const viewer = await later.signedIn("viewer");
      expect((await viewer.ask("GET /push/push-logs")).body.deliveries).toHaveLength(Number(rows));
      expect((await viewer.ask("GET /push/broadcasts")).body.broadcasts).toMatchObject([{ sent: 1 }]);
      await later.app.close();
    }
  });

  it("ends in order while it sends, and what is left can be sent afterwards", async () => {
    const service = await startWebPushService();
    onTestFinished(() => service.close());
    const first = await openSite(folder, { service });
    const subscribers = [];
    for (let i = 0; i < 3; i++) subscribers.push(await first.subscriber());
    const end_stall = service.fault("stall", { device_token: subscribers[1]?.device.device_token ?? "" });
    const admin = await first.signedIn("admin");
    const sending = admin.broadcast({ title: "In the middle", segment: {} });
    await service.waitForRequests(3);
    await first.app.close();
    const events = await sending;
    expect(events.at(-1)).toMatchObject({ event: "result", data: { broadcast: { state: "paused" } } });
    const [started] = events.map(({ data }) => data.broadcast as { id: string });

    end_stall();
    const second = await openSite(folder, { service, data_folder: first.data_folder });
    const rest = await (await second.signedIn("admin")).broadcast({ id: started?.id });
    expect(rest.at(-1)?.data).toMatchObject({ broadcast: { state: "finished", sent: 3, failed: 0 } });
  });

  it("two first starts at once agree on one pair of keys and one password", async () => {
    const data_folder = mkdtempSync(join(folder, "twice-"));
    const sites = await Promise.all(
      [1, 2].map(() => openSite(folder, { data_folder, admin_password: undefined })),
    );
    const keys = sites.map(({ app }) => app.vapid_public_key);
    expect(keys[0]).toBe(keys[1]);
    expect(sites.filter(({ app }) => app.first_password !== undefined)).toHaveLength(1);
    const password = sites.find(({ app }) => app.first_password)?.app.first_password ?? "";
    for (const site of sites) expect((await site.visitor().signIn("admin", password)).status).toBe(200);
  });
});

describe("docs/web_app.md", () => {
  const guide = readFileSync(join(root, "docs/web_app.md"), "utf8");
  const program = (name: string) => readFileSync(join(folder, name), "utf8");

  it("names every variable that the server reads, and no other", () => {
    const read = [...program("server.mjs").matchAll(/\benv\.([A-Z_]+)/g)].map(([, name]) => name);
    const [, chapter = ""] = guide.split(/^## /m);
    const named = [...chapter.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, name]) => name);
    expect(named.toSorted()).toEqual([...new Set(read)].toSorted());
  });

  it("links only to what is there", () => {
    const links = localLinks(guide);
    const broken = links.filter(({ path, anchor }) => {
      const target = path === "" ? "docs/web_app.md" : join("docs", path);
      if (!existsSync(join(root, target))) return true;
      return anchor !== undefined && !anchors(readMarkdown(target)).includes(anchor);
    });
    expect([links.length > 4, broken]).toEqual([true, []]);
  });

  it("names every flag of send.mjs", () => {
    const flags = [...program("send.mjs").matchAll(/^ {4}(\w+): \{ type: "string"/gm)].map(
      ([, name]) => `--${name}`,
    );
    expect(flags).toHaveLength(8);
    expect(flags.filter((flag) => !guide.includes(`\`${flag}\``))).toEqual([]);
  });
});

describe("send.mjs", () => {
  async function send(...flags: string[]) {
    const service = await startWebPushService();
    onTestFinished(() => service.close());
    const { vapid_public_key, vapid_private_key, vapid_subject } = service.config;
    const device = service.createDevice();
    const place = mkdtempSync(join(folder, "send-"));
    const write = (name: string, text: string) => writeFileSync(join(place, name), text);
    write("vapid_keys.json", JSON.stringify({ vapid_public_key, vapid_private_key, vapid_subject }));
    write("subscription.json", JSON.stringify(device.subscription, null, 2));
    write("ca.pem", service.ca);
    const start = async () =>
      run(
        process.execPath,
        [join(folder, "send.mjs"), "--host", `localhost:${service.port}`, "--ca", "ca.pem", ...flags],
        { cwd: place, env: { PUSHMUX_DATA: place } },
      );
    return { device, start, write };
  }

  it("5.1.s1 sends title, body, url and icon to subscription.json, and says that it was accepted", async () => {
    const { device, start } = await send(
      "--title",
      "Hello",
      "--body",
      "You",
      "--url",
      "/a",
      "--icon",
      "/i.png",
    );
    const { code, stdout, stderr } = await start();
    expect(stdout).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z info accepted \(201\), message [0-9a-f-]{36}\n$/);
    expect([code, stderr]).toEqual([0, ""]);
    expect(device.received[0]?.json).toMatchObject({
      notification: { title: "Hello", body: "You", icon: "/i.png" },
    });
    expect(device.received[0]?.text).toContain('"/a"');
  });

  it("5.1.s1 5.1.weak says the error in the service's words, and that a dead subscription is dead", async () => {
    const { device, start } = await send();
    device.unsubscribe();
    const { code, stdout } = await start();
    expect(code).toBe(1);
    expect(stdout).toMatch(/ error UNREGISTERED: .* status_code=410 reason=/);
    expect(stdout).toMatch(/this subscription is gone: subscribe again\n$/);
    expect(stdout).not.toContain(device.subscription.keys.auth);
  });

  it("names the file that is missing or no JSON", async () => {
    const { start, write } = await send();
    write("subscription.json", "pasted wrongly");
    const { code, stdout } = await start();
    expect([code, stdout]).toEqual([1, expect.stringMatching(/ error subscription\.json: no JSON\n$/)]);
    const other = await send("--subscription", "nothing.json");
    expect((await other.start()).stdout).toMatch(/ error nothing\.json: not to be read\n$/);
  });
});
