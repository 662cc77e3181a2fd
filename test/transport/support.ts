/** Certificates, TLS servers and a CONNECT proxy for the tests of this folder, all on 127.0.0.1. */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TLSSocket } from "node:tls";
import forge from "node-forge";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import type { Connection, HttpRequest, HttpResponse, Transport, TransportOutcome } from "../../src/codec.js";
import { createHttp1Transport, type Http1TransportOptions } from "../../src/transport/http1.js";

export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** A self-signed certificate for names and addresses. */
export function certificate({
  names = [],
  addresses = [],
  days = 1,
}: {
  names?: string[];
  addresses?: string[];
  days?: number;
} = {}): Certificate {
  const keys = forge.pki.rsa.generateKeyPair(2048);
  const cert = forge.pki.createCertificate();
  cert.publicKey = keys.publicKey;
  cert.serialNumber = "01";
  cert.validity.notBefore = new Date(Date.now() - 10 * 86_400_000);
  cert.validity.notAfter = new Date(Date.now() + days * 86_400_000);
  const name = [{ name: "commonName", value: `test ${randomUUID()}` }];
  cert.setSubject(name);
  cert.setIssuer(name);
  cert.setExtensions([
    { name: "basicConstraints", cA: true },
    {
      name: "subjectAltName",
      altNames: [...names.map((value) => ({ type: 2, value })), ...addresses.map((ip) => ({ type: 7, ip }))],
    },
  ]);
  cert.sign(keys.privateKey, forge.md.sha256.create());
  return { cert: forge.pki.certificateToPem(cert), key: forge.pki.privateKeyToPem(keys.privateKey) };
}

/** Trusted by the tests that want to be answered. */
export const trusted = certificate({ names: ["push.test", "*.push.test"], addresses: ["127.0.0.1"] });

export interface Running {
  readonly port: number;
  readonly origin: string;
  /** TCP connections so far, and those open now. */
  readonly sockets: { total: number; open: Set<Socket> };
  close(): Promise<void>;
}

/** HTTPS that parses requests. */
export function startHttps(
  answer: (request: IncomingMessage, response: ServerResponse, body: Buffer) => void,
  options: Certificate & { keepAliveTimeout?: number } = trusted,
): Promise<Running> {
  const server = createHttpsServer(options, async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    answer(request, response, Buffer.concat(chunks));
  });
  server.keepAliveTimeout = options.keepAliveTimeout ?? 60_000;
  return listening(server);
}

/** TLS whose bytes the test writes itself: called with each connection and the whole request that came over it. */
export function startRaw(
  onRequest: (socket: TLSSocket, request: string) => void,
  onConnection: (socket: TLSSocket) => void = () => {},
): Promise<Running> {
  const server = createTlsServer(trusted, (socket) => {
    let text = "";
    socket.on("error", () => {});
    onConnection(socket);
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
      const head = text.indexOf("\r\n\r\n");
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
      if (head < 0 || text.length < head + 4 + length) return;
      const request = text;
      text = "";
      onRequest(socket, request);
    });
  });
  return listening(server);
}

/** Bare TCP. */
export function startTcp(onConnection: (socket: Socket) => void): Promise<Running> {
  return listening(createServer((socket) => onConnection(socket.on("error", () => {}))));
}

export async function listening(server: Server): Promise<Running> {
  const sockets: Running["sockets"] = { total: 0, open: new Set() };
  server.on("connection", (socket: Socket) => {
    sockets.total += 1;
    sockets.open.add(socket.on("error", () => {}));
    socket.once("close", () => sockets.open.delete(socket));
  });
  server.on("tlsClientError", () => {});
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    port,
    origin: `https://127.0.0.1:${port}`,
    sockets,
    close: async () => {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets.open) socket.destroy();
      await closed;
    },
  };
}

/** A CONNECT proxy that sends every tunnel to `port`, whatever address it was asked for. */
export async function startProxy(port: number, options: { tls?: boolean } = {}) {
  const requests: string[] = [];
  const onConnection = (client: Socket) => {
    client.on("error", () => {});
    client.once("data", (chunk) => {
      requests.push(chunk.toString("latin1"));
      const upstream = connect(port, "127.0.0.1", () => {
        client.write("HTTP/1.1 200 Connection established\r\nvia: test\r\n\r\n");
        upstream.pipe(client).pipe(upstream);
      });
      upstream.on("error", () => client.destroy());
      client.once("close", () => upstream.destroy());
    });
  };
  const server = options.tls ? createTlsServer(trusted, onConnection) : createServer(onConnection);
  return { ...(await listening(server)), requests };
}

/** POSTs with sensible values for what a test does not care about. */
export function post(
  transport: Transport,
  origin: string,
  {
    path = "/",
    signal = new AbortController().signal,
    guard = "fixed",
    ...request
  }: { path?: string; signal?: AbortSignal; guard?: Connection["guard"] } & Partial<HttpRequest> = {},
): Promise<TransportOutcome> {
  return transport.send(
    { method: "POST", url: `${origin}${path}`, headers: {}, body: "body", ...request },
    { signal, connection: { key: origin, protocol: "h1", guard } },
  );
}

/** The response, or an error that shows what came in its place. */
export function answered(outcome: TransportOutcome): HttpResponse & { text: string } {
  if (outcome.outcome !== "response") throw new Error(`expected a response, got ${JSON.stringify(outcome)}`);
  return { ...outcome.response, text: Buffer.from(outcome.response.body).toString() };
}

/** Resolves when the condition holds; fails after five seconds. */
export async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 5000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error("the condition was not met within 5 s");
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** An HTTPS server that says "fine", transports that trust it, and whatever else a test starts: all ended by themselves. */
export function useHttp1() {
  let echo: Running | undefined;
  const running: { close(): Promise<void> }[] = [];
  beforeAll(async () => {
    echo = await startHttps((_request, response) => response.end("fine"));
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((one) => one.close()));
  });
  afterAll(() => echo?.close());
  return {
    get echo(): Running {
      if (!echo) throw new Error("the server is not there yet");
      return echo;
    },
    open(options: Http1TransportOptions = {}): Transport {
      const transport = createHttp1Transport({ ca: trusted.cert, ...options });
      running.push(transport);
      return transport;
    },
    async started<T extends { close(): Promise<void> }>(server: Promise<T>): Promise<T> {
      running.push(await server);
      return server;
    },
  };
}

export const failure = (reach: string, reason: string | RegExp) => ({
  outcome: "failure",
  reach,
  reason: typeof reason === "string" ? reason : expect.stringMatching(reason),
});
