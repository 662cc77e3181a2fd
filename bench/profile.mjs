/**
 * Where the time of a measured process went. `node bench/profile.mjs .tmp/bench/profiles/*.cpuprofile`, after a run with
 * `--profile`; the files themselves open in Chrome's developer tools.
 */
import { readFileSync } from "node:fs";
import { basename } from "node:path";

/** Lines shown of each profile. */
const SHOWN = 30;

/** Not work. */
const REST = new Set(["(idle)", "(root)"]);

for (const file of process.argv.slice(2)) {
  console.log(`\n${basename(file)}: share of the busy time, by function`);
  for (const [name, share] of sharesIn(JSON.parse(readFileSync(file, "utf8"))).slice(0, SHOWN)) {
    console.log(`${(share * 100).toFixed(1).padStart(6)} %  ${name}`);
  }
}

/**
 * @typedef {object} Profile
 * @property {{ id: number, callFrame: { functionName: string, url: string, lineNumber: number } }[]} nodes
 * @property {number[]} samples
 * @property {number[]} timeDeltas
 */

/**
 * @param {Profile} profile
 * @returns {[string, number][]} largest first
 */
function sharesIn({ nodes, samples, timeDeltas }) {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  /** @type {Map<string, number>} */
  const times = new Map();
  let total = 0;
  samples.forEach((id, i) => {
    const name = names.get(id) ?? "";
    const time = timeDeltas[i] ?? 0;
    if (REST.has(name)) return;
    total += time;
    times.set(name, (times.get(name) ?? 0) + time);
  });
  return [...times].sort(([, a], [, b]) => b - a).map(([name, time]) => [name, time / total]);
}

/** @param {Profile["nodes"][number]["callFrame"]} frame */
function nameOf({ functionName, url, lineNumber }) {
  const name = functionName || "(anonymous)";
  return url ? `${name}  ${url.split("/").slice(-2).join("/")}:${lineNumber + 1}` : name;
}
