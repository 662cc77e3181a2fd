import { type ServerResponse, STATUS_CODES } from "node:http";
import type { Answer } from "./exchange.js";
import type { Fault } from "./faults.js";
import { pause, pieces } from "./pieces.js";

/** What can go wrong on an HTTP/1.1 connection. */
export type Http1FaultKind =
  /** The connection ends (FIN) without an answer. */
  | "close"
  /** The connection is cut (RST) without an answer. */
  | "reset"
  /** The answer's head and a part of its body, then the end. */
  | "half_response"
  /** No answer, ever. The connection stays open. */
  | "stall"
  /** The whole answer, each byte in a TLS record of its own; or cut once (`cut_at`), slowly (`pause_ms`), or both. */
  | "split"
  /** Bytes that are no HTTP. */
  | "garbage"
  /** The answer with a body of 10 MB. */
  | "huge_body";

export const HUGE_BODY_BYTES = 10_000_000;
export const GARBAGE = Buffer.from("\x16\x03 this is no HTTP \xff\r\n\r\n");
/** What a `half_response` announces beyond what it sends. */
export const MISSING_BYTES = 512;

export function sendAnswer(response: ServerResponse, { status, headers, body = "" }: Answer): void {
  const length = status === 204 ? {} : { "content-length": Buffer.byteLength(body) };
  response.writeHead(status, { ...headers, ...length }).end(body);
}

/** Answers as this fault does. `reset` cuts the TCP connection. */
export async function strike(
  { kind, options }: Fault<Http1FaultKind>,
  response: ServerResponse,
  answer: Answer,
  reset: () => void,
): Promise<void> {
  const socket = response.socket;
  if (!socket) return;
  switch (kind) {
    case "close":
      socket.end();
      return;
    case "reset":
      reset();
      return;
    case "half_response":
      socket.end(serialize(answer, Buffer.from(answer.body ?? ""), MISSING_BYTES));
      return;
    case "stall":
    case "expired_credentials":
      return;
    case "garbage":
      socket.end(GARBAGE);
      return;
    case "huge_body":
      sendAnswer(response, { ...answer, body: Buffer.alloc(HUGE_BODY_BYTES, "x") });
      return;
    case "split": {
      const body = Buffer.from(answer.body ?? "");
      const bytes = serialize(answer, body, 0);
      const { cut_at, pause_ms } = options;
      const head = bytes.length - body.length;
      for (const piece of pieces(bytes, cut_at === undefined ? undefined : head + cut_at)) {
        if (socket.destroyed) return;
        socket.write(piece);
        await pause(pause_ms);
      }
      socket.end();
    }
  }
}

/** The answer as bytes, for what node:http would not send. `missing` bytes are announced and never come. */
function serialize({ status, headers }: Answer, body: Buffer, missing: number): Buffer {
  const lines = Object.entries({
    ...headers,
    "content-length": String(body.length + missing),
    connection: "close",
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\n${lines.join("")}\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}
