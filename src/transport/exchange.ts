import type { Dispatcher } from "undici";
import { type HttpRequest, MAX_ANSWER_BYTES, type Reach, type TransportOutcome } from "../codec.js";
import type { Member } from "../roster.js";
import { DialError, reasonOf } from "./dial.js";
import { pathOf } from "./origin.js";
import type { Lane } from "./origin_pool.js";

/** Who is told what becomes of an exchange. */
export interface ExchangeOwner {
  /** The caller does not want an answer any more. */
  aborted(exchange: Exchange): void;
  /** It is settled; called once. `whole`: by all of an answer. Returns how to retire its connection. */
  settled(exchange: Exchange, whole: boolean): (() => void) | undefined;
}

const NOTHING = Buffer.alloc(0);

/**
 * One request on its way through undici. It watches how far the request gets, because that decides whether sending it
 * again can make a duplicate, and settles exactly once, whatever undici has to say later.
 */
export class Exchange implements Dispatcher.DispatchHandler, Member<Exchange> {
  before: Exchange | undefined;
  after: Exchange | undefined;
  readonly options: Dispatcher.DispatchOptions;
  readonly outcome: Promise<TransportOutcome>;
  /** Where it is on its way; absent: it waits. */
  lane: Lane | undefined;
  #resolve: (outcome: TransportOutcome) => void = () => {};
  #owner: ExchangeOwner | undefined;
  readonly #signal: AbortSignal;
  #started = false;
  #status = 0;
  #headers: Record<string, string> = {};
  #body: Buffer = NOTHING;
  #chunks: Buffer[] | undefined;
  #length = 0;
  readonly #max: number;

  constructor(request: HttpRequest, signal: AbortSignal, owner: ExchangeOwner) {
    const { method, url, headers, body, max_answer_bytes = MAX_ANSWER_BYTES } = request;
    this.#max = max_answer_bytes;
    this.options = {
      method: method as Dispatcher.HttpMethod,
      path: pathOf(url),
      headers,
      body: body ?? null,
    };
    this.outcome = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.#owner = owner;
    this.#signal = signal;
    signal.addEventListener("abort", this);
  }

  /** The signal's. */
  handleEvent(): void {
    this.#owner?.aborted(this);
  }

  /** Settles it without an answer. `reach` is how far it got if nothing of it was written yet. */
  fail(reach: Reach, reason: string): void {
    this.#finish({ outcome: "failure", reach: this.#started ? "maybe_sent" : reach, reason });
  }

  /** The connection is there; the request is written as soon as this returns. */
  onRequestStart(): void {
    // Whatever undici makes of a connection that broke: nothing is written that was given up, and nothing twice.
    if (!this.#owner || this.#started) throw new Error("no longer wanted");
    this.#started = true;
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (status < 200) return;
    this.#status = status;
    for (const name of Object.keys(headers)) {
      const value = headers[name];
      if (typeof value !== "string") headers[name] = value?.join(", ") ?? "";
    }
    this.#headers = headers as Record<string, string>;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.#owner) return;
    if (this.#length === 0) this.#body = chunk;
    else {
      this.#chunks ??= [this.#body];
      this.#chunks.push(chunk);
    }
    this.#length += chunk.length;
    if (this.#length > this.#max) this.onResponseEnd();
  }

  onResponseEnd(): void {
    if (!this.#owner) return;
    const truncated = this.#length > this.#max;
    const whole = this.#chunks ? Buffer.concat(this.#chunks) : this.#body;
    const body = truncated ? whole.subarray(0, this.#max) : whole;
    const retire = this.#leave(!truncated);
    const response = { status: this.#status, headers: this.#headers, body, truncated };
    this.#resolve({ outcome: "response", response, retire });
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: Error): void {
    if (!(error instanceof DialError)) this.fail("not_sent", reasonOf(error));
    else if (error.forbidden) this.#finish({ outcome: "forbidden", reason: error.reason });
    else this.fail("connect_failed", error.reason);
  }

  #finish(outcome: TransportOutcome): void {
    if (!this.#owner) return;
    this.#leave(false);
    this.#resolve(outcome);
  }

  #leave(whole: boolean): (() => void) | undefined {
    const owner = this.#owner;
    this.#owner = undefined;
    this.#signal.removeEventListener("abort", this);
    return owner?.settled(this, whole);
  }
}
