import { type HttpRequest, MAX_ANSWER_BYTES, type Reach, type TransportOutcome } from "../codec.js";
import type { Member } from "../roster.js";
import { announce } from "./answers.js";
import type { Head } from "./http2_answer.js";
import { CODE } from "./http2_frames.js";
import type { RequestHeader } from "./http2_headers.js";

const NOTHING = Buffer.alloc(0);

/** The connection that carries an exchange, as the exchange sees it. */
export interface Carrier {
  /** It has brought an answer. */
  proven: boolean;
  /** Takes it out of use for new requests. */
  readonly retire: () => void;
  /** A request that was sent `waited_ms` ago was given up. */
  gaveUp(exchange: Http2Exchange, waited_ms: number): void;
}

/** Who is told that the caller does not want an answer any more. */
export interface Abortable {
  abort(exchange: Http2Exchange): void;
}

/**
 * One request on its way over a stream of its own. It settles exactly once: with the whole answer, or with how far the
 * request got, because that decides whether sending it again can make a duplicate.
 */
export class Http2Exchange implements Member<Http2Exchange> {
  /** Among those that wait. */
  before: Http2Exchange | undefined;
  after: Http2Exchange | undefined;
  readonly header: RequestHeader;
  readonly body: string | Uint8Array;
  readonly outcome: Promise<TransportOutcome>;
  /** Of its stream, for the connection: number, room to send, what came since room was given, what is still to be sent. */
  id = 0;
  window = 0;
  unacknowledged = 0;
  unsent: Buffer = NOTHING;
  /** The whole answer is there. */
  complete = false;

  readonly #max: number;
  readonly #has_body: boolean;
  readonly #signal: AbortSignal;
  readonly #owner: Abortable;
  #resolve: ((outcome: TransportOutcome) => void) | undefined;
  #carrier: Carrier | undefined;
  #started_ms = 0;
  /** Something of an answer has come: who has begun to answer has begun to process, whatever else it says. */
  #begun = false;
  #head: Head | undefined;
  #body: Buffer = NOTHING;
  #chunks: Buffer[] | undefined;
  #length = 0;

  constructor(header: RequestHeader, request: HttpRequest, signal: AbortSignal, owner: Abortable) {
    this.header = header;
    this.body = request.body ?? "";
    this.#has_body = request.method !== "HEAD";
    this.#max = request.max_answer_bytes ?? MAX_ANSWER_BYTES;
    this.#signal = signal;
    this.#owner = owner;
    this.outcome = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    signal.addEventListener("abort", this);
  }

  /** The signal's. */
  handleEvent(): void {
    this.#owner.abort(this);
  }

  /** Its stream was opened. */
  carriedBy(carrier: Carrier): void {
    this.#carrier = carrier;
    this.#started_ms = performance.now();
  }

  /** A header block has come. Answers with an error code when that breaks the stream (RFC 9113, section 8.1.1). */
  onHead(head: Head, last: boolean): number | undefined {
    if (this.complete) return CODE.stream_closed;
    this.#begun = true;
    const informational = head.status > 0 && head.status < 200;
    const trailers = this.#head !== undefined;
    // Trailers have no status and come last; everything else has one, and what is informational is not the end.
    if (trailers ? head.status > 0 || !last : head.status === 0 || (informational && last))
      return CODE.protocol_error;
    if (!trailers && !informational) this.#head = head;
    return last ? this.#end() : undefined;
  }

  /** A part of the body has come. Likewise; `CANCEL` when no more of it is wanted. */
  onData(bytes: Buffer, start: number, end: number, last: boolean): number | undefined {
    if (this.complete) return CODE.stream_closed;
    if (!this.#head) return CODE.protocol_error;
    if (end > start) {
      this.#keep(bytes, start, Math.min(end, start + this.#max - this.#length));
      this.#length += end - start;
    }
    if (this.#length > this.#expected) return CODE.protocol_error;
    if (this.#length > this.#max) {
      this.#answered();
      return CODE.cancel;
    }
    return last ? this.#end() : undefined;
  }

  /** Settles it without an answer. `reach` is how far it got if it was not started. */
  fail(reach: Reach, reason: string): void {
    const carrier = this.#carrier;
    this.settle({ outcome: "failure", reach: carrier ? "maybe_sent" : reach, reason });
    carrier?.gaveUp(this, performance.now() - this.#started_ms);
  }

  /** Its stream is no more. Settles it, unless it was answered. */
  lose(reach: Reach, reason: string): void {
    this.settle({ outcome: "failure", reach: this.#begun ? "maybe_sent" : reach, reason });
  }

  /** Settles it, unless it is settled. */
  settle(outcome: TransportOutcome): void {
    const resolve = this.#resolve;
    if (!resolve) return;
    this.#resolve = undefined;
    this.#signal.removeEventListener("abort", this);
    resolve(outcome);
  }

  get #expected(): number {
    return (this.#has_body ? this.#head?.length : undefined) ?? Number.POSITIVE_INFINITY;
  }

  /** A copy, so that an answer does not hold on to all that came along with it. */
  #keep(bytes: Buffer, start: number, end: number): void {
    const chunk = Buffer.from(bytes.subarray(start, end));
    if (this.#length === 0) {
      this.#body = chunk;
      return;
    }
    this.#chunks ??= [this.#body];
    this.#chunks.push(chunk);
  }

  #end(): number | undefined {
    const expected = this.#expected;
    if (Number.isFinite(expected) && this.#length !== expected) return CODE.protocol_error;
    this.complete = true;
    this.#answered();
    return undefined;
  }

  #answered(): void {
    const { status = 0, headers = {} } = this.#head ?? {};
    const body = this.#chunks ? Buffer.concat(this.#chunks) : this.#body;
    const response = { status, headers, body, truncated: this.#length > this.#max };
    if (this.#carrier) this.#carrier.proven = true;
    announce(response);
    this.settle({ outcome: "response", response, retire: this.#carrier?.retire });
  }
}
