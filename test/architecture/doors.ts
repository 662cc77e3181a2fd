import ts from "typescript";

/** The `exports` of package.json. */
export type ExportsField = Readonly<Record<string, unknown>>;

/** package.json `exports` that tsup's entries (name -> source) must give, and what is no module to import. */
export function expectedExports(entries: Readonly<Record<string, string>>): ExportsField {
  const doors = Object.keys(entries).map((name) => [
    name === "index" ? "." : `./${name}`,
    {
      import: { types: `./dist/${name}.d.ts`, default: `./dist/${name}.js` },
      require: { types: `./dist/${name}.d.cts`, default: `./dist/${name}.cjs` },
    },
  ]);
  return { ...Object.fromEntries(doors), "./sw.js": "./dist/sw.js", "./package.json": "./package.json" };
}

/** One complaint for each thing that a door exports without a docstring. */
export function checkDocstrings(program: ts.Program, entry: string): string[] {
  const checker = program.getTypeChecker();
  const file = program.getSourceFile(entry);
  const door = file && checker.getSymbolAtLocation(file);
  if (!door) return [`${entry}: exports nothing`];
  return checker
    .getExportsOfModule(door)
    .filter((symbol) => {
      const original = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
      // What a package of somebody else's gives is documented there.
      const ours = original.declarations?.some(
        (one) => !program.isSourceFileFromExternalLibrary(one.getSourceFile()),
      );
      return ours && original.getDocumentationComment(checker).length === 0;
    })
    .map((symbol) => `${entry}: ${symbol.name} has no docstring`);
}
