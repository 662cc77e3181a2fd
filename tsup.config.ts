import { defineConfig } from "tsup";

/** One entry per door in package.json `exports`; a test keeps the two in step. */
export const doors = {
  index: "src/index.ts",
  provider_kit: "src/provider_kit.ts",
  testing: "src/testing/index.ts",
  web_push: "providers/web_push/index.ts",
  fcm: "providers/fcm/index.ts",
  wns: "providers/wns/index.ts",
  apns: "providers/apns/index.ts",
  simulation: "providers/simulation/index.ts",
};

const TYPES = "**/*.d.{ts,cts}";

export default defineConfig((cli) => ({
  entry: doors,
  format: ["esm", "cjs"],
  target: "node20",
  dts: true,
  // `tsup --no-dts` (the demo) is quick because it leaves the types of an earlier build where they are.
  clean: cli.dts === false ? [`!${TYPES}`] : true,
  // Without splitting each door would carry its own copy of every class, and `instanceof` would lie across doors.
  splitting: true,
  // A package that is missing from `dependencies` must fail in the package tests, not be bundled in silence.
  skipNodeModulesBundle: true,
  // Some built-in modules exist only with their prefix.
  removeNodeProtocol: false,
}));
