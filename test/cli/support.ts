import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Writable } from "node:stream";
import { afterEach, beforeEach, vi } from "vitest";
import type { Io } from "../../src/cli/io.js";
import { run } from "../../src/cli/run.js";
import { VARIABLES } from "../../src/cli/senders.js";

export type Signal = "SIGINT" | "SIGTERM";

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Shell {
  /** What stdin holds; absent: nothing, and it is at its end. */
  readonly stdin?: string | PassThrough;
  readonly tty?: boolean;
  /** After so many characters nobody reads stdout any more. */
  readonly closes_after?: number;
}

/** A command line under way. */
export interface Running {
  readonly outcome: Promise<Outcome>;
  /** What was written so far. */
  readonly seen: { stdout: string; stderr: string };
  /** Ctrl-C, by default. False: nobody listened, so it would have ended the process. */
  interrupt(signal?: Signal): boolean;
}

/** Runs the command line inside of this process. */
export function start(argv: readonly string[], shell: Shell = {}): Running {
  const seen = { stdout: "", stderr: "" };
  const listeners = new Set<(signal: Signal) => void>();
  const stdin = shell.stdin instanceof PassThrough ? shell.stdin : new PassThrough();
  if (!(shell.stdin instanceof PassThrough)) stdin.end(shell.stdin ?? "");
  const io: Io = {
    stdin: Object.assign(stdin, { isTTY: shell.tty ?? false }),
    stdout: outputTo(seen, "stdout", shell),
    stderr: outputTo(seen, "stderr", { tty: shell.tty ?? false }),
    onInterrupt(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  return {
    seen,
    outcome: run(argv, io).then((code) => ({ code, ...seen })),
    interrupt(signal = "SIGINT") {
      const told = [...listeners];
      for (const listener of told) listener(signal);
      return told.length > 0;
    },
  };
}

export function cli(argv: readonly string[], shell?: Shell): Promise<Outcome> {
  return start(argv, shell).outcome;
}

/** A folder for each test, and an environment without anybody's own credentials. */
export function useFolder(): { path(name: string): string; write(name: string, content: unknown): string } {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "pushmux-cli-"));
    for (const name of [...Object.values(VARIABLES).flat(), "NO_COLOR"]) vi.stubEnv(name, undefined);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true, force: true });
  });
  const path = (name: string) => join(folder, name);
  return {
    path,
    write(name, content) {
      writeFileSync(path(name), typeof content === "string" ? content : JSON.stringify(content));
      return path(name);
    },
  };
}

/** The objects of a JSONL file or text. */
export function rows(text: string): Record<string, unknown>[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}

export function rowsIn(path: string): Record<string, unknown>[] {
  return rows(readFileSync(path, "utf8"));
}

function outputTo(seen: Running["seen"], name: "stdout" | "stderr", { tty, closes_after }: Shell) {
  const stream = new Writable({
    write(chunk, _encoding, done) {
      seen[name] += String(chunk);
      const closed = seen[name].length > (closes_after ?? Number.POSITIVE_INFINITY);
      done(closed ? Object.assign(new Error("EPIPE"), { code: "EPIPE" }) : null);
    },
  });
  stream.on("error", () => {});
  return Object.assign(stream, { isTTY: tty ?? false, columns: 100 });
}
