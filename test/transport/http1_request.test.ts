import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { HttpRequest } from "../../src/codec.js";
import { Http1Requests } from "../../src/transport/http1_request.js";
import { errorOf } from "./http1_socket_support.js";

const written = (request: Partial<HttpRequest>, requests = new Http1Requests("push.test:8443")) =>
  requests
    .of({ method: "POST", url: "https://push.test:8443/w/?a=%2b", headers: {}, ...request })
    .toString("latin1");

describe("a request is written", () => {
  it("with its head and its body in one piece", () => {
    const headers = { ttl: "60", "x-empty": "" };
    expect(written({ headers, body: "h\u00e4llo" })).toBe(
      "POST /w/?a=%2b HTTP/1.1\r\nhost: push.test:8443\r\nconnection: keep-alive\r\nttl: 60\r\nx-empty: \r\n" +
        "content-length: 6\r\n\r\nh\u00c3\u00a4llo",
    );
    expect(written({ body: Uint8Array.from([0, 13, 10, 255]) })).toMatch(
      /content-length: 4\r\n\r\n\0\r\n\u00ff$/,
    );
  });

  it.each([
    ["POST", undefined, "0"],
    ["PUT", "", "0"],
    ["PATCH", new Uint8Array(0), "0"],
    ["DELETE", "four", "4"],
    ["GET", undefined, undefined],
    ["HEAD", "", undefined],
  ] as const)("by %s with the body %j and the length %s", (method, body, length) => {
    expect(/content-length: (\d+)\r\n/.exec(written({ method, body }))?.[1]).toBe(length);
  });

  it("with the length that its headers name, once", () => {
    expect(
      written({ headers: { "Content-Length": "4" }, body: "four" }).match(/content-length: 4/gi),
    ).toHaveLength(1);
    expect(written({ method: "GET", headers: { "content-length": "0" } })).not.toContain("content-length");
  });
});

/** Control characters, and what no byte is. */
const UNFIT = [..."\r\n\0\x01\x08\x0b\x0c\x1f\x7f\u0100\u{1f600}", "\r\nx: y", "\r\n\r\nGET / HTTP/1.1\r\n"];

describe("nothing is written", () => {
  it.each(UNFIT)("with %j in its path, a value, a name or its method", (text) => {
    for (const at of ["", "a"]) {
      for (const request of [
        { url: `https://push.test:8443/${at}${text}b` },
        { url: `https://push.test:8443/${at}${text}` },
        { headers: { x: `${at}${text}b` } },
        { headers: { x: `${at}${text}` } },
        { headers: { [`${at}${text}`]: "b" } },
        { method: `POST${text}` },
      ])
        expect(errorOf(() => written(request))).toBe("UND_ERR_INVALID_ARG");
    }
  });

  it.each([" ", "\t"])("with %j in its path, a name or its method", (text) => {
    for (const request of [
      { url: `https://push.test:8443/a${text}b` },
      { headers: { [`a${text}`]: "b" } },
      { method: `POST${text}` },
    ])
      expect(errorOf(() => written(request))).toBe("UND_ERR_INVALID_ARG");
  });

  it.each([
    "host",
    "connection",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
  ])("with a header %s, which is the connection's, in whatever case", (name) => {
    for (const one of [name, name.toUpperCase()])
      expect(errorOf(() => written({ headers: { [one]: "trailers" } }))).toBe("UND_ERR_INVALID_ARG");
  });

  it.each([
    ["", {}, "UND_ERR_INVALID_ARG"],
    ["post", {}, "UND_ERR_INVALID_ARG"],
    ["CONNECT", {}, "UND_ERR_INVALID_ARG"],
    ["POST", { "": "x" }, "UND_ERR_INVALID_ARG"],
    ["POST", { "a:": "x" }, "UND_ERR_INVALID_ARG"],
    ["POST", { Expect: "100-continue" }, "UND_ERR_NOT_SUPPORTED"],
    ["POST", { "content-length": "3" }, "UND_ERR_REQ_CONTENT_LENGTH_MISMATCH"],
    ["POST", { "Content-Length": "04" }, "UND_ERR_REQ_CONTENT_LENGTH_MISMATCH"],
    ["POST", { "content-length": "4, 4" }, "UND_ERR_REQ_CONTENT_LENGTH_MISMATCH"],
  ])("by %j with %j", (method, headers, code) => {
    expect(errorOf(() => written({ method, headers, body: "four" }))).toBe(code);
  });

  it("that was refused before, whatever was fit in between", () => {
    const requests = new Http1Requests("h");
    const refused = () => errorOf(() => written({ headers: { x: "a\r\nb: c" } }, requests));
    for (const value of ["fit", "other", "fit"]) {
      expect(refused()).toBe("UND_ERR_INVALID_ARG");
      expect(written({ headers: { x: value } }, requests)).toContain(`x: ${value}\r\n`);
      expect(errorOf(() => written({ headers: { "content-length": "9" } }, requests))).toBe(
        "UND_ERR_REQ_CONTENT_LENGTH_MISMATCH",
      );
    }
    for (let count = 0; count < 100; count += 1)
      expect(written({ headers: { [`x-${count}`]: "y" } }, requests)).toContain(`x-${count}: y\r\n`);
    expect(refused()).toBe("UND_ERR_INVALID_ARG");
  });

  it("that would be two requests, or another one, whatever its texts are", () => {
    const text = fc.string({ unit: fc.constantFrom(..."ab:/? \t\r\n\0\u00e9\u0100"), maxLength: 12 });
    const property = fc.property(text, text, text, (path, name, value) => {
      let bytes: string;
      try {
        bytes = written({ url: `https://push.test:8443/${path}`, headers: { [name]: value }, body: "x" });
      } catch (error) {
        expect((error as { code: unknown }).code).toBe("UND_ERR_INVALID_ARG");
        return;
      }
      const [line = "", ...rest] = bytes.split("\r\n");
      expect(line).toMatch(/^POST \/[^ \r\n\0]* HTTP\/1\.1$/);
      expect(rest).toEqual([
        ...["host: push.test:8443", "connection: keep-alive", `${name}: ${value}`],
        ...["content-length: 1", "", "x"],
      ]);
      expect(bytes.match(/[\r\n]/g)).toHaveLength(12);
    });
    fc.assert(property, { numRuns: 2000 });
  });
});
