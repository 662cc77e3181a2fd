import { connect, type Socket } from "node:net";
import { expect, it } from "vitest";
import type { Reach } from "../../src/codec.js";
import { CODE, type Peer, send, startFrames, useHttp2 } from "./http2_support.js";
import { startTcp } from "./support.js";

const { open, started } = useHttp2();

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

it("how far a request got is never understated, whatever the peer does; sent again it arrives once", async () => {
  const seen = { response: 0, maybe_sent: 0, not_sent: 0, refused: 0, connect_failed: 0 };
  for (let seed = 1; seed <= 6; seed += 1) await sendThroughChaos(seed, seen);
  expect(seen.response).toBeGreaterThan(1500);
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(0);
}, 60_000);

const COUNT = 600;

async function sendThroughChaos(seed: number, seen: Record<"response" | Reach, number>): Promise<void> {
  const draw = random(seed);
  const pick = <T>(list: readonly T[]) => list[Math.floor(draw() * list.length)] as T;
  const processed = new Map<string, number>();
  const last_processed = new Map<Peer, number>();
  const gone = new Map<Peer, number>();
  const aborts = Array.from({ length: COUNT }, () => new AbortController());

  /** Whatever is processed counts, whether or not it is answered then. */
  const process = (peer: Peer, id: number, body: string) => {
    processed.set(body, (processed.get(body) ?? 0) + 1);
    last_processed.set(peer, Math.max(id, last_processed.get(peer) ?? 0));
  };
  const goaway = (code: number, later: (peer: Peer) => void) => (peer: Peer) => {
    const last = last_processed.get(peer) ?? 0;
    peer.goaway(last, code);
    gone.set(peer, last);
    setImmediate(() => {
      for (const id of [...peer.open.keys()]) if (id <= last) peer.answer(id);
      later(peer);
    });
  };
  const close = (peer: Peer) => peer.socket.end();
  /** Of a request that was processed. */
  const ends: readonly ((peer: Peer, id: number, body: string) => void)[] = [
    (peer, id) => peer.rst(id, CODE.internal),
    (peer, id) => peer.rst(id, CODE.no_error),
    (peer, id) => {
      peer.headers(id, 200);
      peer.data(id, "half");
      peer.rst(id, CODE.no_error);
    },
    (peer, id) => {
      peer.headers(id, 200);
      peer.rst(id, CODE.refused);
    },
    // Stalled until the caller gives up.
    (_peer, _id, body) => aborts[Number(body)]?.abort(),
  ];
  /** Of the whole connection. */
  const disasters: readonly ((peer: Peer) => void)[] = [
    close,
    (peer) => peer.reset(),
    (peer) => peer.socket.destroy(),
    goaway(CODE.no_error, close),
    goaway(CODE.no_error, () => {}),
    goaway(CODE.internal, close),
    goaway(CODE.refused, close),
    goaway(CODE.calm, (peer) => peer.reset()),
  ];
  const server = await started(
    startFrames({
      max_streams: 20,
      onRequest: (peer, id, body) => {
        if (id > (gone.get(peer) ?? id)) return;
        const fate = draw();
        if (fate < 0.05) return peer.rst(id, CODE.refused);
        process(peer, id, body);
        if (fate < 0.15) pick(ends)(peer, id, body);
        else if (fate < 0.18) pick(disasters)(peer);
        else peer.answer(id);
        if (draw() < 0.03) aborts[Math.floor(draw() * COUNT)]?.abort();
        if (draw() < 0.03) peer.allow(pick([1, 5, 20, 100]));
        return undefined;
      },
    }),
  );
  // In front of it: some connections do not come about.
  const front = await started(
    startTcp((socket: Socket) => {
      const fate = draw();
      if (fate < 0.2) return socket.resetAndDestroy();
      if (fate < 0.4) return socket.once("data", () => socket.destroy());
      const upstream = connect(server.port, "127.0.0.1");
      upstream.on("error", () => socket.destroy()).on("close", () => socket.destroy());
      socket.on("close", () => upstream.destroy());
      return socket.pipe(upstream).pipe(socket);
    }),
  );
  const transport = open({
    max_sessions_per_origin: 3,
    watch: { beat_ms: 20, silence_ms: 500, answer_ms: 500 },
  });

  await Promise.all(
    aborts.map(async ({ signal }, number) => {
      const body = `${number}`;
      for (;;) {
        const before = processed.get(body) ?? 0;
        const outcome = await send(transport, front.origin, { body, signal });
        if (outcome.outcome === "forbidden") throw new Error("nothing here is forbidden");
        const kind = outcome.outcome === "response" ? "response" : outcome.reach;
        seen[kind] += 1;
        if (kind === "response") expect(processed.get(body)).toBe(1);
        if (kind !== "response" && kind !== "maybe_sent") expect(processed.get(body) ?? 0).toBe(before);
        // What is safe is sent again.
        if (kind === "response" || kind === "maybe_sent" || signal.aborted) return;
      }
    }),
  );
  await transport.close();
  for (const times of processed.values()) expect(times).toBe(1);
  expect(server.peers.reduce((sum, { violations }) => sum + violations, 0)).toBe(0);
}
