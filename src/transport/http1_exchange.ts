import { type HttpRequest, MAX_ANSWER_BYTES, type Reach, type TransportOutcome } from "../codec.js";
import type { Member } from "../roster.js";
import { announce } from "./answers.js";
import type { Http1Connection } from "./http1_connection.js";
import { Http1Reader } from "./http1_reader.js";

/** Who is told that the caller does not want an answer any more. */
export interface Abortable {
  abort(exchange: Http1Exchange): void;
}

/**
 * One request on its way. It settles exactly once: with an answer, or with how far the request got, because that decides
 * whether sending it again can make a duplicate.
 */
export class Http1Exchange implements Member<Http1Exchange> {
  before: Http1Exchange | undefined;
  after: Http1Exchange | undefined;
  readonly outcome: Promise<TransportOutcome>;
  readonly reader: Http1Reader;
  /** What it is on its way over; absent: it waits. */
  connection: Http1Connection | undefined;
  #bytes: Buffer | undefined;
  #resolve: ((outcome: TransportOutcome) => void) | undefined;
  readonly #signal: AbortSignal;
  readonly #owner: Abortable;

  /** `bytes`: the request as it is written. */
  constructor(bytes: Buffer, request: HttpRequest, signal: AbortSignal, owner: Abortable) {
    this.#bytes = bytes;
    this.reader = new Http1Reader(request.method !== "HEAD", request.max_answer_bytes ?? MAX_ANSWER_BYTES);
    this.outcome = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.#signal = signal;
    this.#owner = owner;
    signal.addEventListener("abort", this);
  }

  /** The signal's. */
  handleEvent(): void {
    this.#owner.abort(this);
  }

  /** What is to be written, once, and only as long as somebody wants it. From here on it may have been sent. */
  take(): Buffer {
    const bytes = this.#bytes;
    if (!bytes || !this.#resolve) throw new Error("no longer wanted");
    this.#bytes = undefined;
    return bytes;
  }

  /** Settles it with the answer that was read. */
  answer(retire: () => void): void {
    const { response } = this.reader;
    announce(response);
    this.settle({ outcome: "response", response, retire });
  }

  /** Settles it without an answer. `reach` is how far it got if nothing of it was written yet. */
  fail(reach: Reach, reason: string): void {
    this.settle({ outcome: "failure", reach: this.#bytes ? reach : "maybe_sent", reason });
  }

  /** Settles it, unless it is settled. */
  settle(outcome: TransportOutcome): void {
    const resolve = this.#resolve;
    if (!resolve) return;
    this.#resolve = undefined;
    this.#signal.removeEventListener("abort", this);
    resolve(outcome);
  }
}
