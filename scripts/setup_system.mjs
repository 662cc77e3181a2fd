// The first step of `npm test`: brings the programs that npm cannot bring (see system_packages.mjs).
// Nothing missing: silent. On a CI machine it installs; on a person's machine it names the command and goes on.
import { spawnSync } from "node:child_process";
import { findBinary, installCommand, SYSTEM_PACKAGES } from "./system_packages.mjs";

const missing = SYSTEM_PACKAGES.filter((entry) => !findBinary(entry.binary));
if (missing.length > 0) {
  const command = installCommand(missing.map((entry) => entry.debian));
  if (mayInstall()) install(command);
  else {
    const suites = [...new Set(missing.map((entry) => entry.wanted_by))].join(", ");
    console.log(`Skipping ${suites}; to run them: sudo apt-get update && sudo ${command.join(" ")}`);
  }
}

function mayInstall() {
  const asked = isSet(process.env.CI) || isSet(process.env.PUSHMUX_REQUIRE_ALL);
  return asked && process.getuid?.() === 0 && findBinary("apt-get") !== undefined;
}

/** @param {string | undefined} variable */
function isSet(variable) {
  return variable !== undefined && !["", "0", "false"].includes(variable);
}

/** @param {readonly string[]} command */
function install(command) {
  // One unreachable list fails the update although the others are there; the install shows whether that mattered.
  run(["apt-get", "update"]);
  if (!run(command)) process.exit(1);
  const absent = missing.filter((entry) => !findBinary(entry.binary)).map((entry) => entry.binary);
  if (absent.length > 0) {
    console.error(`installed, but not in PATH: ${absent.join(", ")}`);
    process.exit(1);
  }
}

/**
 * @param {readonly string[]} command
 * @returns {boolean} whether it succeeded
 */
function run([program = "", ...args]) {
  const line = [program, ...args].join(" ");
  console.log(`$ ${line}`);
  const { status, error } = spawnSync(program, args, {
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  });
  if (status !== 0) console.error(`${line}: ${error?.message ?? `exit code ${status}`}`);
  return status === 0;
}
