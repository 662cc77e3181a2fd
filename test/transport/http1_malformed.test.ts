import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { errorOf, readAnswer } from "./http1_socket_support.js";

const OK = "HTTP/1.1 200 OK\r\n";
const CHUNKED = `${OK}transfer-encoding: chunked\r\n\r\n`;

/** What no answer may be, each with the piece of RFC 9112 that says so. */
const MALFORMED: [string, string][] = [
  ["an empty line before it (2.2)", `\r\n${OK}\r\n`],
  ["another protocol (2.3)", "ICY 200 OK\r\n\r\n"],
  ["another version (2.3)", "HTTP/2.0 200 OK\r\n\r\n"],
  ["a version that does not exist (2.3)", "HTTP/1.2 200 OK\r\n\r\n"],
  ["a version of two digits (2.3)", "HTTP/1.10 200 OK\r\n\r\n"],
  ["lower case (2.3)", "http/1.1 200 OK\r\n\r\n"],
  ["a blank before it (4)", " HTTP/1.1 200 OK\r\n\r\n"],
  ["two blanks before the status (4)", "HTTP/1.1  200 OK\r\n\r\n"],
  ["a tab before the status (4)", "HTTP/1.1\t200 OK\r\n\r\n"],
  ["no status (4)", "HTTP/1.1 OK\r\n\r\n"],
  ["a status of two digits (4)", "HTTP/1.1 20 OK\r\n\r\n"],
  ["a status of four digits (4)", "HTTP/1.1 2000 OK\r\n\r\n"],
  ["a status below 100 (4)", "HTTP/1.1 099 OK\r\n\r\n"],
  ["a negative status (4)", "HTTP/1.1 -20 OK\r\n\r\n"],
  ["NUL in the reason (4)", "HTTP/1.1 200 O\0K\r\n\r\n"],
  ["LF alone behind the status line (2.2)", "HTTP/1.1 200 OK\nx: y\r\n\r\n"],
  ["LF alone at the end of the head (2.2)", "HTTP/1.1 200 OK\r\nx: y\n\n"],
  ["LF alone between two headers (2.2)", `${OK}x: y\nz: w\r\n\r\n`],
  ["CR alone in a header (2.2)", `${OK}x: y\rz: w\r\n\r\n`],
  ["CR CR LF (2.2)", `${OK}x: y\r\r\n\r\n`],
  ["NUL in a value (5.5)", `${OK}x: a\0b\r\n\r\n`],
  ["ESC in a value (5.5)", `${OK}x: \x1b[0m\r\n\r\n`],
  ["DEL in a value (5.5)", `${OK}x: \x7f\r\n\r\n`],
  ["a folded line (5.2)", `${OK}x: a\r\n b\r\n\r\n`],
  ["a folded line, by a tab (5.2)", `${OK}x: a\r\n\tb\r\n\r\n`],
  ["a blank before the first header (2.2)", `${OK} x: a\r\n\r\n`],
  ["a blank before the colon (5.1)", `${OK}x : a\r\n\r\n`],
  ["a header without name (5.1)", `${OK}: a\r\n\r\n`],
  ["a header without colon (5.1)", `${OK}x\r\n\r\n`],
  ["a colon only in the next line (5.1)", `${OK}x\r\ny: z\r\n\r\n`],
  ["a name with a bracket (5.1)", `${OK}x(y): a\r\n\r\n`],
  ["a name that is no ASCII (5.1)", `${OK}\xe9: a\r\n\r\n`],
  ["two lengths (6.3)", `${OK}content-length: 5\r\ncontent-length: 6\r\n\r\n`],
  ["one length twice (6.3)", `${OK}content-length: 5\r\nContent-Length: 5\r\n\r\n`],
  ["one length twice in a line (6.3)", `${OK}content-length: 5, 5\r\n\r\n`],
  ["a negative length (6.3)", `${OK}content-length: -5\r\n\r\n`],
  ["a signed length (6.3)", `${OK}content-length: +5\r\n\r\n`],
  ["a length in hexadecimal (6.3)", `${OK}content-length: 0x5\r\n\r\n`],
  ["a broken length (6.3)", `${OK}content-length: 5.0\r\n\r\n`],
  ["an empty length (6.3)", `${OK}content-length:\r\n\r\n`],
  ["a length of words (6.3)", `${OK}content-length: five\r\n\r\n`],
  ["a length that no number holds (6.3)", `${OK}content-length: 99999999999999999999\r\n\r\n`],
  [
    "two lengths where there is no body (6.3)",
    "HTTP/1.1 204 X\r\ncontent-length: 0\r\ncontent-length: 5\r\n\r\n",
  ],
  ["a length and a coding (6.1)", `${OK}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n`],
  ["a coding and a length (6.1)", `${OK}transfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n`],
  ["a coding that is not known (6.1)", `${OK}transfer-encoding: gzip, chunked\r\n\r\n`],
  ["a coding that does not end (6.1)", `${OK}transfer-encoding: gzip\r\n\r\n`],
  ["a coding that is not the last (6.1)", `${OK}transfer-encoding: chunked, identity\r\n\r\n`],
  ["two codings (6.1)", `${OK}transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n`],
  ["a coding that looks like one (6.1)", `${OK}transfer-encoding: xchunked\r\n\r\n`],
  ["an empty coding (6.1)", `${OK}transfer-encoding:\r\n\r\n`],
  ["a coding from an older server (6.1)", "HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"],
  ["a chunk without size (7.1)", `${CHUNKED}\r\nabc\r\n`],
  ["a chunk whose size is none (7.1)", `${CHUNKED}g\r\nabc\r\n`],
  ["a chunk with a prefix (7.1)", `${CHUNKED}0x3\r\nabc\r\n`],
  ["a negative chunk (7.1)", `${CHUNKED}-3\r\nabc\r\n`],
  ["a blank before the size of a chunk (7.1)", `${CHUNKED} 3\r\nabc\r\n`],
  ["a blank behind the size of a chunk (7.1)", `${CHUNKED}3 \r\nabc\r\n`],
  ["a chunk larger than any number (7.1)", `${CHUNKED}fffffffffffffff1\r\nabc\r\n`],
  ["a chunk longer than its size (7.1)", `${CHUNKED}3\r\nabcd\r\n0\r\n\r\n`],
  ["a chunk that ends with LF (7.1)", `${CHUNKED}3\r\nabc\n0\r\n\r\n`],
  ["a chunk that ends with CR (7.1)", `${CHUNKED}3\r\nabc\r0\r\n\r\n`],
  ["LF alone in an extension (7.1.1)", `${CHUNKED}3;a\nb\r\nabc\r\n0\r\n\r\n`],
  ["CR alone in an extension (7.1.1)", `${CHUNKED}3;a\rb\r\nabc\r\n0\r\n\r\n`],
  ["NUL in an extension (7.1.1)", `${CHUNKED}3;a\0\r\nabc\r\n0\r\n\r\n`],
  ["a trailer without colon (7.1.2)", `${CHUNKED}0\r\nx\r\n\r\n`],
  ["a folded trailer (7.1.2)", `${CHUNKED}0\r\nx: a\r\n b\r\n\r\n`],
  ["a trailer with CR CR LF (7.1.2)", `${CHUNKED}0\r\nx: y\r\r\n\r\n`],
  ["a trailer with NUL (7.1.2)", `${CHUNKED}0\r\nx: \0\r\n\r\n`],
  ["an answer where a trailer is expected (7.1.2)", `${CHUNKED}0\r\n${OK}\r\n`],
  ["a body behind what is informational (6.3)", "HTTP/1.1 103 X\r\ncontent-length: 5\r\n\r\nhello"],
];

