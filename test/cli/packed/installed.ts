import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ownEnvironment } from "../../../scripts/own_environment.mjs";
import { VARIABLES } from "../../../src/cli/senders.js";
import { packedProject } from "../../setup/packed_project.js";
import { run } from "../../setup/run.js";

/** A developer's own keys must not make a command send to real devices. */
export const NOBODYS = Object.fromEntries(
  [...Object.values(VARIABLES).flat(), "NO_COLOR", "PUSHMUX_DEBUG"].map((name) => [name, undefined]),
);

/** A folder of a user's project, which has the packed package installed. */
export async function userFolder(): Promise<string> {
  const { folder } = await packedProject();
  mkdirSync(join(folder, "cli"), { recursive: true });
  return mkdtempSync(join(folder, "cli", "run-"));
}

/** The installed program, run to its end. */
export function pushmux(argv: readonly string[], cwd: string) {
  return run(process.execPath, [program(cwd), ...argv], { cwd, env: NOBODYS, timeout_ms: 50_000 });
}

/** The installed program as a process of its own, to be signalled. */
export function startPushmux(argv: readonly string[], cwd: string) {
  const child = spawn(process.execPath, [program(cwd), ...argv], {
    cwd,
    env: { ...ownEnvironment(), ...NOBODYS },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text) => (stderr += text));
  return { child, told: () => stderr, ended: ending(child, () => stderr) };
}

/** The rows of a results file whose last line may still be being written. */
export function finishedRows(
  path: string,
): { line: number; success: boolean; may_have_been_sent?: boolean }[] {
  if (!existsSync(path)) return [];
  const text = readFileSync(path, "utf8");
  const lines = text.slice(0, text.lastIndexOf("\n") + 1).split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line));
}

function program(cwd: string): string {
  return join(cwd, "../../node_modules/pushmux/dist/cli/main.js");
}

async function ending(child: ChildProcess, stderr: () => string) {
  const timer = setTimeout(() => child.kill("SIGKILL"), 50_000);
  const [code, signal] = await once(child, "close");
  clearTimeout(timer);
  return { code: code as number | null, signal: signal as string | null, stderr: stderr() };
}
