import ts from "typescript";
import { type Source, walk } from "./sources.js";

export const MAX_LINES = 350;
const PROVIDER_FILES = ["config", "decode", "encode", "index", "provider"];

/** Learn one provider folder, know all: the same file names in each. */
export function checkProviderFolders(paths: readonly string[]): string[] {
  const folders = new Set(paths.map((path) => path.split("/").slice(0, 2).join("/")));
  return [...folders].flatMap((folder) =>
    PROVIDER_FILES.map((name) => `${folder}/${name}.ts`)
      .filter((file) => !paths.includes(file))
      .map((file) => `${file} is missing`),
  );
}

/** A platform's name, however it is spelled: `web_push`, `webPush`, `WebPush`, `web-push`, "web push". */
export function checkNoProviderName(source: Source, platforms: readonly string[]): string[] {
  const patterns = platforms.map((platform) => ({
    platform,
    pattern: new RegExp(`(?<![a-z0-9])${platform.split("_").join("[_ -]?")}(?![a-z0-9])`),
  }));
  return source.text.split("\n").flatMap((line, index) => {
    const words = line
      .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
      .replace(/([A-Z])([A-Z][a-z])/g, "$1_$2")
      .toLowerCase();
    return patterns
      .filter(({ pattern }) => pattern.test(words))
      .map(({ platform }) => `${source.path}:${index + 1} names ${platform}`);
  });
}

/** Everything is exported by its name; a door is a list of names and nothing else. */
export function checkNamedExports(source: Source): string[] {
  const is_door = /(^|\/)(index|provider_kit)\.ts$/.test(source.path);
  return source.tree.statements.flatMap((statement) => {
    const complain = (what: string) => [`${source.path}: ${what}`];
    if (ts.isExportAssignment(statement)) return complain("default export");
    if (ts.canHaveModifiers(statement)) {
      const modifiers = ts.getModifiers(statement) ?? [];
      if (modifiers.some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword))
        return complain("default export");
    }
    const is_list = ts.isExportDeclaration(statement) && statement.exportClause !== undefined;
    if (ts.isExportDeclaration(statement) && !(is_list && ts.isNamedExports(statement.exportClause))) {
      return complain("export *");
    }
    if (is_door && !is_list) return complain("a door only lists what it exports");
    return [];
  });
}

/** The compiler is believed everywhere or nowhere. */
export function checkNoEscape(source: Source): string[] {
  const complaints: string[] = [];
  walk(source.tree, (node) => {
    if (node.kind === ts.SyntaxKind.AnyKeyword) complaints.push("any");
    if (ts.isNonNullExpression(node)) complaints.push("non-null assertion");
  });
  for (const directive of source.text.match(/@ts-(ignore|expect-error|nocheck)/g) ?? [])
    complaints.push(directive);
  return complaints.map((what) => `${source.path}: ${what}`);
}

/** A file is one thought. */
export function checkLength(source: Source): string[] {
  const lines = source.text.trimEnd().split("\n").length;
  return lines > MAX_LINES ? [`${source.path}: ${lines} lines, at most ${MAX_LINES}`] : [];
}
