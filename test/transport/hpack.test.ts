import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HpackDecoder, HpackError } from "../../src/transport/hpack_decoder.js";
import { HpackEncoder } from "../../src/transport/hpack_encoder.js";
import { decodeHuffman } from "../../src/transport/hpack_huffman.js";
import { ENTRY_BYTES } from "../../src/transport/hpack_static.js";

type Pair = readonly [name: string, value: string];

const hex = (text: string) => Buffer.from(text.replaceAll(/\s/g, ""), "hex");

function decode(decoder: HpackDecoder, block: Buffer, max_bytes = 100_000): Pair[] | undefined {
  return decoder.decode(block, 0, block.length, max_bytes)?.map(({ name, value }) => [name, value] as const);
}

function encode(encoder: HpackEncoder, fields: readonly Pair[]): Buffer {
  const bytes = Buffer.alloc(fields.reduce((sum, [name, value]) => sum + name.length + value.length + 32, 8));
  let at = encoder.begin(bytes, 0);
  for (const [name, value] of fields) at = encoder.field(bytes, at, name, value);
  return bytes.subarray(0, at);
}

const REQUEST: readonly Pair[] = [
  [":method", "GET"],
  [":scheme", "http"],
  [":path", "/"],
  [":authority", "www.example.com"],
];
const REQUESTS: readonly (readonly Pair[])[] = [
  REQUEST,
  [...REQUEST, ["cache-control", "no-cache"]],
  [
    [":method", "GET"],
    [":scheme", "https"],
    [":path", "/index.html"],
    [":authority", "www.example.com"],
    ["custom-key", "custom-value"],
  ],
];
const response = (status: string, seconds: string, ...more: Pair[]): readonly Pair[] => [
  [":status", status],
  ["cache-control", "private"],
  ["date", `Mon, 21 Oct 2013 20:13:${seconds} GMT`],
  ["location", "https://www.example.com"],
  ...more,
];
const RESPONSES: readonly (readonly Pair[])[] = [
  response("302", "21"),
  response("307", "21"),
  response(
    "200",
    "22",
    ["content-encoding", "gzip"],
    ["set-cookie", "foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1"],
  ),
];
/** The examples limit the table to 256 bytes by SETTINGS; here it is the block that says so. */
const LIMIT_256 = "3fe101";

describe("RFC 7541, appendix C", () => {
  it.each([
    [
      "C.2.1",
      "400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572",
      ["custom-key", "custom-header"],
    ],
    ["C.2.2", "040c 2f73 616d 706c 652f 7061 7468", [":path", "/sample/path"]],
    ["C.2.3", "1008 7061 7373 776f 7264 0673 6563 7265 74", ["password", "secret"]],
    ["C.2.4", "82", [":method", "GET"]],
  ] as const)("%s: one field", (_chapter, block, field) => {
    expect(decode(new HpackDecoder(), hex(block))).toEqual([field]);
  });

  it.each([
    [
      "C.3: requests",
      "",
      ["8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d", "8286 84be 5808 6e6f 2d63 6163 6865"],
      "8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65",
      REQUESTS,
    ],
    [
      "C.4: requests, Huffman coded",
      "",
      ["8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff", "8286 84be 5886 a8eb 1064 9cbf"],
      "8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf",
      REQUESTS,
    ],
    [
      "C.5: responses",
      LIMIT_256,
      [
        "4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3120" +
          "474d 546e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70 6c65 2e63 6f6d",
        "4803 3330 37c1 c0bf",
      ],
      "88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d 54c0 5a04 677a 6970 7738" +
        "666f 6f3d 4153 444a 4b48 514b 425a 584f 5157 454f 5049 5541 5851 5745 4f49 553b 206d 6178 2d61 6765 3d33" +
        "3630 303b 2076 6572 7369 6f6e 3d31",
      RESPONSES,
    ],
    [
      "C.6: responses, Huffman coded",
      LIMIT_256,
      [
        "4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d 29ad 1718" +
          "63c7 8f0b 97c8 e9ae 82ae 43d3",
        "4883 640e ffc1 c0bf",
      ],
      "88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d d7f2 e6c7" +
        "b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07",
      RESPONSES,
    ],
  ] as const)("%s, one after the other", (_chapter, limit, [first, second], third, expected) => {
    const decoder = new HpackDecoder();
    const decoded = [limit + first, second, third].map((block) => decode(decoder, hex(block)));
    expect(decoded).toEqual(expected);
  });

  it("C.1: numbers", () => {
    const decoder = new HpackDecoder();
    const entry = (size: number) => {
      const length = size - ENTRY_BYTES - 1;
      return Buffer.concat([hex("4001 6e"), number(length), Buffer.alloc(length, "v")]);
    };
    // C.1.1: 10, into five bits. Nothing is as small as that.
    decode(decoder, Buffer.concat([hex("2a"), entry(33)]));
    expect(() => decode(decoder, hex("be"))).toThrow(HpackError);
    // C.1.2: 1337, behind five bits. An entry of that size is kept, a larger one is not.
    decode(decoder, Buffer.concat([hex("3f9a0a"), entry(1337)]));
    expect(decode(decoder, hex("be"))?.[0]?.[0]).toBe("n");
    decode(decoder, entry(1338));
    expect(() => decode(decoder, hex("be"))).toThrow(HpackError);
  });
});

function number(value: number): Buffer {
  if (value < 127) return Buffer.from([value]);
  const rest = value - 127;
  return rest < 128 ? Buffer.from([127, rest]) : Buffer.from([127, (rest & 127) | 128, rest >> 7]);
}

