import type { HttpResponse } from "../codec.js";
import { Http1Error, MAX_HEAD_BYTES } from "./http1_error.js";
import { canBegin, type Http1Head, isField, readHead } from "./http1_head.js";

const NOTHING = Buffer.alloc(0);

/** A size line without extensions is never longer. */
const MAX_SIZE_BYTES = 16;

/** Reads one answer from bytes that come in any pieces (RFC 9112, sections 4 to 8). */
export class Http1Reader {
  /** Nothing more is wanted: the answer is whole, or as long as it may be. */
  ended = false;
  readonly #has_body: boolean;
  readonly #max: number;
  #head: Http1Head | undefined;
  #expects: "head" | "bytes" | "size" | "chunk" | "chunk_end" | "trailer" | "rest" = "head";
  /** Text that is not complete yet. */
  #text = "";
  /** Bytes that the body or its chunk still lacks; of a chunk's end, how many have come. */
  #left = 0;
  /** Bytes of extensions and trailers so far. */
  #ballast = 0;
  #body: Buffer = NOTHING;
  #pieces: Buffer[] | undefined;
  #length = 0;

  /** `has_body`: false for the answer to HEAD. `max_bytes`: where a longer body is cut. */
  constructor(has_body: boolean, max_bytes: number) {
    this.#has_body = has_body;
    this.#max = max_bytes;
  }

  /** Returns how many of the bytes belong to the answer. Throws an `Http1Error` when they are no answer. */
  read(bytes: Buffer): number {
    let at = 0;
    while (at < bytes.length && !this.ended) at = this.#step(bytes, at);
    return at;
  }

  /** Nothing more comes. Throws an `Http1Error` when something is missing. */
  end(): void {
    if (this.ended) return;
    if (this.#expects === "bytes") throw new Http1Error("UND_ERR_RES_CONTENT_LENGTH_MISMATCH");
    if (this.#expects !== "rest") throw new Http1Error("UND_ERR_SOCKET");
    this.ended = true;
  }

  /** For how long its connection may wait for another request; 0 when the answer was cut. */
  get keep_alive_ms(): number {
    return this.#length > this.#max || this.#expects === "rest" ? 0 : (this.#head?.keep_alive_ms ?? 0);
  }

  /** Once it has ended. */
  get response(): HttpResponse {
    const { status = 0, headers = {} } = this.#head ?? {};
    const body = this.#pieces ? Buffer.concat(this.#pieces) : this.#body;
    return { status, headers, body, truncated: this.#length > this.#max };
  }

  #step(bytes: Buffer, at: number): number {
    switch (this.#expects) {
      case "head":
        return this.#collect(bytes, at, "\r\n\r\n", MAX_HEAD_BYTES);
      case "size":
      case "trailer":
        return this.#collect(bytes, at, "\r\n", MAX_HEAD_BYTES + MAX_SIZE_BYTES - this.#ballast);
      case "chunk_end":
        return this.#endChunk(bytes, at);
      case "rest":
        return this.#keep(bytes, at, bytes.length);
      default: {
        const end = Math.min(bytes.length, at + this.#left);
        this.#left -= end - at;
        this.#keep(bytes, at, end);
        if (this.#left === 0) {
          if (this.#expects === "bytes") this.ended = true;
          else this.#expects = "chunk_end";
        }
        return end;
      }
    }
  }

  /** Text up to what ends it, which is then understood. */
  #collect(bytes: Buffer, at: number, ending: string, room: number): number {
    const before = this.#text.length;
    const text = this.#text + bytes.toString("latin1", at, Math.min(bytes.length, at + room - before));
    const end = text.indexOf(ending, Math.max(0, before - ending.length + 1));
    if (end >= 0) {
      this.#text = "";
      this.#understand(text.slice(0, end));
      return at + end + ending.length - before;
    }
    if (this.#expects === "head" && !canBegin(text, before)) throw new Http1Error("HTTPParserError");
    if (text.length >= room) throw new Http1Error("UND_ERR_HEADERS_OVERFLOW");
    this.#text = text;
    return bytes.length;
  }

  #understand(text: string): void {
    if (this.#expects === "head") this.#begin(readHead(text));
    else if (this.#expects === "size") this.#beginChunk(text);
    else if (text === "") this.ended = true;
    else if (!isField(text)) throw new Http1Error("HTTPParserError");
    else this.#ballast += text.length + 2;
  }

  #begin(head: Http1Head): void {
    if (head.status === 101) throw new Http1Error("UND_ERR_SOCKET");
    if (head.status < 200) return;
    this.#head = head;
    const body = this.#has_body ? head.body : 0;
    if (body === "chunked") this.#expects = "size";
    else if (body === "close") this.#expects = "rest";
    else {
      this.#expects = "bytes";
      this.#left = body;
      this.ended = body === 0;
    }
  }

  #beginChunk(line: string): void {
    const size = SIZE_LINE.exec(line)?.[1];
    if (size === undefined) throw new Http1Error("HTTPParserError");
    this.#ballast += line.length - size.length;
    this.#left = Number.parseInt(size, 16);
    this.#expects = this.#left === 0 ? "trailer" : "chunk";
  }

  #endChunk(bytes: Buffer, at: number): number {
    if (bytes[at] !== CRLF[this.#left]) throw new Http1Error("HTTPParserError");
    this.#left += 1;
    if (this.#left === CRLF.length) this.#expects = "size";
    return at + 1;
  }

  /** A copy, so that an answer does not hold on to all that came along with it. */
  #keep(bytes: Buffer, start: number, end: number): number {
    const piece = Buffer.from(bytes.subarray(start, Math.min(end, start + this.#max - this.#length)));
    if (this.#length === 0) this.#body = piece;
    else {
      this.#pieces ??= [this.#body];
      this.#pieces.push(piece);
    }
    this.#length += end - start;
    if (this.#length > this.#max) this.ended = true;
    return end;
  }
}

const CRLF = [13, 10] as const;
/** Section 7.1. Thirteen digits are the most that a number holds exactly. */
const SIZE_LINE = /^([\dA-Fa-f]{1,13})(?:[\t ]*;[\t -~\x80-\xff]*)?$/;
