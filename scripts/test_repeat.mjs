// npm run test:repeat -- <vitest filter> <times>
// Is a suite reliable? Runs it again and again and says how often it was green. A run without a passed test, or with a
// skipped one, is not green.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { ownEnvironment } from "./own_environment.mjs";

const [filter, times_text = "10", ...rest] = process.argv.slice(2);
const times = Number(times_text);
if (!filter || !Number.isInteger(times) || times < 1 || rest.length > 0) {
  console.error("usage: npm run test:repeat -- <vitest filter> [times, default 10]");
  process.exit(2);
}

const require = createRequire(import.meta.url);
const vitest = join(require.resolve("vitest/package.json"), "../vitest.mjs");
let green = 0;
for (let round = 1; round <= times; round++) {
  const started = performance.now();
  const { code, output } = await runVitest(filter);
  const closing = output.match(/^(\d+) passed, \d+ failed, \d+ skipped$/m);
  const is_green = code === 0 && Number(closing?.[1] ?? 0) > 0;
  if (is_green) green++;
  else console.log(output);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(
    `${round}/${times} ${is_green ? "green" : "RED"} in ${seconds} s: ${closing?.[0] ?? "no test ran"}`,
  );
}
console.log(`${filter}: ${green} of ${times} green`);
process.exit(green === times ? 0 : 1);

/**
 * @param {string} filter
 * @returns {Promise<{ code: number | null, output: string }>}
 */
function runVitest(filter) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [vitest, "run", filter], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...ownEnvironment(), PUSHMUX_REQUIRE_ALL: "1" },
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        output += text;
      });
    }
    child.once("error", reject).once("close", (code) => resolve({ code, output }));
  });
}