/** Of any byte but what HTTP forbids; repeated often, as it is in life. */
const text = fc.oneof(
  fc.constantFrom("", "a", "application/json", "10", `bearer ${"x".repeat(180)}`),
  fc.string({
    unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
    maxLength: 400,
  }),
);
const fieldName = fc.constantFrom(":path", ":method", "authorization", "content-length", "apns-id", "x", "y");
const field = fc.tuple(fieldName, text);
const block = fc.array(field, { maxLength: 12 });
const step = fc.oneof({ weight: 6, arbitrary: block }, fc.integer({ min: 0, max: 6000 }));

describe("what was encoded is decoded", () => {
  it("whatever the fields, however the peer changes the size of the table", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const encoder = new HpackEncoder();
        const decoder = new HpackDecoder();
        for (const one of steps) {
          if (typeof one === "number") encoder.resize(one);
          else expect(decode(decoder, encode(encoder, one))).toEqual(one);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("and never takes more room than was reserved for it", () => {
    const longest: Pair[] = [["x".repeat(5000), "y".repeat(20_000)]];
    for (let time = 0; time < 3; time += 1)
      expect(encode(new HpackEncoder(), longest).length).toBeLessThan(25_040);
  });

  it("with a byte for what comes again, from the second time on", () => {
    const encoder = new HpackEncoder();
    const fields: Pair[] = [
      [":method", "POST"],
      [":scheme", "https"],
      ["authorization", `bearer ${"x".repeat(170)}`],
      ["apns-topic", "com.example.app"],
      ["te", "trailers"],
    ];
    const sizes = Array.from({ length: 4 }, () => encode(encoder, fields).length);
    expect(sizes[1]).toBeGreaterThan(200);
    expect(sizes.slice(2)).toEqual([5, 5]);
  });

  it("and what differs each time takes no room in the table", () => {
    const encoder = new HpackEncoder();
    const decoder = new HpackDecoder();
    const of = (round: number): Pair[] => [
      ["authorization", "the same"],
      ["apns-id", `${round}`],
    ];
    decode(decoder, encode(encoder, of(-1)));
    decode(decoder, encode(encoder, of(0)));
    const { changes } = decoder;
    for (let round = 1; round < 500; round += 1) {
      const coded = encode(encoder, of(round));
      expect(decode(decoder, coded)).toEqual(of(round));
      expect(coded[0]).toBe(0xbe);
    }
    expect(decoder.changes).toBe(changes);
  });

  it.each([":path", "content-length"])("%s is never kept, and says so to whoever passes it on", (name) => {
    const encoder = new HpackEncoder();
    for (let time = 0; time < 3; time += 1)
      expect((encode(encoder, [[name, "/3/device/1"]])[0] ?? 0) >> 4).toBe(1);
  });

  it("a table that was made smaller and larger again is emptied in between on both sides", () => {
    const encoder = new HpackEncoder();
    const decoder = new HpackDecoder();
    const fields: Pair[] = [["a", "b"]];
    for (let time = 0; time < 3; time += 1) decode(decoder, encode(encoder, fields));
    encoder.resize(0);
    encoder.resize(9000);
    const coded = encode(encoder, fields);
    expect(coded.subarray(0, 4)).toEqual(hex("20 3fe11f"));
    expect(decode(decoder, coded)).toEqual(fields);
    expect(() => decode(decoder, hex("be"))).not.toThrow();
  });
});

describe("a decoder", () => {
  it("stays in step with its peer when a header is too long to be kept", () => {
    const decoder = new HpackDecoder();
    expect(decode(decoder, hex("4001 61 01 62 4001 63 01 64"), 40)).toBeUndefined();
    expect(decode(decoder, hex("be bf"), 100)).toEqual([
      ["c", "d"],
      ["a", "b"],
    ]);
  });

  it("takes an entry that is larger than its table for the order to empty it", () => {
    const decoder = new HpackDecoder();
    decode(decoder, hex("4001 61 01 62"));
    const huge = Buffer.concat([hex("4001 61"), number(4096), Buffer.alloc(4096, "x")]);
    expect(decode(decoder, huge)?.[0]?.[1]).toHaveLength(4096);
    expect(() => decode(decoder, hex("be"))).toThrow(HpackError);
    expect(decode(decoder, hex("4001 61 01 62 be"))).toHaveLength(2);
  });

  it("says no to any bytes, or understands them; it never hangs, and throws nothing else", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 5 }), (blocks) => {
        const decoder = new HpackDecoder();
        try {
          for (const bytes of blocks) decode(decoder, Buffer.from(bytes));
        } catch (error) {
          expect(error).toBeInstanceOf(HpackError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe("Huffman codes", () => {
  it.each([
    ["six bits of padding", "fe3f", "!"],
    ["seven bits of padding", "002e7f", "00:"],
    ["a code of eight bits, without padding", "f8", "&"],
    ["nothing", "", ""],
  ])("%s", (_title, coded, expected) => {
    expect(decodeHuffman(hex(coded), 0, coded.length / 2)).toBe(expected);
  });

  it.each([
    ["the end of string", "ffffffff"],
    ["eight bits of padding", "f8ff"],
    ["padding that is not the beginning of the end of string", "f8fe"],
    ["padding alone", "ff ff"],
  ])("%s is none", (_title, coded) => {
    const bytes = hex(coded);
    expect(decodeHuffman(bytes, 0, bytes.length)).toBeUndefined();
  });
});
