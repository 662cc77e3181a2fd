import { describe, expect, it } from "vitest";
import type { Transport } from "../../src/codec.js";
import { type Peer, send, sendMany, startFrames, tally, useHttp2 } from "./http2_support.js";
import { answered, failure, until } from "./support.js";

const { open, started } = useHttp2();

const QUICK = { beat_ms: 10, silence_ms: 100, idle_ping_ms: 200, answer_ms: 100, doubt_ms: 1000 };
const NEVER = 1_000_000;
const silent = { onRequest: () => {} };

describe("a connection with requests that hears nothing", () => {
  it("is asked with a PING, and given up when that is not answered: all of it is maybe_sent", async () => {
    const server = await started(startFrames({ ...silent, answers_pings: false }));
    const outcomes = await sendMany(open({ watch: QUICK }), server.origin, 50);
    expect(tally(outcomes)).toEqual({ "maybe_sent H2_PING_TIMEOUT": 50 });
    expect([server.peers.length, server.peers[0]?.pings]).toEqual([1, 1]);
    await until(() => server.sockets.open.size === 0);
  });

  it("and cannot write either, since the peer reads nothing, is given up too", async () => {
    const server = await started(
      startFrames({
        ...silent,
        onHeaders: (peer, id) => {
          peer.window(0, 10_000_000);
          peer.window(id, 10_000_000);
          setImmediate(() => peer.socket.pause());
        },
      }),
    );
    const transport = open({ watch: QUICK });
    const body = Buffer.alloc(10_000_000);
    const sending = Promise.all([1, 2, 3].map(() => send(transport, server.origin, { body })));
    expect(tally(await sending)).toEqual({ "maybe_sent H2_PING_TIMEOUT": 3 });
    await until(() => transport.connections?.() === 0);
  });

  it("is left alone as long as it answers PINGs, however late the answer comes", async () => {
    const server = await started(startFrames(silent));
    const sending = sendMany(open({ watch: { ...QUICK, silence_ms: 30 } }), server.origin, 10);
    await until(() => (server.peers[0]?.pings ?? 0) >= 10);
    const peer = server.peers[0] as Peer;
    for (const id of [...peer.open.keys()]) peer.answer(id);
    expect(tally(await sending)).toEqual({ 200: 10 });
    expect(server.peers).toHaveLength(1);
  });

  it("is not asked while anything comes in", async () => {
    const server = await started(startFrames({ ...silent, answers_pings: false }));
    const sending = send(open({ watch: { ...QUICK, silence_ms: 300 } }), server.origin);
    await until(() => server.peers[0]?.open.size === 1);
    const peer = server.peers[0] as Peer;
    const began = Date.now();
    while (Date.now() - began < 800) {
      peer.window(0, 1);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(peer.pings).toBe(0);
    peer.answer(1);
    answered(await sending);
  });

  it("is given up while its requests wait for others, which go over a new one", async () => {
    const server = await started(
      startFrames({
        max_streams: 5,
        answers_pings: false,
        onRequest: (peer, id) => server.peers.length > 1 && peer.answer(id),
      }),
    );
    const transport = open({ watch: QUICK, max_sessions_per_origin: 1 });
    // The first connection has to be of use before it freezes.
    const outcomes = await sendMany(transport, server.origin, 5);
    expect(tally(outcomes)).toEqual({ "maybe_sent H2_PING_TIMEOUT": 5 });
    expect(tally(await sendMany(transport, server.origin, 20))).toEqual({ 200: 20 });
  });
});

describe("a connection on which a request was given up without a sound", () => {
  const watch = { ...QUICK, silence_ms: NEVER, idle_ping_ms: NEVER, doubt_ms: 20 };
  let mute: Peer | undefined;
  /** A server whose first connection has gone mute after its first answer. */
  const goneMute = async (transport: Transport) => {
    mute = undefined;
    const server = await started(startFrames({ onRequest: (peer, id) => peer !== mute && peer.answer(id) }));
    answered(await send(transport, server.origin));
    mute = server.peers[0];
    return server;
  };

  it("is left for another one, and taken again once it is heard", async () => {
    const transport = open({ watch });
    const server = await goneMute(transport);
    const given_up = await send(transport, server.origin, { signal: AbortSignal.timeout(100) });
    expect(given_up).toEqual(failure("maybe_sent", "ABORTED"));
    answered(await send(transport, server.origin));
    expect(server.peers).toHaveLength(2);
    const [first, second] = server.peers as [Peer, Peer];
    first.window(0, 1);
    mute = second;
    // Not before the frame has been read, and we do not see when that is.
    let outcome = await send(transport, server.origin, { signal: AbortSignal.timeout(100) });
    for (let i = 0; i < 20 && outcome.outcome !== "response"; i++) {
      outcome = await send(transport, server.origin, { signal: AbortSignal.timeout(100) });
    }
    answered(outcome);
    expect(server.peers).toHaveLength(2);
  });

  it("is kept when somebody lost patience sooner than that", async () => {
    const transport = open({ watch: { ...watch, doubt_ms: 10_000 } });
    const server = await goneMute(transport);
    await send(transport, server.origin, { signal: AbortSignal.timeout(50) });
    await send(transport, server.origin, { signal: AbortSignal.timeout(50) });
    expect(server.peers).toHaveLength(1);
  });
});

describe("a connection that is draining after GOAWAY", () => {
  it("is left alone as long as it shows life", async () => {
    const server = await started(startFrames(silent));
    const sending = send(open({ watch: { ...QUICK, silence_ms: 50 } }), server.origin);
    await until(() => server.peers[0]?.open.size === 1);
    const peer = server.peers[0] as Peer;
    peer.goaway(1);
    await until(() => peer.pings >= 6);
    peer.answer(1);
    expect(answered(await sending).text).toBe("fine");
  });

  it("is given up when it shows none", async () => {
    const server = await started(startFrames({ ...silent, answers_pings: false }));
    const sending = send(open({ watch: QUICK }), server.origin);
    await until(() => server.peers[0]?.open.size === 1);
    server.peers[0]?.goaway(1);
    expect(await sending).toEqual(failure("maybe_sent", "GOAWAY_NO_ERROR"));
    await until(() => server.sockets.open.size === 0);
  });
});

it("a connection that has drained is closed although its peer keeps its own side open", async () => {
  const server = await started(startFrames({ ...silent, tls: { allowHalfOpen: true } as object }));
  const transport = open({ watch: QUICK });
  const sending = send(transport, server.origin);
  await until(() => server.peers[0]?.open.size === 1);
  server.peers[0]?.goaway(1);
  server.peers[0]?.answer(1);
  answered(await sending);
  await until(() => transport.connections?.() === 0);
});

describe("an idle connection", () => {
  it("is asked after a while, and kept when it answers", async () => {
    const server = await started(startFrames());
    const transport = open({ watch: { ...QUICK, silence_ms: NEVER } });
    answered(await send(transport, server.origin));
    await until(() => (server.peers[0]?.pings ?? 0) >= 3);
    answered(await send(transport, server.origin));
    expect(server.peers).toHaveLength(1);
  });

  it("is closed when it does not answer, so that no request is lost on it", async () => {
    const server = await started(startFrames({ answers_pings: false }));
    const transport = open({ watch: { ...QUICK, silence_ms: NEVER } });
    answered(await send(transport, server.origin));
    await until(() => transport.connections?.() === 0);
    expect(server.peers[0]?.pings).toBe(1);
    answered(await send(transport, server.origin));
    expect(server.peers).toHaveLength(2);
  });

  it("is asked at once when a request comes after a long silence", async () => {
    const server = await started(
      startFrames({
        widens_windows: false,
        onRequest: (peer, id, body) => body === "first" && peer.answer(id),
      }),
    );
    const transport = open({ watch: { beat_ms: 100, idle_ping_ms: NEVER, silence_ms: 1000 } });
    answered(await send(transport, server.origin, { body: "first" }));
    await new Promise((resolve) => setTimeout(resolve, 1600));
    expect(server.peers[0]?.pings).toBe(0);
    const began = Date.now();
    void send(transport, server.origin);
    await until(() => server.peers[0]?.pings === 1);
    expect(Date.now() - began).toBeLessThan(900);
  });
});
