import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

export const BENCH = fileURLToPath(new URL(".", import.meta.url));
export const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** Everything that is made on the way. Git ignores it, and what is built there finds the package's own dependencies. */
export const SCRATCH = join(ROOT, ".tmp", "bench");

/** The sources, built. */
export const BUILD = join(SCRATCH, "build");

/** URL of a door of the build: `index`, or `transport`, which the package itself does not offer. */
export function builtModule(/** @type {"index" | "transport"} */ name) {
  return pathToFileURL(join(BUILD, `${name}.js`)).href;
}
