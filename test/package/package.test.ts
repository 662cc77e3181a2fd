import { cpSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, sep } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { browser_doors, doors } from "../../tsup.config.js";
import { type PackedProject, packedProject, root } from "../setup/packed_project.js";
import { runOk } from "../setup/run.js";

let packed: PackedProject;
beforeAll(async () => {
  packed = await packedProject();
  cpSync(join(root, "test/package/programs"), join(packed.folder, "package_programs"), { recursive: true });
});

/** A jump past this is something bundled that should not be, not growth. It was 620 kB when this was written. */
const MAX_PACKED_BYTES = 768_000;

describe("the tarball", () => {
  it("holds the build, the papers and nothing else", () => {
    const files = installedFiles();
    const papers = ["CHANGELOG.md", "LICENSE", "README.md", "package.json"];
    expect(files.filter((file) => !file.startsWith("dist/"))).toEqual(papers);
    expect(files.filter((file) => file.startsWith("dist/") && !/\.(c?js|d\.c?ts)$/.test(file))).toEqual([]);
    for (const door of Object.keys({ ...doors, ...browser_doors })) {
      const built = ["js", "cjs", "d.ts", "d.cts"].map((ending) => `dist/${door}.${ending}`);
      expect(files).toEqual(expect.arrayContaining(built));
    }
  });

  it("stays small", () => {
    expect(statSync(packed.tarball).size).toBeLessThan(MAX_PACKED_BYTES);
  });
});

describe.each(["every_door_imported.mjs", "every_door_required.cjs"])(
  "every door starts and ends: %s",
  (program) => {
    it("sends, is of its class, and leaves nothing open", async () => {
      const seen: unknown = JSON.parse(await runProgram(program));
      const identity = { of_its_class: true, of_the_base: true };
      expect(seen).toEqual({
        simulation: { ...identity, success: true, deliveries: 1 },
        web_push: { ...identity, keys: [87, 43], success: true, status_code: 201, received: 1 },
        provider_kit: { listed: true, refused: "CONFIG_INVALID", same_base: true },
        left: [],
      });
    });
  },
);

it("the ESM and the CJS copy in one process share registry, open providers and errors", async () => {
  const seen: unknown = JSON.parse(await runProgram("two_copies.mjs"));
  expect(seen).toEqual({
    two_copies: true,
    registered_in_both: true,
    open: 1,
    leases: 2,
    deliveries_seen_by_the_other: 1,
    error_known_to_the_other: "UNKNOWN_PLATFORM",
    closed_by_the_other: "PROVIDER_CLOSED",
  });
});

describe.each(["loaded_files.mjs", "loaded_files.cjs"])(
  "nothing is loaded before it is needed: %s",
  (program) => {
    let steps: Map<string, string[]>;
    beforeAll(async () => {
      const lines = (await runProgram(program)).trim().split("\n");
      const reports = lines.map((line): { step: string; files: string[] } => JSON.parse(line));
      steps = new Map(reports.map(({ step, files }) => [step, files]));
    });

    it("the front door loads zod and no other package, and no provider", () => {
      const files = filesOf("front door");
      expect(packagesOf(files)).toEqual(["pushmux", "zod"]);
      expect(providersIn(files)).toEqual([]);
    });

    it("simulation loads only itself", () => {
      const files = filesOf("simulation");
      expect(packagesOf(files)).toEqual(["pushmux", "zod"]);
      expect(providersIn(files)).toEqual(["SimulationProvider"]);
    });

    it("this is seen by a measure that sees: the other steps load the rest", () => {
      const files = filesOf("everything");
      expect(packagesOf(files)).toEqual(expect.arrayContaining(["node-forge", "web-push"]));
      expect(providersIn(files)).toEqual(["SimulationProvider", "WebPushProvider"]);
    });

    it("what starts threads is loaded only where threads are asked for", () => {
      expect(packagesOf(filesOf("everything"))).not.toContain("tinypool");
    });

    function filesOf(step: string): string[] {
      const files = steps.get(step);
      if (!files) throw new Error(`${program} did not report ${step}`);
      return files;
    }
  },
);

function runProgram(name: string): Promise<string> {
  return runOk(process.execPath, [name], { cwd: join(packed.folder, "package_programs") });
}

/** The installed package, file by file: the tarball's content. */
function installedFiles(): string[] {
  const folder = join(packed.folder, "node_modules/pushmux");
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => statSync(join(folder, name)).isFile())
    .map((name) => name.split(sep).join("/"))
    .sort();
}

function packagesOf(files: readonly string[]): string[] {
  const names = files.map(
    (file) =>
      file
        .split(sep)
        .join("/")
        .match(/.*node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1],
  );
  return [...new Set(names.filter((name) => name !== undefined))].sort();
}

/** Whose code is in these files: the classes of providers, as the build spells them. */
function providersIn(files: readonly string[]): string[] {
  const own = files.filter((file) => file.includes(join("node_modules", "pushmux", "dist")));
  const code = own.map((file) => readFileSync(file, "utf8")).join("\n");
  return ["SimulationProvider", "WebPushProvider"].filter((name) =>
    new RegExp(`\\b(${name} = class|class ${name})\\b`).test(code),
  );
}
