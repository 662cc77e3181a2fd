import { createSecureServer } from "node:http2";
import { connect as connectTcp, type Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { describe, expect, it } from "vitest";
import type { Transport } from "../../src/codec.js";
import { type SendOptions, send, sendMany, startFrames, tally, useHttp2 } from "./http2_support.js";
import {
  answered,
  failure,
  listening,
  type Running,
  startHttps,
  startRaw,
  startTcp,
  trusted,
  until,
} from "./support.js";

const { open, started } = useHttp2();

const asPicked = { connection: { protocol: "alpn" } } satisfies SendOptions;

/** What they answer is what they were spoken to. */
async function startBoth({ allowHTTP1 = true } = {}) {
  const server = createSecureServer({ ...trusted, allowHTTP1 }, (request, response) => {
    response.end(request.httpVersion);
  });
  return started(listening(server));
}

const startOnlyHttp2 = () => startBoth({ allowHTTP1: false });

async function startWithoutAlpn() {
  return started(startRaw((socket) => socket.write("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n1.1")));
}

async function startHttp1(): Promise<Running> {
  return started(startHttps((request, response) => response.end(request.httpVersion)));
}

/** One address whose server may be exchanged. */
async function startFront(first: Running) {
  const state = { server: first };
  const front = await started(
    startTcp((socket: Socket) => {
      const upstream = connectTcp(state.server.port, "127.0.0.1");
      upstream.on("error", () => socket.destroy()).on("close", () => socket.destroy());
      socket.on("close", () => upstream.destroy());
      socket.pipe(upstream).pipe(socket);
    }),
  );
  return Object.assign(state, { origin: front.origin, sockets: front.sockets });
}

async function versions(transport: Transport, origin: string, count: number) {
  const outcomes = await sendMany(transport, origin, count, asPicked);
  return [...new Set(outcomes.map((outcome) => answered(outcome).text))];
}

describe("h1", () => {
  it("is HTTP/1.1, although the host speaks both", async () => {
    const server = await startBoth();
    const outcome = await send(open(), server.origin, { connection: { protocol: "h1" } });
    expect(answered(outcome).text).toBe("1.1");
  });

  it("is connect_failed when the host speaks only HTTP/2", async () => {
    const server = await started(startFrames());
    expect(await send(open(), server.origin, { connection: { protocol: "h1" } })).toMatchObject({
      outcome: "failure",
      reach: "connect_failed",
      reason: "H1_NOT_OFFERED",
    });
  });
});

describe("h2", () => {
  it("is HTTP/2", async () => {
    expect(answered(await send(open(), (await startBoth()).origin)).text).toBe("2.0");
  });
});

describe("alpn", () => {
  it("is HTTP/2 where the host offers it", async () => {
    const server = await startBoth();
    expect(await versions(open(), server.origin, 50)).toEqual(["2.0"]);
    expect(server.sockets.total).toBe(1);
  });

  it.each([
    ["picks it", startHttp1],
    ["knows no ALPN", startWithoutAlpn],
  ])("is HTTP/1.1 where the host %s: one connection finds out, and it is used", async (_title, start) => {
    const server = await start();
    const transport = open();
    expect(await versions(transport, server.origin, 1)).toEqual(["1.1"]);
    expect([server.sockets.total, transport.connections?.()]).toEqual([1, 1]);
    expect(await versions(transport, server.origin, 1)).toEqual(["1.1"]);
    expect(server.sockets.total).toBe(1);
  });

  it("finds out with one connection however many requests come first", async () => {
    let handshakes = 0;
    const held: Socket[] = [];
    const server = await startHttp1();
    const front = await started(
      startTcp((socket) => {
        handshakes += 1;
        held.push(socket.pause());
      }),
    );
    const sending = sendMany(open({ max_connections_per_origin: 4 }), front.origin, 100, asPicked);
    await until(() => held.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(handshakes).toBe(1);
    // Now let it and the others through.
    const pass = (socket: Socket) => {
      const upstream = connectTcp(server.port, "127.0.0.1");
      upstream.on("error", () => socket.destroy()).on("close", () => socket.destroy());
      socket.on("close", () => upstream.destroy());
      socket.pipe(upstream).pipe(socket);
    };
    const passing = setInterval(() => held.splice(0).forEach(pass), 1);
    expect(tally(await sending)).toEqual({ 200: 100 });
    clearInterval(passing);
    expect(handshakes).toBe(4);
  });

  it("follows a host that changes to HTTP/2, and back, without a failure", async () => {
    const http1 = await startHttp1();
    const http2 = await startOnlyHttp2();
    const front = await startFront(http1);
    const transport = open({ max_connections_per_origin: 3 });
    for (const [server, version] of [
      [http1, "1.1"],
      [http2, "2.0"],
      [http1, "1.1"],
      [http2, "2.0"],
    ] as const) {
      front.server = server;
      for (const socket of front.sockets.open) socket.destroy();
      await until(() => transport.connections?.() === 0);
      expect(await versions(transport, front.origin, 30)).toEqual([version]);
      expect(await versions(transport, front.origin, 30)).toEqual([version]);
    }
  });

  it("may differ from one request's connection to the next behind one address", async () => {
    const servers = [await startHttp1(), await startOnlyHttp2()];
    const front = await startFront(servers[0] as Running);
    const transport = open({ max_connections_per_origin: 2 });
    for (let round = 0; round < 20; round += 1) {
      front.server = servers[round % 2] as Running;
      expect(tally(await sendMany(transport, front.origin, 5, asPicked))).toEqual({ 200: 5 });
      for (const socket of front.sockets.open) socket.destroy();
      await until(() => transport.connections?.() === 0);
    }
  });

  it("is connect_failed, after one connection, when the host speaks neither", async () => {
    const server = await started(startFrames({ tls: { ALPNProtocols: ["spdy/3"] } }));
    expect(await send(open(), server.origin, asPicked)).toEqual(
      failure("connect_failed", /NO_APPLICATION_PROTOCOL/),
    );
    expect(server.sockets.total).toBe(1);
  });

  it("is connect_failed when the host is down, and not asked twice", async () => {
    const server = await started(startTcp((socket) => socket.resetAndDestroy()));
    const transport = open();
    expect(tally(await sendMany(transport, server.origin, 50, asPicked))).toEqual({
      "connect_failed ECONNRESET": 50,
    });
    expect(server.sockets.total).toBe(1);
  });

  it("says how far a request got when it ends while the protocol is found out", async () => {
    const server = await startHttp1();
    const abort = new AbortController();
    const front = await started(
      startTcp((socket) => {
        socket.once("data", () => abort.abort());
      }),
    );
    expect(await send(open(), front.origin, { ...asPicked, signal: abort.signal })).toEqual(
      failure("connect_failed", "ABORTED"),
    );
    expect(server.sockets.total).toBe(0);
  });

  it("leaves no connection behind that nobody came for", async () => {
    const abort = new AbortController();
    const seen: TLSSocket[] = [];
    const server = await started(
      startFrames({
        tls: { ALPNProtocols: ["http/1.1"] },
        max_streams: null,
        onConnection: ({ socket }) => {
          seen.push(socket);
          abort.abort();
        },
      }),
    );
    const transport = open();
    const outcome = await send(transport, server.origin, { ...asPicked, signal: abort.signal });
    expect(outcome).toMatchObject({ outcome: "failure", reason: "ABORTED" });
    await until(() => seen.length === 1 && server.sockets.open.size === 0);
  });
});
