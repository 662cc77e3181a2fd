import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { expect, it } from "vitest";
import { HpackDecoder, HpackError } from "../../src/transport/hpack_decoder.js";
import { HeadReader } from "../../src/transport/http2_answer.js";
import { bytes, literal, OK } from "./http2_malformed_support.js";

const kept = (name: string, value: string) => Buffer.concat([bytes(0x40), literal(name, value).subarray(1)]);

/** What blocks are made of: fields that change the table, that speak of it, and that do neither. */
const piece = fc.constantFrom(
  kept("a", "1"),
  kept("b", "2"),
  kept("c", "x".repeat(1500)),
  literal("d", "4"),
  ...[0, 1, 2, 5].map((age) => bytes(0xbe + age)),
);
const start = fc.constantFrom(
  OK,
  Buffer.concat([bytes(0x20, 0x3f, 0xe1, 0x1f), OK]),
  Buffer.concat([bytes(0x3f, 0x29), OK]),
);
const block = fc
  .tuple(start, fc.array(piece, { maxLength: 4 }))
  .map(([first, rest]) => Buffer.concat([first, ...rest]));

/** The last one is of a kind that no connection survives, so it is enough to know that it is. */
function headersOf(decoder: HpackDecoder, one: Buffer): Record<string, string> | undefined {
  try {
    const headers: Record<string, string> = {};
    for (const { name, value } of decoder.decode(one, 0, one.length, 65_536) ?? [])
      if (!name.startsWith(":")) headers[name] = name in headers ? `${headers[name]}, ${value}` : value;
    return headers;
  } catch (error) {
    expect(error).toBeInstanceOf(HpackError);
    return undefined;
  }
}

it("a header block that comes again means what it would mean if it were read again", () => {
  // Few different ones, so that most of them are known.
  const story = fc
    .array(block, { minLength: 1, maxLength: 5 })
    .chain((pool) => fc.array(fc.constantFrom(...pool), { maxLength: 60 }));
  fc.assert(
    fc.property(story, (blocks) => {
      const reader = new HeadReader();
      const decoder = new HpackDecoder();
      for (const one of blocks) {
        const expected = headersOf(decoder, one);
        if (!expected) {
          expect(() => reader.read(one, 0, one.length)).toThrow(HpackError);
          return;
        }
        expect(reader.read(one, 0, one.length)).toMatchObject({ status: 200, headers: expected });
      }
    }),
    { numRuns: 1500 },
  );
});

it("equal headers are one object, which nobody can change", () => {
  const reader = new HeadReader();
  const read = () => {
    const one = Buffer.concat([OK, kept("a", "1")]);
    const head = reader.read(one, 0, one.length);
    if (typeof head === "number") throw new Error("no head");
    return head.headers as Record<string, string>;
  };
  expect(read()).toBe(read());
  expect(() => {
    read().a = "2";
  }).toThrow(TypeError);
});

it("headers that differ each time are not gathered for ever", () => {
  setFlagsFromString("--expose-gc");
  const collectGarbage = runInNewContext("gc") as () => void;
  const reader = new HeadReader();
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < 1000; i += 1) {
    const long = Buffer.alloc(30_000, `${i}.`);
    const one = Buffer.concat([
      OK,
      bytes(0, 1, 0x78, 0x7f, 0xb1, 0xe9, 0x01),
      long,
      bytes(0x40, 1, 0x79, 1, 0x7a),
    ]);
    expect(reader.read(one, 0, one.length)).toMatchObject({ headers: { x: long.toString(), y: "z" } });
  }
  collectGarbage();
  // All of them would take 60 MB.
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(20_000_000);
});