describe("no answer is", () => {
  it.each(MALFORMED)("%s", (_title, wire) => {
    expect(errorOf(() => readAnswer([wire]))).toBe("HTTPParserError");
    expect(errorOf(() => readAnswer([...wire]))).toBe("HTTPParserError");
  });

  it("and what is wrong in half a head is seen before the rest has come", () => {
    for (const wire of [
      "\0",
      "HTTP/2",
      "SSH-2.0-x",
      "HTTP/1.1 200 OK\n",
      `${OK}x: y\n`,
      `${OK}x: \0`,
      `${OK} `,
    ])
      expect(errorOf(() => readAnswer([wire]))).toBe("HTTPParserError");
  });
});

describe("a change of protocol that nobody asked for", () => {
  it.each(["upgrade: h2c\r\nconnection: upgrade\r\n", ""])("is the end: %j", (headers) => {
    expect(errorOf(() => readAnswer([`HTTP/1.1 101 Switching Protocols\r\n${headers}\r\n`]))).toBe(
      "UND_ERR_SOCKET",
    );
  });
});

describe("too long", () => {
  const padded = (length: number, rest: string) =>
    `${OK}x: ${"a".repeat(length - OK.length - 3 - rest.length)}${rest}`;
  it("is a head of more than 16 KiB, whole or not, in any pieces", () => {
    const fits = padded(16_384, "\r\ncontent-length: 0\r\n\r\n");
    expect(readAnswer([fits])).toMatchObject({ ended: true, rest: 0 });
    expect(readAnswer([fits.slice(0, 16_000), fits.slice(16_000)])).toMatchObject({ ended: true, rest: 0 });
    const wires = [
      padded(16_385, "\r\ncontent-length: 0\r\n\r\n"),
      padded(100_000, ""),
      OK + "x: y\r\n".repeat(20_000),
    ];
    for (const wire of wires) {
      expect(errorOf(() => readAnswer([wire]))).toBe("UND_ERR_HEADERS_OVERFLOW");
      expect(errorOf(() => readAnswer([wire.slice(0, 9000), wire.slice(9000)]))).toBe(
        "UND_ERR_HEADERS_OVERFLOW",
      );
    }
  });

  it("is what is not body between chunks and behind them, but not chunks, however small", () => {
    const many = `${CHUNKED}${"1\r\na\r\n".repeat(60_000)}0\r\n\r\n`;
    expect(readAnswer([many])).toMatchObject({ ended: true, text: "a".repeat(60_000) });
    for (const ballast of [
      "1;extension\r\na\r\n".repeat(3000),
      `1;${"x".repeat(20_000)}\r\na\r\n`,
      `0\r\n${"x: y\r\n".repeat(5000)}`,
      `0\r\nx: ${"y".repeat(20_000)}`,
    ])
      expect(errorOf(() => readAnswer([CHUNKED + ballast]))).toBe("UND_ERR_HEADERS_OVERFLOW");
  });
});

