import type { Socket } from "node:net";
import { connect } from "node:net";
import type { TLSSocket } from "node:tls";
import { expect, it } from "vitest";
import type { Reach } from "../../src/codec.js";
import { createHttp1Transport } from "../../src/transport/http1.js";
import { post, startRaw, startTcp, trusted } from "./support.js";

/** The same numbers each time (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

it.each([1, 2, 3])(
  "how far a request got is never understated, whatever the server does (%i)",
  async (seed) => {
    const draw = random(seed);
    const received = new Set<string>();
    const twice = new Set<string>();
    const aborts = Array.from({ length: 250 }, () => new AbortController());
    const acts: ((socket: TLSSocket, path: string) => void)[] = [
      ...Array.from({ length: 6 }, () => (socket: TLSSocket) => {
        socket.write("HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n");
      }),
      // Answered, and closed without a word: the next request may be on its way already.
      (socket) => socket.end("HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n"),
      (socket) => {
        socket.write("HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n", () =>
          setImmediate(() => socket.destroy()),
        );
      },
      (socket) => socket.end("HTTP/1.1 201 Created\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"),
      (socket) => socket.destroy(),
      (socket) => socket.end("HTTP/1.1 201 Created\r\ncontent-length: 9\r\n\r\nhalf"),
      // Stalled until the caller gives up.
      (_socket, path) => aborts[Number(path.slice(1))]?.abort(),
    ];
    const server = await startRaw((socket, request) => {
      const path = request.split(" ")[1] ?? "";
      if (received.has(path)) twice.add(path);
      received.add(path);
      acts[Math.floor(draw() * acts.length)]?.(socket, path);
      if (draw() < 0.1) aborts[Math.floor(draw() * aborts.length)]?.abort();
    });
    // In front of it: some connections do not come about.
    const front = await startTcp((socket: Socket) => {
      const fate = draw();
      if (fate < 0.1) return socket.resetAndDestroy();
      if (fate < 0.2) return socket.once("data", () => socket.destroy());
      const upstream = connect(server.port, "127.0.0.1");
      upstream.on("error", () => socket.destroy()).on("close", () => socket.destroy());
      socket.on("close", () => upstream.destroy());
      return socket.pipe(upstream).pipe(socket);
    });
    const transport = createHttp1Transport({ ca: trusted.cert, max_connections_per_origin: 5 });

    const outcomes = await Promise.all(
      aborts.map(async ({ signal }, number) => {
        const path = `/${number}`;
        return { path, outcome: await post(transport, front.origin, { path, signal }) };
      }),
    );
    await transport.close();
    await front.close();
    await server.close();

    const seen: Partial<Record<"response" | Reach, number>> = {};
    for (const { path, outcome } of outcomes) {
      if (outcome.outcome === "forbidden") throw new Error("nothing here is forbidden");
      const kind = outcome.outcome === "response" ? "response" : outcome.reach;
      seen[kind] = (seen[kind] ?? 0) + 1;
      if (kind === "response") expect(received).toContain(path);
      if (kind !== "response" && kind !== "maybe_sent") expect(received).not.toContain(path);
    }
    expect(twice.size).toBe(0);
    expect(seen.response).toBeGreaterThan(50);
    expect(Object.keys(seen).sort()).toEqual(["connect_failed", "maybe_sent", "not_sent", "response"]);
  },
);
