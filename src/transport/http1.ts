import type { Connection, HttpRequest, Transport, TransportOptions, TransportOutcome } from "../codec.js";
import { type Lookup, reasonOf } from "./dial.js";
import { isAt, originOf } from "./origin.js";
import { OriginPool, type UndiciClient } from "./origin_pool.js";
import { trust } from "./trust.js";

export type { Lookup } from "./dial.js";

export interface Http1TransportOptions {
  /** URL of a CONNECT proxy, or `"env"` to follow HTTPS_PROXY and NO_PROXY. Default: none. */
  readonly proxy?: string | undefined;
  /** Extra trusted certificates, PEM. The default ones stay, and verification cannot be switched off. */
  readonly ca?: string | readonly string[] | undefined;
  /** Answers with all addresses of a name. Default: `dns.lookup`. */
  readonly lookup?: Lookup | undefined;
  /** From the question for the name to the end of the TLS handshake. Default 10,000. */
  readonly connect_timeout_ms?: number | undefined;
  /** Default 64. Requests above it wait for a connection. */
  readonly max_connections_per_origin?: number | undefined;
}

/**
 * HTTPS over HTTP/1.1 with kept-alive connections, one pool per origin and guard. A redirect is an answer like any
 * other, the body of an answer is cut at 64 KiB, and a failure says how far the request got.
 *
 * `reason` of a failure is a short code (`ECONNREFUSED`, `CERT_HAS_EXPIRED`, `UND_ERR_SOCKET`, `ABORTED`), never a URL.
 */
export function createHttp1Transport(options: Http1TransportOptions = {}): Transport {
  return new Http1Transport(options);
}

/** Pools beyond this are closed when they are idle, the least recently used one first. */
const MAX_POOLS = 256;

class Http1Transport implements Transport {
  readonly #options: Http1TransportOptions;
  readonly #secure_context;
  /** The least recently used one comes first. */
  readonly #pools = new Map<string, OriginPool>();
  #Client: UndiciClient | undefined;
  #closed: Promise<void> | undefined;

  constructor(options: Http1TransportOptions) {
    this.#options = options;
    this.#secure_context = trust(options.ca);
  }

  async send(request: HttpRequest, { signal, connection }: TransportOptions): Promise<TransportOutcome> {
    try {
      // Loaded at the first send: nothing else of the package takes as long to load.
      this.#Client ??= (await import("undici")).Client;
      if (this.#closed) return notSent("CLOSED");
      if (signal.aborted) return notSent("ABORTED");
      if (!connection.key.startsWith("https:")) return notSent("HTTPS_REQUIRED");
      if (!isAt(connection.key, request.url)) return notSent("ORIGIN_MISMATCH");
      return await this.#pool(this.#Client, connection).send(request, signal);
    } catch (error) {
      return notSent(reasonOf(error));
    }
  }

  close(): Promise<void> {
    this.#closed ??= Promise.all([...this.#pools.values()].map((pool) => pool.close())).then(() => undefined);
    return this.#closed;
  }

  connections(): number {
    return [...this.#pools.values()].reduce((sum, pool) => sum + pool.connections, 0);
  }

  /** A connection to a host that the operator chose is never lent to a stranger, hence the guard in the name. */
  #pool(ClientClass: UndiciClient, { key, guard }: Connection): OriginPool {
    const name = `${guard} ${key}`;
    const pool = this.#pools.get(name) ?? this.#newPool(ClientClass, key, guard);
    this.#pools.delete(name);
    this.#pools.set(name, pool);
    return pool;
  }

  #newPool(ClientClass: UndiciClient, key: string, guard: Connection["guard"]): OriginPool {
    for (const [name, pool] of this.#pools) {
      if (this.#pools.size < MAX_POOLS) break;
      if (pool.idle) {
        this.#pools.delete(name);
        void pool.close();
      }
    }
    const { proxy, lookup, connect_timeout_ms = 10_000, max_connections_per_origin = 64 } = this.#options;
    return new OriginPool(ClientClass, {
      origin: originOf(key),
      guard,
      secure_context: this.#secure_context,
      proxy,
      lookup,
      connect_timeout_ms,
      max_connections: max_connections_per_origin,
    });
  }
}

function notSent(reason: string): TransportOutcome {
  return { outcome: "failure", reach: "not_sent", reason };
}
