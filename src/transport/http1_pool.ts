import type { HttpRequest, TransportOutcome } from "../codec.js";
import { Roster } from "../roster.js";
import type { Connect } from "./dialler.js";
import { type ConnectionOwner, Http1Connection } from "./http1_connection.js";
import { type Abortable, Http1Exchange } from "./http1_exchange.js";
import { Http1Requests } from "./http1_request.js";
import type { Pool } from "./pools.js";

export interface Http1PoolOptions {
  /** Host, and port where it is not 443. */
  readonly host: string;
  readonly connect: Connect;
  readonly max_connections: number;
  /** How often it is looked whether a connection has been idle for too long. Default 1000. */
  readonly beat_ms?: number | undefined;
}

/** The connections to one origin, each for one request at a time, and the requests that wait for one. */
export class Http1Pool implements Pool, Abortable, ConnectionOwner {
  readonly #options: Http1PoolOptions;
  readonly #requests: Http1Requests;
  readonly #waiting = new Roster<Http1Exchange>();
  /** Those that take requests, or have one. */
  readonly #connections = new Set<Http1Connection>();
  /** The one used last comes last and is taken first, so that those which are too many grow old. */
  readonly #free: Http1Connection[] = [];
  /** Also those that are still closing. */
  readonly #open = new Set<Promise<void>>();
  #sockets = 0;
  #turn: NodeJS.Immediate | undefined;
  #heart: NodeJS.Timeout | undefined;

  constructor(options: Http1PoolOptions) {
    this.#options = options;
    this.#requests = new Http1Requests(options.host);
  }

  /** Open sockets. */
  get connections(): number {
    return this.#sockets;
  }

  get idle(): boolean {
    return !this.#waiting.first && this.#free.length === this.#connections.size;
  }

  /** Throws when the request is none that could be sent. */
  send(request: HttpRequest, signal: AbortSignal): Promise<TransportOutcome> {
    const exchange = new Http1Exchange(this.#requests.of(request), request, signal, this);
    this.#waiting.add(exchange);
    this.#wake();
    return exchange.outcome;
  }

  /** Ends every request and connection. */
  async close(): Promise<void> {
    for (const exchange of this.#waiting.all()) this.#giveUp(exchange, "CLOSED");
    for (const connection of [...this.#connections]) connection.end("CLOSED");
    await Promise.all(this.#open);
  }

  abort(exchange: Http1Exchange): void {
    this.#giveUp(exchange, "ABORTED");
  }

  free(connection: Http1Connection): void {
    this.#free.push(connection);
    this.#wake();
  }

  left(connection: Http1Connection): void {
    this.#connections.delete(connection);
    const index = this.#free.indexOf(connection);
    if (index >= 0) this.#free.splice(index, 1);
    if (this.#connections.size === 0) {
      clearInterval(this.#heart);
      this.#heart = undefined;
    }
    this.#wake();
  }

  opened(by: 1 | -1): void {
    this.#sockets += by;
  }

  #giveUp(exchange: Http1Exchange, reason: string): void {
    if (exchange.connection) exchange.connection.end(reason);
    else {
      this.#waiting.remove(exchange);
      exchange.fail(this.#sockets > 0 ? "not_sent" : "connect_failed", reason);
    }
  }

  /**
   * Requests are written once per turn of the event loop, after all that came in was read: both sides then have many at
   * a time to do, and are woken less often. And whoever gives up in the same turn provably sent nothing.
   */
  #wake(): void {
    this.#turn ??= setImmediate(() => {
      this.#turn = undefined;
      this.#assign();
      for (const connection of this.#free) connection.rest();
    });
  }

  #assign(): void {
    for (let exchange = this.#waiting.first; exchange; exchange = this.#waiting.first) {
      const connection = this.#takeFree() ?? this.#newConnection();
      if (!connection) return;
      this.#waiting.remove(exchange);
      connection.start(exchange);
    }
  }

  #takeFree(): Http1Connection | undefined {
    const connection = this.#free.pop();
    if (!connection || connection.expires_ms > performance.now()) return connection;
    // The time of all others may be over too; each leaves when its turn comes, or with the next beat.
    connection.retire();
    return undefined;
  }

  #newConnection(): Http1Connection | undefined {
    const { connect, max_connections, beat_ms = 1000 } = this.#options;
    if (this.#connections.size >= max_connections) return undefined;
    const connection = new Http1Connection(connect, this);
    this.#connections.add(connection);
    const { closed } = connection;
    this.#open.add(closed);
    void closed.then(() => this.#open.delete(closed));
    this.#heart ??= setInterval(() => this.#beat(), beat_ms).unref();
    return connection;
  }

  #beat(): void {
    const now = performance.now();
    for (const connection of [...this.#free]) if (connection.expires_ms <= now) connection.retire();
  }
}
