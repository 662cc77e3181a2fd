import { decodeHuffman } from "./hpack_huffman.js";
import { ENTRY_BYTES, type Field, STATIC_TABLE, TABLE_BYTES } from "./hpack_static.js";

/** Bytes that are no header block. Both sides' tables differ from here on: the connection is of no more use. */
export class HpackError extends Error {}

/** No more entries fit into a table. A power of two. */
const MOST_ENTRIES = TABLE_BYTES / ENTRY_BYTES;

/** Reads the header blocks of one connection, in the order in which they came (RFC 7541). */
export class HpackDecoder {
  /** What the last block added to the table. A block has the same meaning each time unless `relative` says otherwise. */
  added: Field[] = [];
  /** The last block speaks of the table's entries, or of its size. */
  relative = false;
  /** Rises with each change of the table. */
  changes = 0;

  /** A ring: the newest entry is at `#newest`, the oldest one `#count` before it. */
  readonly #table = new Array<Field | undefined>(MOST_ENTRIES);
  #newest = 0;
  #count = 0;
  #size = 0;
  #max_size = TABLE_BYTES;
  #at = 0;

  /**
   * The fields of a whole block; undefined when they are more than `max_bytes`, counted as in RFC 9113 section 6.5.2.
   * Throws a {@link HpackError}.
   */
  decode(block: Buffer, start: number, end: number, max_bytes: number): Field[] | undefined {
    const fields: Field[] = [];
    let size = 0;
    this.added = [];
    this.relative = false;
    this.#at = start;
    while (this.#at < end) {
      const first = block[this.#at] ?? 0;
      if (first >= 0x20 && first < 0x40) {
        // Only at the beginning of a block (section 4.2).
        if (size > 0) wrong();
        this.#resize(this.#integer(block, end, 5));
        continue;
      }
      const field = first >= 0x80 ? this.#entry(this.#integer(block, end, 7)) : this.#literal(block, end);
      size += sizeOf(field);
      // The table must be kept in step; the rest need not be kept.
      if (size <= max_bytes) fields.push(field);
    }
    return size <= max_bytes ? fields : undefined;
  }

  /** Adds an entry to the table. One that is larger than the table empties it, and is not in it (section 4.4). */
  add(field: Field): void {
    const size = sizeOf(field);
    this.changes += 1;
    this.#evict(this.#max_size - size);
    if (size > this.#max_size) return;
    this.#newest = (this.#newest + 1) & (MOST_ENTRIES - 1);
    this.#table[this.#newest] = field;
    this.#count += 1;
    this.#size += size;
  }

  #literal(block: Buffer, end: number): Field {
    const indexed = (block[this.#at] ?? 0) >= 0x40;
    const index = this.#integer(block, end, indexed ? 6 : 4);
    const name = index > 0 ? this.#entry(index).name : this.#string(block, end);
    const field = { name, value: this.#string(block, end) };
    if (indexed) {
      this.add(field);
      this.added.push(field);
    }
    return field;
  }

  #entry(index: number): Field {
    const age = index - STATIC_TABLE.length - 1;
    if (age < 0) return STATIC_TABLE[index - 1] ?? wrong();
    this.relative = true;
    return (age < this.#count && this.#table[(this.#newest - age) & (MOST_ENTRIES - 1)]) || wrong();
  }

  #resize(max_size: number): void {
    if (max_size > TABLE_BYTES) wrong();
    this.relative = true;
    this.changes += 1;
    this.#max_size = max_size;
    this.#evict(max_size);
  }

  /** From the oldest entry on, until the rest is no larger than `size`, or nothing is left. */
  #evict(size: number): void {
    while (this.#size > size && this.#count > 0) {
      this.#count -= 1;
      const oldest = this.#table[(this.#newest - this.#count) & (MOST_ENTRIES - 1)];
      this.#size -= oldest ? sizeOf(oldest) : 0;
    }
  }

  /** Section 5.1. */
  #integer(block: Buffer, end: number, prefix_bits: number): number {
    const mask = (1 << prefix_bits) - 1;
    let value = (block[this.#at] ?? 0) & mask;
    this.#at += 1;
    if (value < mask) return value;
    for (let shift = 0; ; shift += 7) {
      const byte = block[this.#at] ?? 0;
      // Nothing in a block is as large as four of these bytes can say.
      if (this.#at >= end || shift > 21) wrong();
      this.#at += 1;
      value += (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  }

  /** Section 5.2. */
  #string(block: Buffer, end: number): string {
    const huffman = (block[this.#at] ?? 0) >= 0x80;
    if (this.#at >= end) wrong();
    const length = this.#integer(block, end, 7);
    const start = this.#at;
    this.#at += length;
    if (this.#at > end) wrong();
    const text = huffman ? decodeHuffman(block, start, this.#at) : block.toString("latin1", start, this.#at);
    return text ?? wrong();
  }
}

function wrong(): never {
  throw new HpackError();
}

function sizeOf({ name, value }: Field): number {
  return name.length + value.length + ENTRY_BYTES;
}
