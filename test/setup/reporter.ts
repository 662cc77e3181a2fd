import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import type { Reporter, TestModule, TestSpecification, Vitest } from "vitest/node";
import { checkSeedParity, idsOf } from "./seed_parity.js";

export interface RequireAllOptions {
  /** Folders of `test/` that must run a test, also when a lost folder would leave nothing else to notice. */
  readonly required_suites: readonly string[];
  /** The table that says which test proves which row of the older systems. */
  readonly seed_parity?: string | undefined;
}

/**
 * Makes a green run mean that everything ran. Vitest exits with 0 when tests are skipped, and knows nothing of a test
 * file that no project picks up; with `PUSHMUX_REQUIRE_ALL=1` both fail the run.
 *
 * The last line is plain and alone on its line: `N passed, N failed, N skipped`.
 */
export class RequireAllReporter implements Reporter {
  private vitest: Vitest | undefined;
  private whole_run = false;

  constructor(private readonly options: RequireAllOptions) {}

  onInit(vitest: Vitest): void {
    this.vitest = vitest;
  }

  async onTestRunStart(specifications: readonly TestSpecification[]): Promise<void> {
    if (!this.vitest) return;
    const { project, testNamePattern } = this.vitest.config;
    const all = await this.vitest.globTestSpecifications();
    this.whole_run = project.length === 0 && !testNamePattern && specifications.length === all.length;
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled_errors: readonly unknown[]): void {
    if (!this.vitest) return;
    const { config, logger } = this.vitest;
    const { passed, failed, skipped } = tally(modules);
    const required = process.env.PUSHMUX_REQUIRE_ALL === "1";
    const whole = required && this.whole_run;
    const silent = whole ? findSilent(config.root, modules, this.options) : [];
    const unproven = whole ? findUnproven(config.root, modules, this.options) : [];

    if (required && skipped.length + silent.length + unproven.length > 0) {
      process.exitCode = 1;
      logger.error("\nPUSHMUX_REQUIRE_ALL is set, so this run has failed:");
      for (const name of skipped) logger.error(`  skipped: ${name}`);
      for (const name of silent) logger.error(`  ran no test: ${name}`);
      for (const complaint of unproven) logger.error(`  ${this.options.seed_parity}: ${complaint}`);
    }
    const failures = failed + unhandled_errors.length + silent.length + unproven.length;
    logger.log(`\n${passed} passed, ${failures} failed, ${skipped.length} skipped`);
  }
}

function tally(modules: readonly TestModule[]) {
  const tally = { passed: 0, failed: 0, skipped: [] as string[] };
  for (const module of modules) {
    const failed_before = tally.failed;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      if (state === "passed") tally.passed++;
      else if (state === "skipped") tally.skipped.push(`${module.relativeModuleId} > ${test.fullName}`);
      else tally.failed++;
    }
    // A file that could not be loaded, or a hook that threw, has no failed test to its name.
    if (!module.ok() && tally.failed === failed_before) tally.failed++;
  }
  return tally;
}

/** Test files that no project picked up or that had nothing to run, and required folders without a test. */
function findSilent(root: string, modules: readonly TestModule[], options: RequireAllOptions): string[] {
  const ran = modules
    .filter((module) => !module.children.allTests().next().done)
    .map((module) => slashes(relative(root, module.moduleId)));
  const files = readdirSync(join(root, "test"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".test.ts"))
    .map((file) => `test/${slashes(file)}`);
  const folders = options.required_suites.map((name) => `test/${name}/`);
  return [
    ...files.filter((file) => !ran.includes(file)),
    ...folders.filter((folder) => !ran.some((file) => file.startsWith(folder))),
  ];
}

/** Where the table of the older systems' rows and the titles that passed disagree. */
function findUnproven(root: string, modules: readonly TestModule[], options: RequireAllOptions): string[] {
  if (!options.seed_parity) return [];
  const table = join(root, options.seed_parity);
  if (!existsSync(table)) return ["missing"];
  const proven = modules.flatMap((module) => {
    const file = slashes(relative(root, module.moduleId));
    const passed = [...module.children.allTests("passed")];
    return passed.flatMap((test) => idsOf(test.name).map((id) => ({ id, file })));
  });
  return checkSeedParity(readFileSync(table, "utf8"), proven);
}

function slashes(path: string): string {
  return path.split(sep).join("/");
}
