import tls from "node:tls";

/**
 * Leads this process' connections to hosts that a client has built in (`host`, or `host:port`) to ports of this machine,
 * and returns the function that ends it. What is sent stays the client's own.
 */
export function lead(places: Readonly<Record<string, number>>, ca: string): () => void {
  const { connect } = tls;
  tls.connect = ((...given: unknown[]) => {
    const [options] = given as [tls.ConnectionOptions];
    const port = places[`${options.host}:${options.port}`] ?? places[options.host ?? ""];
    if (port === undefined) return (connect as (...given: unknown[]) => tls.TLSSocket)(...given);
    return connect({ ...options, host: "localhost", servername: "localhost", port, ca });
  }) as typeof tls.connect;
  return () => {
    tls.connect = connect;
  };
}
