import type { Readable } from "node:stream";
import type { HttpConnection } from "./connection.js";

export interface RequestHead {
  readonly method: string;
  /** The emulator's own: `origin + path` is the URL that was asked for. */
  readonly origin: string;
  /** As it came, query and percent-encoding included. */
  readonly path: string;
  /** Lower-case names, without HTTP/2's `:method` and its like; a repeated header's values are joined with `, `. */
  readonly headers: Readonly<Record<string, string>>;
  /** Names of the headers that came more than once. */
  readonly repeated_headers: readonly string[];
  /** The same object for every request of a connection: what a service remembers of it can be kept in a WeakMap. */
  readonly connection: HttpConnection;
  /** Absent over HTTP/1.1. */
  readonly stream_id?: number | undefined;
  /** One stream too many, opened before the client had acknowledged the limit; one that comes later is refused. */
  readonly exceeds_limit?: boolean | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | Uint8Array | undefined;
}

/** One request and the means to answer it or to fail, in one protocol. */
export interface Exchange<Struck> {
  readonly head: RequestHead;
  /** `undefined` when the client or the connection went away half way: then there was no request. */
  readBody(): Promise<Buffer | undefined>;
  /** False once the connection has said that it will not process this request. */
  isHeard(): boolean;
  /** The request is going to be processed now; from then on the connection cannot say that it was not. */
  commit(): void;
  send(answer: Answer): void;
  /** What a fault does before the request is read. */
  forewarn(fault: Struck): void;
  /** Fails as this fault does, in place of `send`. */
  strike(fault: Struck, answer: Answer): void | Promise<void>;
}

/** Of a message's headers, as Node lists them: name, value, name, value, … */
export function readHeaders(raw: readonly string[]): Pick<RequestHead, "headers" | "repeated_headers"> {
  const values = new Map<string, string[]>();
  for (let at = 0; at < raw.length; at += 2) {
    const name = (raw[at] ?? "").toLowerCase();
    if (name.startsWith(":")) continue;
    values.set(name, [...(values.get(name) ?? []), raw[at + 1] ?? ""]);
  }
  const entries = [...values];
  return {
    headers: Object.fromEntries(entries.map(([name, all]) => [name, all.join(", ")])),
    repeated_headers: entries.filter(([, all]) => all.length > 1).map(([name]) => name),
  };
}

export async function readWhole(message: Readable): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of message) chunks.push(chunk);
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks);
}
