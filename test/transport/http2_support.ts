/**
 * HTTP/2 servers for the tests of this folder: one whose frames (RFC 9113) the test writes itself, because node:http2
 * will not misbehave, and node's own. In the first a request is known by its body: its headers are not decoded.
 */
import { createSecureServer, type Http2SecureServer, type ServerHttp2Stream } from "node:http2";
import type { Socket } from "node:net";
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from "node:tls";
import { afterEach } from "vitest";
import type { Connection, HttpRequest, Transport, TransportOutcome } from "../../src/codec.js";
import { createTransport, type HttpsTransportOptions } from "../../src/transport/transport.js";
import { listening, type Running, trusted } from "./support.js";

export const CODE = { no_error: 0, internal: 2, refused: 7, cancel: 8, calm: 11 } as const;
const TYPE = { data: 0, headers: 1, rst: 3, settings: 4, ping: 6, goaway: 7, window: 8 } as const;
const MAX_STREAMS = 3;
const PREFACE_BYTES = 24;
const FLAG_END = 1;
const FLAG_ACK = 1;
const FLAG_END_HEADERS = 4;

export interface FrameOptions {
  /** SETTINGS_MAX_CONCURRENT_STREAMS of the first SETTINGS; null: no SETTINGS are sent. Default 100. */
  readonly max_streams?: number | null;
  /** Default: whatever they ask for. */
  readonly answers_pings?: boolean;
  /** Room for the bodies of requests is given as they come. Default true. */
  readonly widens_windows?: boolean;
  readonly tls?: TlsOptions;
  readonly onConnection?: (peer: Peer) => void;
  readonly onHeaders?: (peer: Peer, id: number) => void;
  /** A whole request has come. Default: it is answered. */
  readonly onRequest?: (peer: Peer, id: number, body: string) => void;
}

/** One connection as the server sees it. */
export class Peer {
  /** Streams that are open, with what came of their body. */
  readonly open = new Map<number, string>();
  most_open = 0;
  /** Streams that were opened above the limit that the client had acknowledged, or before there was one. */
  violations = 0;
  last_id = 0;
  pings = 0;
  /** What the client allowed to be sent to it at once, over all streams. */
  room = 65_535;
  /** How often the client sent SETTINGS; the first time is its greeting. */
  settings = 0;
  /** The limit that the client has acknowledged. */
  limit = 0;
  readonly #limits: number[] = [];
  #begun = false;
  #owed_acks = 0;
  /** Error codes of the RST_STREAM frames received, and of GOAWAY. */
  readonly resets: number[] = [];
  readonly goaways: number[] = [];
  #received = Buffer.alloc(0);
  #prefaced = false;

  constructor(
    readonly socket: TLSSocket,
    readonly options: FrameOptions,
  ) {
    socket.on("error", () => {});
    socket.on("data", (chunk: Buffer) => this.#read(chunk));
    socket.setNoDelay(true);
    const { max_streams = 100 } = options;
    if (max_streams !== null) this.allow(max_streams);
    options.onConnection?.(this);
  }

  allow(max_streams: number): void {
    const payload = Buffer.alloc(6);
    payload.writeUInt16BE(MAX_STREAMS, 0);
    payload.writeUInt32BE(max_streams, 2);
    this.frame(TYPE.settings, 0, 0, payload);
    this.#limits.push(max_streams);
    // The first frame of all is SETTINGS (RFC 9113, section 3.4).
    for (; this.#owed_acks > 0; this.#owed_acks -= 1) this.#acknowledge();
    this.#begun = true;
  }

  #acknowledge(): void {
    if (this.options.answers_pings !== false) this.frame(TYPE.settings, FLAG_ACK, 0, Buffer.alloc(0));
  }

  answer(id: number, body = "fine", status = 200, headers: Record<string, string> = {}): void {
    this.headers(id, status, headers);
    this.data(id, body, true);
  }

  headers(id: number, status: number, headers: Record<string, string> = {}, end = false): void {
    this.#fields(id, Buffer.from([8, 3, ...Buffer.from(`${status}`)]), headers, end);
  }

  trailers(id: number, headers: Record<string, string>): void {
    this.#fields(id, Buffer.alloc(0), headers, true);
  }

  /** HPACK (RFC 7541, section 6.2.2), with nothing indexed but the name ":status". */
  #fields(id: number, status: Buffer, headers: Record<string, string>, end: boolean): void {
    const literal = (text: string) => [Buffer.from([text.length]), Buffer.from(text, "latin1")];
    const fields = Object.entries(headers).map(([name, value]) => [
      Buffer.from([0]),
      ...literal(name),
      ...literal(value),
    ]);
    const block = Buffer.concat([status, ...fields.flat()]);
    this.frame(TYPE.headers, FLAG_END_HEADERS | (end ? FLAG_END : 0), id, block);
    if (end) this.open.delete(id);
  }

