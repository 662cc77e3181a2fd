import { cpSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import ts from "typescript";
import { beforeAll, describe, expect, it } from "vitest";
import { type PackedProject, packedProject, root } from "../setup/packed_project.js";

const programs = join(root, "test/types/programs");
let packed: PackedProject;
beforeAll(async () => {
  packed = await packedProject();
});

/** How a user's project may be set up, and the suffix that makes a file ESM or CommonJS there. */
const PROJECTS = [
  {
    title: "node, ESM",
    suffix: ".mts",
    module: ts.ModuleKind.NodeNext,
    resolution: ts.ModuleResolutionKind.NodeNext,
  },
  {
    title: "node, CommonJS",
    suffix: ".cts",
    module: ts.ModuleKind.NodeNext,
    resolution: ts.ModuleResolutionKind.NodeNext,
  },
  {
    title: "a bundler",
    suffix: ".ts",
    module: ts.ModuleKind.ESNext,
    resolution: ts.ModuleResolutionKind.Bundler,
  },
];

describe.each(PROJECTS)("a strict user project without optional packages, for $title", (project) => {
  it("compiles what is right, refuses what is wrong, and checks the package's own types", () => {
    const folder = join(packed.folder, `types_${project.suffix.slice(1)}`);
    const names = readdirSync(programs).map((name) => name.replace(/\.ts$/, ""));
    for (const name of names) cpSync(join(programs, `${name}.ts`), join(folder, `${name}${project.suffix}`));
    const program = ts.createProgram(
      names.map((name) => join(folder, `${name}${project.suffix}`)),
      {
        module: project.module,
        moduleResolution: project.resolution,
        target: ts.ScriptTarget.ES2022,
        lib: ["lib.es2023.d.ts"],
        types: ["node"],
        typeRoots: [join(packed.folder, "node_modules/@types")],
        strict: true,
        exactOptionalPropertyTypes: true,
        noUncheckedIndexedAccess: true,
        skipLibCheck: false,
        noEmit: true,
      },
    );
    expect(
      ts.getPreEmitDiagnostics(program).map((diagnostic) => describeDiagnostic(diagnostic, folder)),
    ).toEqual([`control${project.suffix}:4 TS2322`, `control${project.suffix}:5 TS2578`]);
  });
});

/** `file:line code`, with the words for those that nobody expects. */
function describeDiagnostic({ file, start = 0, code, messageText }: ts.Diagnostic, folder: string): string {
  if (!file) return ts.flattenDiagnosticMessageText(messageText, "\n");
  const line = file.getLineAndCharacterOfPosition(start).line + 1;
  const place = `${relative(folder, file.fileName)}:${line} TS${code}`;
  return place.startsWith("control.")
    ? place
    : `${place} ${ts.flattenDiagnosticMessageText(messageText, "\n")}`;
}
