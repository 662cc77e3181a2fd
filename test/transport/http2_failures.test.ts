import { connect as connectTcp, type Socket } from "node:net";
import { describe, expect, it } from "vitest";
import {
  CODE,
  type Peer,
  send,
  sendMany,
  startFrames,
  startHttp2,
  tally,
  useHttp2,
} from "./http2_support.js";
import { answered, certificate, failure, startHttps, startTcp, trusted, until } from "./support.js";

const { open, started } = useHttp2();

describe("no connection", () => {
  it("is connect_failed when the port refuses, for every one of 300 at once", async () => {
    const server = await startTcp(() => {});
    await server.close();
    expect(tally(await sendMany(open(), server.origin, 300))).toEqual({ "connect_failed ECONNREFUSED": 300 });
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
    expect(await send(open(), server.origin)).toEqual(failure("connect_failed", reason));
  });

  it("is connect_failed when the handshake does not end in time, for every one of 50 at once", async () => {
    const server = await started(startTcp((socket) => socket.resume()));
    const outcomes = await sendMany(open({ connect_timeout_ms: 100 }), server.origin, 50);
    expect(tally(outcomes)).toEqual({ "connect_failed CONNECT_TIMEOUT": 50 });
    await until(() => server.sockets.total === 1 && server.sockets.open.size === 0);
  });

  it("is one failure for everybody who waited, and the next request tries again", async () => {
    let healthy = false;
    const server = await started(startFrames());
    const front = await started(
      startTcp((socket) => {
        if (!healthy) return socket.resetAndDestroy();
        const upstream = connectTcp(server.port, "127.0.0.1");
        upstream.on("error", () => socket.destroy()).on("close", () => socket.destroy());
        socket.on("close", () => upstream.destroy());
        return socket.pipe(upstream).pipe(socket);
      }),
    );
    const transport = open();
    const refused = await sendMany(transport, front.origin, 300);
    expect(tally(refused)).toEqual({ "connect_failed ECONNRESET": 300 });
    expect(front.sockets.total).toBe(1);
    expect(tally(await sendMany(transport, front.origin, 10))).toEqual({ "connect_failed ECONNRESET": 10 });
    expect(front.sockets.total).toBe(2);
    healthy = true;
    expect(tally(await sendMany(transport, front.origin, 100))).toEqual({ 200: 100 });
    expect(front.sockets.total).toBe(3);
  });

  it.each([
    ["only HTTP/1.1", ["http/1.1"]],
    ["something else", ["spdy/3"]],
    ["nothing by name", undefined],
  ])("is connect_failed when the host speaks %s", async (_title, ALPNProtocols) => {
    const server = await started(startFrames({ tls: { ALPNProtocols } as object }));
    const outcomes = await sendMany(open(), server.origin, 20);
    expect(tally(outcomes)).toEqual({ "connect_failed H2_NOT_OFFERED": 20 });
    expect(server.sockets.total).toBe(1);
  });

  it("is connect_failed to a server of HTTP/1.1", async () => {
    const server = await started(startHttps((_request, response) => response.end("fine")));
    expect(await send(open(), server.origin)).toEqual(failure("connect_failed", "H2_NOT_OFFERED"));
  });
});

describe("a connection that ends before it is of use is connect_failed for all of 150 requests", () => {
  it.each([
    ["its SETTINGS never come", () => {}, "H2_SETTINGS_TIMEOUT"],
    ["it is closed", (peer: Peer) => peer.socket.end(), "H2_CONNECTION_CLOSED"],
    ["it is reset", (peer: Peer) => peer.reset(), /^(ECONNRESET|H2_CONNECTION_CLOSED)$/],
    ["it speaks no HTTP/2", (peer: Peer) => peer.socket.write("HTTP/1.1 400 X\r\n\r\n"), "H2_PROTOCOL_ERROR"],
    ["GOAWAY is all it says", (peer: Peer) => greet(peer, CODE.no_error), "GOAWAY_NO_ERROR"],
    [
      "GOAWAY with an error is all it says",
      (peer: Peer) => greet(peer, CODE.calm),
      "GOAWAY_ENHANCE_YOUR_CALM",
    ],
  ])("when %s", async (_title, act, reason) => {
    const server = await started(startFrames({ max_streams: null, onConnection: act }));
    const outcomes = await sendMany(open({ settings_timeout_ms: 150 }), server.origin, 150);
    for (const outcome of outcomes) expect(outcome).toEqual(failure("connect_failed", reason));
    // No stampede, no loop.
    expect(server.sockets.total).toBe(1);
    await until(() => server.sockets.open.size === 0);
  });

  /** It allows no stream and goes. */
  function greet(peer: Peer, code: number): void {
    peer.allow(0);
    peer.goaway(0, code);
  }
});

