import type { HttpRequest, Transport, TransportOptions, TransportOutcome } from "../codec.js";
import { Dialler, type DiallerOptions } from "./dialler.js";
import { Http1Pool } from "./http1_pool.js";
import { originOf } from "./origin.js";
import { Pools } from "./pools.js";

export type { Lookup } from "./dial.js";

export interface Http1TransportOptions extends DiallerOptions {
  /** Default 64. Requests above it wait for a connection. */
  readonly max_connections_per_origin?: number | undefined;
}

/**
 * HTTPS over HTTP/1.1 with kept-alive connections, one pool per origin, guard and client certificate. A redirect is an
 * answer like any other, the body of an answer is cut at 64 KiB, and a failure says how far the request got.
 *
 * `reason` of a failure is a short code (`ECONNREFUSED`, `CERT_HAS_EXPIRED`, `UND_ERR_SOCKET`, `ABORTED`), never a URL.
 * `retire` of an answer keeps the connection that brought it from being used again.
 */
export function createHttp1Transport(
  options: Http1TransportOptions = {},
  dialler = new Dialler(options),
): Transport {
  return new Http1Transport(dialler, options.max_connections_per_origin ?? 64);
}

class Http1Transport implements Transport {
  readonly #pools: Pools;

  constructor(dialler: Dialler, max_connections: number) {
    this.#pools = new Pools((connection, name) => {
      const connect = dialler.to(connection, name, "http/1.1");
      return new Http1Pool({ host: originOf(connection.key).host, connect, max_connections });
    });
  }

  send(request: HttpRequest, options: TransportOptions): Promise<TransportOutcome> {
    return this.#pools.send(request, options);
  }

  close(): Promise<void> {
    return this.#pools.close();
  }

  connections(): number {
    return this.#pools.connections;
  }
}
