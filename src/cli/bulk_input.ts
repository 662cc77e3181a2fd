import { createReadStream, statSync } from "node:fs";
import type { Readable } from "node:stream";
import type { Given } from "./arguments.js";
import { countLines, readLines } from "./bulk_lines.js";
import { CliError } from "./exit.js";
import { refuse } from "./files.js";
import type { Io } from "./io.js";

/** Where the lines of a bulk run come from. */
export interface Input {
  readonly lines: AsyncIterable<string>;
  /** How many there are, when that can be known. */
  readonly total: number | undefined;
  /** Ends `lines`, also while they are waited for. */
  close(): void;
}

/** The file that was named, or stdin. */
export async function openInput(given: Given, io: Io): Promise<Input> {
  const [path = "-"] = given.positionals;
  if (path !== "-") {
    const open = () => createReadStream(path);
    try {
      return inputOf(open, path, statSync(path).isFile() ? await countLines(open()) : undefined);
    } catch (error) {
      if (error instanceof CliError) throw error;
      refuse("FILE", path, error);
    }
  }
  if (given.positionals.length === 0 && io.stdin.isTTY)
    throw new CliError("expected FILE, or a list on stdin");
  const other = ["payload", "config", "env-file"].find((name) => given.text(name) === "-");
  if (other) throw new CliError(`--${other} -: the list is on stdin; name a file for one of them`);
  return inputOf(() => io.stdin, path, undefined);
}

function inputOf(open: () => Readable, path: string, total: number | undefined): Input {
  let stream: Readable | undefined;
  let closed = false;
  async function* lines() {
    try {
      stream = open();
      yield* readLines(stream);
    } catch (error) {
      if (error instanceof CliError) throw error;
      if (!closed) refuse("FILE", path, error);
    }
  }
  return {
    lines: lines(),
    total,
    close() {
      closed = true;
      stream?.destroy();
    },
  };
}
