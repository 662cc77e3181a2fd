/** An HTTP/1.1 connection on a socket that is none, where every byte and every turn is the test's own. */
import { EventEmitter } from "node:events";
import type { TLSSocket } from "node:tls";
import type { HttpRequest, TransportOutcome } from "../../src/codec.js";
import { Http1Pool, type Http1PoolOptions } from "../../src/transport/http1_pool.js";
import { Http1Reader } from "../../src/transport/http1_reader.js";

/** As much of a socket as a connection needs. */
export class Socket extends EventEmitter {
  readonly written: Buffer[] = [];
  writableNeedDrain = false;
  destroyed = false;
  held = true;

  write(bytes: Buffer): void {
    if (this.destroyed) throw new Error("it is destroyed");
    this.written.push(bytes);
  }

  destroy(): this {
    if (!this.destroyed) process.nextTick(() => this.emit("close"));
    this.destroyed = true;
    return this;
  }

  ref(): void {
    this.held = true;
  }

  unref(): void {
    this.held = false;
  }

  /** What the peer says. */
  hear(...chunks: (string | Buffer)[]): void {
    for (const chunk of chunks) {
      if (this.destroyed) return;
      this.emit("data", typeof chunk === "string" ? Buffer.from(chunk, "latin1") : chunk);
    }
  }
}

/** A pool whose dials give such sockets, in order. */
export function openPool(options: Partial<Http1PoolOptions> = {}) {
  const sockets: Socket[] = [];
  const connect = async () => {
    const socket = new Socket();
    sockets.push(socket);
    return socket as unknown as TLSSocket;
  };
  const pool = new Http1Pool({ host: "push.test", connect, max_connections: 1, ...options });
  return {
    pool,
    sockets,
    /** Sends, and waits for it to be written if it can be. */
    async send(
      request: Partial<HttpRequest> = {},
      signal = new AbortController().signal,
    ): Promise<{ outcome: Promise<TransportOutcome> }> {
      const whole = { method: "POST", url: "https://push.test/", headers: {}, body: "body", ...request };
      const outcome = pool.send(whole, signal);
      for (let turns = 0; turns < 3; turns += 1) await turn();
      return { outcome };
    },
  };
}

/** All that is due in this turn of the event loop is done. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** What a reader makes of bytes, in these pieces; with `fin` the connection ends behind them. Throws what it throws. */
export function readAnswer(
  chunks: readonly (string | Buffer)[],
  { has_body = true, max_bytes = 65_536, fin = false } = {},
) {
  const reader = new Http1Reader(has_body, max_bytes);
  let rest = 0;
  for (const chunk of chunks) {
    const bytes = typeof chunk === "string" ? Buffer.from(chunk, "latin1") : chunk;
    rest += bytes.length - reader.read(bytes);
  }
  if (fin) reader.end();
  const { status, headers, body, truncated } = reader.response;
  const text = Buffer.from(body).toString("latin1");
  return { ended: reader.ended, status, headers, text, truncated, rest, keep_alive_ms: reader.keep_alive_ms };
}

/** The code of the error with which it ends, or undefined. */
export function errorOf(act: () => unknown): unknown {
  try {
    act();
    return undefined;
  } catch (error) {
    return (error as { code?: unknown }).code ?? error;
  }
}
