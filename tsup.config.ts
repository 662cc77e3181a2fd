import { existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { defineConfig, type Options } from "tsup";

/** One entry per door in package.json `exports`; a test keeps the two in step. */
export const doors = {
  index: "src/index.ts",
  provider_kit: "src/provider_kit.ts",
  testing: "src/testing/index.ts",
  store: "src/store/index.ts",
  http: "src/http/index.ts",
  web_push: "providers/web_push/index.ts",
  fcm: "providers/fcm/index.ts",
  wns: "providers/wns/index.ts",
  apns: "providers/apns/index.ts",
  simulation: "providers/simulation/index.ts",
};

/** The doors for a page and for its service worker. */
export const browser_doors = {
  browser: "src/browser/index.ts",
  service_worker: "src/service_worker/index.ts",
};

/** What runs in worker threads: files of their own, found by the code that starts them, and no doors. */
export const threads = {
  encryption_thread: "providers/web_push/encryption_thread.ts",
};

const node: Options = {
  entry: { ...doors, ...threads },
  format: ["esm", "cjs"],
  target: "node20",
  dts: { entry: doors },
  // CommonJS cannot even read it; `__filename` is asked there.
  esbuildOptions(options, { format }) {
    if (format === "cjs") options.define = { ...options.define, "import.meta.url": "undefined" };
  },
  // Without splitting each door would carry its own copy of every class, and `instanceof` would lie across doors.
  splitting: true,
  // A package that is missing from `dependencies` must fail in the package tests, not be bundled in silence.
  skipNodeModulesBundle: true,
  // Some built-in modules exist only with their prefix.
  removeNodeProtocol: false,
};

/** No splitting: a page loads one file, and shares none with Node. */
const web: Options = { target: "es2022", platform: "browser", splitting: false };

const pages = Object.entries(browser_doors).map(
  ([name, source]): Options => ({
    ...web,
    entry: { [name]: source },
    format: ["esm", "cjs"],
    tsconfig: `src/${name}/tsconfig.json`,
    dts: true,
    minify: true,
  }),
);

/** The ready worker. Not minified: it is copied into sites, and may be read there. */
const worker: Options = {
  ...web,
  entry: { sw: "src/service_worker/sw.ts" },
  format: ["iife"],
  outExtension: () => ({ js: ".js" }),
};

/** The command line. It stands outside of the front door and loads it as a user's program does. */
const command: Options = {
  ...node,
  entry: { "cli/main": "src/cli/main.ts" },
  format: ["esm"],
  dts: false,
  splitting: false,
  external: ["../index.js"],
};

export default defineConfig(({ outDir = "dist", dts }) => {
  clean(outDir, dts === false);
  return [node, ...pages, worker, command];
});

/**
 * Before all, and not by tsup, whose parts would remove each other's output. `tsup --no-dts` (the demo) is quick because it
 * leaves the types of an earlier build where they are.
 */
function clean(folder: string, keep_types: boolean): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    const stays = keep_types && /\.d\.c?ts$/.test(name);
    const path = join(folder, name);
    if (!stays && statSync(path).isFile()) rmSync(path);
  }
}
