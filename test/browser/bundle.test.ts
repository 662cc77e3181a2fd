import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { beforeAll, expect, it } from "vitest";

/** What a visitor's browser loads; a kB is 1000 bytes. */
const MAX_BYTES = 4000;

let code = "";
beforeAll(async () => {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("../../src/browser/index.ts", import.meta.url))],
    bundle: true,
    format: "esm",
    target: "es2022",
    minify: true,
    write: false,
  });
  code = outputFiles[0]?.text ?? "";
});

it("stays under 4 kB, minified and gzipped", () => {
  expect(code).toContain("PushClientError");
  expect(gzipSync(code).length).toBeLessThan(MAX_BYTES);
});

it("is one module that imports nothing, so a page needs no bundler", () => {
  expect(code).not.toMatch(/\bimport\b/);
  expect(code).toMatch(/export\{/);
});
