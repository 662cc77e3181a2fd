import type { Import, Source } from "./sources.js";

/** A rule about imports: which files it speaks of, and what they may import. */
interface Arrow {
  readonly rule: string;
  readonly from: (path: string) => boolean;
  readonly allows: (imported: Import, path: string) => boolean;
}

/** The package of the service itself, which only its provider may use. */
const OWN_PACKAGE: Readonly<Record<string, string>> = {
  web_push: "web-push",
  fcm: "firebase-admin",
  apns: "@parse/node-apn",
};

/** What stands above the engine. */
const UPSTAIRS = ["codec_provider", "factory", "index", "provider", "provider_kit", "router"].map(
  (name) => `src/${name}.ts`,
);
/** The front door's catalogue of platforms: the one place, beside `src/testing/index.ts`, that lists providers. */
const CATALOGUE = ["src/factory.ts", "src/platforms.ts"];

const isEmulator = (path: string) => /^providers\/[^/]+\/emulator[^/]*\.ts$/.test(path);
const isOf = (name: string | undefined, target: string) =>
  name !== undefined && (target === name || target.startsWith(`${name}/`));
const isPackage = (target: string) => !/^(src|providers|examples|test|scripts)\//.test(target);
const folderOf = (path: string) => path.slice(0, path.indexOf("/", "providers/".length) + 1);

const ARROWS: readonly Arrow[] = [
  {
    rule: "a provider imports its own folder, node:*, zod, its own package and src/provider_kit.ts; its emulator also src/testing/kit.ts",
    from: (path) => path.startsWith("providers/"),
    allows: ({ target }, path) => {
      const folder = folderOf(path);
      return (
        target.startsWith(folder) ||
        target.startsWith("node:") ||
        ["zod", "src/provider_kit.ts"].includes(target) ||
        isOf(OWN_PACKAGE[folder.split("/")[1] ?? ""], target) ||
        (isEmulator(path) && target === "src/testing/kit.ts")
      );
    },
  },
  {
    rule: "only an emulator or src/testing/index.ts imports an emulator",
    from: (path) => !isEmulator(path) && path !== "src/testing/index.ts",
    allows: ({ target }) => !isEmulator(target),
  },
  {
    rule: "src/testing/index.ts imports nothing of a provider but its emulator",
    from: (path) => path === "src/testing/index.ts",
    allows: ({ target }) => !target.startsWith("providers/") || isEmulator(target),
  },
  {
    rule: "only the platform catalogue imports providers, and lazily",
    from: (path) => path.startsWith("src/") && path !== "src/testing/index.ts",
    allows: ({ target, lazy, type_only }, path) =>
      !target.startsWith("providers/") || (CATALOGUE.includes(path) && (lazy || type_only)),
  },
  {
    rule: "engine and transport import only downwards",
    from: (path) => /^src\/(engine|transport)\//.test(path),
    allows: ({ target }, path) =>
      !UPSTAIRS.includes(target) &&
      !/^(providers|src\/(testing|http|store|cli|browser|service_worker))\//.test(target) &&
      !(path.startsWith("src/transport/") && target.startsWith("src/engine/")),
  },
  {
    rule: "the emulators' shared parts stay behind the testing door",
    from: (path) => !path.startsWith("src/testing/"),
    allows: ({ target }, path) =>
      target !== "node-forge" && (!target.startsWith("src/testing/") || isEmulator(path)),
  },
  {
    rule: "only the transport imports undici",
    from: (path) => !path.startsWith("src/transport/"),
    allows: ({ target }) => target !== "undici",
  },
  {
    rule: "an example imports the package by its name, node:* and its own folder",
    from: (path) => path.startsWith("examples/"),
    allows: ({ target }) =>
      isPackage(target)
        ? target === "pushmux" || target.startsWith("pushmux/") || target.startsWith("node:")
        : target.startsWith("examples/"),
  },
];

/** One complaint for each import that points where it must not. */
export function checkArrows(sources: readonly Source[]): string[] {
  return sources.flatMap((source) =>
    source.imports.flatMap((imported) =>
      ARROWS.filter((arrow) => arrow.from(source.path) && !arrow.allows(imported, source.path)).map(
        (arrow) => `${source.path} -> ${imported.target}: ${arrow.rule}`,
      ),
    ),
  );
}

/** What ships may import at run time only what npm brings along to a user. */
export function checkPackages(sources: readonly Source[], dependencies: readonly string[]): string[] {
  const known = (target: string) =>
    target.startsWith("node:") || dependencies.some((name) => isOf(name, target));
  return sources.flatMap(({ path, imports }) =>
    imports
      .filter(({ target, type_only }) => isPackage(target) && !type_only && !known(target))
      .map(({ target }) => `${path} -> ${target}: neither node:* nor a declared dependency`),
  );
}

/** Everything that a file loads, directly or not; types and lazy imports do not count. */
export function reach(from: string, sources: readonly Source[]): Set<string> {
  const reached = new Set<string>();
  const visit = (path: string) => {
    for (const { target, lazy, type_only } of sources.find((source) => source.path === path)?.imports ?? []) {
      if (lazy || type_only || reached.has(target)) continue;
      reached.add(target);
      visit(target);
    }
  };
  visit(from);
  return reached;
}

/** Files that load each other in a circle: which of them runs first is then an accident. */
export function checkCircles(sources: readonly Source[]): string[] {
  return sources
    .filter(({ path }) => reach(path, sources).has(path))
    .map(({ path }) => `${path}: loads itself through others`);
}
