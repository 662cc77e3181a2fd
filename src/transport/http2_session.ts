import type { TLSSocket } from "node:tls";
import { type ConnectionOwner, Http2Connection } from "./http2_connection.js";
import type { Carrier, Http2Exchange } from "./http2_exchange.js";
import { CODE } from "./http2_frames.js";
import { Watch, type WatchTimes } from "./http2_watch.js";

export interface Http2SessionOptions {
  /** Streams at once, even if the peer allows more. */
  readonly max_streams: number;
  /** A peer that allows no stream for this long is left. */
  readonly patience_ms: number;
  readonly watch: WatchTimes;
  /** The number of the first stream. Default 1. */
  readonly first_stream_id?: number | undefined;
}

/** Whom a session tells what became of it. */
export interface SessionOwner {
  /** It takes more streams, or no more, or has ended. */
  changed(session: Http2Session): void;
  /** There is something to flush, or room for one more. */
  wake(): void;
}

/** One HTTP/2 connection in use: how many streams it takes, whether it is still there, and when it is left. */
export class Http2Session implements Carrier, ConnectionOwner {
  /** Streams it takes at once. 0 until the peer's SETTINGS have come. */
  limit = 0;
  /** Beats since it had a stream. */
  idle_beats = 0;
  proven = false;
  /** The connection is closed. */
  ended = false;

  readonly #socket: TLSSocket;
  readonly #options: Http2SessionOptions;
  readonly #owner: SessionOwner;
  readonly #watch: Watch;
  readonly #connection: Http2Connection;
  #patience: NodeJS.Timeout | undefined;
  #greeted = false;
  #retired = false;
  #held = true;
  #ended_for_a_beat = false;
  /** What had been heard of it when it came into doubt. */
  #doubted_at: number | undefined;

  constructor(socket: TLSSocket, options: Http2SessionOptions, owner: SessionOwner) {
    this.#socket = socket;
    this.#options = options;
    this.#owner = owner;
    this.#watch = new Watch(options.watch);
    this.#connection = new Http2Connection(socket, this, options.first_stream_id);
    this.#wait();
    socket.once("close", () => {
      this.ended = true;
      owner.changed(this);
    });
  }

  /** Streams that are open now. */
  get open(): number {
    return this.#connection.streams.size;
  }

  get usable(): boolean {
    return !this.#retired;
  }

  /** How many more streams it takes. */
  get room(): number {
    return this.#retired || this.doubtful ? 0 : this.limit - this.open;
  }

  /** It may be dead: somebody waited long for an answer, and nothing at all has come in since. */
  get doubtful(): boolean {
    return this.#doubted_at === this.#connection.heard;
  }

  /** Why it takes no more streams. */
  get reason(): string {
    return this.#connection.reason ?? "H2_CONNECTION_CLOSED";
  }

  /** Sends a request, with the next flush. */
  start(exchange: Http2Exchange): void {
    if (exchange.header.size > this.#connection.max_header_bytes) {
      exchange.fail("not_sent", "HEADERS_TOO_LONG");
      return;
    }
    exchange.carriedBy(this);
    this.#connection.start(exchange);
    this.idle_beats = 0;
    if (this.#connection.exhausted) this.retire();
  }

  flush(): void {
    if (!this.#connection.ended) this.#connection.flush();
  }

  readonly retire = (): void => this.#retire();

  gaveUp(exchange: Http2Exchange, waited_ms: number): void {
    this.#connection.reset(exchange, CODE.cancel);
    const { doubt_ms } = this.#options.watch;
    if (Math.min(waited_ms, this.#watch.silence_ms) < doubt_ms) return;
    this.#doubted_at = this.#connection.heard;
    this.#owner.changed(this);
  }

  onSettings(max_streams: number | undefined): void {
    this.#greeted = true;
    this.limit = Math.min(max_streams ?? this.#options.max_streams, this.#options.max_streams);
    if (this.limit === 0) this.#wait();
    else this.#stopWaiting();
    this.#owner.changed(this);
  }

  onGoaway(): void {
    this.#retire();
  }

  onEnd(): void {
    this.#stopWaiting();
    this.#retire();
    this.hold(false);
  }

  onStreamClosed(): void {
    if (this.#retired && this.open === 0) this.#leave();
    this.#owner.wake();
  }

  wake(): void {
    this.#owner.wake();
  }

  /** Whether it keeps the process alive. */
  hold(on: boolean): void {
    if (on === this.#held) return;
    this.#held = on;
    if (on) this.#socket.ref();
    else this.#socket.unref();
  }

  /** Looks after it; to be called at regular times. */
  beat(): void {
    this.idle_beats += this.open > 0 ? 0 : 1;
    if (this.#connection.ended) {
      // It has had its time to say goodbye.
      if (this.#ended_for_a_beat) this.#socket.destroy();
      this.#ended_for_a_beat = true;
      return;
    }
    this.#connection.beat();
    const verdict = this.#watch.beat(this.#connection.heard, this.open > 0 || this.doubtful);
    if (verdict === "dead") this.destroy("H2_PING_TIMEOUT");
    else if (verdict === "ping") this.#connection.ping();
  }

  /** Ends it at once, with all of its streams. */
  destroy(reason: string): void {
    this.#connection.end(reason);
    this.#socket.destroy();
  }

  /** Resolves once the connection is closed. */
  async end(): Promise<void> {
    if (!this.ended) await new Promise((resolve) => this.#socket.once("close", resolve));
  }

  #retire(reason?: string): void {
    this.#connection.reason ??= reason;
    if (this.#retired) return;
    this.#retired = true;
    if (this.open === 0) this.#leave();
    this.#owner.changed(this);
  }

  #leave(): void {
    this.#connection.end("H2_CONNECTION_CLOSED");
  }

  #wait(): void {
    const over = () => this.#retire(this.#greeted ? "H2_NO_STREAMS" : "H2_SETTINGS_TIMEOUT");
    this.#patience ??= setTimeout(over, this.#options.patience_ms).unref();
  }

  #stopWaiting(): void {
    clearTimeout(this.#patience);
    this.#patience = undefined;
  }
}
