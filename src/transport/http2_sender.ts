import { HpackEncoder } from "./hpack_encoder.js";
import type { Http2Exchange } from "./http2_exchange.js";
import { DEFAULT_WINDOW, FLAG, HEAD_BYTES, MAX_PAYLOAD, TYPE, writeHead } from "./http2_frames.js";
import type { Outbox } from "./http2_outbox.js";

/** The body of a request waits while more than this is still on its way to the socket; everything else is small. */
const MAX_BACKLOG = 262_144;

/** Writes requests, as far as the peer's windows take them (RFC 9113, section 6.9). */
export class Http2Sender {
  readonly encoder = new HpackEncoder();
  /** Those whose body did not leave with their header. */
  readonly uploads = new Set<Http2Exchange>();
  /** Room in the whole connection. */
  window = DEFAULT_WINDOW;
  /** Room in a new stream. */
  initial_window = DEFAULT_WINDOW;
  readonly #outbox: Outbox;

  constructor(outbox: Outbox) {
    this.#outbox = outbox;
  }

  /** Writes the header, and the body as well if there is room for all of it. */
  open(exchange: Http2Exchange): void {
    const { id, header, body } = exchange;
    const { size, content_length } = header;
    const outbox = this.#outbox;
    const fits = content_length <= Math.min(MAX_PAYLOAD, this.window, this.initial_window);
    exchange.window = this.initial_window;
    outbox.reserve(size + 4 * HEAD_BYTES + (fits ? content_length : 0));
    this.#writeHeader(id, header.fields, content_length === 0);
    if (content_length === 0) return;
    if (!fits) {
      exchange.unsent = typeof body === "string" ? Buffer.from(body) : Buffer.from(body);
      this.uploads.add(exchange);
      return;
    }
    outbox.frame(content_length, TYPE.data, FLAG.end_stream, id);
    if (typeof body === "string") outbox.bytes.write(body, outbox.at, content_length);
    else outbox.bytes.set(body, outbox.at);
    outbox.at += content_length;
    this.window -= content_length;
    exchange.window -= content_length;
  }

  /** Writes a frame of each body in turn, as far as windows and socket take them. Calls back for each that is all sent. */
  upload(socket_backlog: number, onSent: (exchange: Http2Exchange) => void): void {
    for (let written = true; written; ) {
      written = false;
      for (const exchange of this.uploads) {
        if (this.#outbox.length + socket_backlog > MAX_BACKLOG) return;
        const { id, unsent, window } = exchange;
        const size = Math.min(MAX_PAYLOAD, unsent.length, window, this.window);
        if (size <= 0) continue;
        const last = size === unsent.length;
        this.#outbox.frame(size, TYPE.data, last ? FLAG.end_stream : 0, id);
        this.#outbox.copy(unsent, 0, size);
        this.window -= size;
        exchange.window -= size;
        exchange.unsent = unsent.subarray(size);
        written = true;
        if (!last) continue;
        this.uploads.delete(exchange);
        onSent(exchange);
      }
    }
  }

  /** HEADERS, and CONTINUATION for what is too long for one frame. There is room for them. */
  #writeHeader(id: number, fields: readonly string[], last: boolean): void {
    const outbox = this.#outbox;
    const { bytes } = outbox;
    const start = outbox.at + HEAD_BYTES;
    let end = this.encoder.begin(bytes, start);
    for (let i = 0; i < fields.length; i += 2)
      end = this.encoder.field(bytes, end, fields[i] ?? "", fields[i + 1] ?? "");
    const size = end - start;
    const flags = last ? FLAG.end_stream : 0;
    if (size <= MAX_PAYLOAD) {
      writeHead(bytes, outbox.at, size, TYPE.headers, flags | FLAG.end_headers, id);
      outbox.at = end;
      return;
    }
    const block = Buffer.from(bytes.subarray(start, end));
    for (let from = 0; from < size; from += MAX_PAYLOAD) {
      const to = Math.min(size, from + MAX_PAYLOAD);
      const its_flags = (from === 0 ? flags : 0) | (to === size ? FLAG.end_headers : 0);
      outbox.frame(to - from, from === 0 ? TYPE.headers : TYPE.continuation, its_flags, id);
      outbox.copy(block, from, to);
    }
  }
}
