import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "tsup";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PLATFORMS } from "./services.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
let folder = "";
beforeAll(async () => {
  // Where the program finds its packages, and nobody takes it for a source.
  const cache = join(root, "node_modules/.cache");
  await mkdir(cache, { recursive: true });
  folder = await mkdtemp(join(cache, "faults-"));
  await build({
    entry: [join(root, "test/faults/process_program.ts")],
    outDir: folder,
    outExtension: () => ({ js: ".mjs" }),
    config: false,
    format: "esm",
    target: "node20",
    silent: true,
  });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("a process in which everything goes wrong at once", () => {
  it("hears of no unhandled rejection and no uncaught exception, writes no warning, and ends by itself", async () => {
    const run = promisify(execFile);
    const program = join(folder, "process_program.mjs");
    const { stdout, stderr } = await run(process.execPath, ["--trace-warnings", program], {
      timeout: 120_000,
    });
    expect(stderr).toBe("");
    const codes = JSON.parse(stdout) as Record<string, Record<string, number>>;
    expect(Object.keys(codes).sort()).toEqual([...PLATFORMS].sort());
    for (const tally of Object.values(codes)) {
      expect(Object.values(tally).reduce((sum, count) => sum + count, 0)).toBe(1000);
      expect(tally.TIMEOUT).toBeGreaterThan(0);
      expect(tally.NETWORK_ERROR).toBeGreaterThan(0);
      expect(tally.accepted).toBeGreaterThan(0);
    }
  }, 150_000);
});
