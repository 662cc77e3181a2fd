import { fileURLToPath } from "node:url";
import { expect, it, vi } from "vitest";
import { run } from "./run.js";

// Each test starts processes, some of them a whole vitest.
vi.setConfig({ testTimeout: 120_000 });

const script = fileURLToPath(new URL("../../scripts/test_repeat.mjs", import.meta.url));

it("a filter that matches no test is not green", async () => {
  const { code, stdout } = await run(process.execPath, [script, "no_suite_is_called_so", "2"]);
  expect(code).toBe(1);
  expect(stdout).toContain("1/2 RED");
  expect(stdout.trimEnd().split("\n").at(-1)).toBe("no_suite_is_called_so: 0 of 2 green");
});

it("a green suite is green each time", async () => {
  const { code, stdout } = await run(process.execPath, [script, "test/architecture/lockfile", "2"]);
  expect(stdout.trimEnd().split("\n").at(-1)).toBe("test/architecture/lockfile: 2 of 2 green");
  expect(code).toBe(0);
});

it.each([[[]], [["firefox", "0"]], [["firefox", "many"]], [["firefox", "1", "2"]]])(
  "explains itself for %j",
  async (args) => {
    const { code, stderr } = await run(process.execPath, [script, ...args]);
    expect(code).toBe(2);
    expect(stderr).toContain("npm run test:repeat -- <vitest filter>");
  },
);
