import { cpSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import ts from "typescript";
import { packedProject, root } from "../setup/packed_project.js";
import { type RunResult, run } from "../setup/run.js";

export interface Programs {
  /** Where they were compiled to. */
  readonly folder: string;
  /** Compiler errors, as `file:line message`; what a user's strict project would show. */
  readonly errors: readonly string[];
  /** Runs one of them, named as in the sources but `.js`. */
  run(name: string, env?: Readonly<Record<string, string | undefined>>): Promise<RunResult>;
}

/** The folder examples/, and `more` beside it, compiled in a project that has the packed package installed. */
export async function compileExamples(
  suite: string,
  more: Readonly<Record<string, string>> = {},
): Promise<Programs> {
  return compile(suite, (source) => {
    cpSync(join(root, "examples"), source, { recursive: true });
    for (const [name, text] of Object.entries(more)) writeFileSync(join(source, name), text);
  });
}

/** Programs given as text. */
export async function compileTexts(
  suite: string,
  texts: Readonly<Record<string, string>>,
): Promise<Programs> {
  return compile(suite, (source) => {
    for (const [name, text] of Object.entries(texts)) writeFileSync(join(source, name), text);
  });
}

/** What some examples need: the user's own libraries, beside the package. */
const LIBRARIES = [
  ...["@hono", "@libsql", "@opentelemetry", "@types/express"],
  ...["express", "fastify", "hono", "pg", "prom-client"],
];
/** What one of them takes from `lib.dom`, which the package must do without. */
const BORROWED = "type RequestInfo = string | URL | Request;";

async function compile(suite: string, fill: (source: string) => void): Promise<Programs> {
  const packed = await packedProject();
  const place = join(packed.folder, suite);
  const source = join(place, "source");
  const folder = join(place, "compiled");
  mkdirSync(source, { recursive: true });
  mkdirSync(join(place, "node_modules/@types"), { recursive: true });
  for (const name of LIBRARIES) {
    symlinkSync(join(root, "node_modules", name), join(place, "node_modules", name), "junction");
  }
  // A copy of the package, not the installed one: it looks for an optional library from where it stands.
  cpSync(join(packed.folder, "node_modules/pushmux"), join(place, "node_modules/pushmux"), {
    recursive: true,
  });
  writeFileSync(join(place, "package.json"), JSON.stringify({ type: "module" }));
  fill(source);
  const files = readdirSync(source, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(ts|mjs)$/.test(name))
    .map((name) => join(source, name));
  const borrowed = join(place, "borrowed.d.ts");
  writeFileSync(borrowed, BORROWED);
  const program = ts.createProgram([...files, borrowed], {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    lib: ["lib.es2023.d.ts", "lib.esnext.disposable.d.ts"],
    types: ["node"],
    typeRoots: [join(packed.folder, "node_modules/@types")],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    verbatimModuleSyntax: true,
    // Node from 22.18 on runs such TypeScript as it is: only types to take away, and imports by the file's own name.
    erasableSyntaxOnly: true,
    rewriteRelativeImportExtensions: true,
    allowJs: true,
    checkJs: true,
    rootDir: source,
    outDir: folder,
  });
  const { diagnostics } = program.emit();
  return {
    folder,
    errors: [...ts.getPreEmitDiagnostics(program), ...diagnostics].map((diagnostic) =>
      describe(diagnostic, source),
    ),
    run: (name, env) =>
      run(process.execPath, [join(folder, name)], { cwd: folder, env: { ...QUIET, ...env } }),
  };
}

/** A developer's own keys must not make an example send to real browsers. */
const QUIET = Object.fromEntries(
  Object.keys(process.env)
    .filter((name) => /VAPID|^(PUSH|WEB_PUSH|FCM|APNS|WNS|GOOGLE|NTFY|PUSHMUX)_/.test(name))
    .map((name) => [name, undefined]),
);

function describe({ file, start = 0, messageText }: ts.Diagnostic, source: string): string {
  const words = ts.flattenDiagnosticMessageText(messageText, "\n");
  if (!file) return words;
  const line = file.getLineAndCharacterOfPosition(start).line + 1;
  return `${relative(source, file.fileName).split(sep).join("/")}:${line} ${words}`;
}
