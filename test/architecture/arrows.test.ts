import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkArrows, checkCircles, checkPackages, reach } from "./arrows.js";
import { parseSource, readSources, root, type Source } from "./sources.js";

const shipped = [...readSources("src"), ...readSources("providers")];
const examples = readSources("examples");
const package_json: { dependencies: Record<string, string>; peerDependencies?: Record<string, string> } =
  JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

describe("the house", () => {
  it("lets every import point where it may", () => {
    expect(checkArrows([...shipped, ...examples])).toEqual([]);
  });

  it("imports at run time only node:* and declared dependencies", () => {
    const { dependencies, peerDependencies } = package_json;
    expect(checkPackages(shipped, Object.keys({ ...dependencies, ...peerDependencies }))).toEqual([]);
  });

  it("loads no emulator, and none of what emulators share, by any door but the testing one", () => {
    const doors = shipped
      .map(({ path }) => path)
      .filter((path) => /^(src|providers\/[^/]+)\/index\.ts$/.test(path));
    expect(doors).toEqual(expect.arrayContaining(["src/index.ts", "providers/web_push/index.ts"]));
    for (const door of doors) {
      expect([...reach(door, shipped)].filter((path) => /\/emulator|^src\/testing\//.test(path))).toEqual([]);
    }
  });

  it("has no circles", () => {
    expect(checkCircles(shipped)).toEqual([]);
  });
});

describe("the arrows can be broken", () => {
  it.each([
    [
      "a provider that imports another",
      "providers/fcm/encode.ts",
      `import { a } from "../web_push/encode.js";`,
    ],
    [
      "a provider that imports the engine",
      "providers/fcm/encode.ts",
      `import { a } from "../../src/engine/clock.js";`,
    ],
    [
      "a provider that imports a type past the kit",
      "providers/fcm/encode.ts",
      `import type { A } from "../../src/codec.js";`,
    ],
    ["a provider with another's package", "providers/simulation/encode.ts", `import push from "web-push";`],
    [
      "a provider that imports what emulators share",
      "providers/fcm/provider.ts",
      `import { a } from "../../src/testing/kit.js";`,
    ],
    [
      "a provider that loads its emulator",
      "providers/fcm/index.ts",
      `export { start } from "./emulator.js";`,
    ],
    [
      "a provider that loads its emulator lazily",
      "providers/fcm/provider.ts",
      `await import("./emulator_http.js");`,
    ],
    [
      "an emulator that looks behind the kit",
      "providers/fcm/emulator.ts",
      `import { a } from "../../src/testing/tls.js";`,
    ],
    [
      "an emulator with node-forge of its own",
      "providers/fcm/emulator.ts",
      `import forge from "node-forge";`,
    ],
    [
      "an engine that imports the provider class",
      "src/engine/job.ts",
      `import type { P } from "../provider.js";`,
    ],
    ["an engine that imports the factory", "src/engine/job.ts", `import { a } from "../factory.js";`],
    [
      "an engine that imports a provider for a default",
      "src/engine/job.ts",
      `await import("../../providers/fcm/index.js");`,
    ],
    [
      "a transport that imports the engine",
      "src/transport/http1.ts",
      `import { a } from "../engine/clock.js";`,
    ],
    [
      "a factory that loads a provider at once",
      "src/factory.ts",
      `import { a } from "../providers/fcm/index.js";`,
    ],
    ["a lazy provider outside the catalogue", "src/router.ts", `await import("../providers/fcm/index.js");`],
    [
      "a type of a provider outside the catalogue",
      "src/result.ts",
      `type A = import("../providers/fcm/index.js").A;`,
    ],
    [
      "a testing door that loads a provider",
      "src/testing/index.ts",
      `export { a } from "../../providers/fcm/index.js";`,
    ],
    ["a front door that loads the emulators", "src/index.ts", `export { a } from "./testing/index.js";`],
    ["a transport with undici", "src/transport/http1.ts", `import { Client } from "undici";`],
    ["a transport with node:http2", "src/transport/http2.ts", `import { constants } from "node:http2";`],
    [
      "a command that looks behind the front door",
      "src/cli/send.ts",
      `import type { A } from "../engine/job.js";`,
    ],
    ["a command with a package of its own", "src/cli/send.ts", `import { z } from "zod";`],
    ["a library that imports the command line", "src/router.ts", `import { run } from "./cli/run.js";`],
    [
      "a store that looks behind the front door",
      "src/store/memory.ts",
      `import type { A } from "../router.js";`,
    ],
    ["a store with a driver loaded at once", "src/store/sqlite.ts", `import "@libsql/client";`],
    ["a store with another package", "src/store/sqlite.ts", `await import("pg");`],
    [
      "handlers that look behind the store's door",
      "src/http/send.ts",
      `import type { A } from "../store/driver.js";`,
    ],
    ["handlers that look behind the front door", "src/http/send.ts", `import { A } from "../router.js";`],
    ["handlers with a framework", "src/http/send.ts", `import { Hono } from "hono";`],
    ["a store that imports the handlers", "src/store/a.ts", `import { a } from "../http/index.js";`],
    ["a library that imports the store", "src/router.ts", `import { a } from "./store/index.js";`],
    ["a testing door that opens stores", "src/testing/index.ts", `export { a } from "../store/index.js";`],
    ["a worker that imports a package", "src/service_worker/sw.ts", `import { z } from "zod";`],
    ["a worker that imports the page's side", "src/service_worker/a.ts", `import "../browser/client.js";`],
    ["a page that imports Node's side", "src/browser/a.ts", `import type { A } from "../payload.js";`],
    [
      "a page that imports more than it shares with the worker",
      "src/browser/a.ts",
      `import { a } from "../service_worker/handlers.js";`,
    ],
    ["a server that imports the page's side", "src/router.ts", `import { a } from "./browser/client.js";`],
    ["an example that looks inside", "examples/send.ts", `import { a } from "../src/index.js";`],
    ["an example with a package of its own", "examples/send.ts", `import push from "web-push";`],
    ["a framework's example with another", "examples/http_hono.mjs", `import express from "express";`],
    ["the app with another framework", "examples/web_app/app.mjs", `import express from "express";`],
    ["the app with a package of its own", "examples/web_app/app.mjs", `import "@libsql/client";`],
    ["a page's script that Node would run", "examples/web_app/public/a.js", `import "node:fs";`],
    ["a page's script with a package", "examples/web_app/public/a.js", `import "pushmux/browser";`],
    ["a server with a page's script", "examples/web_app/app.mjs", `import "./public/dom.js";`],
    ["a bridge with another's library", "examples/prometheus.mjs", `import a from "@opentelemetry/api";`],
    ["an example with a bridge's library", "examples/demo.mjs", `import { Registry } from "prom-client";`],
    [
      "threads in another provider",
      "providers/fcm/encode.ts",
      `import type { Tinypool } from "tinypool"; await import("tinypool");`,
    ],
    ["threads in the engine", "src/engine/job.ts", `await import("tinypool");`],
    [
      "threads before they are asked for",
      "providers/web_push/encryption_crew.ts",
      `import { Tinypool } from "tinypool";`,
    ],
    ["a require", "src/engine/job.ts", `const a = require("../factory.js");`],
  ])("%s", (_title, path, text) => {
    expect(checkArrows([parseSource(path, text)]).length).toBeGreaterThan(0);
  });

  it.each([
    [
      "providers/web_push/encode.ts",
      `import push from "web-push"; import { z } from "zod"; import { a } from "./config.js";`,
    ],
    [
      "providers/web_push/encryption_crew.ts",
      `import type { Tinypool } from "tinypool"; await import("tinypool");`,
    ],
    [
      "providers/web_push/emulator.ts",
      `import { a } from "../../src/testing/kit.js"; import { b } from "./emulator_rules.js";`,
    ],
    [
      "src/factory.ts",
      `await import("../providers/fcm/index.js"); import type { A } from "../providers/fcm/index.js";`,
    ],
    ["src/testing/index.ts", `export { start } from "../../providers/web_push/emulator.js";`],
    [
      "src/engine/job.ts",
      `import { a } from "../codec.js"; import { b } from "../transport/http1.js"; import { c } from "node:fs";`,
    ],
    [
      "src/cli/send.ts",
      `import { a } from "../index.js"; import { b } from "../suggest.js"; import { c } from "./io.js"; import "node:fs";`,
    ],
    [
      "src/store/sqlite.ts",
      `import { a } from "../index.js"; import { z } from "zod"; import "node:fs"; await import("@libsql/client");`,
    ],
    [
      "src/http/send.ts",
      `import { a } from "../index.js"; import { b } from "../store/index.js"; import { z } from "zod"; import "node:crypto";`,
    ],
    ["examples/http_hono.mjs", `import { Hono } from "hono"; import { serve } from "@hono/node-server";`],
    ["src/testing/index.ts", `export { a } from "../store/conformance.js";`],
    [
      "src/browser/client.ts",
      `import { a } from "./types.js"; import { b } from "../service_worker/shared/errors.js";`,
    ],
    [
      "examples/send.ts",
      `import { a } from "pushmux"; import { b } from "pushmux/testing"; import c from "./shared.js";`,
    ],
    ["examples/opentelemetry.mjs", `import { trace } from "@opentelemetry/api"; import "pushmux";`],
    ["examples/prometheus.mjs", `import { Registry } from "prom-client";`],
    [
      "examples/web_app/app.mjs",
      `import { Hono } from "hono"; import { a } from "./sign_in/sessions.mjs"; import "pushmux/store"; import "node:fs";`,
    ],
    ["examples/web_app/start.mjs", `import { serve } from "@hono/node-server";`],
    [
      "examples/web_app/public/page.js",
      `import { createPushClient } from "/browser.js"; import { a } from "./dom.js";`,
    ],
  ])("%s may import what it should", (path, text) => {
    expect(checkArrows([parseSource(path, text)])).toEqual([]);
  });

  it("an undeclared package, a built-in without its prefix", () => {
    const source = parseSource(
      "src/a.ts",
      `import a from "ws"; import b from "fs"; import type C from "jose"; import d from "zod/mini";`,
    );
    expect(checkPackages([source], ["zod"])).toHaveLength(2);
  });

  it("an emulator reached through another file, but not by a type or lazily", () => {
    const sources: Source[] = [
      parseSource(
        "providers/x/index.ts",
        `export { a } from "./a.js"; import type { T } from "./types_only.js";`,
      ),
      parseSource("providers/x/a.ts", `import { b } from "./emulator.js"; await import("./later.js");`),
    ];
    expect([...reach("providers/x/index.ts", sources)]).toEqual([
      "providers/x/a.ts",
      "providers/x/emulator.ts",
    ]);
  });

  it("a circle", () => {
    const sources = [
      parseSource("src/a.ts", `import "./b.js";`),
      parseSource("src/b.ts", `export { a } from "./a.js";`),
    ];
    expect(checkCircles(sources)).toHaveLength(2);
  });
});
