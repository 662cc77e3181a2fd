import type { Dispatcher } from "undici";
import { type HttpRequest, MAX_ANSWER_BYTES, type Reach, type TransportOutcome } from "../codec.js";
import { DialError, reasonOf } from "./dial.js";
import { pathOf } from "./origin.js";

/**
 * One request on its way through undici. It watches how far the request gets, because that decides whether sending it
 * again can make a duplicate, and settles exactly once, whatever undici has to say later.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly options: Dispatcher.DispatchOptions;
  #settle: ((outcome: TransportOutcome) => void) | undefined;
  #started = false;
  #status = 0;
  #headers: Record<string, string> = {};
  readonly #chunks: Uint8Array[] = [];
  #length = 0;
  readonly #max: number;

  constructor(request: HttpRequest, settle: (outcome: TransportOutcome) => void) {
    const { method, url, headers, body, max_answer_bytes = MAX_ANSWER_BYTES } = request;
    this.#max = max_answer_bytes;
    this.options = {
      method: method as Dispatcher.HttpMethod,
      path: pathOf(url),
      headers,
      body: body ?? null,
    };
    this.#settle = settle;
  }

  /** Settles it without an answer. `reach` is how far it got if nothing of it was written yet. */
  fail(reach: Reach, reason: string): void {
    this.#finish({ outcome: "failure", reach: this.#started ? "maybe_sent" : reach, reason });
  }

  /** The connection is there; the request is written as soon as this returns. */
  onRequestStart(): void {
    // Whatever undici makes of a connection that broke: nothing is written that was given up, and nothing twice.
    if (!this.#settle || this.#started) throw new Error("no longer wanted");
    this.#started = true;
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (status < 200) return;
    this.#status = status;
    this.#headers = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [
        name,
        Array.isArray(value) ? value.join(", ") : (value ?? ""),
      ]),
    );
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    if (this.#length > this.#max) this.onResponseEnd();
  }

  onResponseEnd(): void {
    const truncated = this.#length > this.#max;
    const body = Buffer.concat(this.#chunks, Math.min(this.#length, this.#max));
    this.#finish({
      outcome: "response",
      response: { status: this.#status, headers: this.#headers, body, truncated },
    });
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: Error): void {
    if (!(error instanceof DialError)) this.fail("not_sent", reasonOf(error));
    else if (error.forbidden) this.#finish({ outcome: "forbidden", reason: error.reason });
    else this.fail("connect_failed", error.reason);
  }

  #finish(outcome: TransportOutcome): void {
    this.#settle?.(outcome);
    this.#settle = undefined;
  }
}
