import type { TLSSocket } from "node:tls";
import type { Client } from "undici";
import type { HttpRequest, Reach, TransportOutcome } from "../codec.js";
import type { Connect } from "./dialler.js";
import { Exchange } from "./exchange.js";
import type { Pool } from "./pools.js";

/** The class itself is handed in, so that undici is loaded only once there is something to send. */
export type UndiciClient = typeof Client;

export interface OriginPoolOptions {
  readonly origin: string;
  readonly connect: Connect;
  readonly max_connections: number;
}

/** One undici client with the one connection that it has at a time. */
interface Lane {
  readonly client: Client;
  readonly closing: AbortController;
  socket: TLSSocket | undefined;
  /** Its request may finish; then it is closed. */
  retired: boolean;
}

/**
 * The connections to one origin, each for one request at a time. undici speaks HTTP; what waits is queued here and not
 * in its own pool, which cannot take a queued request back and opens connections while others are about to be free.
 */
export class OriginPool implements Pool {
  readonly #ClientClass: UndiciClient;
  readonly #options: OriginPoolOptions;
  readonly #waiting = new Set<Exchange>();
  readonly #running = new Map<Exchange, Lane>();
  /** The one used last comes last and is taken first, so that those which are too many grow old. */
  readonly #free: Lane[] = [];
  readonly #dials = new Set<Promise<void>>();
  readonly #sockets = new Set<TLSSocket>();

  constructor(ClientClass: UndiciClient, options: OriginPoolOptions) {
    this.#ClientClass = ClientClass;
    this.#options = options;
  }

  /** Open sockets. */
  get connections(): number {
    return this.#sockets.size;
  }

  get idle(): boolean {
    return this.#waiting.size + this.#running.size === 0;
  }

  send(request: HttpRequest, signal: AbortSignal): Promise<TransportOutcome> {
    return new Promise((resolve) => {
      const abort = () => this.#fail(exchange, "ABORTED");
      const exchange = new Exchange(request, (outcome) => {
        signal.removeEventListener("abort", abort);
        const lane = this.#release(exchange, outcome);
        resolve(
          lane && outcome.outcome === "response" ? { ...outcome, retire: () => this.#retire(lane) } : outcome,
        );
      });
      signal.addEventListener("abort", abort);
      this.#waiting.add(exchange);
      this.#assign();
    });
  }

  /** Ends every request and connection. */
  async close(): Promise<void> {
    for (const exchange of [...this.#waiting, ...this.#running.keys()]) this.#fail(exchange, "CLOSED");
    for (const lane of this.#free.splice(0)) discard(lane);
    const closed = [...this.#sockets].map(
      (socket) => new Promise((resolve) => socket.once("close", resolve)),
    );
    await Promise.all([...this.#dials, ...closed]);
  }

  #assign(): void {
    for (const exchange of this.#waiting) {
      const lane = this.#free.pop() ?? this.#newLane();
      if (!lane) return;
      this.#waiting.delete(exchange);
      this.#running.set(exchange, lane);
      lane.client.dispatch(exchange.options, exchange);
    }
  }

  /** A connection whose request failed, or whose answer was cut, is not used again. */
  #release(exchange: Exchange, outcome: TransportOutcome): Lane | undefined {
    const lane = this.#running.get(exchange);
    this.#running.delete(exchange);
    this.#waiting.delete(exchange);
    if (!lane) return undefined;
    const whole = outcome.outcome === "response" && !outcome.response.truncated;
    if (whole && !lane.retired) this.#free.push(lane);
    else discard(lane);
    // Later, since it is undici who calls this.
    queueMicrotask(() => this.#assign());
    return lane;
  }

  #retire(lane: Lane): void {
    lane.retired = true;
    const index = this.#free.indexOf(lane);
    if (index < 0) return;
    this.#free.splice(index, 1);
    discard(lane);
  }

  #fail(exchange: Exchange, reason: string): void {
    const lane = this.#running.get(exchange);
    const connected = lane ? lane.socket !== undefined : this.#sockets.size > 0;
    const reach: Reach = connected ? "not_sent" : "connect_failed";
    exchange.fail(reach, reason);
  }

  #newLane(): Lane | undefined {
    if (this.#running.size + this.#free.length >= this.#options.max_connections) return undefined;
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
    const lane: Lane = { client, closing: new AbortController(), socket: undefined, retired: false };
    return lane;
  }

  async #connect(lane: Lane): Promise<TLSSocket> {
    const socket = await this.#options.connect(lane.closing.signal);
    lane.socket = socket;
    this.#sockets.add(socket);
    socket.once("close", () => {
      lane.socket = undefined;
      this.#sockets.delete(socket);
      const index = this.#free.indexOf(lane);
      if (index >= 0) this.#free.splice(index, 1);
    });
    return socket;
  }
}

function discard({ client, closing }: Lane): void {
  closing.abort();
  // Later, since undici may be in the middle of its work with this client.
  queueMicrotask(() => void client.destroy());
}
