import { accessSync, constants, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";

/**
 * Programs that npm cannot bring: which Debian package brings the binary, and which tests want it.
 *
 * @type {readonly { binary: string, debian: string, wanted_by: string }[]}
 */
export const SYSTEM_PACKAGES = [
  { binary: "firefox-esr", debian: "firefox-esr", wanted_by: "test/e2e" },
  { binary: "nginx", debian: "nginx", wanted_by: "test/transport" },
  { binary: "initdb", debian: "postgresql", wanted_by: "test/examples" },
];

/** Debian keeps the server's programs of each version in a folder of its own, outside of PATH. */
const POSTGRES = "/usr/lib/postgresql";

/**
 * Where a binary is, looked up in PATH as a shell would, then among PostgreSQL's; undefined when it is nowhere.
 *
 * @param {string} binary
 * @param {string | undefined} path
 * @param {string} postgres
 * @returns {string | undefined}
 */
export function findBinary(binary, path = process.env.PATH, postgres = POSTGRES) {
  for (const folder of [...(path ?? "").split(delimiter), ...newestFirst(postgres)]) {
    const file = join(folder, binary);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {}
  }
  return undefined;
}

/** @param {string} postgres */
function newestFirst(postgres) {
  /** @type {string[]} */
  let versions = [];
  try {
    versions = readdirSync(postgres);
  } catch {}
  return versions.sort((a, b) => Number(b) - Number(a)).map((version) => join(postgres, version, "bin"));
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
