import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from "node:http2";
import type { TLSSocket } from "node:tls";
import { reasonOf } from "./dial.js";
import type { Carrier, Http2Exchange } from "./http2_exchange.js";
import { Watch, type WatchTimes } from "./http2_watch.js";

export interface Http2SessionOptions {
  readonly origin: URL;
  /** Streams at once, even if the peer allows more. */
  readonly max_streams: number;
  /** A peer that allows no stream for this long is left. */
  readonly patience_ms: number;
  readonly watch: WatchTimes;
}

/** For answers: 64 KiB, the default, is less than a full load of small ones in one round trip. */
const WINDOW_BYTES = 1_048_576;

/** Streams are bounded by number; what Node does at this bound is to break open ones. In MB. */
const MAX_MEMORY = 1000;

/**
 * One HTTP/2 connection: how many streams it takes, and what its end means for those that are open. It calls `changed`
 * when it takes more of them, or no more, and when it has ended.
 */
export class Http2Session implements Carrier {
  /** Streams that are open now. */
  open = 0;
  /** Streams it takes at once. 0 until the peer's SETTINGS have come. */
  limit = 0;
  /** Beats since it had a stream. */
  idle_beats = 0;
  proven = false;
  /** The connection is closed. */
  ended = false;

  readonly #socket: TLSSocket;
  readonly #http2: ClientHttp2Session;
  readonly #changed: () => void;
  readonly #watch: Watch;
  readonly #patience_ms: number;
  readonly #doubt_ms: number;
  #patience: NodeJS.Timeout | undefined;
  #greeted = false;
  #retired = false;
  #held = true;
  #destroyed_for_a_beat = false;
  /** What had been heard of it when it came into doubt. */
  #doubted_at: number | undefined;
  #goaway: { readonly code: number; readonly last_id: number } | undefined;
  #reason: string | undefined;

  constructor(socket: TLSSocket, options: Http2SessionOptions, changed: () => void) {
    const { origin, max_streams, patience_ms, watch } = options;
    this.#socket = socket;
    this.#changed = changed;
    this.#watch = new Watch(watch);
    this.#doubt_ms = watch.doubt_ms;
    this.#patience_ms = patience_ms;
    this.#http2 = connect(origin, {
      createConnection: () => socket,
      settings: { enablePush: false },
      maxSessionMemory: MAX_MEMORY,
    });
    this.#http2.setLocalWindowSize(WINDOW_BYTES);
    this.#wait();
    this.#http2.on("remoteSettings", ({ maxConcurrentStreams = max_streams }) => {
      this.#greeted = true;
      this.limit = Math.min(maxConcurrentStreams, max_streams);
      if (this.limit === 0) this.#wait();
      else this.#stopWaiting();
      changed();
    });
    this.#http2.on("goaway", (code, last_id) => {
      this.#goaway = { code, last_id: Math.min(last_id, this.#goaway?.last_id ?? last_id) };
      this.#retire(`GOAWAY_${errorName(code)}`);
    });
    const failed = (error: Error) => {
      this.#reason ??= reasonOf(error);
    };
    this.#http2.on("error", failed);
    socket.on("error", failed);
    socket.once("close", () => {
      this.ended = true;
      this.#stopWaiting();
      this.#retire();
      changed();
    });
  }

  get usable(): boolean {
    return !this.#retired && !this.#http2.closed && !this.#http2.destroyed;
  }

  /** How many more streams it takes. */
  get room(): number {
    return this.usable && !this.doubtful ? this.limit - this.open : 0;
  }

  gaveUp(waited_ms: number): void {
    if (Math.min(waited_ms, this.#watch.silence_ms) < this.#doubt_ms) return;
    this.#doubted_at = this.#socket.bytesRead;
    this.#changed();
  }

  /** It may be dead: somebody waited long for an answer, and nothing at all has come in since. */
  get doubtful(): boolean {
    return this.#doubted_at === this.#socket.bytesRead;
  }

  /** Why it takes no more streams. */
  get reason(): string {
    return this.#reason ?? "H2_CONNECTION_CLOSED";
  }

  /** Throws when the request cannot be sent; then nothing of it was. */
  start(exchange: Http2Exchange): void {
    exchange.start(this.#http2, this);
    this.open += 1;
    this.idle_beats = 0;
  }

  readonly streamClosed = (): void => {
    this.open -= 1;
    if (this.#retired && this.open === 0) this.#http2.destroy();
    this.#changed();
  };

  readonly retire = (): void => this.#retire();

  refused({ id, rstCode }: ClientHttp2Stream): boolean {
    const { NGHTTP2_REFUSED_STREAM } = constants;
    if (id === undefined || id > (this.#goaway?.last_id ?? id)) return true;
    // With a GOAWAY of that code Node gives it to every stream, also to those that the peer has processed.
    return rstCode === NGHTTP2_REFUSED_STREAM && this.#goaway?.code !== NGHTTP2_REFUSED_STREAM;
  }

  reasonFor(stream: ClientHttp2Stream): string {
    const above = this.#goaway && (stream.id ?? 0) > this.#goaway.last_id;
    return above || this.#http2.destroyed ? this.reason : `H2_${errorName(stream.rstCode ?? 0)}`;
  }

  /** Whether it keeps the process alive. */
  hold(on: boolean): void {
    if (on === this.#held) return;
    this.#held = on;
    if (on) this.#http2.ref();
    else this.#http2.unref();
  }

  /** Looks after it; to be called at regular times. */
  beat(): void {
    this.idle_beats += this.open > 0 ? 0 : 1;
    if (this.#http2.destroyed) {
      // It has had its time to say goodbye.
      if (this.#destroyed_for_a_beat) this.#socket.destroy();
      this.#destroyed_for_a_beat = true;
      return;
    }
    const verdict = this.#watch.beat(this.#socket.bytesRead, this.open > 0 || this.doubtful);
    if (verdict === "dead") this.destroy("H2_PING_TIMEOUT");
    else if (verdict === "ping") this.#ask();
  }

  /** Ends it at once, with all of its streams. */
  destroy(reason: string): void {
    this.#reason ??= reason;
    this.#retired = true;
    this.#http2.destroy();
    this.#socket.destroy();
  }

  /** Resolves once the connection is closed. */
  async end(): Promise<void> {
    if (!this.ended) await new Promise((resolve) => this.#socket.once("close", resolve));
  }

  #retire(reason?: string): void {
    this.#reason ??= reason;
    if (this.#retired) return;
    this.#retired = true;
    if (this.open === 0) this.#http2.destroy();
    this.#changed();
  }

  /** Node sends no PING once a GOAWAY has come; SETTINGS must be answered as well (RFC 9113, section 6.5). */
  #ask(): void {
    if (this.#http2.closed) this.#http2.settings({ enablePush: false });
    else this.#http2.ping(() => {});
  }

  #wait(): void {
    const over = () => this.#retire(this.#greeted ? "H2_NO_STREAMS" : "H2_SETTINGS_TIMEOUT");
    this.#patience ??= setTimeout(over, this.#patience_ms).unref();
  }

  #stopWaiting(): void {
    clearTimeout(this.#patience);
    this.#patience = undefined;
  }
}

const NAMES = [
  ...["NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT"],
  ...["STREAM_CLOSED", "FRAME_SIZE_ERROR", "REFUSED_STREAM", "CANCEL", "COMPRESSION_ERROR"],
  ...["CONNECT_ERROR", "ENHANCE_YOUR_CALM", "INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED"],
];

/** RFC 9113, section 7. */
function errorName(code: number): string {
  return NAMES[code] ?? `ERROR_${code}`;
}
