import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Http1Reader } from "../../src/transport/http1_reader.js";
import { errorOf, readAnswer } from "./http1_socket_support.js";

const OK = "HTTP/1.1 200 OK\r\n";

/** Whole answers of every shape, each with what it says and, where the connection ends it, `fin`. */
const ANSWERS: [
  string,
  string,
  { text: string; status?: number; rest?: number },
  { fin?: boolean; has_body?: boolean }?,
][] = [
  ["with a length", `${OK}Content-Length: 5\r\nX-A: 1\r\n\r\nhello`, { text: "hello" }],
  ["without a body", `${OK}content-length: 0\r\n\r\n`, { text: "" }],
  [
    "in chunks, with extensions and trailers",
    `${OK}transfer-encoding: Chunked\r\n\r\n3;a=b;c="d"\r\nhel\r\n02 ;x\r\nlo\r\n00;last\r\nx-trailer: 1\r\ny: \r\n\r\n`,
    { text: "hello" },
  ],
  [
    "in a chunk that holds what looks like the end",
    `${OK}transfer-encoding: chunked\r\n\r\na\r\n\r\n0\r\n\r\n\r\n\r\r\n0\r\n\r\n`,
    { text: "\r\n0\r\n\r\n\r\n\r" },
  ],
  ["in no chunk at all", `${OK}transfer-encoding: chunked\r\n\r\n0\r\n\r\n`, { text: "" }],
  ["that ends with its connection", `${OK}\r\nhello`, { text: "hello" }, { fin: true }],
  [
    "of an older server",
    "HTTP/1.0 404 Not Found\r\n\r\nhello",
    { text: "hello", status: 404 },
    { fin: true },
  ],
  [
    "behind informational ones",
    `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n${OK}content-length: 5\r\n\r\nhello`,
    { text: "hello" },
  ],
  [
    "204, whatever its length says",
    "HTTP/1.1 204 No Content\r\ncontent-length: 7\r\n\r\n",
    { text: "", status: 204 },
  ],
  ["304 likewise", "HTTP/1.1 304 Not Modified\r\ncontent-length: 7\r\n\r\n", { text: "", status: 304 }],
  [
    "304 that names a coding",
    "HTTP/1.1 304 Not Modified\r\ntransfer-encoding: chunked\r\n\r\n",
    { text: "", status: 304 },
  ],
  [
    "to HEAD, which has the length of what GET would get",
    `${OK}content-length: 500\r\n\r\n`,
    { text: "" },
    { has_body: false },
  ],
  [
    "to HEAD, which names a coding",
    `${OK}transfer-encoding: chunked\r\n\r\n`,
    { text: "" },
    { has_body: false },
  ],
  ["with more behind it", `${OK}content-length: 2\r\n\r\nhello`, { text: "he", rest: 3 }],
  ["without a reason", "HTTP/1.1 200\r\ncontent-length: 0\r\n\r\n", { text: "" }],
  ["with an empty reason", "HTTP/1.1 200 \r\ncontent-length: 0\r\n\r\n", { text: "" }],
  ["with an unknown status", "HTTP/1.1 999 \xe9\t!\r\ncontent-length: 0\r\n\r\n", { text: "", status: 999 }],
];

describe.each(ANSWERS)("an answer %s", (_title, wire, said, options = {}) => {
  const expected = { status: 200, rest: 0, ended: true, truncated: false, ...said };
  const bytes = Buffer.from(wire, "latin1");

  it("means the same wherever it is cut in two", () => {
    for (let at = 0; at <= bytes.length; at += 1)
      expect(readAnswer([bytes.subarray(0, at), bytes.subarray(at)], options)).toMatchObject(expected);
  });

  it("means the same byte by byte", () => {
    expect(
      readAnswer(
        [...bytes].map((byte) => Buffer.from([byte])),
        options,
      ),
    ).toMatchObject(expected);
  });

  it("means the same in any pieces", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 12 }), (cuts) => {
        const places = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        const pieces = places.slice(1).map((place, at) => bytes.subarray(places[at], place));
        expect(readAnswer(pieces, options)).toMatchObject(expected);
      }),
      { numRuns: 100 },
    );
  });

  it("is not whole before its last byte", () => {
    const whole = bytes.length - (said.rest ?? 0);
    for (let at = 0; at < whole; at += 1) {
      expect(readAnswer([bytes.subarray(0, at)], { ...options, fin: false }).ended).toBe(false);
      if (!options.fin)
        expect(errorOf(() => readAnswer([bytes.subarray(0, at)], { ...options, fin: true }))).toMatch(
          /^UND_ERR_/,
        );
    }
  });
});

