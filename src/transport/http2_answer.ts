import { HpackDecoder } from "./hpack_decoder.js";
import type { Field } from "./hpack_static.js";
import { CODE } from "./http2_frames.js";

/** What one header block of an answer says. */
export interface Head {
  /** 0: there is none, as in trailers. */
  readonly status: number;
  /** Shared by all answers that have the same. */
  readonly headers: Readonly<Record<string, string>>;
  /** Of the body, where it is said and binding. */
  readonly length: number | undefined;
}

/** Uncompressed, counted as in RFC 9113 section 6.5.2. The SETTINGS tell the peer. */
export const MAX_LIST_BYTES = 65_536;

/** Blocks beyond these are read again when they come again. */
const MAX_KNOWN = 64;

interface Known {
  readonly head: Head;
  /** What the block adds to the decoder's table. */
  readonly added: readonly Field[];
  /** What it says depends on the table as it was after so many changes. Undefined: it says the same always. */
  readonly after: number | undefined;
}

/** Reads the header blocks of one connection. Answers resemble each other, so those that were read are known again. */
export class HeadReader {
  readonly #decoder = new HpackDecoder();
  /** By the bytes of the block. */
  readonly #known = new Map<string, Known>();

  /**
   * The head, or the error code for the stream whose head is malformed or too long. Throws an `HpackError`.
   */
  read(bytes: Buffer, start: number, end: number): Head | number {
    const decoder = this.#decoder;
    const key = bytes.toString("latin1", start, end);
    const known = this.#known.get(key);
    if (known && (known.after ?? decoder.changes) === decoder.changes) {
      for (const field of known.added) decoder.add(field);
      return known.head;
    }
    const before = decoder.changes;
    const fields = decoder.decode(bytes, start, end, MAX_LIST_BYTES);
    if (!fields) return CODE.enhance_your_calm;
    const head = readHead(fields);
    if (!head) return CODE.protocol_error;
    if (this.#known.size >= MAX_KNOWN) this.#known.clear();
    const { added, relative } = decoder;
    if (!relative || decoder.changes === before)
      this.#known.set(key, { head, added, after: relative ? before : undefined });
    return head;
  }
}

/** RFC 9113, sections 8.2, 8.3 and 8.1.1. Undefined: malformed. */
function readHead(fields: readonly Field[]): Head | undefined {
  const headers: Record<string, string> = {};
  let status = 0;
  let regular = false;
  for (const { name, value } of fields) {
    if (value.includes("\0") || UNFIT_IN_VALUE.test(value)) return undefined;
    if (name === ":status") {
      if (regular || status > 0 || !STATUS.test(value)) return undefined;
      status = Number(value);
      continue;
    }
    regular = true;
    if (!NAME.test(name)) return undefined;
    headers[name] = Object.hasOwn(headers, name) ? `${headers[name]}, ${value}` : value;
  }
  const length = Object.hasOwn(headers, "content-length") ? headers["content-length"] : undefined;
  if (length !== undefined && !LENGTH.test(length)) return undefined;
  // RFC 9110, section 8.6: with these it may be the length of another answer's body.
  const binding = length !== undefined && status !== 204 && status !== 304;
  return { status, headers: Object.freeze(headers), length: binding ? Number(length) : undefined };
}

/** 101 does not exist in HTTP/2 (section 8.6). */
const STATUS = /^(?!101)[1-9]\d\d$/;
const LENGTH = /^\d{1,15}$/;
/** Section 8.2.1, and section 8.2.2: what only HTTP/1.1 has a meaning for. */
const NAME = /^(?!(?:connection|keep-alive|proxy-connection|transfer-encoding|upgrade)$)[!-9;-@[-~]+$/;
const UNFIT_IN_VALUE = /[\r\n]|^[ \t]|[ \t]$/;
