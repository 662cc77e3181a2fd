import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Transport } from "../../src/codec.js";
import { createHttp2Transport } from "../../src/transport/http2.js";
import { CODE, send, sendMany, startFrames, startHttp2, tally, useHttp2 } from "./http2_support.js";
import { answered, failure, type Running, trusted, until } from "./support.js";

const { open, started } = useHttp2();

let echo: Running;
let transport: Transport;

beforeAll(async () => {
  echo = await startHttp2((stream, headers, body) => {
    stream.respond({ ":status": 200 });
    stream.end(JSON.stringify({ headers, body: body.toString("latin1") }));
  });
  transport = createHttp2Transport({ ca: trusted.cert });
});

afterAll(async () => {
  await transport.close();
  await echo.close();
});

async function echoed(options: Parameters<typeof send>[2] = {}) {
  return JSON.parse(answered(await send(transport, echo.origin, options)).text);
}

describe("a request", () => {
  it.each([
    "/w/?token=a%2bb%2F%3d&x=%zz",
    "/a//b/../c/./d",
    "/%e4%b8%ad;a=b?c=d?e/f",
    "/[brackets]{and}|pipes|^`",
    "?query=only",
    "",
    "/with#fragment",
  ])("is sent to the path and query exactly as they are written: %s", async (path) => {
    const expected = path.replace("#fragment", "");
    const { headers } = await echoed({ path });
    expect(headers[":path"]).toBe(expected.startsWith("/") ? expected : `/${expected}`);
  });

  it.each([
    ["text, counted in bytes", "hällo", "hällo"],
    ["bytes", Uint8Array.from([0, 255, 13, 10]), Buffer.from([0, 255, 13, 10])],
    ["a view of a longer buffer", Buffer.from("--middle--").subarray(2, 8), "middle"],
    ["an empty text", "", ""],
    ["an empty view", new Uint8Array(8).subarray(4, 4), ""],
  ])("carries %s with an exact content-length", async (_title, body, expected) => {
    const { headers, body: received } = await echoed({ body });
    expect(received).toBe(Buffer.from(expected).toString("latin1"));
    expect(headers["content-length"]).toBe(`${Buffer.byteLength(body)}`);
  });

  it("without a body has none, and no content-length", async () => {
    const { headers, body } = await echoed({ method: "GET", body: undefined });
    expect(body).toBe("");
    expect(headers).toEqual({
      ":method": "GET",
      ":scheme": "https",
      ":authority": `127.0.0.1:${echo.port}`,
      ":path": "/",
    });
  });

  it("carries its headers as given, and nothing that names us", async () => {
    const { headers } = await echoed({ method: "DELETE", headers: { ttl: "0", authorization: "vapid t=x" } });
    expect(headers).toEqual({
      ":method": "DELETE",
      ":scheme": "https",
      ":authority": `127.0.0.1:${echo.port}`,
      ":path": "/",
      ttl: "0",
      authorization: "vapid t=x",
      "content-length": "4",
    });
  });

  it("goes to the host without its trailing dot", async () => {
    const named = open({ lookup: async () => [{ address: "127.0.0.1", family: 4 }] });
    const outcome = await send(named, `https://push.test.:${echo.port}`);
    expect(JSON.parse(answered(outcome).text).headers[":authority"]).toBe(`push.test:${echo.port}`);
  });

  it("larger than every window goes out as the peer makes room", async () => {
    const narrow = await started(
      startHttp2(
        (stream, _headers, body) => {
          stream.respond();
          stream.end(`${body.length}`);
        },
        { settings: { initialWindowSize: 1000 } },
      ),
    );
    const body = Buffer.alloc(1_000_000, "a");
    const outcomes = await Promise.all([1, 2, 3].map(() => send(open(), narrow.origin, { body })));
    for (const outcome of outcomes) expect(answered(outcome).text).toBe("1000000");
  });

  it.each([
    ["its URL is none", { url: "no url" }, "ERR_INVALID_URL"],
    ["its URL leads elsewhere than its connection", { url: "https://127.0.0.1:1/" }, "ORIGIN_MISMATCH"],
    ["its connection is not https", { connection: { key: "http://127.0.0.1:1" } }, "HTTPS_REQUIRED"],
    ["a header holds a line break", { headers: { ttl: "0\r\nx: y" } }, "HEADER_INVALID"],
    ["a header holds a character of more than a byte", { headers: { ttl: "€" } }, "HEADER_INVALID"],
    ["a header has space around its value", { headers: { ttl: " 0" } }, "HEADER_INVALID"],
    ["a header name is none", { headers: { "t t l": "0" } }, "HEADER_INVALID"],
    ["a header name is empty", { headers: { "": "0" } }, "HEADER_INVALID"],
    ["a header name is not lower case", { headers: { TTL: "0" } }, "HEADER_INVALID"],
    ["a header name is a pseudo-header", { headers: { ":path": "/" } }, "HEADER_INVALID"],
    ["a header is for HTTP/1.1 only", { headers: { connection: "close" } }, "HEADER_INVALID"],
    ["a header asks for trailers and more", { headers: { te: "gzip" } }, "HEADER_INVALID"],
    ["its headers are beyond all measure", { headers: { x: "y".repeat(40_000) } }, "HEADERS_TOO_LONG"],
    ["its method is none", { method: "GE T" }, "METHOD_INVALID"],
    ["its method asks for a tunnel", { method: "CONNECT" }, "METHOD_INVALID"],
    ["its path holds a space", { path: "/a b" }, "PATH_INVALID"],
  ])("that cannot be sent is not_sent, and harms no other: when %s", async (_title, request, reason) => {
    const before = echo.sockets.total;
    const neighbours = sendMany(transport, echo.origin, 5);
    expect(await send(transport, echo.origin, request)).toEqual(failure("not_sent", reason));
    expect(tally(await neighbours)).toEqual({ 200: 5 });
    expect(tally(await sendMany(transport, echo.origin, 5))).toEqual({ 200: 5 });
    expect(echo.sockets.total - before).toBeLessThan(2);
  });
});

