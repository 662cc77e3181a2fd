import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { describeWith } from "./requirements.js";
import { run } from "./run.js";

// Each test starts processes, some of them a whole vitest.
vi.setConfig({ testTimeout: 120_000 });

const script = fileURLToPath(new URL("../../scripts/setup_system.mjs", import.meta.url));
const NOBODY_ASKS = { CI: undefined, PUSHMUX_REQUIRE_ALL: undefined };
const COMMAND = "apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=300 firefox-esr";
const as_root = process.getuid?.() === 0;

let bin = "";
beforeEach(() => {
  bin = mkdtempSync(join(tmpdir(), "pushmux-bin-"));
});
afterEach(() => rmSync(bin, { recursive: true, force: true }));

it("nothing missing: silent", async () => {
  program("firefox-esr", "exit 0");
  expect(await setup({ CI: "1" })).toEqual({ code: 0, stdout: "", stderr: "" });
});

it("missing on a person's machine: one line names the suites and the command, nothing is installed", async () => {
  aptGet();
  const { code, stdout, stderr } = await setup(NOBODY_ASKS);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout.trimEnd().split("\n")).toHaveLength(1);
  expect(stdout).toContain("test/e2e");
  expect(stdout).toContain(COMMAND);
  expect(aptCalls()).toEqual([]);
});

it.each([{ CI: "true" }, { PUSHMUX_REQUIRE_ALL: "1" }])(
  "missing with %o: installs as root, else names the command",
  async (asked) => {
    aptGet();
    const { code, stdout } = await setup({ ...NOBODY_ASKS, ...asked });
    expect(code).toBe(0);
    expect(stdout).toContain(COMMAND);
    expect(aptCalls()).toEqual(
      as_root ? ["noninteractive: update", `noninteractive: ${COMMAND.replace("apt-get ", "")}`] : [],
    );
  },
);

it("an install that fails, or that brings no binary, fails the step", async () => {
  program("apt-get", "exit 100");
  expect((await setup({ CI: "1" })).code).toBe(as_root ? 1 : 0);
  program("apt-get", "exit 0");
  expect((await setup({ CI: "1" })).code).toBe(as_root ? 1 : 0);
});

it("a suite cannot ask for a program that nothing would install", () => {
  expect(() => describeWith("lynx", "a suite", () => {})).toThrow(/lynx is not in scripts\/system_packages/);
});

function program(name: string, body: string): void {
  const file = join(bin, name);
  writeFileSync(file, `#!/bin/sh\n${body}\n`);
  chmodSync(file, 0o755);
}

/** An apt-get that writes down how it was called; its `install` brings firefox-esr. */
function aptGet(): void {
  program(
    "apt-get",
    `echo "$DEBIAN_FRONTEND: $*" >> "${bin}/calls"
if [ "$1" = install ]; then echo "#!/bin/sh" > "${bin}/firefox-esr"; /bin/chmod +x "${bin}/firefox-esr"; fi`,
  );
}

function aptCalls(): string[] {
  const file = join(bin, "calls");
  return existsSync(file) ? readFileSync(file, "utf8").trimEnd().split("\n") : [];
}

function setup(env: Record<string, string | undefined>) {
  return run(process.execPath, [script], { env: { ...env, PATH: bin } });
}
