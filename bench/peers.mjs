import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { BENCH, ROOT } from "./paths.mjs";

/** Libraries that the package's own tests use come from there, the others from bench/node_modules. */
const PLACES = [ROOT, BENCH].map((folder) => ({
  require: createRequire(join(folder, "package.json")),
  folder,
  listed: (/** @type {string} */ name) => {
    const { dependencies, devDependencies } = readJson(join(folder, "package.json"));
    return name in { ...devDependencies, ...dependencies };
  },
}));

/**
 * A library as a program that depends on it gets it.
 *
 * @param {string} specifier `web-push`, `firebase-admin/app`
 * @returns {any}
 */
export function loadPeer(specifier) {
  return placeOf(packageOf(specifier)).require(specifier);
}

/** @param {string} name */
export function versionOf(name) {
  return String(readJson(join(placeOf(name).folder, "node_modules", name, "package.json")).version);
}

/** @param {string} name */
function placeOf(name) {
  const place = PLACES.find(({ listed }) => listed(name));
  if (!place) throw new Error(`${name} is in neither package.json`);
  return place;
}

/** @param {string} specifier */
function packageOf(specifier) {
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}

/**
 * @param {string} file
 * @returns {any}
 */
function readJson(file) {
  return JSON.parse(readFileSync(file, "utf8"));
}
