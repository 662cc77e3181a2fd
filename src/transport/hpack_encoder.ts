import { ENTRY_BYTES, STATIC_TABLE, TABLE_BYTES } from "./hpack_static.js";

/**
 * What differs from one request to the next, or must not stay behind in the memory of a peer or of what is between: the
 * path may name a device. Sent as never indexed (RFC 7541, section 6.2.3).
 */
const NEVER_KEPT: ReadonlySet<string> = new Set([":path", "content-length"]);

/** Names beyond this are sent, but not remembered. */
const MAX_NAMES = 256;

interface Name {
  /** Where the static table has the name; 0: nowhere. */
  readonly index: number;
  /** The values that the static table has with it, by their index. */
  readonly values: ReadonlyMap<string, number>;
  readonly kept: boolean;
  /** The one sent last. */
  value: string | undefined;
  /** Where the static table has that one; 0: nowhere. */
  static_index: number;
  /** Number of its entry in the dynamic table: the first ever made is 1. */
  entry: number;
}

/**
 * Writes the header blocks of one connection (RFC 7541). A field enters the table when it comes for the second time in a
 * row: then it is likely to come again, and costs a byte or two from there on. Strings are not Huffman coded, since
 * that costs more time than the few bytes that it saves are worth.
 */
export class HpackEncoder {
  readonly #names = new Map<string, Name>();
  /** Sizes of the entries in the dynamic table, the oldest first. */
  readonly #sizes: number[] = [];
  #size = 0;
  #max_size = TABLE_BYTES;
  #inserted = 0;
  #evicted = 0;
  /** The peer's new limit, and the lowest one since it was last told of ours. */
  #to_tell: { lowest: number } | undefined;

  /** The peer's SETTINGS_HEADER_TABLE_SIZE. */
  resize(bytes: number): void {
    this.#max_size = Math.min(bytes, TABLE_BYTES);
    this.#to_tell = { lowest: Math.min(this.#max_size, this.#to_tell?.lowest ?? this.#max_size) };
    this.#evict(0);
  }

  /** Begins a block, and says where it goes on. It writes at most eight bytes. */
  begin(bytes: Buffer, at: number): number {
    if (!this.#to_tell) return at;
    const { lowest } = this.#to_tell;
    this.#to_tell = undefined;
    const next = lowest < this.#max_size ? writeInteger(bytes, at, 0x20, 5, lowest) : at;
    return writeInteger(bytes, next, 0x20, 5, this.#max_size);
  }

  /** Adds a field to the block, and says where it goes on. It writes at most the field's length and {@link ENTRY_BYTES}. */
  field(bytes: Buffer, at: number, name: string, value: string): number {
    const known = this.#names.get(name) ?? this.#learn(name);
    const { index } = known;
    if (!known.kept) return writeLiteral(bytes, at, 0x10, 4, index, name, value);
    const again = known.value === value;
    if (!again) {
      known.value = value;
      known.static_index = known.values.get(value) ?? 0;
      known.entry = 0;
    }
    if (known.static_index > 0) return writeInteger(bytes, at, 0x80, 7, known.static_index);
    if (known.entry > this.#evicted) {
      const age = this.#inserted - known.entry;
      return writeInteger(bytes, at, 0x80, 7, STATIC_TABLE.length + 1 + age);
    }
    const size = name.length + value.length + ENTRY_BYTES;
    if (!again || size > this.#max_size) return writeLiteral(bytes, at, 0, 4, index, name, value);
    this.#evict(size);
    this.#sizes.push(size);
    this.#size += size;
    this.#inserted += 1;
    known.entry = this.#inserted;
    return writeLiteral(bytes, at, 0x40, 6, index, name, value);
  }

  #learn(name: string): Name {
    const values = new Map<string, number>();
    let index = 0;
    for (const [at, entry] of STATIC_TABLE.entries()) {
      if (entry.name !== name) continue;
      index ||= at + 1;
      if (entry.value !== "") values.set(entry.value, at + 1);
    }
    const kept = !NEVER_KEPT.has(name);
    const known = { index, values, kept, value: undefined, static_index: 0, entry: 0 };
    if (this.#names.size < MAX_NAMES) this.#names.set(name, known);
    return known;
  }

  #evict(room: number): void {
    while (this.#size + room > this.#max_size) {
      this.#size -= this.#sizes.shift() ?? this.#size;
      this.#evicted += 1;
    }
  }
}

function writeLiteral(
  bytes: Buffer,
  at: number,
  pattern: number,
  prefix_bits: number,
  index: number,
  name: string,
  value: string,
): number {
  const next = writeInteger(bytes, at, pattern, prefix_bits, index);
  return writeString(bytes, index > 0 ? next : writeString(bytes, next, name), value);
}

function writeString(bytes: Buffer, at: number, text: string): number {
  const start = writeInteger(bytes, at, 0, 7, text.length);
  return start + bytes.write(text, start, text.length, "latin1");
}

/** Section 5.1. */
function writeInteger(
  bytes: Buffer,
  at: number,
  pattern: number,
  prefix_bits: number,
  value: number,
): number {
  const mask = (1 << prefix_bits) - 1;
  if (value < mask) {
    bytes[at] = pattern | value;
    return at + 1;
  }
  bytes[at] = pattern | mask;
  let next = at + 1;
  let rest = value - mask;
  for (; rest >= 0x80; rest >>>= 7) {
    bytes[next] = (rest & 0x7f) | 0x80;
    next += 1;
  }
  bytes[next] = rest;
  return next + 1;
}