  data(id: number, body: string | Buffer, end = false): void {
    this.frame(TYPE.data, end ? FLAG_END : 0, id, Buffer.from(body));
    if (end) this.open.delete(id);
  }

  rst(id: number, code: number): void {
    this.frame(TYPE.rst, 0, id, number(code));
    this.open.delete(id);
  }

  goaway(last_id: number, code: number = CODE.no_error, data = ""): void {
    this.frame(TYPE.goaway, 0, 0, Buffer.concat([number(last_id), number(code), Buffer.from(data)]));
  }

  window(id: number, bytes: number): void {
    this.frame(TYPE.window, 0, id, number(bytes));
  }

  frame(type: number, flags: number, id: number, payload: Buffer): void {
    const head = Buffer.alloc(9);
    head.writeUIntBE(payload.length, 0, 3);
    head.writeUInt8(type, 3);
    head.writeUInt8(flags, 4);
    head.writeUInt32BE(id, 5);
    if (!this.socket.destroyed && !this.socket.writableEnded)
      this.socket.write(Buffer.concat([head, payload]));
  }

  /** The connection is reset, not closed: a TLS socket cannot, the bare one beneath can. */
  reset(): void {
    (this.socket as TLSSocket & { _parent?: Socket })._parent?.resetAndDestroy();
  }

