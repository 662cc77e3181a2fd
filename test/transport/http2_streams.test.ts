import { connect, type Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { type Peer, send, sendMany, startFrames, startHttp2, tally, useHttp2 } from "./http2_support.js";
import { answered, failure, startTcp, until } from "./support.js";

const { open, started } = useHttp2();

/** Answers nothing by itself; `peers` are told what to answer. */
const silent = { onRequest: () => {} };

/** Answers once it has read all that came at a time: until then it is open. */
const later = { onRequest: (peer: Peer, id: number) => void setImmediate(() => peer.answer(id)) };

function answerAll(peer: Peer): void {
  for (const id of [...peer.open.keys()]) peer.answer(id);
}

const counts = (peers: readonly Peer[], of: (peer: Peer) => number) => peers.map(of);

describe("a stream is opened", () => {
  it("only after the peer's SETTINGS", async () => {
    const server = await started(startFrames({ ...later, max_streams: null }));
    const sending = sendMany(open({ max_sessions_per_origin: 1 }), server.origin, 20);
    // It has come as far as it can: its own SETTINGS are there.
    await until(() => server.peers[0]?.settings === 1);
    await new Promise((resolve) => setImmediate(resolve));
    expect(server.peers[0]?.last_id).toBe(0);
    server.peers[0]?.allow(5);
    expect(tally(await sending)).toEqual({ 200: 20 });
    expect(counts(server.peers, ({ violations }) => violations)).toEqual([0]);
    expect(counts(server.peers, ({ most_open }) => most_open)).toEqual([5]);
  });

  it.each([1, 7, 100])("never above the peer's limit: %i", async (max_streams) => {
    const server = await started(startFrames({ ...later, max_streams }));
    const transport = open({ max_sessions_per_origin: 1 });
    expect(tally(await sendMany(transport, server.origin, 500))).toEqual({ 200: 500 });
    const [peer] = server.peers;
    expect([peer?.most_open, peer?.violations, server.peers.length]).toEqual([max_streams, 0, 1]);
  });

  it("never above our own bound when the peer names none", async () => {
    const server = await started(startFrames({ ...later, max_streams: 0xffffffff }));
    const transport = open({ max_sessions_per_origin: 1, max_streams_per_session: 30 });
    expect(tally(await sendMany(transport, server.origin, 300))).toEqual({ 200: 300 });
    expect(server.peers[0]?.most_open).toBe(30);
  });

  it("never above a limit that was lowered from 100 to 10 while 100 were open", async () => {
    const server = await started(startFrames({ ...silent, max_streams: 100 }));
    const sending = sendMany(open({ max_sessions_per_origin: 1 }), server.origin, 300);
    await until(() => server.peers[0]?.open.size === 100);
    const peer = server.peers[0] as Peer;
    peer.allow(10);
    await until(() => peer.limit === 10);
    let answers = 0;
    while (answers < 300) {
      await until(() => peer.open.size === Math.min(Math.max(100 - answers, 10), 300 - answers));
      peer.answer(peer.open.keys().next().value as number);
      answers += 1;
    }
    expect(tally(await sending)).toEqual({ 200: 300 });
    expect(peer.violations).toBe(0);
  });

  it("as soon as the limit is raised", async () => {
    const server = await started(startFrames({ ...silent, max_streams: 3 }));
    const sending = sendMany(open({ max_sessions_per_origin: 1 }), server.origin, 50);
    await until(() => server.peers[0]?.open.size === 3);
    server.peers[0]?.allow(50);
    await until(() => server.peers[0]?.open.size === 50);
    answerAll(server.peers[0] as Peer);
    expect(tally(await sending)).toEqual({ 200: 50 });
  });
});

describe("a peer that allows one stream until it knows us", () => {
  it("gets one connection and one request, then everything over that connection", async () => {
    const server = await started(
      startFrames({
        max_streams: 1,
        onRequest: (peer, id) => {
          if (id !== 1) return later.onRequest(peer, id);
          expect(peer.open.size).toBe(1);
          peer.allow(1000);
          return peer.answer(id);
        },
      }),
    );
    expect(tally(await sendMany(open(), server.origin, 800))).toEqual({ 200: 800 });
    expect(counts(server.peers, ({ violations }) => violations)).toEqual([0]);
    expect(server.peers[0]?.most_open).toBeGreaterThan(700);
  });

  it("and never raises it is served one after the other over one connection", async () => {
    const server = await started(startFrames({ max_streams: 1 }));
    expect(tally(await sendMany(open(), server.origin, 100))).toEqual({ 200: 100 });
    expect(counts(server.peers, ({ most_open }) => most_open)).toEqual([1]);
  });
});

describe("sessions", () => {
  it("are as many as it takes to have all requests on their way", async () => {
    const server = await started(startFrames({ ...silent, max_streams: 10 }));
    const transport = open();
    const sending = sendMany(transport, server.origin, 45);
    await until(() => server.peers.reduce((sum, { open }) => sum + open.size, 0) === 45);
    expect(counts(server.peers, ({ open }) => open.size)).toEqual([10, 10, 10, 10, 5]);
    expect(transport.connections?.()).toBe(5);
    for (const peer of server.peers) answerAll(peer);
    expect(tally(await sending)).toEqual({ 200: 45 });
  });

  it("are not more than allowed; the rest waits", async () => {
    const server = await started(startFrames({ ...silent, max_streams: 10 }));
    const sending = sendMany(open({ max_sessions_per_origin: 3 }), server.origin, 45);
    await until(() => server.peers.reduce((sum, { open }) => sum + open.size, 0) === 30);
    for (let round = 0; round < 2; round += 1) {
      for (const peer of server.peers) answerAll(peer);
      await until(() => round === 1 || server.peers.reduce((sum, { open }) => sum + open.size, 0) === 15);
    }
    expect(tally(await sending)).toEqual({ 200: 45 });
    expect(server.peers).toHaveLength(3);
  });

  it("are opened one after the other, and only once the limit of the others is known", async () => {
    const server = await started(startFrames({ ...silent, max_streams: null }));
    const fronts: Socket[] = [];
    const front = await started(
      startTcp((socket) => {
        fronts.push(socket.pause());
      }),
    );
    const pass = (socket: Socket) => {
      const upstream = connect(server.port, "127.0.0.1");
      upstream.on("error", () => socket.destroy()).on("close", () => socket.destroy());
      socket.on("close", () => upstream.destroy());
      socket.pipe(upstream).pipe(socket);
    };
    const sending = sendMany(open(), front.origin, 40);
    for (let number = 1; number <= 4; number += 1) {
      await until(() => fronts.length === number);
      pass(fronts[number - 1] as Socket);
      await until(() => server.peers[number - 1]?.settings === 1);
      expect([fronts.length, server.peers.length]).toEqual([number, number]);
      server.peers[number - 1]?.allow(10);
      await until(() => server.peers[number - 1]?.open.size === 10);
    }
    for (const peer of server.peers) answerAll(peer);
    expect(tally(await sending)).toEqual({ 200: 40 });
    expect(fronts).toHaveLength(4);
  });

  it("that fail to be added do not stop those that work, and are not tried again at once", async () => {
    let connections = 0;
    const server = await started(
      startFrames({
        max_streams: null,
        onConnection: (peer) => {
          connections += 1;
          if (connections === 1) peer.allow(2);
          else peer.socket.destroy();
        },
      }),
    );
    expect(tally(await sendMany(open(), server.origin, 200))).toEqual({ 200: 200 });
    expect(connections).toBe(2);
  });

  it("that are too many are closed after a while, the last one after a longer while", async () => {
    const server = await started(startFrames({ ...silent, max_streams: 5 }));
    const transport = open({ surplus_session_ms: 50, idle_session_ms: 400, watch: { beat_ms: 10 } });
    const sending = sendMany(transport, server.origin, 20);
    await until(() => server.peers.reduce((sum, { open }) => sum + open.size, 0) === 20);
    for (const peer of server.peers) answerAll(peer);
    await sending;
    expect(transport.connections?.()).toBe(4);
    await until(() => transport.connections?.() === 1);
    const first = server.peers[0] as Peer;
    expect(first.socket.destroyed).toBe(false);
    const one = send(transport, server.origin);
    await until(() => first.open.size === 1);
    answerAll(first);
    answered(await one);
    await until(() => transport.connections?.() === 0 && server.sockets.open.size === 0);
  });
});

describe("a peer that allows no stream", () => {
  it("is waited for", async () => {
    const server = await started(startFrames({ max_streams: 0 }));
    const sending = sendMany(open(), server.origin, 10);
    await until(() => server.peers[0]?.limit === 0 && server.peers[0].settings === 1);
    server.peers[0]?.allow(10);
    expect(tally(await sending)).toEqual({ 200: 10 });
    expect(server.peers).toHaveLength(1);
  });

  it("for too long is a failed connect", async () => {
    const server = await started(startFrames({ max_streams: 0 }));
    const outcomes = await sendMany(open({ settings_timeout_ms: 100 }), server.origin, 10);
    expect(tally(outcomes)).toEqual({ "connect_failed H2_NO_STREAMS": 10 });
    await until(() => server.sockets.open.size === 0);
    expect(server.peers).toHaveLength(1);
  });

  it("any more is left for a new connection, and what is open on it finishes", async () => {
    const server = await started(startFrames({ ...silent, max_streams: 2 }));
    const transport = open({ settings_timeout_ms: 1500 });
    const first = send(transport, server.origin);
    await until(() => server.peers[0]?.open.size === 1);
    answerAll(server.peers[0] as Peer);
    answered(await first);
    const second = send(transport, server.origin);
    await until(() => server.peers[0]?.open.size === 1);
    server.peers[0]?.allow(0);
    await until(() => server.peers[0]?.limit === 0);
    const third = send(transport, server.origin);
    await until(() => server.peers[1]?.open.size === 1);
    for (const peer of server.peers) answerAll(peer);
    expect(tally(await Promise.all([second, third]))).toEqual({ 200: 2 });
    await until(() => transport.connections?.() === 1);
  });

  it("keeps a request waiting no longer than its signal", async () => {
    const server = await started(startFrames({ max_streams: 0 }));
    const abort = new AbortController();
    const sending = send(open(), server.origin, { signal: abort.signal });
    await until(() => server.peers[0]?.settings === 1);
    abort.abort();
    expect(await sending).toEqual(failure("connect_failed", "ABORTED"));
    await until(() => server.sockets.open.size === 0);
  });
});

it("20,000 requests at once over one connection all succeed", async () => {
  const server = await started(startHttp2(undefined, { maxSessionMemory: 1000 }));
  const transport = open({ max_sessions_per_origin: 1 });
  const body = "x".repeat(400);
  expect(tally(await sendMany(transport, server.origin, 20_000, { body }))).toEqual({ 200: 20_000 });
  expect(server.sockets.total).toBe(1);
}, 60_000);
