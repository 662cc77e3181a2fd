import type { TLSSocket } from "node:tls";
import { reasonOf } from "./dial.js";
import { HpackError } from "./hpack_decoder.js";
import { HeadReader, MAX_LIST_BYTES } from "./http2_answer.js";
import type { Http2Exchange } from "./http2_exchange.js";
import {
  CODE,
  DEFAULT_WINDOW,
  errorName,
  Http2Violation,
  MAX_WINDOW,
  PREFACE,
  SETTING,
} from "./http2_frames.js";
import { Outbox } from "./http2_outbox.js";
import { type FrameListener, FrameReader } from "./http2_reader.js";
import { Http2Sender } from "./http2_sender.js";
import { OpenStreams } from "./http2_streams.js";

/** Whom a connection tells what became of it. */
export interface ConnectionOwner {
  /** SETTINGS have come. Undefined: the peer names no limit for streams. */
  onSettings(max_streams: number | undefined): void;
  /** It takes no new streams. */
  onGoaway(): void;
  /** It takes and brings nothing any more. */
  onEnd(): void;
  onStreamClosed(): void;
  /** There is something to flush. */
  wake(): void;
}

/** For answers: 64 KiB, the default, is less than a full load of small ones in one round trip. */
const WINDOW_BYTES = 1_048_576;

/** What a peer makes us say, but does not read, is not more than so many frames. */
const MAX_REPLIES = 1000;

/** Of streams that were reset so many are remembered: their peer may not know yet. */
const MAX_CANCELLED = 10_000;

/**
 * The client's side of one HTTP/2 connection (RFC 9113). It writes nothing by itself: what there is to be said leaves
 * with `flush`.
 */
export class Http2Connection implements FrameListener {
  readonly streams = new OpenStreams();
  /** Bytes that have come in. */
  heard = 0;
  /** What the peer allows for a header, as RFC 9113 section 6.5.2 counts it. */
  max_header_bytes = Number.POSITIVE_INFINITY;
  /** Nothing is sent or heard any more, though the socket may still be open. */
  ended = false;
  /** Why it takes no more streams, once it does not. */
  reason: string | undefined;

  readonly #socket: TLSSocket;
  readonly #owner: ConnectionOwner;
  readonly #reader = new FrameReader(this);
  readonly #heads = new HeadReader();
  readonly #outbox = new Outbox();
  readonly #sender = new Http2Sender(this.#outbox);
  readonly #cancelled = new Set<number>();
  /** Answered before all of them was sent. */
  readonly #unwanted = new Set<Http2Exchange>();
  #next_id: number;
  #flushed_id = 0;
  #max_streams: number | undefined;
  #initial_window = DEFAULT_WINDOW;
  #unacknowledged = 0;
  #replies = 0;

