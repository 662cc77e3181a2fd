import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, posix, sep } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

/** The checkout. */
export const root = fileURLToPath(new URL("../../", import.meta.url));

export interface Import {
  /** As written. */
  readonly specifier: string;
  /** The file, relative to the checkout, for a relative import; else the specifier. */
  readonly target: string;
  /** `import()`. */
  readonly lazy: boolean;
  /** Gone after compilation. */
  readonly type_only: boolean;
}

export interface Source {
  /** Relative to the checkout, with `/`. */
  readonly path: string;
  readonly text: string;
  readonly tree: ts.SourceFile;
  readonly imports: readonly Import[];
}

/** All TypeScript and JavaScript files below a folder of the checkout; none when the folder does not exist. */
export function readSources(folder: string): Source[] {
  const place = join(root, folder);
  if (!existsSync(place)) return [];
  return readdirSync(place, { recursive: true, encoding: "utf8" })
    .map((name) => posix.join(folder, name.split(sep).join("/")))
    .filter((path) => /\.[mc]?[jt]s$/.test(path) && !path.includes("node_modules/"))
    .sort()
    .map((path) => parseSource(path, readFileSync(join(root, path), "utf8")));
}

export function parseSource(path: string, text: string): Source {
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  return { path, text, tree, imports: findImports(path, tree) };
}

/** Visits every node of a file. */
export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}

function findImports(path: string, tree: ts.SourceFile): Import[] {
  const imports: Import[] = [];
  const add = (specifier: ts.Node | undefined, lazy: boolean, type_only: boolean) => {
    if (!specifier || !ts.isStringLiteralLike(specifier)) return;
    imports.push({ specifier: specifier.text, target: resolve(path, specifier.text), lazy, type_only });
  };
  walk(tree, (node) => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, false, isTypeOnly(node.importClause));
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, false, isTypeOnly(node));
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
      add(node.argument.literal, false, true);
    else if (ts.isCallExpression(node)) {
      if (node.expression.kind === ts.SyntaxKind.ImportKeyword) add(node.arguments[0], true, false);
      else if (ts.isIdentifier(node.expression) && node.expression.text === "require") {
        add(node.arguments[0], false, false);
      }
    }
  });
  return imports;
}

function isTypeOnly(node: ts.ImportClause | ts.ExportDeclaration | undefined): boolean {
  if (!node) return false;
  if (node.isTypeOnly) return true;
  const named = ts.isImportClause(node) ? (node.name ? undefined : node.namedBindings) : node.exportClause;
  if (!named || !(ts.isNamedImports(named) || ts.isNamedExports(named))) return false;
  return named.elements.length > 0 && named.elements.every((element) => element.isTypeOnly);
}

/** Relative imports are written with the suffix of the build, `./x.js`, and mean `./x.ts`. */
function resolve(path: string, specifier: string): string {
  if (!specifier.startsWith(".")) return specifier;
  return posix.join(posix.dirname(path), specifier).replace(/\.js$/, ".ts");
}
