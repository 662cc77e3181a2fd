import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { delimiter, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseEnv } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readVapidKeys } from "../../providers/web_push/vapid_keys.js";
import { ownEnvironment } from "../../scripts/own_environment.mjs";
import { findBinary } from "../../scripts/system_packages.mjs";
import { startWebPushService, type WebPushDevice, type WebPushService } from "../../src/testing/index.js";
import { NOBODYS } from "../cli/packed/installed.js";
import { packedProject, root } from "../setup/packed_project.js";
import { run } from "../setup/run.js";
import { codeBlocks, promisedOutput, readMarkdown } from "./markdown.js";
import { compileTexts, type Programs } from "./packed_examples.js";

const guide = readMarkdown("docs/web_push_guide.md");
const blocks = (language: string) => codeBlocks(guide).filter((block) => block.language === language);
const [install = "", keys = "", own_way = "", openssl = ""] = blocks("sh").map(({ text }) => text);
const [start_server = "", send = ""] = blocks("").map(({ text }) => text.trim());
/** By the programs that print, in their order: the rows of the older guide that they answer. */
const PROVEN = ["3.4.keys", "3.4.security", "3.4.practices"];
const printing = blocks("js")
  .filter((block) => promisedOutput(block) !== "")
  .map((block) => ({ ...block, file: `line_${block.line}.mjs` }));

/** What is to be saved under that name. */
function fileOf(name: string): string {
  const [, text] = new RegExp(`^\`${name}\`:\n\n\`\`\`\\w+\n(.*?)^\`\`\`$`, "ms").exec(guide) ?? [];
  if (text === undefined) throw new Error(`the guide has no ${name}`);
  return text;
}

/**
 * Opened before the guide's programs are: their `getPushProvider("web_push")` finds this one, which knows the push service of
 * these tests and has the keys of the environment.
 */
const PUSH_SERVICE = `
import { getPushProvider } from "pushmux";
const { WEB_PUSH_VAPID_PUBLIC_KEY, WEB_PUSH_VAPID_PRIVATE_KEY, WEB_PUSH_VAPID_SUBJECT } = process.env;
await getPushProvider("web_push", {
  vapid_public_key: WEB_PUSH_VAPID_PUBLIC_KEY,
  vapid_private_key: WEB_PUSH_VAPID_PRIVATE_KEY,
  vapid_subject: WEB_PUSH_VAPID_SUBJECT,
  ...JSON.parse(process.env.PUSH_SERVICE),
});
`;

let programs: Programs;
let service: WebPushService;
/** The reader's folder, with what the guide's `npm install` brings. */
let folder: string;
let path: string;
const endings: (() => Promise<void>)[] = [];
beforeAll(async () => {
  const { folder: packed } = await packedProject();
  const texts = printing.map(({ file, text }) => [file, text]);
  const files = ["server.mjs", "send.mjs"].map((name) => [name, fileOf(name)]);
  programs = await compileTexts("web_push_guide", Object.fromEntries([...texts, ...files]));
  folder = dirname(programs.folder);
  path = [dirname(process.execPath), join(packed, "node_modules/.bin"), process.env.PATH].join(delimiter);
  writeFileSync(join(folder, "push_service.mjs"), PUSH_SERVICE);
  service = await startWebPushService();
});
afterAll(async () => {
  for (const end of endings) await end();
  await service.close();
});

/** A line of the guide, as it is. */
async function shell(text: string, cwd = folder, env: Record<string, string> = {}) {
  const { code, stdout, stderr } = await run("sh", ["-ec", text], {
    cwd,
    env: { ...NOBODYS, PATH: path, ...env },
  });
  if (code !== 0) throw new Error(`${text}: ${code}\n${stdout}\n${stderr}`);
  return stdout + stderr;
}

