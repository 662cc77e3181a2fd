import { CODE, FLAG, HEAD_BYTES, Http2Violation, MAX_PAYLOAD, SETTING, TYPE } from "./http2_frames.js";

/** Whom a {@link FrameReader} tells what came. Bytes are only lent. */
export interface FrameListener {
  /** `size` is what it counts against the windows: padding does too. */
  onData(id: number, bytes: Buffer, start: number, end: number, size: number, last: boolean): void;
  /** A whole header block. */
  onBlock(id: number, bytes: Buffer, start: number, end: number, last: boolean): void;
  onReset(id: number, code: number): void;
  /** One parameter of SETTINGS; `onSettings` comes after the last. */
  onSetting(parameter: number, value: number): void;
  onSettings(): void;
  /** `data`: its eight bytes. */
  onPing(data: Buffer): void;
  onGoaway(last_id: number, code: number): void;
  onWindow(id: number, increment: number): void;
  /** A frame that is wrong in a way which concerns no other stream (RFC 9113, section 5.4.2). */
  onStreamError(id: number, code: number): void;
}

/** Of such numbers the highest bit says nothing. */
const MAX_ID = 0x7fffffff;

/** A longer header block is no answer but an attack. Compressed; uncompressed it may be no longer either. */
export const MAX_BLOCK_BYTES = 65_536;

/** Into so many frames a header block may be cut. */
const MAX_BLOCK_FRAMES = 128;

const NOTHING: Buffer = Buffer.alloc(0);

/** So many frames that carry nothing may come in a row between two breaths. */
const MAX_EMPTY_FRAMES = 1000;

/**
 * Cuts what a server sends into frames, however it was chopped on the way, and looks after all rules that a frame can
 * break by itself (RFC 9113, section 6). Throws an {@link Http2Violation} for those that end the connection.
 */
export class FrameReader {
  readonly #listener: FrameListener;
  /** What has come of the next frame. */
  #rest = NOTHING;
  #greeted = false;
  #block: { readonly id: number; readonly last: boolean; readonly parts: Buffer[]; size: number } | undefined;
  #empty_frames = 0;

  constructor(listener: FrameListener) {
    this.#listener = listener;
  }

  /** To be called at regular times: what comes now and then is no flood. */
  breathe(): void {
    this.#empty_frames = 0;
  }

  read(chunk: Buffer): void {
    const bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    let at = 0;
    while (bytes.length - at >= HEAD_BYTES) {
      const length = this.#lengthAt(bytes, at);
      const start = at + HEAD_BYTES;
      if (bytes.length - start < length) break;
      const id = numberAt(bytes, at + 5) & MAX_ID;
      at = start + length;
      this.#frame(bytes[start - 6] ?? 0, bytes[start - 5] ?? 0, id, bytes, start, at);
    }
    this.#rest = at < bytes.length ? bytes.subarray(at) : NOTHING;
  }

  #lengthAt(bytes: Buffer, at: number): number {
    const length = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    // Section 3.4. Whoever speaks something else is known by this.
    if (!this.#greeted && (bytes[at + 3] !== TYPE.settings || (bytes[at + 4] ?? 0) & FLAG.ack))
      throw new Http2Violation(CODE.protocol_error);
    this.#greeted = true;
    if (length > MAX_PAYLOAD) throw new Http2Violation(CODE.frame_size_error);
    return length;
  }

  #frame(type: number, flags: number, id: number, bytes: Buffer, start: number, end: number): void {
    if (this.#block && (type !== TYPE.continuation || id !== this.#block.id))
      throw new Http2Violation(CODE.protocol_error);
    switch (type) {
      case TYPE.data:
        this.#data(flags, id, bytes, start, end);
        break;
      case TYPE.headers:
        this.#headers(flags, id, bytes, start, end);
        break;
      case TYPE.continuation:
        this.#continuation(flags, id, bytes, start, end);
        break;
      case TYPE.priority:
        this.#priority(id, end - start);
        break;
      case TYPE.rst_stream:
        ofStream(id);
        ofSize(end - start, 4);
        this.#listener.onReset(id, numberAt(bytes, start));
        break;
      case TYPE.settings:
        this.#settings(flags, id, bytes, start, end);
        break;
      case TYPE.ping:
        ofConnection(id);
        ofSize(end - start, 8);
        if (flags & FLAG.ack) this.#countEmpty();
        else this.#listener.onPing(bytes.subarray(start, end));
        break;
      case TYPE.goaway:
        ofConnection(id);
        if (end - start < 8) throw new Http2Violation(CODE.frame_size_error);
        this.#listener.onGoaway(numberAt(bytes, start) & MAX_ID, numberAt(bytes, start + 4));
        break;
      case TYPE.window_update:
        this.#window(id, bytes, start, end);
        break;
      case TYPE.push_promise:
        // We said that we take none.
        throw new Http2Violation(CODE.protocol_error);
      default:
        // Section 5.5: what is not known is passed over.
        this.#countEmpty();
    }
  }

