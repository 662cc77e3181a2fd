import type { Transport } from "../codec.js";
import { Dialler, type DiallerOptions } from "./dialler.js";
import { Http2Pool } from "./http2_pool.js";
import { WATCH_TIMES, type WatchTimes } from "./http2_watch.js";
import { originOf } from "./origin.js";
import { Pools } from "./pools.js";

export interface Http2TransportOptions extends DiallerOptions {
  /** Default 10. Requests that find no free stream on them wait. */
  readonly max_sessions_per_origin?: number | undefined;
  /** Requests at once on one connection, however many more its host allows. Default 1000. */
  readonly max_streams_per_session?: number | undefined;
  /** How long a host may take to allow a first stream, or the next once it allows none. Default 10,000. */
  readonly settings_timeout_ms?: number | undefined;
  /** A connection without requests is closed after this long when there are others to its host. Default 60,000. */
  readonly surplus_session_ms?: number | undefined;
  /** The last one to its host is closed after this long without requests. Default 3,600,000. */
  readonly idle_session_ms?: number | undefined;
  /** The number of a connection's first stream: after 2,147,483,647 it takes no more. Default 1. */
  readonly first_stream_id?: number | undefined;
  /** When a silent connection is asked, and when it is given up. */
  readonly watch?: Partial<WatchTimes> | undefined;
}

/**
 * HTTPS over HTTP/2 (RFC 9113), many requests at once on few connections, one pool per origin, guard and client
 * certificate. A redirect is an answer like any other, the body of an answer is cut at 64 KiB, and a failure says how far
 * the request got: a stream that ends without a whole answer is a failure, whatever ended it.
 *
 * `reason` of a failure is a short code: `ECONNREFUSED`, `CERT_HAS_EXPIRED`, `H2_NOT_OFFERED`, `H2_SETTINGS_TIMEOUT`,
 * `H2_PING_TIMEOUT`, `H2_CONNECTION_CLOSED`, `ABORTED`; `GOAWAY_…` and `H2_…` with the name of an error code of HTTP/2.
 */
export function createHttp2Transport(
  options: Http2TransportOptions = {},
  dialler = new Dialler(options),
): Transport {
  const pools = new Pools(
    (connection, name) =>
      new Http2Pool({
        authority: originOf(connection.key).host,
        connect: dialler.to(connection, name, "h2"),
        max_sessions: options.max_sessions_per_origin ?? 10,
        max_streams: options.max_streams_per_session ?? 1000,
        patience_ms: options.settings_timeout_ms ?? 10_000,
        surplus_ms: options.surplus_session_ms ?? 60_000,
        idle_ms: options.idle_session_ms ?? 3_600_000,
        first_stream_id: options.first_stream_id,
        watch: { ...WATCH_TIMES, ...options.watch },
      }),
  );
  return {
    send: (request, settings) => pools.send(request, settings),
    close: () => pools.close(),
    connections: () => pools.connections,
  };
}
