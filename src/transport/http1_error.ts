/**
 * Why an exchange over HTTP/1.1 failed. The names are undici's: it spoke HTTP/1.1 here once, and whoever looks for a
 * reason in logs shall find the one that was always there.
 *
 * - `HTTPParserError`: what came is no HTTP/1.1, or breaks its rules (RFC 9112).
 * - `UND_ERR_HEADERS_OVERFLOW`: a head, or what else is not body, is longer than {@link MAX_HEAD_BYTES}.
 * - `UND_ERR_RES_CONTENT_LENGTH_MISMATCH`: the connection ended before the body was as long as announced.
 * - `UND_ERR_SOCKET`: the connection ended, or became another protocol's, before the answer was whole.
 * - `UND_ERR_INVALID_ARG`, `UND_ERR_NOT_SUPPORTED`, `UND_ERR_REQ_CONTENT_LENGTH_MISMATCH`: the request is none that
 *   could be sent; nothing was.
 */
export type Http1Reason =
  | "HTTPParserError"
  | "UND_ERR_HEADERS_OVERFLOW"
  | "UND_ERR_INVALID_ARG"
  | "UND_ERR_NOT_SUPPORTED"
  | "UND_ERR_REQ_CONTENT_LENGTH_MISMATCH"
  | "UND_ERR_RES_CONTENT_LENGTH_MISMATCH"
  | "UND_ERR_SOCKET";

/** Says nothing but its code: no text of a request or an answer. */
export class Http1Error extends Error {
  override readonly name = "Http1Error";

  constructor(readonly code: Http1Reason) {
    super(code);
  }
}

/** What Node's own parser allows by default. */
export const MAX_HEAD_BYTES = 16_384;