  constructor(socket: TLSSocket, owner: ConnectionOwner, first_id = 1) {
    this.#socket = socket;
    this.#owner = owner;
    this.#next_id = first_id;
    this.#greet();
    socket.on("data", (chunk: Buffer) => this.#receive(chunk));
    socket.on("drain", () => owner.wake());
    socket.on("error", (error) => this.end(reasonOf(error)));
    socket.once("end", () => this.end("H2_CONNECTION_CLOSED"));
    socket.once("close", () => this.end("H2_CONNECTION_CLOSED"));
  }

  /** Its numbers for streams are used up. */
  get exhausted(): boolean {
    return this.#next_id > MAX_WINDOW;
  }

  /** Opens a stream. */
  start(exchange: Http2Exchange): void {
    exchange.id = this.#next_id;
    this.#next_id += 2;
    this.streams.add(exchange);
    this.#sender.open(exchange);
  }

  /** Ends a stream. */
  reset(exchange: Http2Exchange, code: number): void {
    const { id } = exchange;
    if (!this.#close(exchange)) return;
    const [oldest = 0] = this.#cancelled;
    if (this.#cancelled.size >= MAX_CANCELLED) this.#cancelled.delete(oldest);
    this.#cancelled.add(id);
    this.#outbox.reset(id, code);
    this.#owner.wake();
    exchange.lose("maybe_sent", `H2_${errorName(code)}`);
  }

  ping(): void {
    this.#outbox.ping();
    this.#owner.wake();
  }

  /** To be called at regular times. */
  beat(): void {
    this.#reader.breathe();
    // What remains of a request is usually on its way when its answer comes; if not, the peer does not want it.
    for (const exchange of this.#unwanted) this.reset(exchange, CODE.cancel);
    for (const exchange of this.#sender.uploads) if (exchange.complete) this.#unwanted.add(exchange);
  }

  /** Writes what there is to be said. */
  flush(): void {
    const socket = this.#socket;
    if (this.#sender.uploads.size > 0) this.#sender.upload(socket.writableLength, this.#sent);
    if (this.#outbox.length === 0 || !socket.writable) return;
    if (!socket.writableNeedDrain) this.#replies = 0;
    this.#flushed_id = this.#next_id - 2;
    for (const bytes of this.#outbox.take()) socket.write(bytes);
  }

  /** Ends it with all that is open on it. */
  end(reason: string, code: number = CODE.no_error): void {
    if (this.ended) return;
    this.ended = true;
    this.reason ??= reason;
    this.#sender.uploads.clear();
    this.#outbox.goaway(code);
    this.flush();
    // Not destroyed: with something unread that would be a reset, and that overtakes the GOAWAY.
    this.#socket.end();
    this.#owner.onEnd();
    for (const exchange of this.streams.all())
      exchange.lose(exchange.id > this.#flushed_id ? "not_sent" : "maybe_sent", this.reason);
    this.streams.clear();
  }

  onData(id: number, bytes: Buffer, start: number, end: number, size: number, last: boolean): void {
    this.#unacknowledged += size;
    if (this.#unacknowledged >= WINDOW_BYTES / 2) {
      this.#widen(0, this.#unacknowledged);
      this.#unacknowledged = 0;
    }
    const exchange = this.#streamOf(id);
    if (!exchange) {
      if (!this.#cancelled.has(id)) this.onStreamError(id, CODE.stream_closed);
      return;
    }
    this.#goOn(exchange, exchange.onData(bytes, start, end, last), last);
    exchange.unacknowledged += size;
    if (exchange.unacknowledged < DEFAULT_WINDOW / 2 || exchange.complete || !this.streams.get(id)) return;
    this.#widen(id, exchange.unacknowledged);
    exchange.unacknowledged = 0;
  }

  onBlock(id: number, bytes: Buffer, start: number, end: number, last: boolean): void {
    const exchange = this.#streamOf(id);
    // Also when nobody wants it: it may change what later ones mean.
    const head = this.#heads.read(bytes, start, end);
    if (!exchange) {
      if (!this.#cancelled.has(id)) throw new Http2Violation(CODE.stream_closed);
      return;
    }
    this.#goOn(exchange, typeof head === "number" ? head : exchange.onHead(head, last), last);
  }

  onReset(id: number, code: number): void {
    const exchange = this.#streamOf(id);
    if (!exchange || !this.#close(exchange)) return;
    exchange.lose(code === CODE.refused_stream ? "refused" : "maybe_sent", `H2_${errorName(code)}`);
  }

  onSetting(parameter: number, value: number): void {
    if (parameter === SETTING.header_table_size) this.#sender.encoder.resize(value);
    else if (parameter === SETTING.max_concurrent_streams) this.#max_streams = value;
    else if (parameter === SETTING.max_header_list_size) this.max_header_bytes = value;
    else if (parameter === SETTING.initial_window_size) this.#initial_window = value;
  }

  onSettings(): void {
    // Section 6.9.2: open streams get or lose the difference, if need be below zero.
    const by = this.#initial_window - this.#sender.initial_window;
    if (by !== 0) for (const exchange of this.streams.all()) exchange.window = widened(exchange.window, by);
    this.#sender.initial_window = this.#initial_window;
    this.#reply();
    this.#outbox.acknowledgeSettings();
    this.#owner.onSettings(this.#max_streams);
  }

  onPing(data: Buffer): void {
    this.#reply();
    this.#outbox.acknowledgePing(data);
  }

  onGoaway(last_id: number, code: number): void {
    this.reason ??= `GOAWAY_${errorName(code)}`;
    this.#owner.onGoaway();
    for (const exchange of this.streams.all()) {
      if (exchange.id <= last_id) continue;
      this.#close(exchange);
      exchange.lose("not_sent", this.reason);
    }
    if (code !== CODE.no_error) this.end(this.reason);
  }

  onWindow(id: number, increment: number): void {
    const exchange = id > 0 ? this.#streamOf(id) : undefined;
    if (id === 0) this.#sender.window = widened(this.#sender.window, increment);
    else if (exchange && exchange.window + increment > MAX_WINDOW)
      this.reset(exchange, CODE.flow_control_error);
    else if (exchange) exchange.window += increment;
    if (this.#sender.uploads.size > 0) this.#owner.wake();
  }

  onStreamError(id: number, code: number): void {
    if (this.#isIdle(id)) throw new Http2Violation(code);
    const exchange = this.streams.get(id);
    if (exchange) {
      this.reset(exchange, code);
      return;
    }
    this.#reply();
    this.#outbox.reset(id, code);
  }

  #greet(): void {
    this.#outbox.at += this.#outbox.bytes.write(PREFACE, "latin1");
    this.#outbox.settings([
      [SETTING.enable_push, 0],
      [SETTING.max_header_list_size, MAX_LIST_BYTES],
    ]);
    this.#outbox.windowUpdate(0, WINDOW_BYTES - DEFAULT_WINDOW);
    this.flush();
  }

  /** Whatever comes, nothing is thrown from here, and nothing stays unsettled. */
  #receive(chunk: Buffer): void {
    if (this.ended) return;
    this.heard += chunk.length;
    try {
      this.#reader.read(chunk);
    } catch (error) {
      const otherwise = error instanceof HpackError ? CODE.compression_error : CODE.internal_error;
      const code = error instanceof Http2Violation ? error.code : otherwise;
      this.end(`H2_${errorName(code)}`, code);
    }
  }

  /** Undefined: it is closed. There is nothing to say about one that was never opened (section 5.1). */
  #streamOf(id: number): Http2Exchange | undefined {
    const exchange = this.streams.get(id);
    if (!exchange && this.#isIdle(id)) throw new Http2Violation(CODE.protocol_error);
    return exchange;
  }

  /** It was never opened. Even numbers are the peer's, who opens none. */
  #isIdle(id: number): boolean {
    return id % 2 === 0 || id >= this.#next_id;
  }

  /** With an error code the stream breaks; after its last frame it is closed, unless the request is still on its way. */
  #goOn(exchange: Http2Exchange, code: number | undefined, last: boolean): void {
    if (code !== undefined) this.reset(exchange, code);
    else if (last && !this.#sender.uploads.has(exchange)) this.#close(exchange);
  }

  readonly #sent = (exchange: Http2Exchange): void => {
    if (exchange.complete) this.#close(exchange);
  };

  /** False: it was closed before. */
  #close(exchange: Http2Exchange): boolean {
    if (!this.streams.delete(exchange)) return false;
    this.#sender.uploads.delete(exchange);
    this.#unwanted.delete(exchange);
    this.#owner.onStreamClosed();
    return true;
  }

  /** Something is to be said that the peer made us say. */
  #reply(): void {
    this.#replies += 1;
    if (this.#replies > MAX_REPLIES) throw new Http2Violation(CODE.enhance_your_calm);
    this.#owner.wake();
  }

  #widen(id: number, bytes: number): void {
    this.#outbox.windowUpdate(id, bytes);
    this.#owner.wake();
  }
}

/** Throws when a window gets wider than windows may be (section 6.9.1). */
function widened(window: number, by: number): number {
  if (window + by > MAX_WINDOW) throw new Http2Violation(CODE.flow_control_error);
  return window + by;
}
