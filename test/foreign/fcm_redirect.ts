import http2 from "node:http2";
import tls from "node:tls";
import type { FcmService } from "../../src/testing/index.js";

/**
 * Leads this process' connections to Google's hosts to the emulator, and returns the function that ends it. Google's
 * libraries have these hosts built in; what they send stays their own but for one thing: firebase-admin's HTTP/2 client
 * says `:scheme: https:`, with a colon, which Node's server refuses as RFC 9113 section 8.3.1 demands.
 */
export function redirectGoogle({ port, ca, config }: FcmService): () => void {
  const ports: Readonly<Record<string, number>> = {
    "fcm.googleapis.com": port,
    "iid.googleapis.com": port,
    "oauth2.googleapis.com": Number(new URL(config.token_endpoint).port),
  };
  const connectTls = tls.connect;
  const connectHttp2 = http2.connect;

  tls.connect = ((...given: [number | tls.ConnectionOptions, ...unknown[]]) => {
    const options = readOptions(given);
    const local = ports[options.host ?? ""];
    const callback = given.find((argument) => typeof argument === "function") as (() => void) | undefined;
    if (local === undefined) throw new Error(`nobody may connect to ${options.host} here`);
    return connectTls({ ...options, host: "localhost", port: local, servername: "localhost", ca }, callback);
  }) as typeof tls.connect;

  http2.connect = ((...given: Parameters<typeof http2.connect>) => {
    const session = connectHttp2(...given);
    const request = session.request.bind(session);
    session.request = (headers, options) => request({ ...headers, ":scheme": "https" }, options);
    return session;
  }) as typeof http2.connect;

  return () => {
    tls.connect = connectTls;
    http2.connect = connectHttp2;
  };
}

/** `tls.connect(options)` or `tls.connect(port, host, options)`. */
function readOptions([first, ...rest]: readonly [
  number | tls.ConnectionOptions,
  ...unknown[],
]): tls.ConnectionOptions {
  if (typeof first === "object") return first;
  const host = rest.find((argument) => typeof argument === "string");
  const options = rest.find((argument) => typeof argument === "object");
  return { ...(options as tls.ConnectionOptions | undefined), ...(host === undefined ? {} : { host }) };
}
