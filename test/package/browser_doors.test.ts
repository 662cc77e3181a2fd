import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createContext, runInContext } from "node:vm";
import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, it } from "vitest";
import { type PackedProject, packedProject } from "../setup/packed_project.js";
import { runOk } from "../setup/run.js";

let packed: PackedProject;
beforeAll(async () => {
  packed = await packedProject();
});

const shipped = (name: string) =>
  readFileSync(join(packed.folder, "node_modules/pushmux/dist", name), "utf8");

describe("where a server renders the page", () => {
  it.each([
    ["ssr.mjs", `import { createPushClient } from "pushmux/browser"; import "pushmux/service_worker";`],
    [
      "ssr.cjs",
      `const { createPushClient } = require("pushmux/browser"); require("pushmux/service_worker");`,
    ],
  ])("both doors load, and the client says that there is no push: %s", async (file, load) => {
    const program = `${load}
      createPushClient({ service_worker_url: "/sw.js" }).getState().then((state) => console.log(state));`;
    writeFileSync(join(packed.folder, file), program);
    expect(await runOk(process.execPath, [file], { cwd: packed.folder })).toBe("unsupported\n");
  });
});

describe("what a page loads as it is shipped", () => {
  it("browser.js is one module, under 4 kB gzipped", () => {
    expect(shipped("browser.js")).not.toMatch(/\bimport\b|\brequire\(/);
    expect(gzipSync(shipped("browser.js")).length).toBeLessThan(4000);
  });

  it("pushmux/sw.js is a classic script that listens to push", async () => {
    const resolve = `console.log(require.resolve("pushmux/sw.js"))`;
    const path = await runOk(process.execPath, ["-e", resolve], { cwd: packed.folder });
    expect(path.trim()).toBe(join(packed.folder, "node_modules/pushmux/dist/sw.js"));
    const events: string[] = [];
    const addEventListener = (type: string) => events.push(type);
    const globals = { addEventListener, location: { href: "https://example.org/sw.js" }, URL };
    runInContext(`globalThis.self = globalThis;\n${shipped("sw.js")}`, createContext(globals));
    expect(events).toEqual(expect.arrayContaining(["push", "notificationclick", "install", "activate"]));
  });
});
