import type { HttpRequest, TransportOutcome } from "../codec.js";
import { Roster } from "../roster.js";
import { DialError, reasonOf } from "./dial.js";
import type { Connect } from "./dialler.js";
import { type Abortable, Http2Exchange } from "./http2_exchange.js";
import { RequestHeaders } from "./http2_headers.js";
import { Http2Session, type Http2SessionOptions, type SessionOwner } from "./http2_session.js";
import type { Pool } from "./pools.js";

export interface Http2PoolOptions extends Http2SessionOptions {
  /** Host, and port where it is not 443. */
  readonly authority: string;
  readonly connect: Connect;
  readonly max_sessions: number;
  /** A session without streams is closed after this long when there are others. */
  readonly surplus_ms: number;
  /** So is the last one after this long. */
  readonly idle_ms: number;
}

/** After a failure no further session is opened for this long while there is one that works. */
const PAUSE_MS = 1000;

/**
 * The sessions to one origin, and the requests that wait for a stream on one of them.
 *
 * There are as many sessions as it takes to have every request on its way, at most `max_sessions`, and they are opened
 * one after the other. None is added while one allows a single stream: a peer that says so is about to learn who we are,
 * and to raise it; to open more meanwhile would look like an attack.
 */
export class Http2Pool implements Pool, Abortable, SessionOwner {
  readonly #options: Http2PoolOptions;
  readonly #headers: RequestHeaders;
  /** Not yet on a stream. */
  readonly #waiting = new Roster<Http2Exchange>();
  /** Those that take requests. The oldest is filled first, so that those which are too many fall idle. */
  readonly #sessions: Http2Session[] = [];
  /** Also those that only finish what they have. */
  readonly #all = new Set<Http2Session>();
  #dial: AbortController | undefined;
  readonly #dials = new Set<Promise<void>>();
  #paused_until = 0;
  #heart: NodeJS.Timeout | undefined;
  #turn: NodeJS.Immediate | undefined;

  constructor(options: Http2PoolOptions) {
    this.#options = options;
    this.#headers = new RequestHeaders(options.authority);
  }

  get connections(): number {
    return this.#all.size;
  }

  get idle(): boolean {
    return !this.#waiting.first && [...this.#all].every(({ open }) => open === 0);
  }

  /** Throws when the request is none that could be sent. */
  send(request: HttpRequest, signal: AbortSignal): Promise<TransportOutcome> {
    const exchange = new Http2Exchange(this.#headers.of(request), request, signal, this);
    this.#waiting.add(exchange);
    this.wake();
    return exchange.outcome;
  }

  /** Ends every request and connection. */
  async close(): Promise<void> {
    const ended = [...this.#all].map((session) => session.end());
    for (const exchange of this.#waiting.all()) this.#giveUp(exchange, "CLOSED");
    this.#dial?.abort();
    this.#dial = undefined;
    for (const session of this.#all) session.destroy("CLOSED");
    await Promise.all([...this.#dials, ...ended]);
  }

  /**
   * Whatever there is to be done is done once per turn of the event loop, after all that came in was read: then it is
   * written at once.
   */
  wake(): void {
    this.#turn ??= setImmediate(() => {
      this.#turn = undefined;
      this.#assign();
      for (const session of this.#all) session.flush();
    });
  }

  abort(exchange: Http2Exchange): void {
    this.#giveUp(exchange, "ABORTED");
    if (this.#waiting.first || this.#open) return;
    // Nobody wants what is not there yet.
    this.#dial?.abort();
    this.#dial = undefined;
    for (const session of this.#sessions)
      if (!session.proven && session.open === 0) session.destroy("ABORTED");
  }

  changed(session: Http2Session): void {
    const index = session.usable ? -1 : this.#sessions.indexOf(session);
    if (index >= 0) {
      this.#sessions.splice(index, 1);
      // One that ended before it was of use is a failed connect: to open the next at once could go on for ever.
      if (!session.proven) this.#failed(new DialError(session.reason));
    }
    if (session.ended) this.#all.delete(session);
    if (this.#all.size === 0) {
      clearInterval(this.#heart);
      this.#heart = undefined;
    }
    this.wake();
  }

  #giveUp(exchange: Http2Exchange, reason: string): void {
    if (exchange.id === 0) this.#waiting.remove(exchange);
    exchange.fail(this.#open ? "not_sent" : "connect_failed", reason);
  }

  /** There is a session with its SETTINGS. */
  get #open(): boolean {
    return this.#sessions.some(({ limit }) => limit > 0);
  }

  #assign(): void {
    for (const session of [...this.#sessions]) {
      while (this.#waiting.first && session.room > 0) {
        const exchange = this.#waiting.first;
        this.#waiting.remove(exchange);
        session.start(exchange);
      }
    }
    const somebody_waits = this.#waiting.first !== undefined;
    if (somebody_waits) this.#grow();
    for (const session of this.#sessions) session.hold(session.open > 0 || somebody_waits);
  }

  #grow(): void {
    if (this.#dial) return;
    const { length } = this.#sessions;
    const must_wait =
      length >= this.#options.max_sessions ||
      this.#sessions.some(({ limit, doubtful }) => limit <= 1 && !doubtful) ||
      performance.now() < this.#paused_until;
    if (length > 0 && must_wait) return;
    const dial = new AbortController();
    this.#dial = dial;
    const end = this.#openSession(dial);
    this.#dials.add(end);
    void end.then(() => this.#dials.delete(end));
  }

  async #openSession(dial: AbortController): Promise<void> {
    try {
      const socket = await this.#options.connect(dial.signal);
      if (this.#dial !== dial) socket.destroy();
      if (socket.destroyed) throw new DialError("ECONNRESET");
      const session = new Http2Session(socket, this.#options, this);
      this.#all.add(session);
      this.#sessions.push(session);
      this.#heart ??= setInterval(() => this.#beat(), this.#options.watch.beat_ms).unref();
    } catch (error) {
      if (this.#dial === dial)
        this.#failed(error instanceof DialError ? error : new DialError(reasonOf(error)));
    }
    if (this.#dial !== dial) return;
    this.#dial = undefined;
    this.wake();
  }

  /** Everybody who waited for the connection is told, unless there is another one to wait for. */
  #failed({ reason, forbidden }: DialError): void {
    this.#paused_until = performance.now() + PAUSE_MS;
    if (this.#sessions.length > 0) return;
    for (const exchange of this.#waiting.all()) {
      this.#waiting.remove(exchange);
      if (forbidden) exchange.settle({ outcome: "forbidden", reason });
      else exchange.fail("connect_failed", reason);
    }
  }

  #beat(): void {
    for (const session of this.#all) session.beat();
    const { watch, surplus_ms, idle_ms } = this.#options;
    for (const session of [...this.#sessions].reverse()) {
      const limit_ms = this.#sessions.length > 1 ? surplus_ms : idle_ms;
      if (session.idle_beats * watch.beat_ms >= limit_ms) session.retire();
    }
  }
}
