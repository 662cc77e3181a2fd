import { readFile } from "node:fs/promises";
import { CliError } from "./exit.js";
import type { Io } from "./io.js";

/** The text of a file that an option names; `-` is stdin. */
export async function readText(flag: string, path: string, { stdin }: Pick<Io, "stdin">): Promise<string> {
  if (path !== "-") return readFile(path, "utf8").catch((error) => refuse(flag, path, error));
  if (stdin.readableEnded) throw new CliError(`${flag} -: stdin was read for another option`);
  const chunks: Buffer[] = [];
  for await (const chunk of stdin) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString("utf8");
}

/** The JSON object that such a file holds. */
export async function readJsonObject(
  flag: string,
  path: string,
  io: Pick<Io, "stdin">,
): Promise<Record<string, unknown>> {
  const value = parseJson(await readText(flag, path, io));
  if (!isObject(value)) throw new CliError(`${flag} ${path}: expected a JSON object`);
  return value;
}

/** Undefined for what is not JSON: what JSON.parse throws quotes its input, which may be a key or a token. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Throws what is wrong with a file, by the code of the system: `ENOENT`, `EACCES`, … */
export function refuse(flag: string, path: string, error: unknown, what = "cannot be read"): never {
  const { code = "unknown error" } = error as { code?: string };
  throw new CliError(`${flag} ${path}: ${what}: ${WORDS[code] ?? code}`);
}

const WORDS: Readonly<Record<string, string>> = {
  ENOENT: "no such file or folder",
  EACCES: "permission denied",
  EISDIR: "it is a folder",
};
