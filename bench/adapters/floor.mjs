/**
 * What a notification costs at the least: a request that is ready, an answer that is read to its end, and nothing in
 * between.
 */
import { connect } from "node:http2";
import { oneByOne } from "../drivers.mjs";
import { builtModule } from "../paths.mjs";

/** @typedef {import("./contender.mjs").Contender} Contender */
/** @typedef {{ path: string, headers: Record<string, string>, body: string | Uint8Array }} Request */

export const TRANSPORT_FLOOR = "bare transport of pushmux";

/**
 * The transport below pushmux's engine.
 *
 * @param {"h1" | "h2" | "alpn"} protocol
 * @param {(context: import("./contender.mjs").Context) => (number: number) => Request} requestsOf
 * @returns {Contender}
 */
export function bareTransport(protocol, requestsOf, name = TRANSPORT_FLOOR) {
  return {
    name,
    role: "floor",
    async open(context) {
      const { createTransport } = await import(builtModule("transport"));
      const transport = createTransport({ ca: context.ca });
      const requestOf = requestsOf(context);
      const connection = { key: context.origin, protocol, guard: "fixed" };
      // As many as are used at a time: that costs nothing, and listeners do not pile up on one of them.
      const signals = Array.from({ length: context.in_flight }, () => new AbortController().signal);
      const drive = oneByOne(async (number) => {
        const { path, headers, body } = requestOf(number);
        const request = { method: "POST", url: context.origin + path, headers, body };
        const signal = signals[number % context.in_flight];
        const sent = await transport.send(request, { signal, connection });
        if (sent.outcome !== "response") return sent.reason;
        return failureIn(sent.response.status);
      });
      return { drive, close: () => transport.close() };
    },
  };
}

/**
 * node:http2 by itself, one session.
 *
 * @param {(context: import("./contender.mjs").Context) => (number: number) => Request} requestsOf
 * @returns {Contender}
 */
export function bareHttp2(requestsOf, name = "bare node:http2") {
  return {
    name,
    role: "floor",
    async open(context) {
      const session = connect(context.origin, { ca: context.ca, maxSessionMemory: 1000 });
      await new Promise((resolve, reject) => session.once("remoteSettings", resolve).once("error", reject));
      const requestOf = requestsOf(context);
      return { drive: oneByOne((number) => post(session, requestOf(number))), close: () => session.close() };
    },
  };
}

/**
 * @param {import("node:http2").ClientHttp2Session} session
 * @param {Request} request
 * @returns {Promise<unknown>}
 */
function post(session, { path, headers, body }) {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ":method": "POST", ":path": path, ...headers });
    let status = 0;
    /** @type {Buffer[]} */
    const chunks = [];
    stream.on("response", (answer) => {
      status = Number(answer[":status"]);
    });
    stream.on("data", (chunk) => chunks.push(chunk));
    stream.on("error", reject);
    stream.on("end", () => {
      Buffer.concat(chunks);
      resolve(failureIn(status));
    });
    stream.end(body);
  });
}

/** @param {number} status */
export function failureIn(status) {
  return status === 200 || status === 201 ? undefined : `status ${status}`;
}