function expectPromised(text: string, printed: string): void {
  const promised = [...text.matchAll(/ # => (.*)$/gm)].map(([, words = ""]) => words);
  expect(promised.length).toBeGreaterThan(0);
  for (const words of promised) expect(printed).toContain(words);
}

it("D1 the programs of the guide compile in a strict project of a user", () => {
  expect([printing.length, programs.errors]).toEqual([3, []]);
});

describe("from an empty folder to the first notification", () => {
  let site: { readonly url: string; end(): Promise<void> };
  let device: WebPushDevice;
  const toService = () => {
    const { allowed_hosts, allow_private_endpoints, ca } = service.config;
    return {
      NODE_OPTIONS: `--import=${pathToFileURL(join(folder, "push_service.mjs")).href}`,
      PUSH_SERVICE: JSON.stringify({ allowed_hosts, allow_private_endpoints, ca }),
    };
  };
  const get = (what: string) => fetch(site.url + what);
  const post = (what: string, body: object) =>
    fetch(`${site.url}/push/${what}`, {
      method: "POST",
      headers: { "content-type": "application/json", origin: site.url, "sec-fetch-site": "same-origin" },
      body: JSON.stringify(body),
    });

  it("3.4.keys its commands install what it needs, and make keys for their owner's eyes only", async () => {
    const [npm, ...rest] = install.trim().split("\n");
    // What it would fetch is there: the packed package, and the client of this checkout.
    expect(npm).toBe("npm install pushmux @libsql/client");
    await shell(rest.join("\n"));
    expectPromised(keys, await shell(keys));
    expect(statSync(join(folder, "keys.env")).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(folder, ".gitignore"), "utf8")).toBe("keys.env\npush.db*\n");
  });

  it("3.4.security 5.3.4 the site has its page, no more files than it names, and a policy that its page keeps to", async () => {
    for (const name of ["public/index.html", "public/page.js", "server.mjs", "send.mjs"]) {
      writeFileSync(join(folder, name), fileOf(name));
    }
    site = await startSite(start_server, toService());
    const page = await get("/");
    expect([page.status, page.headers.get("content-security-policy")]).toEqual([200, "default-src 'self'"]);
    const html = await page.text();
    expect(html).not.toMatch(/<script[^>]*>[^<]|<style| on\w+=| style=|https?:/);
    const dist = join(folder, "node_modules/pushmux/dist");
    expect(await (await get("/browser.js")).text()).toBe(readFileSync(join(dist, "browser.js"), "utf8"));
    expect(await (await get("/sw.js?title=News")).text()).toBe(readFileSync(join(dist, "sw.js"), "utf8"));
    for (const script of ["/page.js", "/browser.js", "/sw.js?title=News"]) {
      expect((await get(script)).headers.get("content-type")).toBe("text/javascript");
    }
    for (const other of ["/keys.env", "/%2e%2e/keys.env", "/push.db", "/server.mjs", "/nothing"]) {
      expect([other, (await get(other)).status]).toEqual([other, 404]);
    }
  });

  it("5.3.4 5.4.4 a browser subscribes with the key of keys.env, and its test arrives", async () => {
    const { publicKey } = (await (await get("/push/vapid-public-key")).json()) as { publicKey: string };
    expect(readFileSync(join(folder, "keys.env"), "utf8")).toContain(
      `WEB_PUSH_VAPID_PUBLIC_KEY=${publicKey}\n`,
    );
    device = service.createDevice({ vapid_public_key: publicKey });
    const { subscription } = device;
    expect((await post("subscribe", { subscription, device_id: crypto.randomUUID() })).status).toBe(201);
    expect((await post("test", { subscription })).status).toBe(200);
    expect(device.received.map(({ json }) => json)).toMatchObject([
      { notification: { title: "Test notification" } },
    ]);
  });

  it("3.4.security nobody sends through the site, and it takes no subscription in an address", async () => {
    expect((await post("send", { subscription: device.subscription, title: "Hello" })).status).toBe(403);
    expect((await get("/push/push-logs")).status).toBe(403);
    const query = new URLSearchParams({ subscription: device.device_token });
    expect((await get(`/push/platforms?${query}`)).status).toBe(400);
    expect(device.received).toHaveLength(1);
  });

  it("5.3.5 5.3.6 5.4.2 what is sent from the server's side arrives, with its time to live and urgency, while the site is closed", async () => {
    await site.end();
    expect(await shell(send, folder, toService())).toBe("accepted\n");
    const { json, urgency, ttl = 0 } = device.received[1] ?? {};
    expect(json).toMatchObject({
      notification: { title: "Doors open", body: "Come in", data: { url: "/" } },
    });
    expect([urgency, ttl > 3500 && ttl <= 3600]).toEqual(["normal", true]);
  });

  it("whoever has unsubscribed comes out as UNREGISTERED once, and is gone", async () => {
    device.unsubscribe();
    expect(await shell(send, folder, toService())).toMatch(/^UNREGISTERED: .+\n$/);
    expect(await shell(send, folder, toService())).toBe("");
  });
});

describe("each of the three ways of making keys gives keys that work", () => {
  const lengths = (vapid_public_key = "", vapid_private_key = "") => {
    const pair = readVapidKeys({ vapid_public_key, vapid_private_key });
    return [pair.public_key.length, pair.private_key.length];
  };

  it("3.4.keys npx pushmux keys", async () => {
    const printed = await shell(own_way);
    expectPromised(own_way, printed);
    const { WEB_PUSH_VAPID_PUBLIC_KEY, WEB_PUSH_VAPID_PRIVATE_KEY } = parseEnv(printed);
    expect(lengths(WEB_PUSH_VAPID_PUBLIC_KEY, WEB_PUSH_VAPID_PRIVATE_KEY)).toEqual([87, 43]);
  });

  it("3.4.keys openssl, or what it once printed where there is none", async () => {
    const fixtures = join(root, "test/fixtures/vapid_keys");
    let [printed, file] = [
      readFileSync(join(fixtures, "openssl_public.txt"), "utf8"),
      join(fixtures, "openssl_private.pem"),
    ];
    if (findBinary("openssl")) {
      const place = join(folder, "openssl");
      mkdirSync(place);
      const { code, stdout } = await run("sh", ["-ec", openssl], { cwd: place });
      expect(code).toBe(0);
      [printed, file] = [stdout, join(place, "vapid_private.pem")];
    }
    expect(lengths(printed, readFileSync(file, "utf8"))).toEqual([87, 43]);
  });

  it.each([
    ["on several lines", (pem: string) => pem],
    ["on one line", (pem: string) => pem.replaceAll("\n", "\\n")],
  ])("3.4.keys a PEM in an environment file is read %s", async (_how, write) => {
    const pair = await shell("npx pushmux keys --pem");
    const [private_pem = "", public_pem = ""] =
      pair.match(/-----BEGIN (\w+) KEY.*?END \1 KEY-----\n/gs) ?? [];
    const env = [
      `WEB_PUSH_VAPID_PRIVATE_KEY="${write(private_pem)}"`,
      `WEB_PUSH_VAPID_PUBLIC_KEY="${write(public_pem)}"`,
      "WEB_PUSH_VAPID_SUBJECT=mailto:ops@example.org",
    ];
    writeFileSync(join(folder, "pem.env"), `${env.join("\n")}\n`);
    const printed = await shell("npx pushmux doctor --env-file pem.env --platform web_push");
    expect(printed).toMatch(/^ok +web_push /m);
  });
});

describe("the programs that print", () => {
  it.each(printing.map((program, place) => [PROVEN[place], program.line, program] as const))(
    "%s the one in line %i prints what it says",
    async (_id, _line, program) => {
      const { code, stdout, stderr } = await programs.run(program.file);
      expect([code, stdout, stderr]).toEqual([0, promisedOutput(program), ""]);
    },
  );
});

/** The command runs as it is, until the test is over. */
async function startSite(command: string, env: Record<string, string>) {
  const port = await freePort();
  const child = spawn("sh", ["-c", `exec ${command}`], {
    cwd: folder,
    env: { ...ownEnvironment(), ...NOBODYS, ...env, PATH: path, PORT: String(port) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exit = once(child, "exit");
  const end = async () => {
    child.kill("SIGKILL");
    await exit;
  };
  endings.push(end);
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (printed += text));
  await expect.poll(() => printed, { timeout: 20_000 }).toContain(`Open http://localhost:${port}\n`);
  return { url: `http://localhost:${port}`, end };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}
