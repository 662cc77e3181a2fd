import {
  constants,
  performServerHandshake,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { TLSSocket } from "node:tls";
import type { ClientCertificate, HttpConnection } from "./connection.js";
import { Http2Wire } from "./http2_wire.js";

export interface StreamOpening {
  readonly raw_headers: readonly string[];
  /** The client could not know better yet (RFC 9113 section 6.5.3). */
  readonly exceeds_limit: boolean;
}

export interface Http2ConnectionOptions {
  readonly id: number;
  readonly client_certificate: ClientCertificate | undefined;
  readonly max_concurrent_streams: number;
  /** Cuts the TCP connection. */
  readonly reset: () => void;
  readonly onStream: (stream: ServerHttp2Stream, opening: StreamOpening, connection: Http2Connection) => void;
}

/** An HTTP/2 connection that can be ended in every way there is. */
export class Http2Connection implements HttpConnection {
  readonly http_version = "2";
  readonly id: number;
  readonly client_certificate: ClientCertificate | undefined;
  readonly #wire: Http2Wire;
  readonly #session: ServerHttp2Session;
  readonly #reset: () => void;
  readonly #open = new Set<ServerHttp2Stream>();
  #limit: number;
  /** The client has acknowledged the first SETTINGS. */
  #is_agreed = false;
  /** Of the streams that were processed. */
  #highest = 0;
  /** Of the streams that will be. */
  #last_id = Number.POSITIVE_INFINITY;
  #over = false;

  constructor(socket: TLSSocket, options: Http2ConnectionOptions) {
    this.id = options.id;
    this.client_certificate = options.client_certificate;
    this.#reset = options.reset;
    this.#limit = options.max_concurrent_streams;
    // The session would hold a client to the limit before it can know it. So the session is told of none, and the client is.
    this.#wire = new Http2Wire(socket, settingsFrame(this.#limit));
    this.#session = performServerHandshake(this.#wire, {
      // In megabytes. The default of 10 refuses streams while a huge answer is on its way.
      maxSessionMemory: 1000,
    });
    this.#session.on("error", () => {});
    this.#session.once("localSettings", () => {
      this.#is_agreed = true;
    });
    this.#session.on(
      "stream",
      (stream: ServerHttp2Stream, _headers: unknown, _flags: number, raw_headers: string[]) => {
        stream.on("error", () => {});
        if (!this.listensTo(stream)) return;
        const exceeds_limit = this.#isFull();
        if (exceeds_limit && this.#is_agreed) {
          this.resetStream(stream, constants.NGHTTP2_REFUSED_STREAM);
          return;
        }
        this.#open.add(stream);
        stream.once("close", () => this.#forget(stream));
        options.onStream(stream, { raw_headers, exceeds_limit }, this);
      },
    );
  }

  /**
   * RST_STREAM. None to a client that has hung up: Node writes it at once, also while it ends the connection, and asserts
   * that it does not.
   */
  resetStream(stream: ServerHttp2Stream, error_code: number): void {
    if (!this.#wire.readableEnded && !this.#wire.destroyed) stream.close(error_code);
  }

  limitStreams(count: number): void {
    if (count === this.#limit || this.#session.destroyed) return;
    this.#limit = count;
    this.#session.settings({ maxConcurrentStreams: count });
  }

  /** False for streams that the connection has said it will not process. */
  listensTo({ id = 0 }: ServerHttp2Stream): boolean {
    return !this.#over && id <= this.#last_id;
  }

  /** From now on this stream is one that has been processed. */
  commit({ id = 0 }: ServerHttp2Stream): void {
    this.#highest = Math.max(id, this.#highest);
  }

  /**
   * GOAWAY (RFC 9113 section 6.8), naming this stream as the last or, if that is higher, the last one that was processed.
   * The connection ends when the streams up to there are answered.
   */
  goAway(wanted: number, error_code: number, debug_data: string): void {
    const last_id = Math.max(wanted, this.#highest);
    this.#last_id = Math.min(last_id, this.#last_id);
    const data = Buffer.from(debug_data);
    // Node takes 0 for "the last one that came in".
    if (last_id === 0) this.#wire.write(goAwayFrame(error_code, data));
    else if (!this.#session.destroyed) this.#session.goaway(error_code, last_id, data);
    this.#endWhenDone();
  }

  /** FIN, after the answers so far and these bytes. Nothing that arrives from now on is processed. */
  async hangUp(last_words?: Buffer): Promise<void> {
    this.#over = true;
    // The session hands its frames to the wire at the end of the event loop's turn, a reset stream's one turn later.
    await nextTurn();
    await nextTurn();
    this.#wire.hangUp(last_words);
  }

  reset(): void {
    this.#over = true;
    this.#reset();
  }

  /** Until this stream is closed, every byte comes by itself. */
  dribble(stream: ServerHttp2Stream): void {
    this.#wire.dribbling += 1;
    stream.once("close", () => {
      this.#wire.dribbling -= 1;
    });
  }

  #isFull(): boolean {
    return (
      this.#open.size >= this.#limit && [...this.#open].filter(({ closed }) => !closed).length >= this.#limit
    );
  }

  #forget(stream: ServerHttp2Stream): void {
    this.#open.delete(stream);
    this.#endWhenDone();
  }

  #endWhenDone(): void {
    const is_leaving = this.#last_id < Number.POSITIVE_INFINITY;
    if (is_leaving && ![...this.#open].some((stream) => this.listensTo(stream))) void this.hangUp();
  }
}

/** RFC 9113 section 6.5, with SETTINGS_MAX_CONCURRENT_STREAMS. */
function settingsFrame(max_concurrent_streams: number): Buffer {
  const frame = Buffer.from([0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0]);
  frame.writeUInt32BE(max_concurrent_streams, 11);
  return frame;
}

/** With the last stream id 0. */
function goAwayFrame(error_code: number, data: Buffer): Buffer {
  const head = Buffer.alloc(17);
  head.writeUIntBE(8 + data.length, 0, 3);
  head.writeUInt8(7, 3);
  head.writeUInt32BE(error_code, 13);
  return Buffer.concat([head, data]);
}
