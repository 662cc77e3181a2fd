import { constants, type ServerHttp2Stream } from "node:http2";
import { type Answer, type Exchange, type RequestHead, readHeaders, readWhole } from "./exchange.js";
import type { Fault } from "./faults.js";
import { GARBAGE, HUGE_BODY_BYTES, MISSING_BYTES } from "./http1_faults.js";
import type { Http2Connection, StreamOpening } from "./http2_connection.js";
import type { Http2FaultKind, Http2FaultOptions } from "./http2_faults.js";
import { pause, pieces } from "./pieces.js";

type Struck = Fault<Http2FaultKind, Http2FaultOptions>;

const { NGHTTP2_INTERNAL_ERROR, NGHTTP2_NO_ERROR, NGHTTP2_REFUSED_STREAM } = constants;

export class Http2Exchange implements Exchange<Struck> {
  readonly head: RequestHead;
  readonly #stream: ServerHttp2Stream;
  readonly #connection: Http2Connection;

  constructor(
    stream: ServerHttp2Stream,
    { raw_headers, exceeds_limit }: StreamOpening,
    connection: Http2Connection,
    origin: string,
  ) {
    this.#stream = stream;
    this.#connection = connection;
    const pseudo = (name: string) => raw_headers[raw_headers.indexOf(name) + 1] ?? "";
    this.head = {
      method: pseudo(":method"),
      origin,
      path: pseudo(":path"),
      ...readHeaders(raw_headers),
      connection,
      stream_id: stream.id,
      exceeds_limit,
    };
  }

  async readBody(): Promise<Buffer | undefined> {
    const body = await readWhole(this.#stream);
    // A stream that its sender has reset ends like a whole one, but it is closed.
    return !this.#stream.closed && this.isHeard() ? body : undefined;
  }

  isHeard(): boolean {
    return this.#connection.listensTo(this.#stream);
  }

  commit(): void {
    this.#connection.commit(this.#stream);
  }

  send(answer: Answer): void {
    const body = Buffer.from(answer.body ?? "");
    if (this.#begin(answer, body.length) && body.length > 0) this.#stream.end(body);
  }

  forewarn({ kind, options }: Struck): void {
    const { id = 1 } = this.#stream;
    const { error_code = NGHTTP2_NO_ERROR, debug_data = "" } = options;
    if (kind === "goaway") this.#connection.goAway(id, error_code, debug_data);
    if (kind === "goaway_unprocessed") this.#connection.goAway(Math.max(0, id - 2), error_code, debug_data);
  }

  async strike({ kind, options }: Struck, answer: Answer): Promise<void> {
    const stream = this.#stream;
    const connection = this.#connection;
    switch (kind) {
      case "close":
        return connection.hangUp();
      case "reset":
        return connection.reset();
      case "half_response":
        await this.#sendHalf(answer);
        return connection.hangUp();
      case "stall":
      case "expired_credentials":
        return;
      case "garbage":
        return connection.hangUp(GARBAGE);
      case "huge_body":
        return this.send({ ...answer, body: Buffer.alloc(HUGE_BODY_BYTES, "x") });
      case "goaway":
        return this.send(answer);
      case "goaway_unprocessed":
        // A later stream has been processed, so that GOAWAY could not name this one.
        if (this.isHeard()) connection.resetStream(stream, NGHTTP2_REFUSED_STREAM);
        return;
      case "refused_stream":
        return connection.resetStream(stream, NGHTTP2_REFUSED_STREAM);
      case "rst":
        return connection.resetStream(stream, options.error_code ?? NGHTTP2_INTERNAL_ERROR);
      case "stream_limit":
        connection.limitStreams(options.limit ?? 1);
        return this.send(answer);
      case "split":
        return this.#split(answer, options);
    }
  }

  /** The head, with the announced length. False when the client is gone. */
  #begin({ status, headers }: Answer, length: number): boolean {
    const stream = this.#stream;
    if (stream.destroyed || stream.headersSent) return false;
    const announced = length > 0 ? { "content-length": length } : {};
    stream.respond({ ":status": status, ...allowed(headers), ...announced }, { endStream: length === 0 });
    return true;
  }

  async #sendHalf(answer: Answer): Promise<void> {
    // An empty body has no half; that some of it is written is how we know that the head was.
    const body = Buffer.from(answer.body?.length ? answer.body : " ");
    if (this.#begin(answer, body.length + MISSING_BYTES)) await this.#write(body);
  }

  async #split(answer: Answer, { cut_at, pause_ms }: Http2FaultOptions): Promise<void> {
    const body = Buffer.from(answer.body ?? "");
    if (cut_at === undefined && pause_ms === undefined) this.#connection.dribble(this.#stream);
    if (!this.#begin(answer, body.length)) return;
    for (const piece of pieces(body, cut_at)) {
      await this.#write(piece);
      await pause(pause_ms);
    }
    this.#stream.end();
  }

  /** Resolves when the bytes are on the wire, in a DATA frame of their own, or will never be. */
  #write(bytes: Buffer): Promise<void> {
    return new Promise((resolve) => this.#stream.write(bytes, () => resolve()));
  }
}

/** RFC 9113 section 8.2.2: these are about an HTTP/1.1 connection, and an error here. */
function allowed(headers: Answer["headers"] = {}): Record<string, string> {
  const forbidden = [
    "connection",
    "keep-alive",
    "proxy-connection",
    "transfer-encoding",
    "upgrade",
    "content-length",
  ];
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !forbidden.includes(name.toLowerCase())),
  );
}
