import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { findBinary } from "../../scripts/system_packages.mjs";
import { describeWith } from "./requirements.js";
import { run } from "./run.js";

// Each test starts processes, some of them a whole vitest.
vi.setConfig({ testTimeout: 120_000 });

const script = fileURLToPath(new URL("../../scripts/setup_system.mjs", import.meta.url));
const NOBODY_ASKS = { CI: undefined, PUSHMUX_REQUIRE_ALL: undefined };
const COMMAND = "apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=300 firefox-esr nginx";
const as_root = process.getuid?.() === 0;

let bin = "";
beforeEach(() => {
  bin = mkdtempSync(join(tmpdir(), "pushmux-bin-"));
  // What is missing below is the other two. Of these some are looked for beyond PATH, too.
  for (const name of ["chromium", "dbus-daemon", "initdb", "libnotify.so.4"]) program(name, "exit 0");
});
afterEach(() => rmSync(bin, { recursive: true, force: true }));

it("nothing missing: silent", async () => {
  program("firefox-esr", "exit 0");
  program("nginx", "exit 0");
  expect(await setup({ CI: "1" })).toEqual({ code: 0, stdout: "", stderr: "" });
});

it("missing on a person's machine: one line names the suites and the command, nothing is installed", async () => {
  aptGet();
  const { code, stdout, stderr } = await setup(NOBODY_ASKS);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout.trimEnd().split("\n")).toHaveLength(1);
  expect(stdout).toContain("test/e2e, test/transport");
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

it("finds PostgreSQL's programs where Debian puts them: the newest version's", () => {
  for (const version of ["9", "15", "16"]) {
    mkdirSync(join(bin, "postgresql", version, "bin"), { recursive: true });
    program(`postgresql/${version}/bin/initdb`, "exit 0");
  }
  expect(findBinary("initdb", "", bin)).toBe(join(bin, "postgresql", "16", "bin", "initdb"));
  expect(findBinary("initdb", bin, bin)).toBe(join(bin, "initdb"));
  expect(findBinary("initdb", "", join(bin, "none"))).toBeUndefined();
});

it("finds a library where Debian puts it: nobody executes it", () => {
  mkdirSync(join(bin, "riscv64-linux-gnu"));
  const file = join(bin, "riscv64-linux-gnu", "libnotify.so.4");
  writeFileSync(file, "", { mode: 0o644 });
  expect(findBinary("libnotify.so.4", "", bin)).toBe(file);
  expect(findBinary("libnotify.so.5", "", bin)).toBeUndefined();
});

it.each(["lynx", ["nginx", "lynx"]])(
  "a suite cannot ask for a program that nothing would install: %s",
  (asked) => {
    expect(() => describeWith(asked, "a suite", () => {})).toThrow(/lynx is not in scripts\/system_packages/);
  },
);

function program(name: string, body: string): void {
  const file = join(bin, name);
  writeFileSync(file, `#!/bin/sh\n${body}\n`);
  chmodSync(file, 0o755);
}

/** An apt-get that writes down how it was called; its `install` brings what is missing. */
function aptGet(): void {
  program(
    "apt-get",
    `echo "$DEBIAN_FRONTEND: $*" >> "${bin}/calls"
[ "$1" = install ] || exit 0
for name in firefox-esr nginx; do echo "#!/bin/sh" > "${bin}/$name"; /bin/chmod +x "${bin}/$name"; done`,
  );
}

function aptCalls(): string[] {
  const file = join(bin, "calls");
  return existsSync(file) ? readFileSync(file, "utf8").trimEnd().split("\n") : [];
}

function setup(env: Record<string, string | undefined>) {
  return run(process.execPath, [script], { env: { ...env, PATH: bin } });
}
