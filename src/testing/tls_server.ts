import { setMaxListeners } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import { serverCertificate } from "./certificates.js";

export interface TlsServer {
  readonly port: number;
  /** `https://localhost:PORT`. */
  readonly origin: string;
  /** What a client must trust to connect, PEM. */
  readonly ca: string;
  /** Aborted when the server closes; whatever waits for anything waits on this too. */
  readonly closing: AbortSignal;
  /** Cuts the request's connection with a TCP reset. */
  reset(request: IncomingMessage): void;
  /** Idempotent. Destroys every connection; afterwards nothing keeps the process alive. */
  close(): Promise<void>;
}

/** An HTTP/1.1 server over TLS on 127.0.0.1. `port` 0 takes a free one. */
export async function startTlsServer(
  port: number,
  handler: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<TlsServer> {
  const { ca, cert, key } = await serverCertificate();
  // Real services keep idle connections for minutes. Node's 5 s would drop them just when a test reuses them.
  const server = createServer({ cert, key, keepAliveTimeout: 60_000 }, handler);
  const sockets = new Map<number | undefined, Socket>();
  server.on("connection", (socket: Socket) => {
    const { remotePort } = socket;
    sockets.set(remotePort, socket);
    socket.once("close", () => sockets.delete(remotePort));
  });
  await listen(server, port);

  const closing = new AbortController();
  // One for every answer that is being delayed.
  setMaxListeners(0, closing.signal);
  let closed: Promise<void> | undefined;
  const close = async () => {
    closing.abort();
    for (const socket of sockets.values()) socket.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
    // Closed handles are still listed as active until the event loop has gone round.
    await nextTurn();
    await nextTurn();
  };
  const bound = (server.address() as AddressInfo).port;
  return {
    port: bound,
    origin: `https://localhost:${bound}`,
    ca,
    closing: closing.signal,
    // A TLS socket cannot reset, the TCP socket under it can. They share the peer's port.
    reset: (request) => void sockets.get(request.socket.remotePort)?.resetAndDestroy(),
    close: () => {
      closed ??= close();
      return closed;
    },
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      resolve();
    });
  });
}
