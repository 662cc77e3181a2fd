import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** Where the packed package is built and installed, once per run; see packed_project.ts. */
    packed_folder: string;
  }
}

/** Once per run, before the tests that need the packed package: a folder for it, and its end. */
export default function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), "pushmux-packed-"));
  project.provide("packed_folder", folder);
  return () => rmSync(folder, { recursive: true, force: true });
}
