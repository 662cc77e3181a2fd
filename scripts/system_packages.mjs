import { accessSync, constants, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";

/**
 * Programs that npm cannot bring, and a library that one of them loads: which Debian package brings the binary, and which
 * tests want it.
 *
 * @type {readonly { binary: string, debian: string, wanted_by: string }[]}
 */
export const SYSTEM_PACKAGES = [
  { binary: "firefox-esr", debian: "firefox-esr", wanted_by: "test/e2e" },
  { binary: "chromium", debian: "chromium", wanted_by: "test/e2e" },
  { binary: "dbus-daemon", debian: "dbus-daemon", wanted_by: "test/e2e" },
  // With it Firefox shows notifications on the desktop.
  { binary: "libnotify.so.4", debian: "libnotify4", wanted_by: "test/e2e" },
  { binary: "nginx", debian: "nginx", wanted_by: "test/transport" },
  { binary: "initdb", debian: "postgresql", wanted_by: "test/examples" },
];

/**
 * Where a program is, looked up in PATH as a shell would, then among PostgreSQL's; a library among Debian's. Undefined when it
 * is nowhere.
 *
 * @param {string} binary
 * @param {string | undefined} path
 * @param {string} lib
 * @returns {string | undefined}
 */
export function findBinary(binary, path = process.env.PATH, lib = "/usr/lib") {
  const program = find(binary, [...(path ?? "").split(delimiter), ...postgresFolders(lib)], constants.X_OK);
  // Nobody executes a library.
  return program ?? (binary.includes(".so.") ? find(binary, libraryFolders(lib), constants.R_OK) : undefined);
}

/**
 * @param {string} name
 * @param {readonly string[]} folders
 * @param {number} access
 */
function find(name, folders, access) {
  return folders
    .map((folder) => join(folder, name))
    .find((file) => {
      try {
        accessSync(file, access);
        return true;
      } catch {
        return false;
      }
    });
}

/**
 * PostgreSQL's programs have a folder for each version; the newest is first.
 *
 * @param {string} lib
 */
function postgresFolders(lib) {
  const versions = list(join(lib, "postgresql")).sort((a, b) => Number(b) - Number(a));
  return versions.map((version) => join(lib, "postgresql", version, "bin"));
}

/**
 * Libraries have one for each architecture: `x86_64-linux-gnu`.
 *
 * @param {string} lib
 */
function libraryFolders(lib) {
  const folders = list(lib).filter((name) => name.includes("-linux-gnu"));
  return folders.map((name) => join(lib, name));
}

/** @param {string} folder */
function list(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/**
 * The command that brings the packages, for a person to run and for the setup step alike.
 *
 * @param {readonly string[]} packages
 */
export function installCommand(packages) {
  return [
    "apt-get",
    "install",
    "-y",
    "--no-install-recommends",
    // Another apt may hold the lock, for instance the machine's own first update.
    "-o",
    "DPkg::Lock::Timeout=300",
    ...packages,
  ];
}
