import type { HttpRequest, Transport, TransportOptions, TransportOutcome } from "../codec.js";
import { Dialler, WRONG_PROTOCOL } from "./dialler.js";
import { createHttp1Transport, type Http1TransportOptions } from "./http1.js";
import { createHttp2Transport, type Http2TransportOptions } from "./http2.js";
import { poolName } from "./pools.js";

export interface HttpsTransportOptions extends Http1TransportOptions, Http2TransportOptions {}

/**
 * HTTPS as `connection.protocol` asks for it: HTTP/1.1, HTTP/2, or what the host picks (`alpn`). What it picked is
 * remembered; it is asked again with every connection, so it may change its mind.
 */
export function createTransport(options: HttpsTransportOptions = {}): Transport {
  return new HttpsTransport(options);
}

/** More hosts than this are forgotten and asked again. */
const MAX_REMEMBERED = 1024;

/** A host that picks another protocol each time is not followed for ever. */
const MAX_TURNS = 4;

class HttpsTransport implements Transport {
  readonly #dialler: Dialler;
  readonly #http1: Transport;
  readonly #http2: Transport;
  /** The pools whose host picks HTTP/1.1. */
  readonly #prefers_http1 = new Set<string>();
  #closed: Promise<void> | undefined;

  constructor(options: HttpsTransportOptions) {
    this.#dialler = new Dialler(options, { offers_both: true });
    this.#http1 = createHttp1Transport(options, this.#dialler);
    this.#http2 = createHttp2Transport(options, this.#dialler);
  }

  send(request: HttpRequest, options: TransportOptions): Promise<TransportOutcome> {
    const { protocol } = options.connection;
    if (protocol === "alpn") return this.#sendAsPicked(request, options);
    return (protocol === "h1" ? this.#http1 : this.#http2).send(request, options);
  }

  close(): Promise<void> {
    this.#dialler.close();
    this.#closed ??= Promise.all([this.#http1.close(), this.#http2.close()]).then(() => undefined);
    return this.#closed;
  }

  connections(): number {
    return (this.#http1.connections?.() ?? 0) + (this.#http2.connections?.() ?? 0) + this.#dialler.spares;
  }

  async #sendAsPicked(request: HttpRequest, options: TransportOptions): Promise<TransportOutcome> {
    const name = poolName(options.connection);
    for (let turn = 1; ; turn += 1) {
      const over_http1 = this.#prefers_http1.has(name);
      const outcome = await (over_http1 ? this.#http1 : this.#http2).send(request, options);
      const wrong = WRONG_PROTOCOL[over_http1 ? "http/1.1" : "h2"];
      if (outcome.outcome !== "failure" || outcome.reason !== wrong || turn === MAX_TURNS) return outcome;
      if (over_http1) this.#prefers_http1.delete(name);
      else this.#remember(name);
    }
  }

  #remember(name: string): void {
    if (this.#prefers_http1.size >= MAX_REMEMBERED) this.#prefers_http1.clear();
    this.#prefers_http1.add(name);
  }
}
