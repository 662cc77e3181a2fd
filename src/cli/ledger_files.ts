/** The two files of a ledger, as they are found: after a kill, too. */
import { closeSync, fstatSync, ftruncateSync, openSync, readFileSync, readSync, statSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { CliError } from "./exit.js";
import { isObject, parseJson, refuse } from "./files.js";

/** How far a run has come. */
export interface State {
  /** Fingerprint of what is sent: another payload is another run. */
  readonly run: string;
  /** Who writes, while it writes. */
  readonly pid: number;
  /** The highest line that was begun. */
  readonly begun: number;
}

/** The state, and the lines that were begun again since; undefined when there is none. */
export function readState(path: string): [State | undefined, ...number[]] {
  if (sizeOf(path) === 0) return [undefined];
  const [first = "", ...lines] = readFileSync(path, "utf8").split("\n");
  const state = parseJson(first);
  if (!isObject(state) || typeof state.run !== "string" || typeof state.begun !== "number") {
    throw new CliError(`${path}: is not the state of a run; take another --out`);
  }
  // A last one without its end was being written when it was killed: that line was not begun again.
  return [state as unknown as State, ...lines.slice(0, -1).map(Number)];
}

export function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** Readable by its owner only: results hold tokens. */
export function openFile(path: string, flags: string): number {
  try {
    const fd = openSync(path, flags, 0o600);
    if (fstatSync(fd).isFile()) return fd;
    closeSync(fd);
  } catch (error) {
    refuse("--out", path, error, "cannot be written");
  }
  throw new CliError(`--out ${path}: expected a file`);
}

/** A kill in the middle of a write leaves a line without its end: that line was not answered. */
export function cutTornLine(fd: number): void {
  const block = Buffer.alloc(65_536);
  let end = fstatSync(fd).size;
  while (end > 0) {
    const start = Math.max(0, end - block.length);
    const newline = block.subarray(0, readSync(fd, block, 0, end - start, start)).lastIndexOf(10);
    end = newline < 0 ? start : start + newline + 1;
    if (newline >= 0) break;
  }
  ftruncateSync(fd, end);
}

/** One that was just killed is there for a moment longer. */
export async function staysRunning(pid: number): Promise<boolean> {
  const deadline_ms = Date.now() + END_MS;
  while (isRunning(pid)) {
    if (Date.now() > deadline_ms) return true;
    await delay(50);
  }
  return false;
}

const END_MS = 1000;

/** Not this process: in a container each one may have the same number. */
function isRunning(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as { code?: string }).code === "EPERM";
  }
}
