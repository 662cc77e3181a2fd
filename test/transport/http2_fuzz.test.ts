import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  bytes,
  CONTINUATION,
  DATA,
  END_HEADERS,
  END_STREAM,
  HEADERS,
  literal,
  OK,
  PADDED,
  PING,
  RST_STREAM,
  SETTINGS,
  setting,
  WINDOW_UPDATE,
  zeros,
} from "./http2_malformed_support.js";
import { connect, frame } from "./http2_socket_support.js";

/** Requests are on the streams 1, 3, 5 and 7, the last one with more than a window takes. */
function begin() {
  const state = connect();
  const exchanges = ["a", "b", "c", "d".repeat(70_000)].map((body) => state.start(body));
  state.connection.flush();
  return { ...state, outcomes: Promise.all(exchanges.map(({ outcome }) => outcome)) };
}

const kept = Buffer.concat([bytes(0x40), literal("apns-id", "1234").subarray(1)]);

/** All that an answer can consist of: padding, pieces, informational ones, trailers, what is refused, what is said between. */
const CONVERSATION = Buffer.concat([
  frame(SETTINGS, 0, 0, Buffer.concat([setting(3, 100), setting(4, 70_000), setting(1, 0)])),
  frame(WINDOW_UPDATE, 0, 0, bytes(0, 1, 0, 0)),
  frame(HEADERS, END_HEADERS, 3, literal(":status", "103")),
  frame(HEADERS, PADDED, 1, Buffer.concat([bytes(2), OK, bytes(0, 0)])),
  frame(CONTINUATION, 0, 1, kept.subarray(0, 5)),
  frame(CONTINUATION, END_HEADERS, 1, kept.subarray(5)),
  frame(PING, 0, 0, Buffer.from("12345678")),
  frame(DATA, PADDED, 1, Buffer.concat([bytes(3), Buffer.from("answer"), zeros(3)])),
  frame(HEADERS, END_HEADERS, 3, Buffer.concat([bytes(0x8d, 0xbe), literal("x", "y")])),
  frame(DATA, 0, 1, zeros(0)),
  frame(DATA, END_STREAM, 1, Buffer.from(", whole")),
  frame(RST_STREAM, 0, 5, bytes(0, 0, 0, 7)),
  frame(99, 0, 3, Buffer.from("whatever")),
  frame(HEADERS, END_HEADERS | END_STREAM, 3, literal("trailer", "z")),
  frame(HEADERS, END_HEADERS | END_STREAM, 7, bytes(0x88, 0xbe)),
]);

const EXPECTED = [
  { outcome: "response", response: { status: 200, headers: { "apns-id": "1234" }, truncated: false } },
  { outcome: "response", response: { status: 404, headers: { "apns-id": "1234", x: "y" } } },
  { outcome: "failure", reach: "refused", reason: "H2_REFUSED_STREAM" },
  { outcome: "response", response: { status: 200, headers: { "apns-id": "1234" } } },
];

async function check({ connection, outcomes, socket }: ReturnType<typeof begin>): Promise<void> {
  const [first, ...rest] = await outcomes;
  expect([first, ...rest]).toMatchObject(EXPECTED);
  if (first?.outcome === "response") expect(`${first.response.body}`).toBe("answer, whole");
  expect([connection.ended, connection.streams.size]).toEqual([false, 0]);
  // PING and SETTINGS were answered, and all of the last request left.
  const sent = Buffer.concat(socket.written);
  expect(sent.includes(frame(PING, 1, 0, Buffer.from("12345678")))).toBe(true);
  expect(sent.includes(frame(SETTINGS, 1, 0, zeros(0)))).toBe(true);
  expect(sent.length).toBeGreaterThan(70_000);
}

describe("a conversation means the same", () => {
  it("wherever it is cut in two", async () => {
    for (let at = 0; at <= CONVERSATION.length; at += 1) {
      const state = begin();
      state.hear(CONVERSATION.subarray(0, at), CONVERSATION.subarray(at));
      await check(state);
    }
  });

  it("byte by byte", async () => {
    const state = begin();
    for (const byte of CONVERSATION) state.hear(bytes(byte));
    await check(state);
  });

  it("in any pieces", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(CONVERSATION.length), { maxLength: 20 }), async (cuts) => {
        const state = begin();
        const places = [0, ...cuts.sort((a, b) => a - b), CONVERSATION.length];
        state.hear(...places.slice(1).map((place, at) => CONVERSATION.subarray(places[at], place)));
        await check(state);
      }),
      { numRuns: 200 },
    );
  });
});

describe("whatever comes, nothing is thrown, and everything settles once the connection ends:", () => {
  async function survives(chunks: readonly Uint8Array[]): Promise<void> {
    const state = begin();
    for (const chunk of chunks) state.hear(Buffer.from(chunk));
    const over = state.connection.ended;
    state.socket.emit("end");
    state.socket.emit("close");
    const outcomes = await state.outcomes;
    for (const outcome of outcomes)
      if (outcome.outcome === "failure") expect(outcome.reason).toMatch(/^(H2|GOAWAY)_[A-Z_\d]+$/);
    // When the peer broke the rules it was told so, and told last.
    const last = state.socket.written.at(-1) ?? zeros(0);
    expect(last[last.length - 17 + 3]).toBe(7);
    if (over) expect(last.readUInt32BE(last.length - 4)).toBeLessThan(14);
    expect(state.connection.streams.size).toBe(0);
  }

  const id = fc.constantFrom(0, 1, 3, 5, 7, 9, 2, 0x80000001);
  const payload = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.constantFrom(
      OK,
      kept,
      setting(4, 0),
      setting(3, 0),
      literal(":status", "103"),
      zeros(4),
      zeros(8),
      bytes(0, 0, 0, 7),
    ),
  );
  const anyFrame = fc
    .tuple(fc.nat(10), fc.constantFrom(0, 1, 4, 5, 8, 13, 32, 255), id, payload)
    .map(([type, flags, its_id, content]) => frame(type, flags, its_id, Buffer.from(content)));

  it("random bytes", () =>
    fc.assert(fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 5 }), survives), {
      numRuns: 500,
    }));

  it("random frames", () => {
    const frames = fc.array(anyFrame, { maxLength: 30 });
    return fc.assert(
      fc.asyncProperty(frames, (list) => survives([frame(SETTINGS, 0, 0, zeros(0)), ...list])),
      { numRuns: 800 },
    );
  });

  it("a conversation with a few bytes changed", () => {
    const change = fc.tuple(fc.nat(CONVERSATION.length - 1), fc.nat(255));
    return fc.assert(
      fc.asyncProperty(
        fc.array(change, { minLength: 1, maxLength: 4 }),
        fc.nat(CONVERSATION.length),
        (changes, cut) => {
          const changed = Buffer.from(CONVERSATION);
          for (const [at, byte] of changes) changed[at] = byte;
          return survives([changed.subarray(0, cut), changed.subarray(cut)]);
        },
      ),
      { numRuns: 800 },
    );
  });
});
