import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createContext, runInContext } from "node:vm";
import { build } from "esbuild";
import { expect, it, vi } from "vitest";
import { FakeScope } from "../service_worker/fake_scope.js";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const GUIDE = read("docs/browser.md");
/** Every word of code in its text. */
const named = new Set([...GUIDE.matchAll(/`([^`\n]+)`/g)].flatMap(([, code = ""]) => code.split(/\W+/)));

/** The texts of a union type, or the keys of an interface. */
function membersOf(path: string, declaration: string): string[] {
  const [, body = ""] = read(path).split(`export ${declaration}`);
  const is_union = declaration.startsWith("type");
  const own = body.slice(0, body.indexOf(is_union ? ";" : "\n}"));
  const pattern = is_union ? /"(\w+)"/g : /^ {2}(\w+)[?<(:]/gm;
  return [...own.matchAll(pattern)].map(([, name = ""]) => name);
}

it.each([
  ["src/browser/types.ts", "type PushState", 7],
  ["src/browser/types.ts", "interface PushClientOptions", 8],
  ["src/browser/types.ts", "interface PushClient ", 9],
  ["src/browser/types.ts", "interface PushClientEvents", 2],
  ["src/service_worker/shared/errors.ts", "type PushClientErrorCode", 11],
  ["src/service_worker/handlers.ts", "interface PushHandlerOptions", 7],
  ["src/service_worker/message.ts", "interface NotificationDefaults", 7],
])("the guide names all of %s, %s", (path, declaration, count) => {
  const members = membersOf(path, declaration);
  expect(members).toHaveLength(count);
  expect(members.filter((name) => !named.has(name))).toEqual([]);
});

it("the guide's own worker, bundled, shows a message with its defaults", async () => {
  const [, code = ""] = /```js\n(.*?)```/s.exec(GUIDE) ?? [];
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: fileURLToPath(new URL(".", import.meta.url)) },
    alias: {
      "pushmux/service_worker": fileURLToPath(new URL("../../src/service_worker/index.ts", import.meta.url)),
    },
    bundle: true,
    format: "iife",
    write: false,
  });
  const scope = new FakeScope();
  vi.unstubAllGlobals();
  const context = createContext({ ...scope.globals });
  runInContext(`globalThis.self = globalThis;\n${outputFiles[0]?.text}`, context);
  expect(await scope.push(null)).toMatchObject({ title: "News", options: { icon: "/icon.png" } });
  expect(scope.events).not.toContain("install");
});
