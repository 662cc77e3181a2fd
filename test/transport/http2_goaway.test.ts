import { describe, expect, it } from "vitest";
import type { TransportOutcome } from "../../src/codec.js";
import { CODE, type Peer, send, sendMany, startFrames, tally, useHttp2 } from "./http2_support.js";
import { answered, until } from "./support.js";

const { open, started } = useHttp2();

const LAST_POSSIBLE = 0x7fffffff;

/**
 * 40 requests are open on the first connection of a server that has processed those with a stream up to 39, the first
 * 20, and none above it. Any later connection answers everything.
 */
async function halfWay() {
  const processed = new Map<string, number>();
  const server = await started(
    startFrames({
      max_streams: 40,
      onRequest: (peer, id, body) => {
        if (peer !== server.peers[0]) peer.answer(id);
        if (peer !== server.peers[0] || id <= 39) processed.set(body, (processed.get(body) ?? 0) + 1);
      },
    }),
  );
  const transport = open({ max_sessions_per_origin: 1 });
  const sending = sendMany(transport, server.origin, 40);
  await until(() => server.peers[0]?.open.size === 40 && processed.size === 20);
  return { server, transport, sending, peer: server.peers[0] as Peer, processed };
}

/** Nothing that is said to be safe was processed; sent again, all of it arrives, and once. */
async function checkSafe(
  { server, transport, processed }: Awaited<ReturnType<typeof halfWay>>,
  outcomes: readonly TransportOutcome[],
) {
  const safe = outcomes.flatMap((outcome, number) =>
    outcome.outcome === "failure" && outcome.reach !== "maybe_sent" ? [`${number}`] : [],
  );
  for (const body of safe) expect(processed.has(body)).toBe(false);
  for (const body of safe) answered(await send(transport, server.origin, { body }));
  expect([...processed.values()].every((times) => times === 1)).toBe(true);
  expect(processed.size).toBe(40);
}

const answerOpen = (peer: Peer, up_to = LAST_POSSIBLE) => {
  for (const id of [...peer.open.keys()]) if (id <= up_to) peer.answer(id);
};

describe("GOAWAY", () => {
  it("without error: what is at or below its last id is answered, what is above was not sent", async () => {
    const state = await halfWay();
    const { peer, sending } = state;
    peer.goaway(39);
    // Answers that come after it are answers.
    await new Promise((resolve) => setImmediate(resolve));
    answerOpen(peer, 39);
    const outcomes = await sending;
    expect(tally(outcomes)).toEqual({ 200: 20, "not_sent GOAWAY_NO_ERROR": 20 });
    await checkSafe(state, outcomes);
  });

  it("first as a notice, then with the last id: the same", async () => {
    const state = await halfWay();
    const { peer, sending, server, transport } = state;
    peer.goaway(LAST_POSSIBLE);
    await new Promise((resolve) => setImmediate(resolve));
    // From the notice on it takes nothing new.
    answered(await send(transport, server.origin, { body: "new" }));
    expect(server.peers).toHaveLength(2);
    state.processed.delete("new");
    peer.goaway(39);
    answerOpen(peer, 39);
    const outcomes = await sending;
    expect(tally(outcomes)).toEqual({ 200: 20, "not_sent GOAWAY_NO_ERROR": 20 });
    await checkSafe(state, outcomes);
  });

  it("as a notice only: everything on it may finish", async () => {
    const { peer, sending, server, transport } = await halfWay();
    peer.goaway(LAST_POSSIBLE);
    await new Promise((resolve) => setImmediate(resolve));
    answerOpen(peer);
    expect(tally(await sending)).toEqual({ 200: 40 });
    await until(() => transport.connections?.() === 0 && server.sockets.open.size === 0);
  });

  it("without error, then the end of the connection: what was not answered is maybe_sent", async () => {
    const state = await halfWay();
    const { peer, sending } = state;
    answerOpen(peer, 9);
    peer.goaway(39);
    peer.socket.end();
    const outcomes = await sending;
    expect(tally(outcomes)).toEqual({
      200: 5,
      "maybe_sent GOAWAY_NO_ERROR": 15,
      "not_sent GOAWAY_NO_ERROR": 20,
    });
    await checkSafe(state, outcomes);
  });

  it.each([
    ["INTERNAL_ERROR", CODE.internal],
    ["ENHANCE_YOUR_CALM", CODE.calm],
    // On a stream of its own that code means that it was not processed; here it does not.
    ["REFUSED_STREAM", CODE.refused],
  ])("with error %s: what is at or below its last id is maybe_sent", async (name, code) => {
    const state = await halfWay();
    const { peer, sending } = state;
    answerOpen(peer, 9);
    peer.goaway(39, code, '{"reason":"Shutdown"}');
    const outcomes = await sending;
    expect(tally(outcomes)).toEqual({
      200: 5,
      [`maybe_sent GOAWAY_${name}`]: 15,
      [`not_sent GOAWAY_${name}`]: 20,
    });
    await checkSafe(state, outcomes);
  });

  it("with last id 0 means that nothing was processed", async () => {
    const server = await started(
      startFrames({
        max_streams: 40,
        onRequest: (peer, id) => {
          if (server.peers.length > 1) peer.answer(id);
          else if (peer.open.size === 40 && id === 79) peer.goaway(0);
        },
      }),
    );
    const transport = open({ max_sessions_per_origin: 1 });
    const outcomes = await sendMany(transport, server.origin, 40);
    expect(tally(outcomes)).toEqual({ "not_sent GOAWAY_NO_ERROR": 40 });
    expect(tally(await sendMany(transport, server.origin, 40))).toEqual({ 200: 40 });
  });

  it("while some were refused by themselves: those were not sent either", async () => {
    const state = await halfWay();
    const { peer, sending } = state;
    answerOpen(peer, 9);
    for (const id of [11, 13]) {
      peer.rst(id, CODE.refused);
      state.processed.delete(`${(id - 1) / 2}`);
    }
    peer.goaway(39, CODE.internal);
    const outcomes = await sending;
    expect(tally(outcomes)).toEqual({
      200: 5,
      "maybe_sent GOAWAY_INTERNAL_ERROR": 13,
      "not_sent GOAWAY_INTERNAL_ERROR": 20,
      "refused H2_REFUSED_STREAM": 2,
    });
    await checkSafe(state, outcomes);
  });

  it("again and again in mid-traffic loses nothing: sent again, 2000 requests arrive, each once", async () => {
    const processed = new Map<string, number>();
    const server = await started(
      startFrames({
        max_streams: 60,
        onRequest: (peer, id, body) => {
          if (id > 401) return;
          processed.set(body, (processed.get(body) ?? 0) + 1);
          peer.answer(id);
          if (id === 401) peer.goaway(401);
        },
      }),
    );
    const transport = open({ max_sessions_per_origin: 2 });
    let resent = 0;
    const outcomes = await Promise.all(
      Array.from({ length: 2000 }, async (_, number) => {
        for (;;) {
          const outcome = await send(transport, server.origin, { body: `${number}` });
          if (outcome.outcome !== "failure" || outcome.reach !== "not_sent") return outcome;
          resent += 1;
        }
      }),
    );
    expect(tally(outcomes)).toEqual({ 200: 2000 });
    expect([...processed.values()].every((times) => times === 1)).toBe(true);
    expect([processed.size, resent > 0]).toEqual([2000, true]);
  });
});
