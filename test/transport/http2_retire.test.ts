import { describe, expect, it } from "vitest";
import type { TransportOutcome } from "../../src/codec.js";
import { type Peer, send, sendMany, startFrames, tally, useHttp2 } from "./http2_support.js";
import { answered, startHttps, until } from "./support.js";

const { open, started } = useHttp2();

function retire(outcome: TransportOutcome): void {
  if (outcome.outcome !== "response" || !outcome.retire) throw new Error("there is nothing to retire");
  outcome.retire();
}

describe("retire, HTTP/2", () => {
  it("takes the connection out of use; what is on it finishes, then it is closed", async () => {
    const server = await started(
      startFrames({
        onRequest: (peer, id, body) => body !== "slow" && peer.answer(id, `${server.peers.indexOf(peer)}`),
      }),
    );
    const transport = open();
    const slow = sendMany(transport, server.origin, 10, { body: "slow" });
    const first = await send(transport, server.origin);
    expect(answered(first).text).toBe("0");
    retire(first);
    expect(answered(await send(transport, server.origin)).text).toBe("1");
    expect(transport.connections?.()).toBe(2);
    const old = server.peers[0] as Peer;
    expect(old.open.size).toBe(10);
    for (const id of [...old.open.keys()]) old.answer(id);
    expect(tally(await slow)).toEqual({ 200: 10 });
    await until(() => transport.connections?.() === 1 && server.sockets.open.size === 1);
  });

  it("lets requests that wait go over the next connection", async () => {
    const server = await started(
      startFrames({
        max_streams: 1,
        onRequest: (peer, id, body) => body !== "slow" && peer.answer(id, `${server.peers.indexOf(peer)}`),
      }),
    );
    const transport = open();
    const first = await send(transport, server.origin);
    const slow = send(transport, server.origin, { body: "slow" });
    const waiting = sendMany(transport, server.origin, 5);
    await until(() => server.peers[0]?.open.size === 1);
    retire(first);
    for (const outcome of await waiting) expect(answered(outcome).text).toBe("1");
    server.peers[0]?.answer(3);
    answered(await slow);
  });

  it("may be said twice, and when the connection is gone", async () => {
    const server = await started(startFrames());
    const transport = open();
    const first = await send(transport, server.origin);
    retire(first);
    retire(first);
    answered(await send(transport, server.origin));
    expect(server.peers).toHaveLength(2);
    retire(first);
    answered(await send(transport, server.origin));
    expect(server.peers).toHaveLength(2);
    await transport.close();
    retire(first);
  });

  it("retires one connection of several", async () => {
    const server = await started(startFrames({ max_streams: 2 }));
    const transport = open({ max_sessions_per_origin: 3 });
    const outcomes = await sendMany(transport, server.origin, 100);
    expect(tally(outcomes)).toEqual({ 200: 100 });
    const before = server.peers.length;
    retire(outcomes[0] as TransportOutcome);
    expect(tally(await sendMany(transport, server.origin, 100))).toEqual({ 200: 100 });
    expect(server.peers[0]?.socket.destroyed).toBe(true);
    expect(server.peers.slice(1, before).some(({ socket }) => !socket.destroyed)).toBe(before > 1);
  });
});

describe("retire, HTTP/1.1", () => {
  const h1 = { connection: { protocol: "h1" } } as const;

  it("closes the connection, which is not used again", async () => {
    const ports: unknown[] = [];
    const server = await started(
      startHttps((request, response) => {
        ports.push(request.socket.remotePort);
        response.end("fine");
      }),
    );
    const transport = open();
    const first = await send(transport, server.origin, h1);
    await send(transport, server.origin, h1);
    retire(first);
    retire(first);
    await until(() => server.sockets.open.size === 0);
    answered(await send(transport, server.origin, h1));
    expect(ports[0]).toBe(ports[1]);
    expect(ports[2]).not.toBe(ports[1]);
  });

  it("lets the request that runs on it finish", async () => {
    const held: (() => void)[] = [];
    const server = await started(
      startHttps((request, response) => {
        if (request.url === "/slow") held.push(() => response.end("slow"));
        else response.end("fine");
      }),
    );
    const transport = open({ max_connections_per_origin: 1 });
    const first = await send(transport, server.origin, h1);
    const slow = send(transport, server.origin, { ...h1, path: "/slow" });
    const next = send(transport, server.origin, h1);
    await until(() => held.length === 1);
    retire(first);
    held[0]?.();
    expect(answered(await slow).text).toBe("slow");
    expect(answered(await next).text).toBe("fine");
    expect(server.sockets.total).toBe(2);
  });
});