describe("an answer", () => {
  it.each([201, 204, 301, 302, 307, 308, 400, 404, 410, 421, 429, 500, 503])(
    "with status %i is an answer, and no redirect is followed",
    async (status) => {
      const server = await started(
        startFrames({
          onRequest: (peer, id) => peer.headers(id, status, { location: `${echo.origin}/x` }, true),
        }),
      );
      const response = answered(await send(open(), server.origin));
      expect(response).toMatchObject({ status, text: "", truncated: false });
      expect(response.headers).toEqual({ location: `${echo.origin}/x` });
      expect(server.peers).toHaveLength(1);
    },
  );

  it("has its header names in lower case and repeated headers joined", async () => {
    const server = await started(
      startHttp2((stream) => {
        stream.respond({ "Retry-After": "5", "set-cookie": ["a", "b"], "x-many": ["1", "2"], "x-empty": "" });
        stream.end();
      }),
    );
    const { headers, status } = answered(await send(open(), server.origin));
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      "retry-after": "5",
      "set-cookie": "a, b",
      "x-many": "1, 2",
      "x-empty": "",
    });
    expect(Object.keys(headers).filter((name) => name.startsWith(":"))).toEqual([]);
    expect(Object.getPrototypeOf(headers)).toBe(Object.prototype);
  });

  it("may have a header with any name", async () => {
    const server = await started(
      startFrames({
        onRequest: (peer, id) => peer.answer(id, "", 200, { ["__proto__"]: "y", constructor: "z" }),
      }),
    );
    const { headers } = answered(await send(open(), server.origin));
    expect(Object.getPrototypeOf(headers)).toBe(Object.prototype);
    expect(headers.constructor).toBe("z");
  });

  it("comes after any number of informational ones", async () => {
    const server = await started(
      startFrames({
        onRequest: (peer, id) => {
          peer.headers(id, 103, { link: "</x>" });
          peer.headers(id, 100);
          peer.headers(id, 103, { link: "</y>" });
          peer.answer(id, "created", 201, { location: "/m/1" });
        },
      }),
    );
    const response = answered(await send(open(), server.origin));
    expect(response).toMatchObject({ status: 201, text: "created", headers: { location: "/m/1" } });
  });

  it("may end with its headers, with empty DATA, or with trailers", async () => {
    const server = await started(
      startFrames({
        onRequest: (peer, id, body) => {
          if (body === "headers") return peer.headers(id, 200, {}, true);
          peer.headers(id, 200);
          if (body === "empty") return peer.data(id, "", true);
          peer.data(id, "text");
          return peer.trailers(id, { "grpc-status": "0" });
        },
      }),
    );
    const own = open();
    expect(answered(await send(own, server.origin, { body: "headers" })).text).toBe("");
    expect(answered(await send(own, server.origin, { body: "empty" })).text).toBe("");
    const { text, headers } = answered(await send(own, server.origin, { body: "trailers" }));
    expect([text, headers]).toEqual(["text", {}]);
    expect(server.peers).toHaveLength(1);
  });

  it.each([
    ["HEAD", 200],
    ["GET", 304],
    ["POST", 204],
  ])("to %s may name the length of a body that it has not, with status %i", async (method, status) => {
    const server = await started(
      startFrames({ onRequest: (peer, id) => peer.headers(id, status, { "content-length": "10" }, true) }),
    );
    expect(answered(await send(open(), server.origin, { method, body: undefined })).status).toBe(status);
  });

  it("of 400 bytes in 400 frames is one answer", async () => {
    const text = Array.from({ length: 400 }, (_, at) => "abcdefghij".charAt(at % 10)).join("");
    const server = await started(
      startFrames({
        onRequest: (peer, id) => {
          peer.headers(id, 400, { "content-length": "400" });
          for (const [at, letter] of [...text].entries()) peer.data(id, letter, at === 399);
        },
      }),
    );
    const outcomes = await sendMany(open(), server.origin, 50);
    for (const outcome of outcomes) expect(answered(outcome)).toMatchObject({ status: 400, text });
  });

  it("that comes before the whole request was sent is an answer, and the rest is not sent", async () => {
    const server = await started(
      startFrames({
        widens_windows: false,
        onHeaders: (peer, id) => {
          if (id === 1) peer.answer(id, "too large", 413);
        },
      }),
    );
    const own = open();
    const body = Buffer.alloc(200_000);
    expect(answered(await send(own, server.origin, { body }))).toMatchObject({
      status: 413,
      text: "too large",
    });
    await until(() => server.peers[0]?.resets.length === 1);
    // It used the connection's window up; the peer makes room again.
    server.peers[0]?.window(0, 1_000_000);
    expect(answered(await send(own, server.origin)).text).toBe("fine");
    expect(server.peers).toHaveLength(1);
  });

  it("is whole although the peer then asks to stop the request, as RFC 9113 section 8.1 has it", async () => {
    const server = await started(
      startFrames({
        widens_windows: false,
        onHeaders: (peer, id) => {
          peer.answer(id, "too large", 413);
          peer.rst(id, 0);
        },
      }),
    );
    const outcome = await send(open(), server.origin, { body: Buffer.alloc(200_000) });
    expect(answered(outcome)).toMatchObject({ status: 413, text: "too large" });
  });

  it("is one of many that have room for a megabyte at once", async () => {
    const server = await started(startFrames());
    answered(await send(open(), server.origin));
    expect(server.peers[0]?.room).toBe(1_048_576);
  });

  it("of 64 KiB is kept whole", async () => {
    const server = await started(startHttp2((stream) => stream.end(Buffer.alloc(65_536, "a"))));
    const response = answered(await send(open(), server.origin));
    expect([response.body.length, response.truncated]).toEqual([65_536, false]);
  });

  it.each([100, 200_000])("is kept up to what the request allows: %i", async (max_answer_bytes) => {
    const server = await started(startHttp2((stream) => stream.end(Buffer.alloc(200_000, "a"))));
    const { body, truncated } = answered(await send(open(), server.origin, { max_answer_bytes }));
    expect([body.length, truncated]).toEqual([max_answer_bytes, max_answer_bytes < 200_000]);
  });

  it("of 10 MB is cut at 64 KiB, and only its stream with it", async () => {
    const codes: unknown[] = [];
    const server = await started(
      startHttp2(
        (stream, headers) => {
          if (headers[":path"] === "/huge") stream.on("close", () => codes.push(stream.rstCode));
          stream.respond({ ":status": headers[":path"] === "/huge" ? 500 : 200 });
          stream.end(headers[":path"] === "/huge" ? Buffer.alloc(10_000_000, "a") : "fine");
        },
        // Node's servers break connections whose unsent answers are larger than this.
        { maxSessionMemory: 1000 },
      ),
    );
    const own = open();
    const [huge, small] = await Promise.all([
      sendMany(own, server.origin, 40, { path: "/huge" }),
      sendMany(own, server.origin, 40),
    ]);
    for (const outcome of huge) {
      const response = answered(outcome);
      expect(response).toMatchObject({ status: 500, truncated: true });
      expect(Buffer.from(response.body).equals(Buffer.alloc(65_536, "a"))).toBe(true);
    }
    expect(tally(small)).toEqual({ 200: 40 });
    await until(() => codes.length === 40);
    expect(new Set(codes)).toEqual(new Set([CODE.cancel]));
    expect(tally(await sendMany(own, server.origin, 200))).toEqual({ 200: 200 });
    expect(server.sockets.total).toBe(1);
  });
});
