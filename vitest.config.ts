import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { RequireAllReporter } from "./test/setup/reporter.js";

/** These need the packed and installed package: what a user gets, not the sources. */
const PACKED = ["package", "types", "examples", "cli/packed"].map((folder) => `test/${folder}/**/*.test.ts`);
/** These drive a browser. */
const BROWSERS = ["test/e2e/**/*.test.ts"];

/** Most tests wait for sockets and child processes more than they compute, so two share a small machine well. */
const maxWorkers = Math.max(2, availableParallelism() - 1);

// The groups run one after the other, so that a browser or an npm install never takes the processor away
// from tests that watch a clock.
export default defineConfig({
  test: {
    reporters: [
      "default",
      new RequireAllReporter({
        required_suites: [
          ...[
            "architecture",
            "cli",
            "conformance",
            "e2e",
            "examples",
            "faults",
            "foreign",
            "golden",
            "http",
            "package",
            "setup",
          ],
          ...["store", "transport", "types", "wire"],
        ],
        seed_parity: "docs/seed_parity.md",
      }),
    ],
    projects: [
      {
        test: {
          name: "sources",
          include: ["test/**/*.test.ts"],
          exclude: [...PACKED, ...BROWSERS],
          execArgv: ["--import", new URL("test/setup/typescript_in_threads.mjs", import.meta.url).href],
          sequence: { groupOrder: 0 },
          maxWorkers,
          testTimeout: 20_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "packed",
          include: PACKED,
          globalSetup: "test/setup/packed_folder.ts",
          sequence: { groupOrder: 1 },
          maxWorkers,
          testTimeout: 60_000,
          // Whoever comes first packs and installs in its hook, the others wait for it in theirs.
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: "browsers",
          include: BROWSERS,
          sequence: { groupOrder: 2 },
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
