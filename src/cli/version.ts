import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

/** Of this package. It is asked for by its own name, so that the source and the build find the same file. */
export function version(): string {
  const path = createRequire(import.meta.url).resolve("pushmux/package.json");
  const { version: text }: { version: string } = JSON.parse(readFileSync(path, "utf8"));
  return text;
}
