import type { TLSSocket } from "node:tls";
import type { Client } from "undici";
import type { HttpRequest, TransportOutcome } from "../codec.js";
import { Roster } from "../roster.js";
import type { Connect } from "./dialler.js";
import { Exchange, type ExchangeOwner } from "./exchange.js";
import type { Pool } from "./pools.js";

/** The class itself is handed in, so that undici is loaded only once there is something to send. */
export type UndiciClient = typeof Client;

export interface OriginPoolOptions {
  readonly origin: string;
  readonly connect: Connect;
  readonly max_connections: number;
}

/** One undici client with the one connection that it has at a time. */
export interface Lane {
  readonly client: Client;
  readonly closing: AbortController;
  readonly retire: () => void;
  socket: TLSSocket | undefined;
  exchange: Exchange | undefined;
  /** Its request may finish; then it is closed. */
  retired: boolean;
}

/**
 * The connections to one origin, each for one request at a time. undici speaks HTTP; what waits is queued here and not
 * in its own pool, which cannot take a queued request back and opens connections while others are about to be free.
 */
export class OriginPool implements Pool, ExchangeOwner {
  readonly #ClientClass: UndiciClient;
  readonly #options: OriginPoolOptions;
  readonly #waiting = new Roster<Exchange>();
  readonly #lanes = new Set<Lane>();
  /** The one used last comes last and is taken first, so that those which are too many grow old. */
  readonly #free: Lane[] = [];
  readonly #dials = new Set<Promise<void>>();
  readonly #sockets = new Set<TLSSocket>();
  #assigning = false;

  constructor(ClientClass: UndiciClient, options: OriginPoolOptions) {
    this.#ClientClass = ClientClass;
    this.#options = options;
  }

  /** Open sockets. */
  get connections(): number {
    return this.#sockets.size;
  }

  get idle(): boolean {
    return !this.#waiting.first && [...this.#lanes].every(({ exchange }) => !exchange);
  }

  send(request: HttpRequest, signal: AbortSignal): Promise<TransportOutcome> {
    const exchange = new Exchange(request, signal, this);
    this.#waiting.add(exchange);
    this.#assign();
    return exchange.outcome;
  }

  aborted(exchange: Exchange): void {
    this.#fail(exchange, "ABORTED");
  }

  /** A connection whose request failed, or whose answer was cut, is not used again. Returns how to retire it. */
  settled(exchange: Exchange, whole: boolean): (() => void) | undefined {
    const { lane } = exchange;
    if (!lane) {
      this.#waiting.remove(exchange);
      return undefined;
    }
    lane.exchange = undefined;
    exchange.lane = undefined;
    if (whole && !lane.retired) this.#free.push(lane);
    else this.#discard(lane);
    this.#assignSoon();
    return lane.retire;
  }

  /** Ends every request and connection. */
  async close(): Promise<void> {
    const running = [...this.#lanes].flatMap(({ exchange }) => exchange ?? []);
    for (const exchange of [...this.#waiting.all(), ...running]) this.#fail(exchange, "CLOSED");
    for (const lane of this.#free.splice(0)) this.#discard(lane);
    const closed = [...this.#sockets].map(
      (socket) => new Promise((resolve) => socket.once("close", resolve)),
    );
    await Promise.all([...this.#dials, ...closed]);
  }

  #assign(): void {
    for (let exchange = this.#waiting.first; exchange; exchange = this.#waiting.first) {
      const lane = this.#free.pop() ?? this.#newLane();
      if (!lane) return;
      this.#waiting.remove(exchange);
      lane.exchange = exchange;
      exchange.lane = lane;
      lane.client.dispatch(exchange.options, exchange);
    }
  }

  /** Later, since it is undici who calls this. */
  #assignSoon(): void {
    if (this.#assigning || !this.#waiting.first) return;
    this.#assigning = true;
    queueMicrotask(() => {
      this.#assigning = false;
      this.#assign();
    });
  }

  #retire(lane: Lane): void {
    lane.retired = true;
    if (this.#takeFree(lane)) this.#discard(lane);
  }

  /** False: it is in use. */
  #takeFree(lane: Lane): boolean {
    const index = this.#free.indexOf(lane);
    if (index >= 0) this.#free.splice(index, 1);
    return index >= 0;
  }

  #fail(exchange: Exchange, reason: string): void {
    const { lane } = exchange;
    const connected = lane ? lane.socket !== undefined : this.#sockets.size > 0;
    exchange.fail(connected ? "not_sent" : "connect_failed", reason);
  }

  #newLane(): Lane | undefined {
    if (this.#lanes.size >= this.#options.max_connections) return undefined;
    const client = new this.#ClientClass(this.#options.origin, {
      allowH2: false,
      // The caller's signal is the only clock of a request.
      headersTimeout: 0,
      bodyTimeout: 0,
      // For servers that give no hint. Load balancers usually close after 60 s; we want to be first.
      keepAliveTimeout: 30_000,
      keepAliveMaxTimeout: 120_000,
      connect: (_options, callback) => {
        const connected = this.#connect(lane).then(
          (socket) => callback(null, socket),
          (error: Error) => callback(error, null),
        );
        this.#dials.add(connected);
        void connected.then(() => this.#dials.delete(connected));
      },
    });
    const lane: Lane = {
      client,
      closing: new AbortController(),
      retire: () => this.#retire(lane),
      socket: undefined,
      exchange: undefined,
      retired: false,
    };
    this.#lanes.add(lane);
    return lane;
  }

  async #connect(lane: Lane): Promise<TLSSocket> {
    const socket = await this.#options.connect(lane.closing.signal);
    lane.socket = socket;
    this.#sockets.add(socket);
    socket.once("close", () => {
      lane.socket = undefined;
      this.#sockets.delete(socket);
      if (this.#takeFree(lane)) this.#lanes.delete(lane);
    });
    return socket;
  }

  #discard(lane: Lane): void {
    this.#lanes.delete(lane);
    lane.closing.abort();
    // Later, since undici may be in the middle of its work with this client.
    queueMicrotask(() => void lane.client.destroy());
  }
}
