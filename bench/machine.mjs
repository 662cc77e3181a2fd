import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";
import { join } from "node:path";
import { ROOT } from "./paths.mjs";
import { versionOf } from "./peers.mjs";
import { contendersOf } from "./plan.mjs";
import { programPath } from "./setup.mjs";

/**
 * What a result depends on beside the code.
 *
 * @typedef {object} Machine
 * @property {string} date
 * @property {string} node
 * @property {string} cpu
 * @property {string} system
 * @property {string} nginx
 * @property {Record<string, string>} libraries name to version
 */

/**
 * @param {readonly string[]} services
 * @returns {Promise<Machine>}
 */
export async function describeMachine(services) {
  const contenders = (await Promise.all(services.map(contendersOf))).flat();
  const libraries = [...new Set(contenders.flatMap(({ library }) => library ?? []))].sort();
  const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  return {
    date: new Date().toISOString().slice(0, 10),
    node: process.version,
    cpu: `${cpus().length} × ${cpus()[0]?.model ?? "unknown"}, ${Math.round(totalmem() / 2 ** 30)} GB`,
    system: `Linux ${release()}`,
    nginx: spawnSync(programPath("nginx"), ["-v"], { encoding: "utf8" })
      .stderr.trim()
      .replace("nginx version: ", ""),
    libraries: { pushmux: version, ...Object.fromEntries(libraries.map((name) => [name, versionOf(name)])) },
  };
}