describe("a certificate", () => {
  it("that nobody signed is refused without ca, for every one of 100 at once", async () => {
    const server = await started(startHttp2());
    const outcomes = await sendMany(open({ ca: undefined }), server.origin, 100);
    expect(tally(outcomes)).toEqual({ "connect_failed DEPTH_ZERO_SELF_SIGNED_CERT": 100 });
  });

  it("is refused even when the environment says that none is to be checked", async () => {
    const server = await started(startHttp2());
    const before = process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
    try {
      expect(await send(open({ ca: undefined }), server.origin)).toMatchObject({ reach: "connect_failed" });
    } finally {
      if (before === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
      else process.env.NODE_TLS_REJECT_UNAUTHORIZED = before;
    }
  });

  it("for another host is refused", async () => {
    const server = await started(startHttp2());
    const transport = open({ lookup: async () => [{ address: "127.0.0.1", family: 4 }] });
    expect(await send(transport, `https://other.example:${server.port}`)).toEqual(
      failure("connect_failed", "ERR_TLS_CERT_ALTNAME_INVALID"),
    );
  });

  it("is accepted with ca among others", async () => {
    const server = await started(startHttp2());
    const transport = open({ ca: [certificate().cert, trusted.cert] });
    expect(answered(await send(transport, server.origin)).text).toBe("fine");
  });
});

describe("a broken answer is maybe_sent", () => {
  const half = (peer: Peer, id: number, headers = {}) => {
    peer.headers(id, 200, headers);
    peer.data(id, "half");
  };
  it.each<[string, (peer: Peer, id: number) => void, string | RegExp]>([
    ["the end of the connection before an answer", (peer) => peer.socket.end(), "H2_CONNECTION_CLOSED"],
    [
      "a reset of the connection before an answer",
      (peer) => peer.reset(),
      /^(ECONNRESET|H2_CONNECTION_CLOSED)$/,
    ],
    ["a stream reset without error", (peer, id) => peer.rst(id, CODE.no_error), "H2_NO_ERROR"],
    ["a stream reset with an error", (peer, id) => peer.rst(id, CODE.internal), "H2_INTERNAL_ERROR"],
    ["a stream cancelled", (peer, id) => peer.rst(id, CODE.cancel), "H2_CANCEL"],
    ["an unknown error", (peer, id) => peer.rst(id, 4711), "H2_ERROR_4711"],
    [
      "headers, then the end of the connection",
      headersThen((peer) => peer.socket.end()),
      "H2_CONNECTION_CLOSED",
    ],
    ["headers, then a reset of the connection", headersThen((peer) => peer.reset()), /./],
    ["headers, then a stream reset without error", headersThen((peer, id) => peer.rst(id, 0)), "H2_NO_ERROR"],
    ["headers, then the stream refused", headersThen((peer, id) => peer.rst(id, 7)), "H2_REFUSED_STREAM"],
    [
      "half a body, then the end of the connection",
      bodyThen((peer) => peer.socket.end()),
      "H2_CONNECTION_CLOSED",
    ],
    [
      "half a body, then a stream reset without error",
      bodyThen((peer, id) => peer.rst(id, 0)),
      "H2_NO_ERROR",
    ],
    [
      "half a body, then GOAWAY with an error",
      bodyThen((peer) => peer.goaway(99, 2)),
      "GOAWAY_INTERNAL_ERROR",
    ],
    ["half a body, then GOAWAY that denies it", bodyThen((peer) => peer.goaway(0)), "GOAWAY_NO_ERROR"],
    ["a body short of its length", lengthThen(10), "H2_PROTOCOL_ERROR"],
    ["a body beyond its length", lengthThen(2), "H2_PROTOCOL_ERROR"],
    [
      "only an informational answer",
      (peer, id) => {
        peer.headers(id, 103);
        peer.rst(id, 0);
      },
      "H2_NO_ERROR",
    ],
    ["DATA before headers", (peer, id) => peer.data(id, "x", true), "H2_PROTOCOL_ERROR"],
    ["no status", (peer, id) => peer.trailers(id, { x: "y" }), "H2_PROTOCOL_ERROR"],
    ["a frame that is none", (peer, id) => peer.frame(0, 8, id, Buffer.from([255])), "H2_PROTOCOL_ERROR"],
    ["a GOAWAY with an error", (peer) => peer.goaway(99, CODE.calm), "GOAWAY_ENHANCE_YOUR_CALM"],
  ])("when it is %s", async (_title, act, reason) => {
    const server = await started(startFrames({ onRequest: (peer, id) => act(peer, id) }));
    expect(await send(open(), server.origin)).toEqual(failure("maybe_sent", reason));
    expect(server.peers).toHaveLength(1);
  });

  function headersThen(act: (peer: Peer, id: number) => void) {
    return (peer: Peer, id: number) => {
      peer.headers(id, 200);
      // Not in the same read: the client has seen the headers.
      setImmediate(() => act(peer, id));
    };
  }
  function bodyThen(act: (peer: Peer, id: number) => void) {
    return (peer: Peer, id: number) => {
      half(peer, id);
      act(peer, id);
    };
  }
  function lengthThen(length: number) {
    return (peer: Peer, id: number) => {
      half(peer, id, { "content-length": `${length}` });
      peer.data(id, "", true);
    };
  }
});

describe("a fault on one stream", () => {
  it("is that request's alone: every third of 300 reset, every fifth refused, none of it a second time", async () => {
    const seen = new Set<string>();
    const server = await started(
      startFrames({
        onRequest: (peer, id, body) => {
          expect(seen.has(body)).toBe(false);
          seen.add(body);
          if (Number(body) % 3 === 0) peer.rst(id, CODE.internal);
          else if (Number(body) % 5 === 0) peer.rst(id, CODE.refused);
          else peer.answer(id);
        },
      }),
    );
    const transport = open({ max_sessions_per_origin: 1 });
    expect(tally(await sendMany(transport, server.origin, 300))).toEqual({
      200: 160,
      "maybe_sent H2_INTERNAL_ERROR": 100,
      "refused H2_REFUSED_STREAM": 40,
    });
    expect([server.peers.length, transport.connections?.()]).toEqual([1, 1]);
  });
});

describe("a fault of the connection", () => {
  it.each<[string, (peer: Peer) => void, RegExp]>([
    ["destroyed", (peer) => peer.socket.destroy(), /^(ECONNRESET|H2_CONNECTION_CLOSED)$/],
    ["reset", (peer) => peer.reset(), /^(ECONNRESET|H2_CONNECTION_CLOSED)$/],
    ["closed", (peer) => peer.socket.end(), /^H2_CONNECTION_CLOSED$/],
  ])(
    "%s in mid-traffic ends what is open as maybe_sent; what waits goes over the next one",
    async (_title, act, reason) => {
      let answers = 0;
      const server = await started(
        startFrames({
          max_streams: 50,
          onRequest: (peer, id) => {
            if (server.peers.length > 1) return peer.answer(id);
            // The first 30 are answered, then 50 are open, then it ends.
            answers += 1;
            if (answers <= 30) return peer.answer(id);
            return peer.open.size === 50 && [...peer.open.keys()].at(-1) === id ? act(peer) : undefined;
          },
        }),
      );
      const outcomes = await sendMany(open({ max_sessions_per_origin: 1 }), server.origin, 300);
      const failed = outcomes.filter(({ outcome }) => outcome === "failure");
      expect(failed).toHaveLength(50);
      for (const outcome of failed) expect(outcome).toEqual(failure("maybe_sent", reason));
      expect(tally(outcomes)).toMatchObject({ 200: 250 });
      expect(server.peers).toHaveLength(2);
    },
  );
});
