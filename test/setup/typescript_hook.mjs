// Loads a TypeScript file, with all that it imports from its own project, as one module.
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

// The one that builds the package.
const tsup = createRequire(import.meta.url).resolve("tsup");
/** @type {{ buildSync(options: object): { outputFiles: { text: string }[] } }} */
const { buildSync } = createRequire(tsup)("esbuild");

/** @type {import("node:module").LoadHook} */
export async function load(url, context, nextLoad) {
  if (!url.endsWith(".ts")) return nextLoad(url, context);
  const { outputFiles } = buildSync({
    entryPoints: [fileURLToPath(url)],
    bundle: true,
    format: "esm",
    platform: "node",
    packages: "external",
    write: false,
  });
  return { format: "module", source: outputFiles[0]?.text ?? "", shortCircuit: true };
}
