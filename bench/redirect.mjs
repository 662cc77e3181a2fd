import http2 from "node:http2";
import { Socket } from "node:net";

/** Hosts that libraries have built in. Connections to them are led to the sink, so its certificate names them. */
export const HARD_CODED_HOSTS = [
  "fcm.googleapis.com",
  "oauth2.googleapis.com",
  "www.googleapis.com",
  "api.push.apple.com",
  "bench.notify.windows.com",
  "login.live.com",
];

const LOOPBACK = ["localhost", "127.0.0.1", "::1"];

/**
 * Leads this process's connections to hosts that a library has built in to the sink. Everything above the TCP connection
 * stays as it is: the name that TLS asks for and verifies, and the request. Nothing leaves the machine: a connection to
 * any other host throws.
 *
 * @param {number} port
 */
export function redirectHardCodedHosts(port) {
  const { connect } = Socket.prototype;
  Socket.prototype.connect = /** @type {typeof connect} */ (
    function (/** @type {any[]} */ ...args) {
      // Node hands over its own, normalized arguments as an array: [[options, callback]].
      const options = Array.isArray(args[0]) ? args[0][0] : args[0];
      const host = options?.host ?? "localhost";
      if (HARD_CODED_HOSTS.includes(host)) Object.assign(options, { host: "127.0.0.1", port });
      else if (!LOOPBACK.includes(host) && !options?.path)
        throw new Error(`the benchmark does not connect to ${host}`);
      return Reflect.apply(connect, this, args);
    }
  );
}

/**
 * firebase-admin sends `:scheme: https:`, with the colon, which HTTP/2 forbids (RFC 9113, section 8.3.1). Google's
 * servers let it pass, nginx does not. Costs less than a microsecond.
 */
export function correctScheme() {
  const { connect } = http2;
  http2.connect = (/** @type {any[]} */ ...args) => {
    const session = Reflect.apply(connect, http2, args);
    const { request } = session;
    session.request = (/** @type {Record<string, unknown>} */ headers, /** @type {unknown} */ options) => {
      if (headers[":scheme"] === "https:") headers[":scheme"] = "https";
      return request.call(session, headers, options);
    };
    return session;
  };
}
