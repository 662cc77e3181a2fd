import { describe, expect, it } from "vitest";
import {
  checkLength,
  checkNamedExports,
  checkNoEscape,
  checkNoProviderName,
  checkProviderFolders,
  MAX_LINES,
} from "./shape.js";
import { parseSource, readSources } from "./sources.js";

const src = readSources("src");
const providers = readSources("providers");
const shipped = [...src, ...providers];
const PLATFORMS = [
  ...new Set([...providers.map(({ path }) => path.split("/")[1] ?? ""), "apns", "fcm", "wns", "ntfy"]),
];

describe("the house", () => {
  it("has the same files in every provider folder", () => {
    expect(checkProviderFolders(providers.map(({ path }) => path))).toEqual([]);
    expect(PLATFORMS).toEqual(expect.arrayContaining(["simulation", "web_push"]));
  });

  it("names no provider in engine and transport, not even in a comment", () => {
    const below = src.filter(({ path }) => /^src\/(engine|transport)\//.test(path));
    expect(below.length).toBeGreaterThan(0);
    expect(below.flatMap((source) => checkNoProviderName(source, PLATFORMS))).toEqual([]);
  });

  it("exports everything by name, and its doors are lists of names", () => {
    expect(shipped.flatMap(checkNamedExports)).toEqual([]);
  });

  it("has no any, no non-null assertion and no silenced compiler", () => {
    expect([...shipped, ...readSources("examples")].flatMap(checkNoEscape)).toEqual([]);
  });

  it(`has no file above ${MAX_LINES} lines`, () => {
    const files = [...shipped, ...readSources("examples"), ...readSources("scripts"), ...readSources("test")];
    expect(files.flatMap(checkLength)).toEqual([]);
  });
});

describe("the rules can be broken", () => {
  it("a provider folder without a file", () => {
    const paths = ["index", "provider", "config", "encode", "emulator"].map(
      (name) => `providers/x/${name}.ts`,
    );
    expect(checkProviderFolders(paths)).toEqual(["providers/x/decode.ts is missing"]);
  });

  it.each([
    `const a = "web_push";`,
    `// as web push does`,
    `import push from "web-push";`,
    `startWebPushService();`,
    `isWebpush()`,
    `sendFCMMessage()`,
    `const apnsLimit = 1;`,
    `WNS_LIMIT`,
  ])("a name in the engine: %s", (text) => {
    expect(checkNoProviderName(parseSource("src/engine/a.ts", text), PLATFORMS)).toHaveLength(1);
  });

  it.each([`// goes downstream, owns it`, `the web pushes`, `simulations_count`])("no name: %s", (text) => {
    expect(checkNoProviderName(parseSource("src/engine/a.ts", text), PLATFORMS)).toEqual([]);
  });

  it.each([
    ["src/a.ts", `export * from "./b.js";`, "export *"],
    ["src/a.ts", `export * as b from "./b.js";`, "export *"],
    ["src/a.ts", `export default 1;`, "default export"],
    ["src/a.ts", `export default class A {}`, "default export"],
    ["providers/x/index.ts", `export const a = 1;`, "a door only lists what it exports"],
    ["src/index.ts", `import "./b.js";`, "a door only lists what it exports"],
  ])("%s: %s", (path, text, complaint) => {
    expect(checkNamedExports(parseSource(path, text))).toEqual([`${path}: ${complaint}`]);
  });

  it("a door that lists names, a file that exports them", () => {
    expect(checkNamedExports(parseSource("src/index.ts", `export { a, type B } from "./b.js";`))).toEqual([]);
    expect(checkNamedExports(parseSource("src/b.ts", `export const a = 1; export type B = 2;`))).toEqual([]);
  });

  it.each([
    `const a: any = 1;`,
    `f(a as any);`,
    `const a = b!;`,
    `// @ts-ignore`,
    `/* @ts-expect-error */`,
    `// @ts-nocheck`,
  ])("%s", (text) => {
    expect(checkNoEscape(parseSource("src/a.ts", text))).toHaveLength(1);
  });

  it("an any that is only a word", () => {
    expect(
      checkNoEscape(parseSource("src/a.ts", `// any\nconst any = "any"; if (!a !== b) f(any);`)),
    ).toEqual([]);
  });

  it("a file that is too long", () => {
    expect(checkLength(parseSource("src/a.ts", "a;\n".repeat(MAX_LINES)))).toEqual([]);
    expect(checkLength(parseSource("src/a.ts", "a;\n".repeat(MAX_LINES + 1)))).toHaveLength(1);
  });
});
