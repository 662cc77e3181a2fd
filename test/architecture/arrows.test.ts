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
    ["undici outside the transport", "src/engine/job.ts", `import { Pool } from "undici";`],
    ["an example that looks inside", "examples/send.ts", `import { a } from "../src/index.js";`],
    ["an example with a package of its own", "examples/send.ts", `import push from "web-push";`],
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
      "examples/send.ts",
      `import { a } from "pushmux"; import { b } from "pushmux/testing"; import c from "./shared.js";`,
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