  #read(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk]);
    if (!this.#prefaced) {
      if (this.#received.length < PREFACE_BYTES) return;
      this.#received = this.#received.subarray(PREFACE_BYTES);
      this.#prefaced = true;
    }
    while (this.#received.length >= 9) {
      const end = 9 + this.#received.readUIntBE(0, 3);
      if (this.#received.length < end) return;
      const frame = this.#received.subarray(0, end);
      this.#received = this.#received.subarray(end);
      const id = frame.readUInt32BE(5) & 0x7fffffff;
      this.#on(frame.readUInt8(3), frame.readUInt8(4), id, frame.subarray(9));
    }
  }

  #on(type: number, flags: number, id: number, payload: Buffer): void {
    if (type === TYPE.settings && flags & FLAG_ACK) {
      this.limit = this.#limits.shift() ?? this.limit;
    } else if (type === TYPE.settings) {
      this.settings += 1;
      if (this.#begun) this.#acknowledge();
      else this.#owed_acks += 1;
    } else if (type === TYPE.ping && !(flags & FLAG_ACK)) {
      this.pings += 1;
      if (this.options.answers_pings !== false) this.frame(TYPE.ping, FLAG_ACK, 0, payload);
    } else if (type === TYPE.window && id === 0) {
      this.room += payload.readUInt32BE(0);
    } else if (type === TYPE.rst) {
      this.resets.push(payload.readUInt32BE(0));
      this.open.delete(id);
    } else if (type === TYPE.goaway) {
      this.goaways.push(payload.readUInt32BE(4));
    } else if (type === TYPE.headers) {
      this.open.set(id, "");
      this.last_id = id;
      this.most_open = Math.max(this.most_open, this.open.size);
      // Settings that it may not have read yet do not count against it, but the first must have come.
      const limit = Math.max(this.limit, ...this.#limits);
      if (this.open.size > limit) this.violations += 1;
      this.options.onHeaders?.(this, id);
    } else if (type === TYPE.data) {
      if (this.open.has(id)) this.open.set(id, this.open.get(id) + payload.toString("latin1"));
      if (payload.length > 0 && this.options.widens_windows !== false) {
        this.window(0, payload.length);
        if (!(flags & FLAG_END)) this.window(id, payload.length);
      }
    }
    const body = this.open.get(id);
    if ((type === TYPE.headers || type === TYPE.data) && flags & FLAG_END && body !== undefined) {
      if (this.options.onRequest) this.options.onRequest(this, id, body);
      else this.answer(id);
    }
  }
}

/** A server of bare frames over TLS. */
export async function startFrames(options: FrameOptions = {}): Promise<Running & { peers: Peer[] }> {
  const peers: Peer[] = [];
  const server = createTlsServer({ ...trusted, ALPNProtocols: ["h2"], ...options.tls }, (socket) => {
    peers.push(new Peer(socket, options));
  });
  return { ...(await listening(server)), peers };
}

export type Answer = (stream: ServerHttp2Stream, headers: Record<string, unknown>, body: Buffer) => void;

/** Node's own HTTP/2 server. */
export async function startHttp2(
  answer: Answer = (stream) => {
    stream.respond({ ":status": 200 });
    stream.end("fine");
  },
  options: Parameters<typeof createSecureServer>[0] = {},
): Promise<Running & { server: Http2SecureServer }> {
  const server = createSecureServer({ ...trusted, ...options });
  server.on("sessionError", () => {});
  server.on("stream", async (stream, headers) => {
    stream.on("error", () => {});
    const chunks: Buffer[] = [];
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("end", () => answer(stream, headers, Buffer.concat(chunks)));
  });
  return { ...(await listening(server)), server };
}

export interface SendOptions extends Partial<HttpRequest> {
  readonly path?: string;
  readonly signal?: AbortSignal;
  readonly connection?: Partial<Connection>;
}

/** POSTs over HTTP/2, with sensible values for what a test does not care about. */
export function send(
  transport: Transport,
  origin: string,
  { path = "/", signal = new AbortController().signal, connection, ...request }: SendOptions = {},
): Promise<TransportOutcome> {
  return transport.send(
    { method: "POST", url: `${origin}${path}`, headers: {}, body: "body", ...request },
    { signal, connection: { key: origin, protocol: "h2", guard: "fixed", ...connection } },
  );
}

/** So many at once, each with its number for a body. */
export function sendMany(
  transport: Transport,
  origin: string,
  count: number,
  options: SendOptions = {},
): Promise<TransportOutcome[]> {
  return Promise.all(
    Array.from({ length: count }, (_, number) => send(transport, origin, { body: `${number}`, ...options })),
  );
}

/** How many of each kind: `200`, or reach and reason. */
export function tally(outcomes: readonly TransportOutcome[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const outcome of outcomes) {
    const kind =
      outcome.outcome === "response"
        ? `${outcome.response.status}`
        : outcome.outcome === "failure"
          ? `${outcome.reach} ${outcome.reason}`
          : `forbidden ${outcome.reason}`;
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

/** Opens transports and starts servers that end by themselves after each test. */
export function useHttp2() {
  const running: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    await Promise.all(running.splice(0).map((one) => one.close()));
  });
  return {
    open(options: HttpsTransportOptions = {}): Transport {
      const transport = createTransport({ ca: trusted.cert, ...options });
      running.push(transport);
      return transport;
    },
    async started<T extends { close(): Promise<void> }>(server: Promise<T>): Promise<T> {
      running.push(await server);
      return server;
    },
  };
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
