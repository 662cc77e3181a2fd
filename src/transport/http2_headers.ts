import type { OutgoingHttpHeaders } from "node:http2";
import type { HttpRequest } from "../codec.js";
import { pathOf } from "./origin.js";

/**
 * A request's headers as HTTP/2 has them (RFC 9113, section 8.3). Throws an error with a short `code` for what no peer
 * takes: Node itself ends the whole connection over a wrong name, and sends a wrong value.
 */
export function requestHeaders(request: HttpRequest, authority: string): OutgoingHttpHeaders {
  const { method, headers, body } = request;
  const path = pathOf(request.url);
  if (!METHOD.test(method) || method === "CONNECT") throw refused("METHOD_INVALID");
  if (!PATH.test(path)) throw refused("PATH_INVALID");
  const fields: OutgoingHttpHeaders = {
    ":method": method,
    ":scheme": "https",
    ":authority": authority,
    ":path": path,
  };
  let size = path.length;
  for (const name of Object.keys(headers)) {
    const value = headers[name] ?? "";
    if (!NAME.test(name) || !VALUE.test(value)) throw refused("HEADER_INVALID");
    size += name.length + value.length;
    fields[name] = value;
  }
  if (size > MAX_BYTES) throw refused("HEADERS_TOO_LONG");
  if (body !== undefined) fields["content-length"] = `${Buffer.byteLength(body)}`;
  // RFC 9110, section 8.6: for a method that usually has content, none is said as well. Some servers insist.
  else if (method === "POST" || method === "PUT") fields["content-length"] = "0";
  return fields;
}

/** Half of what nghttp2 sends at most; it would end the connection. */
const MAX_BYTES = 32_768;

const METHOD = /^[A-Z]+$/;
const PATH = /^[!-\u00ff]+$/;
/** RFC 9113, section 8.2.1: no upper case, nothing that only HTTP/1.1 has a meaning for. */
const NAME =
  /^(?!(?:connection|host|keep-alive|proxy-connection|transfer-encoding|upgrade)$)[!#$%&'*+\-.^_`|~0-9a-z]+$/;
const VALUE = /^(?:[!-~\u0080-\u00ff](?:[\t -~\u0080-\u00ff]*[!-~\u0080-\u00ff])?)?$/;

function refused(code: string): Error {
  return Object.assign(new TypeError(code), { code });
}
