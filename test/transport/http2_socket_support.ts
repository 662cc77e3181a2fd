/** An HTTP/2 connection on a socket that is none, where every byte and every turn is the test's own. */
import { EventEmitter } from "node:events";
import type { TLSSocket } from "node:tls";
import { expect } from "vitest";
import { Http2Connection } from "../../src/transport/http2_connection.js";
import { Http2Exchange } from "../../src/transport/http2_exchange.js";
import { RequestHeaders } from "../../src/transport/http2_headers.js";

/** As much of a socket as a connection needs. */
export class Socket extends EventEmitter {
  readonly written: Buffer[] = [];
  writableLength = 0;
  writableNeedDrain = false;
  writable = true;

  write(chunk: Buffer): void {
    expect(this.writable).toBe(true);
    this.written.push(chunk);
  }

  end(): void {
    this.writable = false;
  }

  /** The frames written since the last time. */
  take(): { type: number; flags: number; id: number; payload: Buffer }[] {
    const frames = [];
    let rest = Buffer.concat(this.written.splice(0));
    if (rest.subarray(0, 3).toString() === "PRI") rest = rest.subarray(24);
    while (rest.length > 0) {
      const end = 9 + rest.readUIntBE(0, 3);
      expect(rest.length).toBeGreaterThanOrEqual(end);
      const [type = 0, flags = 0] = rest.subarray(3);
      frames.push({ type, flags, id: rest.readUInt32BE(5), payload: rest.subarray(9, end) });
      rest = rest.subarray(end);
    }
    return frames;
  }
}

const owner = { onSettings() {}, onGoaway() {}, onEnd() {}, onStreamClosed() {}, wake() {} };
const headers = new RequestHeaders("h");

/** A connection that has begun, what is to be sent on it, and what it hears. */
export function connect() {
  const socket = new Socket();
  const connection = new Http2Connection(socket as unknown as TLSSocket, owner);
  return {
    socket,
    connection,
    /** A request, on the next stream. Nothing leaves before the next flush. */
    start(body: string | undefined, method = "POST"): Http2Exchange {
      const request = { method, url: "https://h/", headers: {}, body };
      const { signal } = new AbortController();
      const exchange = new Http2Exchange(headers.of(request), request, signal, { abort() {} });
      connection.start(exchange);
      return exchange;
    },
    hear(...chunks: Buffer[]): void {
      for (const chunk of chunks) {
        socket.emit("data", chunk);
        connection.flush();
      }
    },
  };
}

export function frame(type: number, flags: number, id: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(id, 5);
  return Buffer.concat([head, payload]);
}