describe("whatever comes, a reader ends, or waits for more, or says what is wrong:", () => {
  function survives(chunks: readonly Uint8Array[]): void {
    let answer: ReturnType<typeof readAnswer> | undefined;
    const error = errorOf(() => {
      answer = readAnswer(
        chunks.map((chunk) => Buffer.from(chunk)),
        { max_bytes: 1000, fin: true },
      );
    });
    if (error !== undefined)
      expect(error).toMatch(
        /^(HTTPParserError|UND_ERR_(SOCKET|HEADERS_OVERFLOW|RES_CONTENT_LENGTH_MISMATCH))$/,
      );
    else {
      expect(answer?.ended).toBe(true);
      expect(answer?.status).toBeGreaterThanOrEqual(200);
      expect(answer?.text.length).toBeLessThanOrEqual(1000);
    }
  }

  it("random bytes", () => {
    fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 5 }), survives), {
      numRuns: 1000,
    });
  });

  const piece = fc.constantFrom(
    ...[
      "HTTP/1.1 200 OK",
      "HTTP/1.0 404 X",
      "HTTP/1.1 103 X",
      "HTTP/1.1 204 X",
      "\r\n",
      "\r\n",
      "\r",
      "\n",
      " ",
      "\t",
      ": ",
    ],
    ...[
      "content-length: 5",
      "content-length: 2000",
      "transfer-encoding: chunked",
      "connection: close",
      "hello",
      "5",
      "0",
      ";x",
      "\0",
    ],
  );
  it("pieces of answers in any order", () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        survives(pieces.map((text) => Buffer.from(text)));
        survives([Buffer.from(`HTTP/1.1 200 OK\r\n${pieces.join("")}`)]);
        survives([Buffer.from(`${CHUNKED}${pieces.join("")}`)]);
      }),
      { numRuns: 1000 },
    );
  });

  const LONG = `HTTP/1.1 100 X\r\n\r\n${CHUNKED}5;a=b\r\nhello\r\n7\r\n, world\r\n0\r\nx: y\r\n\r\n`;
  it("an answer with a few bytes changed, which means the same in one piece and in many", () => {
    const change = fc.tuple(fc.nat(LONG.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), fc.nat(LONG.length), (changes, cut) => {
        const changed = Buffer.from(LONG);
        for (const [at, byte] of changes) changed[at] = byte;
        survives([changed.subarray(0, cut), changed.subarray(cut)]);
        const read = (chunks: Buffer[]) => {
          let answer: unknown;
          return { error: errorOf(() => (answer = readAnswer(chunks, { fin: true }))), answer };
        };
        expect(read([...changed].map((byte) => Buffer.from([byte])))).toEqual(read([changed]));
      }),
      { numRuns: 1000 },
    );
  });
});
