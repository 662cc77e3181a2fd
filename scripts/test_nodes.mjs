// npm run test:nodes -- [versions, default 22 24]
// The README's test command on other Node lines, each in a fresh clone of HEAD: what is not committed is not tested.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ownEnvironment } from "./own_environment.mjs";

const root = fileURLToPath(new URL("../", import.meta.url));
const asked = process.argv.slice(2);
const versions = asked.length > 0 ? asked : ["22", "24"];
const place = mkdtempSync(join(tmpdir(), "pushmux-nodes-"));

/** @type {string[]} */
const summary = [];
let failed = false;
try {
  for (const version of versions) {
    const started = performance.now();
    const outcome = testOn(version);
    failed ||= outcome !== "passed";
    summary.push(`Node ${version}: ${outcome} (${Math.round((performance.now() - started) / 1000)} s)`);
  }
} finally {
  rmSync(place, { recursive: true, force: true });
}
console.log(`\n${summary.join("\n")}`);
process.exit(failed ? 1 : 0);

/**
 * @param {string} version
 * @returns {string} `passed`, or the step that failed
 */
function testOn(version) {
  const tools = join(place, `node_${version}`);
  const clone = join(place, `clone_${version}`);
  mkdirSync(tools);
  writeFileSync(join(tools, "package.json"), JSON.stringify({ private: true, allowScripts: { node: true } }));
  const bin = join(tools, "node_modules", "node", "bin");
  const steps = [
    { cwd: tools, command: ["npm", "install", `node@${version}`, "--no-audit", "--no-fund"] },
    { cwd: place, command: ["git", "clone", "--quiet", "--depth", "1", `file://${root}`, clone] },
    {
      cwd: clone,
      command: ["node", "--eval", `process.exit(process.version.startsWith("v${version}") ? 0 : 1)`],
    },
    { cwd: clone, command: ["npm", "ci"] },
    { cwd: clone, command: ["npm", "test"] },
  ];
  for (const { cwd, command } of steps) {
    if (!run(command, cwd, bin)) return `FAILED at ${command.slice(0, 2).join(" ")}`;
  }
  return "passed";
}

/**
 * @param {readonly string[]} command
 * @param {string} cwd
 * @param {string} bin comes first in PATH
 */
function run([program = "", ...args], cwd, bin) {
  console.log(`\n$ ${[program, ...args].join(" ")}`);
  const environment = ownEnvironment();
  const { status } = spawnSync(program, args, {
    cwd,
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...environment, PATH: [bin, environment.PATH].join(delimiter) },
  });
  return status === 0;
}
