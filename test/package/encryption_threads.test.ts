import { cpSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { threads } from "../../tsup.config.js";
import { type PackedProject, packedProject, root } from "../setup/packed_project.js";
import { run } from "../setup/run.js";

let packed: PackedProject;
beforeAll(async () => {
  packed = await packedProject();
  cpSync(join(root, "test/package/programs"), join(packed.folder, "thread_programs"), { recursive: true });
});

it("the packed package has what runs in threads, for both kinds of load", () => {
  const dist = readdirSync(join(packed.folder, "node_modules/pushmux/dist"));
  for (const name of Object.keys(threads)) {
    expect(dist).toEqual(expect.arrayContaining([`${name}.js`, `${name}.cjs`]));
  }
});

const IMPORTED = `import { encryptInThreads } from "./encryption_threads.mjs";
await encryptInThreads((door) => import(door));`;
const REQUIRED = `import("./encryption_threads.mjs").then(({ encryptInThreads }) => encryptInThreads(require));`;

describe.each([
  ["imported", ["encryption_threads_imported.mjs"]],
  ["required", ["encryption_threads_required.cjs"]],
  ["imported on the command line", ["--input-type=module", "--eval", IMPORTED]],
  ["required on the command line", ["--eval", REQUIRED]],
  [
    "imported by CommonJS on the command line",
    ["--eval", REQUIRED.replace("(require)", "((door) => import(door))")],
  ],
])("%s", (_title, args) => {
  it("encrypts in threads, and the process ends by itself, closed or not", async () => {
    const { code, stdout, stderr } = await run(process.execPath, args, {
      cwd: join(packed.folder, "thread_programs"),
      timeout_ms: 50_000,
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout)).toEqual({
      accepted: 100,
      read: 100,
      threads: 2,
      sent_in_batches: true,
      tried: 100,
      tried_in_batches: true,
    });
  });
});
