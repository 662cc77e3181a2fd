import { FLAG, HEAD_BYTES, TYPE, writeHead, writeNumber } from "./http2_frames.js";

const SLAB_BYTES = 32_768;

/** Gathers the frames of one turn of the event loop, to be written at once: a write costs as much as many frames. */
export class Outbox {
  /** Where the next bytes go, once there is room for them. */
  bytes = Buffer.allocUnsafeSlow(SLAB_BYTES);
  at = 0;
  #from = 0;
  /** What did not fit into one. */
  readonly #full: Buffer[] = [];
  #full_bytes = 0;

  /** Not taken yet. */
  get length(): number {
    return this.#full_bytes + this.at - this.#from;
  }

  /** Makes room in `bytes`, from `at` on. */
  reserve(size: number): void {
    if (this.bytes.length - this.at >= size) return;
    this.#shelve();
    this.bytes = Buffer.allocUnsafeSlow(Math.max(size, SLAB_BYTES));
    this.at = 0;
    this.#from = 0;
  }

  /** All of it, in order. It is not written to any more. */
  take(): Buffer[] {
    this.#shelve();
    this.#full_bytes = 0;
    return this.#full.splice(0);
  }

  /** A frame whose payload is still to be written, and for which there is room. */
  frame(length: number, type: number, flags: number, id: number): void {
    this.reserve(HEAD_BYTES + length);
    this.at = writeHead(this.bytes, this.at, length, type, flags, id);
  }

  copy(from: Buffer, start: number, end: number): void {
    this.at += from.copy(this.bytes, this.at, start, end);
  }

  settings(parameters: readonly (readonly [number, number])[]): void {
    this.frame(parameters.length * 6, TYPE.settings, 0, 0);
    for (const [parameter, value] of parameters) {
      this.at = this.bytes.writeUInt16BE(parameter, this.at);
      this.#number(value);
    }
  }

  acknowledgeSettings(): void {
    this.frame(0, TYPE.settings, FLAG.ack, 0);
  }

  ping(): void {
    this.frame(8, TYPE.ping, 0, 0);
    this.#number(0);
    this.#number(0);
  }

  /** `data`: the eight bytes of the PING. */
  acknowledgePing(data: Buffer): void {
    this.frame(8, TYPE.ping, FLAG.ack, 0);
    this.copy(data, 0, 8);
  }

  /** `id` 0: the whole connection. */
  windowUpdate(id: number, bytes: number): void {
    this.frame(4, TYPE.window_update, 0, id);
    this.#number(bytes);
  }

  reset(id: number, code: number): void {
    this.frame(4, TYPE.rst_stream, 0, id);
    this.#number(code);
  }

  /** We process no streams of the peer's: the last one is 0. */
  goaway(code: number): void {
    this.frame(8, TYPE.goaway, 0, 0);
    this.#number(0);
    this.#number(code);
  }

  #number(value: number): void {
    this.at = writeNumber(this.bytes, this.at, value);
  }

  #shelve(): void {
    if (this.at === this.#from) return;
    this.#full.push(this.bytes.subarray(this.#from, this.at));
    this.#full_bytes += this.at - this.#from;
    this.#from = this.at;
  }
}
