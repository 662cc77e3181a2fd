import type { Readable, Writable } from "node:stream";
import { OutputClosed } from "./exit.js";

export type Output = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/** What a command sees of its process. */
export interface Io {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Output;
  readonly stderr: Output;
  /** Calls back at each SIGINT and SIGTERM, in place of their ending the process; returns what undoes that. */
  onInterrupt(listener: (signal: "SIGINT" | "SIGTERM") => void): () => void;
}

/** Resolves when the text is out, so that a slow reader slows the writer; rejects with `OutputClosed`. */
export function write({ stdout }: Pick<Io, "stdout">, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stdout.write(text, (error) => (error ? reject(new OutputClosed()) : resolve()));
  });
}

export function writeLine(io: Pick<Io, "stdout">, text = ""): Promise<void> {
  return write(io, `${text}\n`);
}

export function writeJson(io: Pick<Io, "stdout">, value: unknown): Promise<void> {
  return writeLine(io, JSON.stringify(value, null, 2));
}

/** A line for people, beside the output. Nobody waits for it, and it may get lost. */
export function tell({ stderr }: Pick<Io, "stderr">, text: string): void {
  stderr.write(`${text}\n`);
}

const COLOURS = { red: 31, green: 32, yellow: 33, bold: 1, dim: 2 } as const;

/** Coloured on a terminal, unless NO_COLOR is set (https://no-color.org). */
export function paint(stream: Output, colour: keyof typeof COLOURS, text: string): string {
  return stream.isTTY && !process.env.NO_COLOR ? `\x1b[${COLOURS[colour]}m${text}\x1b[0m` : text;
}
