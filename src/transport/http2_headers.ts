import type { HttpRequest } from "../codec.js";
import { pathOf } from "./origin.js";

/** The header of a request, ready for the wire. */
export interface RequestHeader {
  /** Names and values in turn, the pseudo-header fields first. */
  readonly fields: readonly string[];
  /** As RFC 9113 section 6.5.2 counts it: never less than what it takes on the wire. */
  readonly size: number;
  /** How long the body is, in bytes. */
  readonly content_length: number;
}

/** Names beyond these are checked again each time. */
const MAX_NAMES = 64;

/** Makes the headers of the requests to one origin, as HTTP/2 has them (RFC 9113, section 8.3). */
export class RequestHeaders {
  readonly #authority: string;
  /** Names that are fit, with the value that was the last fit one: the next is often the same. */
  readonly #fit = new Map<string, string>();

  /** `authority`: the host, and its port where that is not 443. */
  constructor(authority: string) {
    this.#authority = authority;
  }

  /** Throws an error with a short `code` for what no peer takes. */
  of(request: HttpRequest): RequestHeader {
    const { method, headers, body } = request;
    const path = pathOf(request.url);
    if (!METHOD.test(method) || method === "CONNECT") throw refused("METHOD_INVALID");
    if (!PATH.test(path)) throw refused("PATH_INVALID");
    const fields = [":method", method, ":scheme", "https", ":authority", this.#authority, ":path", path];
    for (const name of Object.keys(headers)) {
      const value = headers[name] ?? "";
      if (this.#fit.get(name) !== value) this.#check(name, value);
      fields.push(name, value);
    }
    const content_length = body === undefined ? 0 : lengthOf(body);
    // RFC 9110, section 8.6: for a method that usually has content, none is said as well. Some servers insist.
    if (body !== undefined || method === "POST" || method === "PUT")
      fields.push("content-length", `${content_length}`);
    let size = fields.length * FIELD_BYTES;
    for (const text of fields) size += text.length;
    if (size > MAX_BYTES) throw refused("HEADERS_TOO_LONG");
    return { fields, size, content_length };
  }

  #check(name: string, value: string): void {
    if (!(this.#fit.has(name) || NAME.test(name)) || !VALUE.test(value)) throw refused("HEADER_INVALID");
    if (name === "te" && value !== "trailers") throw refused("HEADER_INVALID");
    if (this.#fit.size < MAX_NAMES || this.#fit.has(name)) this.#fit.set(name, value);
  }
}

/** Per name and value. */
const FIELD_BYTES = 16;

/** Many servers allow less; none is known to allow more. */
const MAX_BYTES = 32_768;

const METHOD = /^[A-Z]+$/;
const PATH = /^[!-\u00ff]+$/;
/** RFC 9113, section 8.2.1: no upper case, nothing that only HTTP/1.1 has a meaning for. */
const NAME =
  /^(?!(?:connection|host|keep-alive|proxy-connection|transfer-encoding|upgrade)$)[!#$%&'*+\-.^_`|~0-9a-z]+$/;
const VALUE = /^(?:[!-~\u0080-\u00ff](?:[\t -~\u0080-\u00ff]*[!-~\u0080-\u00ff])?)?$/;

function lengthOf(body: string | Uint8Array): number {
  return typeof body === "string" ? Buffer.byteLength(body) : body.length;
}

function refused(code: string): Error {
  return Object.assign(new TypeError(code), { code });
}
