import type { HttpRequest, Transport, TransportOptions, TransportOutcome } from "../codec.js";
import { reasonOf } from "./dial.js";
import { Dialler, type DiallerOptions } from "./dialler.js";
import { originOf } from "./origin.js";
import { OriginPool, type UndiciClient } from "./origin_pool.js";
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
  #Client: UndiciClient | undefined;

  constructor(dialler: Dialler, max_connections: number) {
    this.#pools = new Pools((connection, name) => {
      const connect = dialler.to(connection, name, "http/1.1");
      // `send` has loaded it.
      return new OriginPool(this.#Client as UndiciClient, {
        origin: originOf(connection.key).origin,
        connect,
        max_connections,
      });
    });
  }

  send(request: HttpRequest, options: TransportOptions): Promise<TransportOutcome> {
    return this.#Client ? this.#pools.send(request, options) : this.#loadAndSend(request, options);
  }

  close(): Promise<void> {
    return this.#pools.close();
  }

  connections(): number {
    return this.#pools.connections;
  }

  /** At the first send: nothing else of the package takes as long to load. */
  async #loadAndSend(request: HttpRequest, options: TransportOptions): Promise<TransportOutcome> {
    try {
      this.#Client ??= (await import("undici")).Client;
      return await this.#pools.send(request, options);
    } catch (error) {
      return { outcome: "failure", reach: "not_sent", reason: reasonOf(error) };
    }
  }
}
