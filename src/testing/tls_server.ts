import { setMaxListeners } from "node:events";
import { createServer as createHttp1Server, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import { createServer, type Server, type TLSSocket } from "node:tls";
import { serverCertificate } from "./certificates.js";
import type { ClientCertificate, HttpConnection } from "./connection.js";
import { Http2Connection, type Http2ConnectionOptions } from "./http2_connection.js";

export interface TlsServer {
  readonly port: number;
  /** `https://localhost:PORT`, or `https://HOST`. */
  readonly origin: string;
  /** What a client must trust to connect, PEM. */
  readonly ca: string;
  /** Aborted when the server closes; whatever waits for anything waits on this too. */
  readonly closing: AbortSignal;
  /** Cuts this connection with a TCP reset. */
  reset(socket: Socket): void;
  /** Idempotent. Destroys every connection; afterwards nothing keeps the process alive. */
  close(): Promise<void>;
}

type RequestHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  connection: HttpConnection,
) => void;

export type StreamLimit = number | ((certificate: ClientCertificate | undefined) => number);

export interface TlsServerOptions extends Pick<Http2ConnectionOptions, "onStream"> {
  readonly max_concurrent_streams: StreamLimit;
  readonly protocols: readonly ("h2" | "http/1.1")[];
  readonly onRequest: RequestHandler;
  readonly client_certificates: boolean;
  /** The name by which clients know it, at port 443. Default: localhost, at its own port. */
  readonly host?: string | undefined;
}

/** An HTTP server over TLS on 127.0.0.1. `port` 0 takes a free one. With a handler alone it speaks HTTP/1.1. */
export async function startTlsServer(
  port: number,
  handler: RequestHandler | TlsServerOptions,
): Promise<TlsServer> {
  const options = typeof handler === "function" ? http1Only(handler) : handler;
  const { host } = options;
  const { ca, cert, key } = await serverCertificate(host);
  const server = createServer({
    cert,
    key,
    ALPNProtocols: [...options.protocols],
    ...(options.client_certificates ? { ca, requestCert: true, rejectUnauthorized: false } : {}),
  });
  const sockets = new Map<number | undefined, Socket>();
  server.on("connection", (socket: Socket) => {
    const { remotePort } = socket;
    sockets.set(remotePort, socket);
    socket.once("close", () => sockets.delete(remotePort));
  });
  // A TLS socket cannot reset, the TCP socket under it can. They share the peer's port.
  const reset = (socket: Socket) => void sockets.get(socket.remotePort)?.resetAndDestroy();
  server.on("secureConnection", acceptor(options, reset));
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
    origin: host === undefined ? `https://localhost:${bound}` : `https://${host}`,
    ca,
    closing: closing.signal,
    reset,
    close: () => {
      closed ??= close();
      return closed;
    },
  };
}

/** Hands each connection to the protocol that client and server have agreed on. */
function acceptor(options: TlsServerOptions, reset: (socket: Socket) => void): (socket: TLSSocket) => void {
  const connections = new WeakMap<Socket, HttpConnection>();
  // Real services keep idle connections for minutes. Node's 5 s would drop them just when a test reuses them.
  const http1 = createHttp1Server({ keepAliveTimeout: 60_000 }, (request, response) => {
    const connection = connections.get(request.socket);
    if (connection) options.onRequest(request, response, connection);
  });
  let count = 0;
  return (socket) => {
    const id = ++count;
    const client_certificate = options.client_certificates ? certificateOf(socket) : undefined;
    if (socket.alpnProtocol === "h2") {
      const { max_concurrent_streams: limit, onStream } = options;
      new Http2Connection(socket, {
        id,
        client_certificate,
        max_concurrent_streams: typeof limit === "function" ? limit(client_certificate) : limit,
        onStream,
        reset: () => reset(socket),
      });
    } else if (options.protocols.includes("http/1.1")) {
      connections.set(socket, { id, http_version: "1.1", client_certificate, limitStreams: () => {} });
      http1.emit("connection", socket);
    } else socket.destroy();
  };
}

function certificateOf(socket: TLSSocket): ClientCertificate | undefined {
  const certificate = socket.getPeerX509Certificate();
  return certificate && { certificate, trusted: socket.authorized };
}

function http1Only(onRequest: RequestHandler): TlsServerOptions {
  return {
    protocols: ["http/1.1"],
    onRequest,
    onStream: () => {},
    max_concurrent_streams: 1,
    client_certificates: false,
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
