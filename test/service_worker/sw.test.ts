import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createContext, runInContext } from "node:vm";
import { build } from "esbuild";
import { beforeAll, describe, expect, it } from "vitest";
import { VERSION } from "../../src/service_worker/version.js";
import { FakeScope } from "./fake_scope.js";
import { useServer } from "./support.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const server = useServer();
let script = "";

beforeAll(async () => {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ["src/service_worker/sw.ts"],
    bundle: true,
    format: "iife",
    target: "es2022",
    write: false,
  });
  script = outputFiles[0]?.text ?? "";
});

/** Runs the script as a browser does: in a global scope of its own, with nothing of Node in it. */
function start(query: Record<string, string> = {}): FakeScope {
  const scope = new FakeScope();
  const { indexedDB } = globalThis;
  const location = { href: `https://example.org/app/sw.js?${new URLSearchParams(query)}` };
  const platform = { URL, fetch, AbortSignal, setTimeout, clearTimeout, crypto, atob, indexedDB };
  const context = createContext({ ...scope.globals, ...platform, location });
  runInContext(`globalThis.self = globalThis;\n${script}`, context, { filename: "sw.js" });
  return scope;
}

describe("sw.js", () => {
  it("is a classic script: no import, no export", () => {
    expect(script).not.toMatch(/^\s*(import|export)\b/m);
    expect(script).not.toContain("importScripts");
  });

  it("is configured by its own URL", async () => {
    const worker = start({
      api_base: server.api_base,
      title: "News",
      body: "Look",
      icon: "/i.png",
      badge: "/b.png",
      tag: "news",
      url: "/news",
      vibrate: "200,100,200",
    });
    const shown = await worker.push({ message_id: "m-1" });
    if (!shown) throw new Error("nothing was shown");
    expect(shown).toMatchObject({
      title: "News",
      options: { body: "Look", icon: "/i.png", badge: "/b.png", tag: "news", vibrate: [200, 100, 200] },
    });
    await worker.click(shown);
    expect(worker.opened).toEqual(["https://example.org/news"]);
    expect(server.api.bodies("ack").map(({ status }) => status)).toEqual(["delivered", "opened"]);
    expect(server.api.complaints).toEqual([]);
  });

  it("works as it is", async () => {
    expect(await start({ acknowledge: "false" }).push("Hello")).toMatchObject({
      title: "New notification",
      options: { body: "Hello" },
    });
  });

  it("acknowledge=false: the server hears of nothing", async () => {
    await start({ api_base: server.api_base, acknowledge: "false" }).push({ message_id: "m-1" });
    expect(server.api.received).toEqual([]);
  });

  it("3.3.install 3.3.activate 5.2.b9 a new version takes over at once, and takes the open pages with it", async () => {
    const worker = start();
    await worker.dispatch("install", {});
    await worker.dispatch("activate", {});
    expect([worker.skipped, worker.claimed]).toEqual([1, 1]);
  });

  it("P1 keeps no page: it has nothing to answer a fetch with", () => {
    expect(start().events).toEqual([
      "activate",
      "install",
      "message",
      "notificationclick",
      "notificationclose",
      "push",
      "pushsubscriptionchange",
    ]);
  });

  it("tells the version of the package", () => {
    const { version } = JSON.parse(readFileSync(`${root}package.json`, "utf8"));
    expect(VERSION).toBe(version);
  });
});

describe("two workers' first messages at once", () => {
  it("make one device id", async () => {
    const worker = server.worker();
    await Promise.all(["m-1", "m-2"].map((message_id) => worker.push({ title: "T", message_id })));
    const ids = new Set(server.api.bodies("ack").map(({ device_id }) => device_id));
    expect(ids.size).toBe(1);
  });
});