  #data(flags: number, id: number, bytes: Buffer, start: number, end: number): void {
    ofStream(id);
    const last = (flags & FLAG.end_stream) !== 0;
    const padding = flags & FLAG.padded ? 1 + (bytes[start] ?? 0) : 0;
    if (padding > end - start) throw new Http2Violation(CODE.protocol_error);
    const from = padding > 0 ? start + 1 : start;
    const to = padding > 0 ? end - padding + 1 : end;
    if (from === to && !last) this.#countEmpty();
    else this.#empty_frames = 0;
    this.#listener.onData(id, bytes, from, to, end - start, last);
  }

  #headers(flags: number, id: number, bytes: Buffer, start: number, end: number): void {
    ofStream(id);
    const padded = flags & FLAG.padded ? 1 : 0;
    const from = start + padded + (flags & FLAG.priority ? 5 : 0);
    const to = end - (padded ? (bytes[start] ?? 0) : 0);
    if (from > end) throw new Http2Violation(CODE.frame_size_error);
    if (from > to) throw new Http2Violation(CODE.protocol_error);
    const last = (flags & FLAG.end_stream) !== 0;
    if (flags & FLAG.end_headers) this.#listener.onBlock(id, bytes, from, to, last);
    else this.#block = { id, last, parts: [bytes.subarray(from, to)], size: to - from };
  }

  #continuation(flags: number, id: number, bytes: Buffer, start: number, end: number): void {
    const block = this.#block;
    if (!block) throw new Http2Violation(CODE.protocol_error);
    block.parts.push(bytes.subarray(start, end));
    block.size += end - start;
    if (block.size > MAX_BLOCK_BYTES || block.parts.length > MAX_BLOCK_FRAMES)
      throw new Http2Violation(CODE.enhance_your_calm);
    if (!(flags & FLAG.end_headers)) return;
    this.#block = undefined;
    this.#listener.onBlock(id, Buffer.concat(block.parts), 0, block.size, block.last);
  }

  #settings(flags: number, id: number, bytes: Buffer, start: number, end: number): void {
    ofConnection(id);
    if (flags & FLAG.ack) {
      ofSize(end - start, 0);
      this.#countEmpty();
      return;
    }
    if ((end - start) % 6 !== 0) throw new Http2Violation(CODE.frame_size_error);
    for (let at = start; at < end; at += 6) {
      const parameter = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
      const value = numberAt(bytes, at + 2);
      checkSetting(parameter, value);
      this.#listener.onSetting(parameter, value);
    }
    this.#listener.onSettings();
  }

  #window(id: number, bytes: Buffer, start: number, end: number): void {
    ofSize(end - start, 4);
    const increment = numberAt(bytes, start) & MAX_ID;
    if (increment > 0) this.#listener.onWindow(id, increment);
    else if (id > 0) this.#listener.onStreamError(id, CODE.protocol_error);
    else throw new Http2Violation(CODE.protocol_error);
  }

  #priority(id: number, size: number): void {
    ofStream(id);
    this.#countEmpty();
    if (size !== 5) this.#listener.onStreamError(id, CODE.frame_size_error);
  }

  /** Frames that carry nothing are cheap to send, and not so cheap to read (section 10.5). */
  #countEmpty(): void {
    this.#empty_frames += 1;
    if (this.#empty_frames > MAX_EMPTY_FRAMES) throw new Http2Violation(CODE.enhance_your_calm);
  }
}

function numberAt(bytes: Buffer, at: number): number {
  const high = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  return high * 65_536 + (((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0));
}

function ofStream(id: number): void {
  if (id === 0) throw new Http2Violation(CODE.protocol_error);
}

function ofConnection(id: number): void {
  if (id !== 0) throw new Http2Violation(CODE.protocol_error);
}

function ofSize(size: number, right: number): void {
  if (size !== right) throw new Http2Violation(CODE.frame_size_error);
}

/** Section 6.5.2. */
function checkSetting(parameter: number, value: number): void {
  const { enable_push, initial_window_size, max_frame_size } = SETTING;
  if (parameter === enable_push && value !== 0) throw new Http2Violation(CODE.protocol_error);
  if (parameter === initial_window_size && value > 0x7fffffff)
    throw new Http2Violation(CODE.flow_control_error);
  if (parameter === max_frame_size && (value < MAX_PAYLOAD || value > 0xffffff))
    throw new Http2Violation(CODE.protocol_error);
}