describe("of the headers", () => {
  it("names are in lower case, values without the blanks around them, repeated ones joined in order", () => {
    const { headers } = readAnswer([
      `${OK}Retry-After:5\r\nX-A: \t a  b \t\r\nx-a:\r\nX-a:c:d\r\nSet-Cookie: \xa0\xe9\xa0\r\nContent-Length: 0\r\n\r\n`,
    ]);
    expect(headers).toEqual({
      "retry-after": "5",
      "x-a": "a  b, , c:d",
      "set-cookie": "\xa0\xe9\xa0",
      "content-length": "0",
    });
  });

  it("none reaches the prototype of others", () => {
    const { headers } = readAnswer([
      `${OK}__proto__: x\r\nconstructor: y\r\ntoString: z\r\ncontent-length: 0\r\n\r\n`,
    ]);
    expect(Object.getPrototypeOf(headers)).toBe(Object.prototype);
    expect(headers).toMatchObject({ constructor: "y", tostring: "z" });
  });
});

describe("a connection waits for its next request", () => {
  const keepAlive = (text: string) => readAnswer([text.replaceAll("\n", "\r\n")]).keep_alive_ms;
  it.each([
    ["half a minute when nothing is said", "HTTP/1.1 200\ncontent-length: 0\n\n", 30_000],
    [
      "two seconds less than the server does",
      "HTTP/1.1 200\nkeep-alive: timeout=10\ncontent-length: 0\n\n",
      8000,
    ],
    ["also when more is said", "HTTP/1.1 200\nkeep-alive: max=7, Timeout=10\ncontent-length: 0\n\n", 8000],
    ["not at all when that is nothing", "HTTP/1.1 200\nkeep-alive: timeout=2\ncontent-length: 0\n\n", 0],
    ["two minutes at most", "HTTP/1.1 200\nkeep-alive: timeout=999999999\ncontent-length: 0\n\n", 120_000],
    [
      "as usual when the hint is none",
      "HTTP/1.1 200\nkeep-alive: xtimeout=1, timeout=x\ncontent-length: 0\n\n",
      30_000,
    ],
    ["not at all when it is to be closed", "HTTP/1.1 200\nconnection: close\ncontent-length: 0\n\n", 0],
    [
      "nor when that is one word of several",
      "HTTP/1.1 200\nconnection: x,\t Close ,y\ncontent-length: 0\n\n",
      0,
    ],
    ["but for other words", "HTTP/1.1 200\nconnection: closed, not-close\ncontent-length: 0\n\n", 30_000],
    ["not at all with an older server", "HTTP/1.0 200\ncontent-length: 0\n\n", 0],
    ["nor with an older one of other words", "HTTP/1.0 200\nconnection: x\ncontent-length: 0\n\n", 0],
    [
      "but with an older one that says so",
      "HTTP/1.0 200\nconnection: Keep-Alive\ncontent-length: 0\n\n",
      30_000,
    ],
    [
      "not at all when an older one says both",
      "HTTP/1.0 200\nconnection: keep-alive, close\ncontent-length: 0\n\n",
      0,
    ],
  ])("%s", (_title, text, expected) => {
    expect(keepAlive(text)).toBe(expected);
  });

  it("not at all when the answer ended with it, or was cut", () => {
    expect(readAnswer([`${OK}\r\nx`], { fin: true }).keep_alive_ms).toBe(0);
    expect(readAnswer([`${OK}content-length: 9\r\n\r\n123456`], { max_bytes: 5 }).keep_alive_ms).toBe(0);
  });
});

describe("a body is cut where it becomes too long", () => {
  it.each([
    ["with a length", "content-length: 12\r\n\r\nhello, world"],
    ["in chunks", "transfer-encoding: chunked\r\n\r\n6\r\nhello,\r\n6\r\n world\r\n0\r\n\r\n"],
    ["that ends with its connection", "\r\nhello, world"],
  ])("%s", (_title, wire) => {
    const bytes = Buffer.from(OK + wire);
    for (let at = 0; at <= bytes.length; at += 1) {
      const pieces = [bytes.subarray(0, at), bytes.subarray(at)];
      expect(readAnswer(pieces, { max_bytes: 8 })).toMatchObject({
        text: "hello, w",
        truncated: true,
        ended: true,
      });
      expect(readAnswer(pieces, { max_bytes: 12, fin: true })).toMatchObject({
        text: "hello, world",
        truncated: false,
      });
    }
  });

  it("and when none is allowed, at its first byte", () => {
    expect(readAnswer([`${OK}content-length: 1\r\n\r\nx`], { max_bytes: 0 })).toMatchObject({
      text: "",
      truncated: true,
    });
    expect(readAnswer([`${OK}content-length: 0\r\n\r\n`], { max_bytes: 0 })).toMatchObject({
      text: "",
      truncated: false,
    });
  });
});

it("what is kept of an answer holds on to nothing that came along with it", () => {
  const bytes = Buffer.from(`${OK}content-length: 5\r\n\r\nhello`);
  const reader = new Http1Reader(true, 5);
  reader.read(bytes);
  bytes.fill(0);
  expect(Buffer.from(reader.response.body).toString()).toBe("hello");
});
