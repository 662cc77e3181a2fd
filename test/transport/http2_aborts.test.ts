import { describe, expect, it } from "vitest";
import { CODE, send, sendMany, startFrames, tally, useHttp2 } from "./http2_support.js";
import { answered, failure, startTcp, until } from "./support.js";

const { open, started } = useHttp2();

const silent = { onRequest: () => {} };

describe("an abort settles at once", () => {
  it("as not_sent when it came before", async () => {
    const server = await started(startFrames());
    const outcome = await send(open(), server.origin, { signal: AbortSignal.abort() });
    expect(outcome).toEqual(failure("not_sent", "ABORTED"));
    expect(server.sockets.total).toBe(0);
  });

  it("as connect_failed while the name is looked up", async () => {
    const abort = new AbortController();
    const lookup = () => {
      queueMicrotask(() => abort.abort());
      return new Promise<never>(() => {});
    };
    const outcome = await send(open({ lookup }), "https://slow.test", { signal: abort.signal });
    expect(outcome).toEqual(failure("connect_failed", "ABORTED"));
  });

  it("as connect_failed while a server does not complete the handshake, and nobody is left to wait for it", async () => {
    const abort = new AbortController();
    const server = await started(startTcp((socket) => socket.once("data", () => abort.abort())));
    const outcomes = await sendMany(open(), server.origin, 9, { signal: abort.signal });
    expect(tally(outcomes)).toEqual({ "connect_failed ABORTED": 9 });
    await until(() => server.sockets.open.size === 0);
  });

  it("as connect_failed while its SETTINGS are awaited; who still waits is served", async () => {
    const server = await started(startFrames({ max_streams: null }));
    const abort = new AbortController();
    const transport = open();
    const first = send(transport, server.origin, { signal: abort.signal });
    const second = send(transport, server.origin);
    await until(() => server.peers[0]?.settings === 1);
    abort.abort();
    expect(await first).toEqual(failure("connect_failed", "ABORTED"));
    server.peers[0]?.allow(10);
    expect(answered(await second).text).toBe("fine");
    expect(server.peers).toHaveLength(1);
  });

  it("and does not harm the request that comes right behind it", async () => {
    const server = await started(startFrames());
    const transport = open();
    const abort = new AbortController();
    const first = send(transport, server.origin, { signal: abort.signal });
    abort.abort();
    const second = send(transport, server.origin);
    expect(await first).toEqual(failure("connect_failed", "ABORTED"));
    expect(answered(await second).text).toBe("fine");
  });

  it("as not_sent while it waits for a stream, and it never leaves", async () => {
    const bodies: string[] = [];
    const server = await started(
      startFrames({ max_streams: 1, onRequest: (_peer, _id, body) => bodies.push(body) }),
    );
    const transport = open();
    const abort = new AbortController();
    const first = send(transport, server.origin, { body: "1" });
    await until(() => bodies.length === 1);
    const second = send(transport, server.origin, { body: "2", signal: abort.signal });
    const third = send(transport, server.origin, { body: "3" });
    abort.abort();
    expect(await second).toEqual(failure("not_sent", "ABORTED"));
    server.peers[0]?.answer(1);
    answered(await first);
    await until(() => bodies.length === 2);
    server.peers[0]?.answer(3);
    answered(await third);
    expect(bodies).toEqual(["1", "3"]);
  });

  it("as maybe_sent on its way: its stream is cancelled, the connection and all else on it live", async () => {
    const server = await started(startFrames(silent));
    const transport = open();
    const aborts = Array.from({ length: 30 }, () => new AbortController());
    const sending = aborts.map(({ signal }, number) =>
      send(transport, server.origin, { body: `${number}`, signal }),
    );
    await until(() => server.peers[0]?.open.size === 30);
    for (const [number, abort] of aborts.entries()) if (number % 3 === 0) abort.abort();
    await until(() => server.peers[0]?.open.size === 20);
    const [peer] = server.peers;
    expect(peer?.resets).toEqual(Array.from({ length: 10 }, () => CODE.cancel));
    for (const id of [...(peer?.open.keys() ?? [])]) peer?.answer(id);
    expect(tally(await Promise.all(sending))).toEqual({ 200: 20, "maybe_sent ABORTED": 10 });
    expect(transport.connections?.()).toBe(1);
  });

  it("as maybe_sent in the middle of its answer", async () => {
    const abort = new AbortController();
    const server = await started(
      startFrames({
        onRequest: (peer, id) => {
          peer.headers(id, 200);
          peer.data(id, "half");
          setImmediate(() => abort.abort());
        },
      }),
    );
    const outcome = await send(open(), server.origin, { signal: abort.signal });
    expect(outcome).toEqual(failure("maybe_sent", "ABORTED"));
    await until(() => server.peers[0]?.resets.length === 1);
  });

  it("and its stream is free for the next request", async () => {
    const server = await started(
      startFrames({ max_streams: 2, onRequest: (peer, id, body) => body === "now" && peer.answer(id) }),
    );
    const transport = open({ max_sessions_per_origin: 1 });
    for (let round = 0; round < 20; round += 1) {
      const abort = new AbortController();
      const stalled = sendMany(transport, server.origin, 2, { body: "stall", signal: abort.signal });
      await until(() => server.peers[0]?.open.size === 2);
      const waiting = send(transport, server.origin, { body: "now" });
      abort.abort();
      expect(tally(await stalled)).toEqual({ "maybe_sent ABORTED": 2 });
      expect(answered(await waiting).text).toBe("fine");
    }
    expect([server.peers.length, server.peers[0]?.violations]).toEqual([1, 0]);
  });

  it("while the peer allows no more streams, and what is open stays open", async () => {
    const server = await started(startFrames({ ...silent, max_streams: 1 }));
    const transport = open();
    const abort = new AbortController();
    const first = send(transport, server.origin);
    await until(() => server.peers[0]?.open.size === 1);
    server.peers[0]?.allow(0);
    await until(() => server.peers[0]?.limit === 0);
    const second = send(transport, server.origin, { signal: abort.signal });
    abort.abort();
    expect(await second).toMatchObject({ outcome: "failure", reason: "ABORTED" });
    server.peers[0]?.answer(1);
    expect(answered(await first).text).toBe("fine");
  });

  it("and leaves no listener on a signal that outlives it", async () => {
    const server = await started(startFrames());
    const { signal } = new AbortController();
    let listeners = 0;
    const { addEventListener, removeEventListener } = signal;
    signal.addEventListener = (...rest: Parameters<typeof addEventListener>) => {
      listeners += 1;
      addEventListener.apply(signal, rest);
    };
    signal.removeEventListener = (...rest: Parameters<typeof removeEventListener>) => {
      listeners -= 1;
      removeEventListener.apply(signal, rest);
    };
    expect(tally(await sendMany(open(), server.origin, 9, { signal }))).toEqual({ 200: 9 });
    expect(listeners).toBe(0);
  });
});
