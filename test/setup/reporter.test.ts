import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, it, vi } from "vitest";
import { type RunResult, run } from "./run.js";

// Each test starts processes, some of them a whole vitest.
vi.setConfig({ testTimeout: 120_000 });

const reporter = fileURLToPath(new URL("./reporter.ts", import.meta.url));
const requirements = fileURLToPath(new URL("./requirements.ts", import.meta.url));
const vitest = fileURLToPath(new URL("../../node_modules/vitest/vitest.mjs", import.meta.url));
const place = mkdtempSync(join(tmpdir(), "pushmux-reporter-"));
afterAll(() => rmSync(place, { recursive: true, force: true }));

const GREEN = `it("works", () => {});`;
const SKIPPING = `
  it("works", () => {});
  it.skip("is skipped", () => {});
  it.todo("is to do");
  it("skips itself", (context) => context.skip());
  describe.skip("a skipped suite", () => { it("is in it", () => {}); });
`;

it("a run in which everything ran and passed exits with 0 and ends with the closing line", async () => {
  const result = await runVitest({ "core/a.test.ts": GREEN }, { require_all: true });
  expect(result.code).toBe(0);
  expect(lastLine(result)).toBe("1 passed, 0 failed, 0 skipped");
});

it("a skipped test is only counted, as long as nobody requires all", async () => {
  const result = await runVitest({ "core/a.test.ts": SKIPPING }, { require_all: false });
  expect(result.code).toBe(0);
  expect(lastLine(result)).toBe("1 passed, 0 failed, 4 skipped");
});

it("with PUSHMUX_REQUIRE_ALL every way of skipping fails the run and is named", async () => {
  const result = await runVitest({ "core/a.test.ts": SKIPPING }, { require_all: true });
  expect(result.code).toBe(1);
  expect(lastLine(result)).toBe("1 passed, 0 failed, 4 skipped");
  for (const title of ["is skipped", "is to do", "skips itself", "a skipped suite > is in it"]) {
    expect(result.stderr).toContain(`skipped: test/core/a.test.ts > ${title}`);
  }
});

it("with PUSHMUX_REQUIRE_ALL a required folder without tests and a file that no project picks up fail the run", async () => {
  const files = { "other/a.test.ts": GREEN, "other/excluded.test.ts": GREEN };
  const result = await runVitest(files, { require_all: true });
  expect(result.code).toBe(1);
  expect(result.stderr).toContain("ran no test: test/core/");
  expect(result.stderr).toContain("ran no test: test/other/excluded.test.ts");
  expect(lastLine(result)).toBe("1 passed, 2 failed, 0 skipped");
});

it("a suite whose program is missing is skipped in sight", async () => {
  const suite = `
    import { describeWith } from ${JSON.stringify(requirements)};
    describeWith("firefox-esr", "in Firefox", () => { it("shows it", () => {}); });`;
  const files = { "core/a.test.ts": GREEN, "core/b.test.ts": suite };
  const result = await runVitest(files, { require_all: true, env: { PATH: "" } });
  expect(result.code).toBe(1);
  expect(result.stderr).toContain("in Firefox (needs firefox-esr, Debian package firefox-esr) > shows it");
  expect(lastLine(result)).toBe("1 passed, 0 failed, 1 skipped");
});

it("with PUSHMUX_REQUIRE_ALL a table that disagrees with the titles that ran fails the run", async () => {
  const files = {
    "core/a.test.ts": `it("W5 keeps zero", () => {});`,
    "../docs/rows.md": "| id | what | where |\n|---|---|---|\n| W5 | zero | `test/core/b.test.ts` |\n",
  };
  const result = await runVitest(files, { require_all: true, seed_parity: "docs/rows.md" });
  expect(result.code).toBe(1);
  expect(result.stderr).toContain(
    "docs/rows.md: row W5 names test/core/b.test.ts, where no test of that id passed",
  );
  const without = await runVitest(
    { "core/a.test.ts": GREEN },
    { require_all: true, seed_parity: "docs/rows.md" },
  );
  expect(without.stderr).toContain("docs/rows.md: missing");
  expect(lastLine(without)).toBe("1 passed, 1 failed, 0 skipped");
});

it("a run of chosen files does not ask for the others", async () => {
  const files = { "other/a.test.ts": GREEN, "other/b.test.ts": GREEN };
  const result = await runVitest(files, { require_all: true, filter: "other/a" });
  expect(result.code).toBe(0);
  expect(lastLine(result)).toBe("1 passed, 0 failed, 0 skipped");
});

it("a hook that throws, a file that does not load and an unhandled rejection count as failed and fail the run", async () => {
  const files = {
    "core/hook.test.ts": `beforeAll(() => { throw new Error("in a hook"); }); ${GREEN}`,
    "core/broken.test.ts": `throw new Error("while loading");`,
    "core/unhandled.test.ts": `it("forgets", async () => { Promise.reject(new Error("lost")); await new Promise((done) => setTimeout(done, 10)); });`,
  };
  const result = await runVitest(files, { require_all: false });
  expect(result.code).toBe(1);
  expect(lastLine(result)).toBe("1 passed, 3 failed, 1 skipped");
});

interface Fixture {
  readonly require_all: boolean;
  readonly filter?: string;
  readonly seed_parity?: string;
  readonly env?: Readonly<Record<string, string>>;
}

let projects = 0;

/** Runs vitest with our reporter on a project of its own, in which the suite `core` is required. */
async function runVitest(files: Readonly<Record<string, string>>, fixture: Fixture): Promise<RunResult> {
  const folder = join(place, `project_${projects++}`);
  const options = { required_suites: ["core"], seed_parity: fixture.seed_parity };
  const config = `
    import { RequireAllReporter } from ${JSON.stringify(reporter)};
    export default { test: {
      globals: true,
      include: ["test/**/*.test.ts"],
      exclude: ["**/excluded.test.ts"],
      reporters: ["default", new RequireAllReporter(${JSON.stringify(options)})],
    } };`;
  for (const [name, text] of Object.entries({ "../vitest.config.ts": config, ...files })) {
    const file = join(folder, "test", name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  const args = [vitest, "run", "--root", folder, ...(fixture.filter ? [fixture.filter] : [])];
  const env = { ...fixture.env, PUSHMUX_REQUIRE_ALL: fixture.require_all ? "1" : undefined };
  return run(process.execPath, args, { env });
}

function lastLine(result: RunResult): string | undefined {
  return result.stdout.trimEnd().split("\n").at(-1);
}
