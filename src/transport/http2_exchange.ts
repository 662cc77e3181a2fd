import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  constants,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from "node:http2";
import {
  type HttpRequest,
  type HttpResponse,
  MAX_ANSWER_BYTES,
  type Reach,
  type TransportOutcome,
} from "../codec.js";

/** A request that is answered before all of it was sent has this long to be sent. */
const UNWANTED_MS = 1000;

/** What an exchange wants to know of the connection that carries it. */
export interface Carrier {
  /** It has brought an answer. */
  proven: boolean;
  /** Takes it out of use for new requests. */
  readonly retire: () => void;
  /** A request that was sent `waited_ms` ago was given up. */
  gaveUp(waited_ms: number): void;
  /** A stream is no more. */
  readonly streamClosed: () => void;
  /** Whether the peer said that it did not process this stream, and never will. */
  refused(stream: ClientHttp2Stream): boolean;
  /** Why a stream brought no answer. */
  reasonFor(stream: ClientHttp2Stream): string;
}

/**
 * One request on its way over a stream of its own. It settles exactly once: with the whole answer, or with how far the
 * request got, because that decides whether sending it again can make a duplicate.
 */
export class Http2Exchange {
  readonly #headers: OutgoingHttpHeaders;
  readonly #body: HttpRequest["body"];
  readonly #max: number;
  #settle: ((outcome: TransportOutcome) => void) | undefined;
  #stream: ClientHttp2Stream | undefined;
  #carrier: Carrier | undefined;
  #started_ms = 0;
  #answer: IncomingHttpHeaders | undefined;
  readonly #chunks: Buffer[] = [];
  #length = 0;
  #complete = false;

  constructor(
    headers: OutgoingHttpHeaders,
    { body, max_answer_bytes = MAX_ANSWER_BYTES }: HttpRequest,
    settle: (outcome: TransportOutcome) => void,
  ) {
    this.#headers = headers;
    this.#body = body;
    this.#max = max_answer_bytes;
    this.#settle = settle;
  }

  /** Sends it. Throws when the connection takes no streams. */
  start(session: ClientHttp2Session, carrier: Carrier): void {
    const stream = session.request(this.#headers, { endStream: this.#body === undefined });
    this.#stream = stream;
    this.#carrier = carrier;
    this.#started_ms = performance.now();
    this.#watchEnd(stream);
    stream.on("response", (headers) => {
      this.#answer = headers;
    });
    stream.on("data", (chunk: Buffer) => this.#receive(chunk, carrier));
    // All streams of a connection that broke share one Error object; what it means for each of them is in its state.
    stream.on("error", ignore);
    stream.on("close", () => {
      this.#finish(stream, carrier);
      carrier.streamClosed();
    });
    if (this.#body !== undefined) stream.end(this.#body);
    // Its numbers for streams are used up.
    if (stream.id === undefined) carrier.retire();
  }

  /** Settles it without an answer and resets its stream. `reach` is how far it got if it was not started. */
  fail(reach: Reach, reason: string): void {
    const stream = this.#stream;
    this.settle({ outcome: "failure", reach: stream ? "maybe_sent" : reach, reason });
    stream?.close(constants.NGHTTP2_CANCEL);
    this.#carrier?.gaveUp(performance.now() - this.#started_ms);
  }

  /** Settles it, unless it is settled. */
  settle(outcome: TransportOutcome): void {
    const settle = this.#settle;
    this.#settle = undefined;
    settle?.(outcome);
  }

  /**
   * Node ends the readable side alike when the peer says END_STREAM and when the stream is closed without it, be it by
   * RST_STREAM with NO_ERROR (RFC 9113, section 8.1) or with its connection. The difference: only then is it closed
   * before it ends.
   */
  #watchEnd(stream: ClientHttp2Stream): void {
    const push = stream.push;
    stream.push = (chunk: unknown, encoding?: BufferEncoding) => {
      if (chunk === null && !stream.closed) {
        this.#complete = true;
        // An early answer. What remains of the request is usually on its way; if not, the peer does not want it.
        if (!stream.writableFinished)
          stream.setTimeout(UNWANTED_MS, () => stream.close(constants.NGHTTP2_CANCEL));
      }
      return push.call(stream, chunk, encoding);
    };
  }

  #receive(chunk: Buffer, carrier: Carrier): void {
    if (!this.#settle) return;
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    if (this.#length <= this.#max) return;
    this.#answered(carrier);
    this.#stream?.close(constants.NGHTTP2_CANCEL);
  }

  #finish(stream: ClientHttp2Stream, carrier: Carrier): void {
    if (!this.#settle) return;
    if (this.#complete && this.#answer) {
      this.#answered(carrier);
      return;
    }
    // Who has begun to answer has begun to process, whatever else it says.
    const reach = !this.#answer && carrier.refused(stream) ? "not_sent" : "maybe_sent";
    this.settle({ outcome: "failure", reach, reason: carrier.reasonFor(stream) });
  }

  #answered(carrier: Carrier): void {
    carrier.proven = true;
    this.settle({ outcome: "response", response: this.#response(), retire: carrier.retire });
  }

  #response(): HttpResponse {
    const headers: Record<string, string> = {};
    for (const name in this.#answer) {
      const value = this.#answer[name];
      if (!name.startsWith(":")) headers[name] = Array.isArray(value) ? value.join(", ") : (value ?? "");
    }
    return {
      status: Number(this.#answer?.[":status"]),
      headers,
      body: Buffer.concat(this.#chunks, Math.min(this.#length, this.#max)),
      truncated: this.#length > this.#max,
    };
  }
}

function ignore(): void {}
