import { Http1Error } from "./http1_error.js";

/** What the head of an answer says. */
export interface Http1Head {
  readonly status: number;
  /** Names in lower case, repeated ones joined with `, `. */
  readonly headers: Readonly<Record<string, string>>;
  /** Where the body ends (RFC 9112, section 6.3): after so many bytes, with the last chunk, or with the connection. */
  readonly body: number | "chunked" | "close";
  /** For how long the connection may wait for its next request. 0: it takes none. */
  readonly keep_alive_ms: number;
}

/**
 * Reads a head, without the empty line at its end. Throws an `Http1Error` at whatever two readers could understand in
 * two ways: folded lines, a bare CR or LF, a length that is not one number, a length beside a transfer coding.
 */
export function readHead(text: string): Http1Head {
  if (UNFIT.test(text)) throw malformed();
  let end = text.indexOf("\r\n");
  if (end < 0) end = text.length;
  const line = STATUS_LINE.exec(text.slice(0, end));
  if (!line) throw malformed();
  const headers: Record<string, string> = {};
  while (end < text.length) {
    const start = end + 2;
    end = text.indexOf("\r\n", start);
    if (end < 0) end = text.length;
    readField(text, start, end, headers);
  }
  const status = Number(line[2]);
  const is_1_0 = line[1] === "0";
  return {
    status,
    headers,
    body: bodyOf(status, is_1_0, headers),
    keep_alive_ms: keepAliveOf(is_1_0, headers),
  };
}

/** Also of half a head it can be said that no head begins like this. What comes before `known` was seen already. */
export function canBegin(text: string, known: number): boolean {
  const end = text.endsWith("\r") ? text.length - 1 : text.length;
  if (!text.startsWith(VERSION.slice(0, end))) return false;
  return !UNFIT.test(text.slice(Math.max(0, known - 2), end));
}

/** A line of a trailer, which is checked and dropped. */
export function isField(line: string): boolean {
  return FIELD.test(line) && !UNFIT.test(line);
}

function readField(text: string, start: number, end: number, headers: Record<string, string>): void {
  const colon = text.indexOf(":", start);
  if (colon < 0) throw malformed();
  const raw = text.slice(start, colon);
  const name = names.get(raw) ?? learn(raw);
  let from = colon + 1;
  let to = end;
  while (from < to && isBlank(text.charCodeAt(from))) from += 1;
  while (to > from && isBlank(text.charCodeAt(to - 1))) to -= 1;
  const value = text.slice(from, to);
  headers[name] = Object.hasOwn(headers, name) ? `${headers[name]}, ${value}` : value;
}

/** Names that were read, in lower case: most peers have the same all day long. */
const names = new Map<string, string>();
const MAX_NAMES = 256;

function learn(raw: string): string {
  if (!NAME.test(raw)) throw malformed();
  const name = raw.toLowerCase();
  if (names.size < MAX_NAMES && raw.length <= 64) names.set(raw, name);
  return name;
}

function bodyOf(status: number, is_1_0: boolean, headers: Record<string, string>): Http1Head["body"] {
  const { "transfer-encoding": coding, "content-length": length } = headers;
  if (coding !== undefined && (length !== undefined || is_1_0 || coding.toLowerCase() !== "chunked"))
    throw malformed();
  if (length !== undefined && !LENGTH.test(length)) throw malformed();
  if (status < 200 || status === 204 || status === 304) return 0;
  if (coding !== undefined) return "chunked";
  return length === undefined ? "close" : Number(length);
}

/** For servers that give no hint. Load balancers usually close after 60 s; we want to be first. */
const KEEP_ALIVE_MS = 30_000;
const LONGEST_MS = 120_000;
/** A request may be this long on its way to a server that is about to close. */
const MARGIN_MS = 2000;

function keepAliveOf(is_1_0: boolean, { connection, "keep-alive": hint }: Record<string, string>): number {
  if (connection === undefined ? is_1_0 : CLOSE.test(connection)) return 0;
  if (is_1_0 && !KEEP_ALIVE.test(connection ?? "")) return 0;
  const seconds = hint && TIMEOUT.exec(hint)?.[1];
  if (!seconds) return KEEP_ALIVE_MS;
  return Math.max(0, Math.min(Number(seconds) * 1000 - MARGIN_MS, LONGEST_MS));
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9;
}

function malformed(): Http1Error {
  return new Http1Error("HTTPParserError");
}

const VERSION = "HTTP/1.";
const STATUS_LINE = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: .*)?$/;
const NAME = /^[!#$%&'*+\-.^_`|~\dA-Za-z]+$/;
const FIELD = /^[!#$%&'*+\-.^_`|~\dA-Za-z]+:/;
const LENGTH = /^\d{1,15}$/;
/** Control characters, a CR or LF without the other, a folded line (section 5.2). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNFIT = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)|[^\r]\n|\n[\t ]/;
const CLOSE = /(?:^|,)[\t ]*close[\t ]*(?:,|$)/i;
const KEEP_ALIVE = /(?:^|,)[\t ]*keep-alive[\t ]*(?:,|$)/i;
const TIMEOUT = /(?:^|[,;])[\t ]*timeout=(\d+)/i;
