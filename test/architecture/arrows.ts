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

/** What the app's server hands to browsers. */
const PAGES = "examples/web_app/public/";

/** The one file that starts threads. */
const THREADS = "providers/web_push/encryption_crew.ts";

/** A bridge from here to there needs both sides: the libraries, or scopes of libraries, that an example may import. */
const EXAMPLE_LIBRARIES: Readonly<Record<string, readonly string[]>> = {
  "examples/http_express.mjs": ["express"],
  "examples/http_fastify.mjs": ["fastify"],
  "examples/http_hono.mjs": ["hono", "@hono"],
  "examples/opentelemetry.mjs": ["@opentelemetry"],
  "examples/prometheus.mjs": ["prom-client"],
  "examples/web_app": ["hono", "@hono"],
  "examples/web_app/public": ["/browser.js"],
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
const librariesOf = (path: string) =>
  EXAMPLE_LIBRARIES[path] ?? EXAMPLE_LIBRARIES[path.slice(0, path.lastIndexOf("/"))] ?? [];
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
        (path === THREADS && target === "tinypool") ||
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
    rule: "only the file that starts threads imports tinypool, and lazily",
    from: () => true,
    allows: ({ target, lazy, type_only }, path) =>
      target !== "tinypool" || (path === THREADS && (lazy || type_only)),
  },
  {
    rule: "HTTP/1.1 is the transport's own: nothing that is shipped imports undici",
    from: (path) => /^(src|providers)\//.test(path),
    allows: ({ target }) => target !== "undici",
  },
  {
    rule: "node:http2 is the other side's: only the emulators' shared parts import it",
    from: (path) => /^(src|providers)\//.test(path) && !path.startsWith("src/testing/"),
    allows: ({ target }) => target !== "node:http2",
  },
  {
    rule: "the command line imports the front door as a user does, node:*, its own folder and src/suggest.ts",
    from: (path) => path.startsWith("src/cli/"),
    allows: ({ target }) =>
      target.startsWith("src/cli/") ||
      target.startsWith("node:") ||
      ["src/index.ts", "src/suggest.ts"].includes(target),
  },
  {
    rule: "the store imports the front door as a user does, node:*, zod, its database's client and its own folder",
    from: (path) => path.startsWith("src/store/"),
    allows: ({ target, lazy, type_only }) =>
      target.startsWith("src/store/") ||
      target.startsWith("node:") ||
      ["src/index.ts", "zod"].includes(target) ||
      (target === "@libsql/client" && (lazy || type_only)),
  },
  {
    rule: "only the HTTP handlers import the store, and the testing door its conformance suite",
    from: (path) => !/^src\/(store|http)\//.test(path),
    allows: ({ target }, path) =>
      !target.startsWith("src/store/") ||
      (path === "src/testing/index.ts" && target === "src/store/conformance.ts"),
  },
  {
    rule: "the HTTP handlers import the front door and the store's as a user does, node:*, zod, their own folder and src/error_place.ts",
    from: (path) => path.startsWith("src/http/"),
    allows: ({ target }) =>
      target.startsWith("src/http/") ||
      target.startsWith("node:") ||
      ["src/index.ts", "src/store/index.ts", "src/error_place.ts", "zod"].includes(target),
  },
  {
    rule: "nothing imports the HTTP handlers",
    from: (path) => !path.startsWith("src/http/"),
    allows: ({ target }) => !target.startsWith("src/http/"),
  },
  {
    rule: "nothing imports the command line",
    from: (path) => !path.startsWith("src/cli/"),
    allows: ({ target }) => !target.startsWith("src/cli/"),
  },
  {
    rule: "a service worker imports its own folder, a page also what it shares with the worker",
    from: (path) => /^src\/(browser|service_worker)\//.test(path),
    allows: ({ target }, path) =>
      target.startsWith(`${path.split("/").slice(0, 2).join("/")}/`) ||
      (path.startsWith("src/browser/") && target.startsWith("src/service_worker/shared/")),
  },
  {
    rule: "nothing of the browser's is loaded in Node",
    from: (path) => !/^src\/(browser|service_worker)\//.test(path),
    allows: ({ target }) => !/^src\/(browser|service_worker)\//.test(target),
  },
  {
    rule: "an example imports the package by its name, node:* and its own folder; a bridge also its library",
    from: (path) => path.startsWith("examples/"),
    allows: ({ target }, path) =>
      isPackage(target)
        ? target.startsWith("node:") || ["pushmux", ...librariesOf(path)].some((name) => isOf(name, target))
        : target.startsWith("examples/"),
  },
  {
    rule: "a script of the app's pages imports what the app serves: scripts beside it, and /browser.js",
    from: (path) => path.startsWith(PAGES),
    allows: ({ target }) => target.startsWith(PAGES) || target === "/browser.js",
  },
  {
    rule: "no program imports a script of the app's pages",
    from: (path) => !path.startsWith(PAGES),
    allows: ({ target }) => !target.startsWith(PAGES),
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
