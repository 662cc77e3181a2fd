import type { HttpRequest } from "../codec.js";
import { Http1Error } from "./http1_error.js";
import { pathOf } from "./origin.js";

/** Names beyond these are checked again each time. */
const MAX_NAMES = 64;

/** Writes the requests to one origin out (RFC 9112, section 3). */
export class Http1Requests {
  readonly #fixed: string;
  /** Names that are fit, with the value that was the last fit one: the next is often the same. */
  readonly #fit = new Map<string, string>();

  /** `host`: and its port where that is not 443. */
  constructor(host: string) {
    this.#fixed = ` HTTP/1.1\r\nhost: ${host}\r\nconnection: keep-alive\r\n`;
  }

  /** Head and body. Throws an `Http1Error` for what would be another request than the caller meant, or two. */
  of({ method, url, headers, body }: HttpRequest): Buffer {
    const path = pathOf(url);
    if (!METHOD.test(method) || method === "CONNECT" || !PATH.test(path)) throw unfit();
    const length = body === undefined ? 0 : typeof body === "string" ? Buffer.byteLength(body) : body.length;
    let head = `${method} ${path}${this.#fixed}`;
    for (const name of Object.keys(headers)) {
      const value = headers[name] ?? "";
      if (this.#fit.get(name) !== value && !this.#check(name, value, length)) continue;
      head += `${name}: ${value}\r\n`;
    }
    // RFC 9110, section 8.6: for a method that usually has content, none is said as well.
    head += length > 0 || USUALLY_HAS_CONTENT.test(method) ? `content-length: ${length}\r\n\r\n` : "\r\n";
    const bytes = Buffer.allocUnsafe(head.length + length);
    bytes.write(head, "latin1");
    if (typeof body === "string") bytes.write(body, head.length);
    else if (body) bytes.set(body, head.length);
    return bytes;
  }

  /** False: it is ours to say. */
  #check(name: string, value: string, length: number): boolean {
    if (!(this.#fit.has(name) || NAME.test(name)) || !VALUE.test(value)) throw unfit();
    const lower = name.toLowerCase();
    if (lower === "expect") throw new Http1Error("UND_ERR_NOT_SUPPORTED");
    if (lower === "content-length") {
      if (value !== `${length}`) throw new Http1Error("UND_ERR_REQ_CONTENT_LENGTH_MISMATCH");
      return false;
    }
    if (this.#fit.size < MAX_NAMES || this.#fit.has(name)) this.#fit.set(name, value);
    return true;
  }
}

const METHOD = /^[A-Z]+$/;
const USUALLY_HAS_CONTENT = /^(?:POST|PUT|PATCH)$/;
const PATH = /^[!-~\u0080-\u00ff]+$/;
/** A token, and none that says how this connection is used: that is not for requests to say. */
const NAME =
  /^(?!(?:connection|host|keep-alive|proxy-connection|te|trailer|transfer-encoding|upgrade)$)[!#$%&'*+\-.^_`|~\dA-Za-z]+$/i;
const VALUE = /^[\t -~\u0080-\u00ff]*$/;

function unfit(): Http1Error {
  return new Http1Error("UND_ERR_INVALID_ARG");
}
