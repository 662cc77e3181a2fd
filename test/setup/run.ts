import { spawn } from "node:child_process";
import { ownEnvironment } from "../../scripts/own_environment.mjs";

export interface RunOptions {
  readonly cwd?: string;
  /** Added to the environment; `undefined` takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** After this the program is killed and the run rejects; default 120 seconds. */
  readonly timeout_ms?: number;
}

export interface RunResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end, without a shell and without stdin. Resolves for every exit code. */
export async function run(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> {
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: { ...ownEnvironment(), ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text) => (stderr += text));

  const timeout_ms = options.timeout_ms ?? 120_000;
  const { promise, resolve, reject } = deferred<number | null>();
  const timer = setTimeout(() => {
    child.kill("SIGKILL");
    reject(
      new Error(
        `${[program, ...args].join(" ")}: still running after ${timeout_ms} ms\n${stdout}\n${stderr}`,
      ),
    );
  }, timeout_ms);
  child.once("error", reject).once("close", resolve);
  try {
    return { code: await promise, stdout, stderr };
  } finally {
    clearTimeout(timer);
  }
}

/** The same, for a program that must succeed: resolves with its stdout, rejects with all that it wrote. */
export async function runOk(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const { code, stdout, stderr } = await run(program, args, options);
  if (code !== 0) throw new Error(`${[program, ...args].join(" ")}: exit code ${code}\n${stdout}\n${stderr}`);
  return stdout;
}

function deferred<T>() {
  let resolve: (value: T) => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<T>((on_resolve, on_reject) => {
    resolve = on_resolve;
    reject = on_reject;
  });
  return { promise, resolve, reject };
}
