import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { browser_doors, doors as node_doors, threads } from "../../tsup.config.js";
import { checkDocstrings, type ExportsField, expectedExports } from "./doors.js";
import { root } from "./sources.js";

const package_json: { exports: ExportsField } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

const doors = { ...node_doors, ...browser_doors };

describe("the doors", () => {
  it("are the same in package.json and in the build", () => {
    expect(package_json.exports).toEqual(expectedExports(doors));
  });

  it("each lead somewhere", () => {
    expect(Object.values(doors).filter((source) => !existsSync(join(root, source)))).toEqual([]);
  });

  it("are other than what runs in threads, which is there and is built beside them", () => {
    expect(Object.values(threads).filter((source) => !existsSync(join(root, source)))).toEqual([]);
    expect(Object.keys(threads).filter((name) => `./${name}` in package_json.exports)).toEqual([]);
  });

  it("export nothing without a docstring", { timeout: 60_000 }, () => {
    const config = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile);
    const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, root);
    const entries = Object.values(doors).map((source) => join(root, source));
    const program = ts.createProgram(entries, options);
    const complaints = entries.flatMap((entry) => checkDocstrings(program, entry));
    expect(complaints.map((complaint) => complaint.replace(root, ""))).toEqual([]);
  });
});

describe("the rules can be broken", () => {
  it("a door more, a door less, a door without types for require", () => {
    const { index, ...others } = doors;
    expect(package_json.exports).not.toEqual(expectedExports({ ...doors, sms: "providers/fcm/index.ts" }));
    expect(package_json.exports).not.toEqual(expectedExports(others));
    const without_types = {
      ...package_json.exports,
      ".": { import: "./dist/index.js", require: "./dist/index.cjs" },
    };
    expect(without_types).not.toEqual(expectedExports({ index, ...others }));
  });

  it("an export without a docstring, also when it comes from another file", () => {
    const files: Record<string, string> = {
      "/door.ts": `export { told, untold, Both } from "./other"; export type { Untold } from "./other"; export const here = 1;`,
      "/other.ts": `
        /** What it is for. */ export const told = 1;
        export const untold = 1;
        export interface Untold { a: 1 }
        /** Told once for both. */ export const Both = 1;
        export type Both = 1;`,
    };
    const host: ts.CompilerHost = {
      ...ts.createCompilerHost({}),
      fileExists: (name) => name in files,
      readFile: (name) => files[name],
      getSourceFile: (name) => {
        const text = files[name];
        return text === undefined ? undefined : ts.createSourceFile(name, text, ts.ScriptTarget.Latest);
      },
    };
    const program = ts.createProgram(["/door.ts"], { noLib: true }, host);
    expect(checkDocstrings(program, "/door.ts")).toEqual(
      ["untold", "Untold", "here"].map((name) => `/door.ts: ${name} has no docstring`),
    );
    expect(checkDocstrings(program, "/nowhere.ts")).toEqual(["/nowhere.ts: exports nothing"]);
  });
});
