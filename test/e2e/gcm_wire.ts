/**
 * Protocol buffers (https://protobuf.dev/programming-guides/encoding), as far as Google's push channel needs them, and the
 * frames of MCS around them: a tag, a length, a message; before the first one a byte with the protocol's version.
 */

/** Text and bytes are length-delimited, `fixed64` is eight bytes, everything else a varint. `undefined` is left out. */
export type FieldValue =
  | string
  | Uint8Array
  | number
  | bigint
  | boolean
  | { readonly fixed64: bigint }
  | undefined;
export type Fields = readonly (readonly [number: number, value: FieldValue])[];

export interface Frame {
  readonly tag: number;
  readonly message: Message;
}

/** What google_apis/gcm speaks today. */
export const MCS_VERSION = 41;
/** No client has that much to say. */
const MAX_FRAME = 65_536;

export function encodeMessage(fields: Fields): Buffer {
  return Buffer.concat(
    fields.map(([number, value]) => (value === undefined ? Buffer.alloc(0) : encodeField(number, value))),
  );
}

export function encodeFrame(tag: number, fields: Fields): Buffer {
  const message = encodeMessage(fields);
  return Buffer.concat([Buffer.of(tag), varint(message.length), message]);
}

/** A message that was read. Throws on what is none. */
export class Message {
  readonly #values = new Map<number, (bigint | Buffer)[]>();

  constructor(bytes: Buffer) {
    for (let at = 0; at < bytes.length; ) {
      const [number, value, end] = readField(bytes, at);
      this.#values.set(number, [...(this.#values.get(number) ?? []), value]);
      at = end;
    }
  }

  /** Every value of a repeated field. */
  texts(number: number): string[] {
    return this.bytes(number).map(String);
  }

  text(number: number): string | undefined {
    return this.texts(number).at(-1);
  }

  integer(number: number): bigint | undefined {
    return this.#all(number).findLast((value) => typeof value === "bigint");
  }

  bytes(number: number): Buffer[] {
    return this.#all(number).filter((value) => typeof value !== "bigint");
  }

  #all(number: number): (bigint | Buffer)[] {
    return this.#values.get(number) ?? [];
  }
}

/** Cuts what comes over a connection into frames. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0);
  #versioned = false;

  /** The frames that are complete with this chunk. Throws when the peer does not speak MCS. */
  *read(chunk: Buffer): Generator<Frame> {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    const version = this.#rest[0];
    if (!this.#versioned && version !== undefined) {
      if (version !== MCS_VERSION) throw new Error(`MCS version ${version}`);
      this.#versioned = true;
      this.#rest = this.#rest.subarray(1);
    }
    for (let frame = this.#next(); frame; frame = this.#next()) yield frame;
  }

  #next(): Frame | undefined {
    const [tag] = this.#rest;
    const size = readVarint(this.#rest, 1);
    if (tag === undefined || !size) return undefined;
    if (size.value > MAX_FRAME) throw new Error(`a frame of ${size.value} bytes`);
    const end = size.end + Number(size.value);
    if (this.#rest.length < end) return undefined;
    const message = new Message(this.#rest.subarray(size.end, end));
    this.#rest = this.#rest.subarray(end);
    return { tag, message };
  }
}

function encodeField(number: number, value: NonNullable<FieldValue>): Buffer {
  const field = (wire_type: number, ...parts: Uint8Array[]) =>
    Buffer.concat([varint(number * 8 + wire_type), ...parts]);
  if (typeof value === "string" || value instanceof Uint8Array) {
    const bytes = typeof value === "string" ? Buffer.from(value) : value;
    return field(2, varint(bytes.length), bytes);
  }
  if (typeof value !== "object") return field(0, varint(value));
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value.fixed64);
  return field(1, bytes);
}

function varint(value: number | bigint | boolean): Buffer {
  const bytes: number[] = [];
  let rest = BigInt(value);
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return Buffer.of(...bytes, Number(rest));
}

function readField(bytes: Buffer, at: number): [number: number, value: bigint | Buffer, end: number] {
  const key = readVarint(bytes, at);
  if (!key) throw new Error("a message that is cut off");
  const number = Number(key.value >> 3n);
  const wire_type = Number(key.value & 7n);
  const sized = wire_type === 0 || wire_type === 2 ? readVarint(bytes, key.end) : undefined;
  if (wire_type === 0 && sized) return [number, sized.value, sized.end];
  const start = sized?.end ?? key.end;
  const length = sized ? Number(sized.value) : FIXED_LENGTHS.get(wire_type);
  if (length === undefined || start + length > bytes.length) throw new Error("a message that is cut off");
  const value = bytes.subarray(start, start + length);
  return [number, wire_type === 1 ? value.readBigUInt64LE() : value, start + length];
}

/** By wire type. */
const FIXED_LENGTHS: ReadonlyMap<number, number> = new Map([
  [1, 8],
  [5, 4],
]);

/** Undefined when it goes on beyond what there is. */
function readVarint(bytes: Buffer, at: number): { value: bigint; end: number } | undefined {
  let value = 0n;
  for (let end = at; end < bytes.length; end++) {
    if (end - at === 10) throw new Error("a varint without an end");
    const byte = BigInt(bytes.readUInt8(end));
    value |= (byte & 0x7fn) << BigInt(7 * (end - at));
    if (byte < 0x80n) return { value, end: end + 1 };
  }
  return undefined;
}
