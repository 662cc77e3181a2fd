import { connect as connectTcp, type Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { describe, expect, it } from "vitest";
import { createHttp1Transport } from "../../src/transport/http1.js";
import {
  answered,
  certificate,
  failure,
  post,
  startHttps,
  startRaw,
  startTcp,
  trusted,
  until,
  useHttp1,
} from "./support.js";

const http1 = useHttp1();
const { open, started } = http1;

describe("no connection", () => {
  it("is connect_failed when the port refuses, for every one of 300 at once", async () => {
    const server = await startTcp(() => {});
    await server.close();
    const transport = open({ max_connections_per_origin: 4 });
    const outcomes = await Promise.all(Array.from({ length: 300 }, () => post(transport, server.origin)));
    for (const outcome of outcomes) expect(outcome).toEqual(failure("connect_failed", "ECONNREFUSED"));
  });

  it("is connect_failed when the name is not known", async () => {
    const lookup = async () => {
      throw Object.assign(new Error("getaddrinfo ENOTFOUND nowhere.test"), { code: "ENOTFOUND" });
    };
    expect(await post(open({ lookup }), "https://nowhere.test")).toEqual(
      failure("connect_failed", "ENOTFOUND"),
    );
    expect(await post(open({ lookup: async () => [] }), "https://nowhere.test")).toEqual(
      failure("connect_failed", "ENOTFOUND"),
    );
  });

  it("is connect_failed when the question for the name is never answered", async () => {
    const lookup = () => new Promise<never>(() => {});
    const outcome = await post(open({ lookup, connect_timeout_ms: 50 }), "https://slow.test");
    expect(outcome).toEqual(failure("connect_failed", "CONNECT_TIMEOUT"));
  });

  it("is connect_failed when the TLS handshake does not end in time, and the socket goes", async () => {
    const server = await started(startTcp((socket) => socket.resume()));
    const outcome = await post(open({ connect_timeout_ms: 100 }), server.origin);
    expect(outcome).toEqual(failure("connect_failed", "CONNECT_TIMEOUT"));
    await until(() => server.sockets.total === 1 && server.sockets.open.size === 0);
  });

  it.each([
    ["closes", (socket: Socket) => socket.end(), "ECONNRESET"],
    ["resets", (socket: Socket) => socket.resetAndDestroy(), "ECONNRESET"],
    [
      "speaks no TLS",
      (socket: Socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"),
      /^(ERR_SSL|EPROTO)/,
    ],
  ])("is connect_failed when the server %s during the handshake", async (_title, act, reason) => {
    const server = await started(startTcp((socket) => socket.once("data", () => act(socket))));
    expect(await post(open(), server.origin)).toEqual(failure("connect_failed", reason));
  });

  it("is tried again by the next request", async () => {
    let healthy = false;
    const server = await started(
      startTcp((socket) => {
        if (!healthy) return socket.resetAndDestroy();
        const upstream = connectTcp(http1.echo.port, "127.0.0.1");
        return socket.pipe(upstream).pipe(socket);
      }),
    );
    const transport = open({ max_connections_per_origin: 2 });
    const refused = await Promise.all(Array.from({ length: 20 }, () => post(transport, server.origin)));
    for (const outcome of refused) expect(outcome).toEqual(failure("connect_failed", "ECONNRESET"));
    healthy = true;
    const served = await Promise.all(Array.from({ length: 20 }, () => post(transport, server.origin)));
    for (const outcome of served) expect(answered(outcome).text).toBe("fine");
  });
});

describe("a certificate", () => {
  it("that nobody signed is refused without ca, for every one of 100 at once", async () => {
    const transport = open({ ca: undefined, max_connections_per_origin: 4 });
    const outcomes = await Promise.all(Array.from({ length: 100 }, () => post(transport, http1.echo.origin)));
    for (const outcome of outcomes) {
      expect(outcome).toEqual(
        failure("connect_failed", /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN)$/),
      );
    }
  });

  it("is refused even when the environment says that none is to be checked", async () => {
    const before = process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
    try {
      expect(await post(open({ ca: undefined }), http1.echo.origin)).toMatchObject({
        reach: "connect_failed",
      });
    } finally {
      if (before === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
      else process.env.NODE_TLS_REJECT_UNAUTHORIZED = before;
    }
  });

  it("is accepted with ca, alone or among others", async () => {
    const others = certificate().cert;
    for (const ca of [trusted.cert, [others, trusted.cert], `${others}\n${trusted.cert}`]) {
      expect(answered(await post(open({ ca }), http1.echo.origin)).text).toBe("fine");
    }
  });

  it("that is none cannot be trusted", () => {
    expect(() => createHttp1Transport({ ca: "no certificate" })).toThrow();
    expect(() => createHttp1Transport({ ca: [trusted.cert, ""] })).toThrow();
  });

  it("for another host is refused, for every one of 100 at once", async () => {
    const transport = open({
      lookup: async () => [{ address: "127.0.0.1", family: 4 }],
      max_connections_per_origin: 4,
    });
    const origin = `https://other.example:${http1.echo.port}`;
    const outcomes = await Promise.all(Array.from({ length: 100 }, () => post(transport, origin)));
    for (const outcome of outcomes) {
      expect(outcome).toEqual(failure("connect_failed", "ERR_TLS_CERT_ALTNAME_INVALID"));
    }
  });

  it("for another host is refused also on a resumed session of ours", async () => {
    const lookup = async () => [{ address: "127.0.0.1", family: 4 }];
    const transport = open({ lookup });
    answered(await post(transport, `https://a.push.test:${http1.echo.port}`));
    expect(await post(transport, `https://other.example:${http1.echo.port}`)).toMatchObject({
      outcome: "failure",
    });
  });

  it("that has expired is refused", async () => {
    const expired = certificate({ addresses: ["127.0.0.1"], days: -1 });
    const server = await started(startHttps((_request, response) => response.end(), expired));
    expect(await post(open({ ca: expired.cert }), server.origin)).toEqual(
      failure("connect_failed", "CERT_HAS_EXPIRED"),
    );
  });
});

describe("a broken answer is maybe_sent", () => {
  const half = "HTTP/1.1 201 Created\r\ncontent-length: 10\r\n\r\nhalf";
  it.each([
    ["the end of the connection before an answer", (s: TLSSocket) => s.end(), "UND_ERR_SOCKET"],
    ["a reset before an answer", (s: TLSSocket) => reset(s), /^(ECONNRESET|UND_ERR_SOCKET)$/],
    ["half a status line", (s: TLSSocket) => s.end("HTTP/1.1 20"), /./],
    ["half of the headers", (s: TLSSocket) => s.end("HTTP/1.1 201 Created\r\nlocat"), /./],
    ["half of the body", (s: TLSSocket) => s.end(half), /./],
    ["half of the body, then a reset", (s: TLSSocket) => s.write(half, () => reset(s)), /./],
    [
      "half of a chunk",
      (s: TLSSocket) => s.end("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nff\r\nab"),
      /./,
    ],
    ["bytes that are not HTTP", (s: TLSSocket) => s.end("\u0000\u0001 garbage\r\n\r\n"), "HTTPParserError"],
    ["a status that is no number", (s: TLSSocket) => s.end("HTTP/1.1 abc X\r\n\r\n"), "HTTPParserError"],
    [
      "headers without end",
      (s: TLSSocket) => s.end(`HTTP/1.1 200 OK\r\nx: ${"a".repeat(100_000)}`),
      "UND_ERR_HEADERS_OVERFLOW",
    ],
    [
      "an unwanted change of protocol",
      (s: TLSSocket) => s.write("HTTP/1.1 101 X\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n"),
      "UND_ERR_SOCKET",
    ],
    [
      "an answer about HTTP/2",
      (s: TLSSocket) => s.end(Buffer.from("00001204000000000000030000006400040000ffff", "hex")),
      "HTTPParserError",
    ],
  ])("when it is %s", async (_title, act, reason) => {
    const server = await started(startRaw((socket) => act(socket)));
    const transport = open();
    expect(await post(transport, server.origin)).toEqual(failure("maybe_sent", reason));
    await until(() => transport.connections?.() === 0);
    expect(server.sockets.total).toBe(1);
  });

  it("and the requests behind it go on over other connections", async () => {
    let count = 0;
    const server = await started(
      startRaw((socket) => {
        count += 1;
        if (count % 3 === 0) socket.destroy();
        else socket.write("HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n");
      }),
    );
    const transport = open({ max_connections_per_origin: 4 });
    const outcomes = await Promise.all(Array.from({ length: 90 }, () => post(transport, server.origin)));
    const answers = outcomes.filter(({ outcome }) => outcome === "response");
    expect(answers).toHaveLength(60);
    expect(count).toBe(90);
    for (const outcome of outcomes)
      if (outcome.outcome !== "response") expect(outcome).toMatchObject({ reach: "maybe_sent" });
  });
});

describe("a request that cannot be sent is not_sent", () => {
  it.each([
    ["its URL is none", { url: "no url" }, "ERR_INVALID_URL"],
    ["its URL leads elsewhere than its connection", { url: "https://127.0.0.1:1/" }, "ORIGIN_MISMATCH"],
    ["a header holds a line break", { headers: { ttl: "0\r\nx: y" } }, "UND_ERR_INVALID_ARG"],
    ["a header name is none", { headers: { "t t l": "0" } }, "UND_ERR_INVALID_ARG"],
    ["its path holds a space", { path: "/a b" }, "UND_ERR_INVALID_ARG"],
    ["it expects to be asked to go on", { headers: { expect: "100-continue" } }, "UND_ERR_NOT_SUPPORTED"],
    [
      "it names a coding for the transfer",
      { headers: { "transfer-encoding": "chunked" } },
      "UND_ERR_INVALID_ARG",
    ],
    [
      "it names another length",
      { headers: { "content-length": "5" } },
      "UND_ERR_REQ_CONTENT_LENGTH_MISMATCH",
    ],
  ])("when %s", async (_title, request, reason) => {
    const transport = open();
    expect(await post(transport, http1.echo.origin, request)).toEqual(failure("not_sent", reason));
    expect(answered(await post(transport, http1.echo.origin)).text).toBe("fine");
  });

  it("when its connection is not https", async () => {
    expect(await post(open(), `http://127.0.0.1:${http1.echo.port}`)).toEqual(
      failure("not_sent", "HTTPS_REQUIRED"),
    );
  });
});

function reset(socket: TLSSocket): void {
  // A TLS socket has no reset of its own; the server's bare one lies beneath.
  (socket as TLSSocket & { _parent?: Socket })._parent?.resetAndDestroy();
}
