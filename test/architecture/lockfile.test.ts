import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { root } from "./sources.js";

interface LockedPackage {
  readonly version?: string;
  readonly resolved?: string;
  readonly link?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}
type Packages = Readonly<Record<string, LockedPackage>>;

const { packages }: { packages: Packages } = JSON.parse(
  readFileSync(join(root, "package-lock.json"), "utf8"),
);

it("the lockfile names no registry: everybody installs from the one that they use", () => {
  expect(withAddress(packages)).toEqual([]);
  expect(withAddress({ "node_modules/a": { resolved: "https://registry.example.org/a.tgz" } })).toHaveLength(
    1,
  );
});

it("the lockfile holds the binaries of every platform, not only of the one where it was written", () => {
  expect(withoutOptional(packages)).toEqual([]);
  const here_only: Packages = {
    "node_modules/a": { optionalDependencies: { "a-linux": "1", "a-windows": "1" } },
    "node_modules/a-linux": { version: "1" },
    "node_modules/b": { optionalDependencies: { nested: "1" } },
    "node_modules/b/node_modules/nested": { version: "1" },
  };
  expect(withoutOptional(here_only)).toEqual(["node_modules/a: a-windows"]);
});

function withAddress(locked: Packages): string[] {
  return Object.keys(locked).filter((path) => locked[path]?.resolved !== undefined && !locked[path]?.link);
}

/** npm leaves an optional package out of the lockfile when it cannot have it, and `npm ci` fails elsewhere. */
function withoutOptional(locked: Packages): string[] {
  return Object.entries(locked).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => !isLocked(locked, path, name))
      .map((name) => `${path}: ${name}`),
  );
}

/** Looks where Node would: in the package's own node_modules, then in each one above. */
function isLocked(locked: Packages, path: string, name: string): boolean {
  if (`${path ? `${path}/` : ""}node_modules/${name}` in locked) return true;
  if (path === "") return false;
  const above = path.lastIndexOf("node_modules/");
  return isLocked(locked, path.slice(0, Math.max(0, above - 1)), name);
}
