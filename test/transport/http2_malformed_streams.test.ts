import { describe, expect, it } from "vitest";
import {
  bytes,
  CODE,
  END_HEADERS,
  END_STREAM,
  HEADERS,
  literal,
  OK,
  PRIORITY,
  type Row,
  twoOpen,
  zeros,
} from "./http2_malformed_support.js";
import { type Peer, send, startFrames, useHttp2 } from "./http2_support.js";
import { answered, failure, until } from "./support.js";

const http2 = useHttp2();
const { open, started } = http2;

describe("what breaks one stream resets it, and no other:", () => {
  const head = (...fields: Buffer[]) =>
    function act(peer: Peer) {
      peer.frame(HEADERS, END_HEADERS | END_STREAM, 1, Buffer.concat(fields));
    };
  it.each<Row>([
    ["PRIORITY of the wrong size", "FRAME_SIZE_ERROR", (peer) => peer.frame(PRIORITY, 0, 1, zeros(4))],
    ["WINDOW_UPDATE by nothing", "PROTOCOL_ERROR", (peer) => peer.window(1, 0)],
    ["a window wider than windows may be", "FLOW_CONTROL_ERROR", (peer) => peer.window(1, 0x7fffffff)],
    ["DATA before a header", "PROTOCOL_ERROR", (peer) => peer.data(1, "x")],
    [
      "DATA behind an informational header",
      "PROTOCOL_ERROR",
      (peer) => {
        peer.headers(1, 103);
        peer.data(1, "x");
      },
    ],
    ["no status", "PROTOCOL_ERROR", head(literal("a", "b"))],
    ["an empty header", "PROTOCOL_ERROR", head()],
    ["a status twice", "PROTOCOL_ERROR", head(OK, OK)],
    ["a status of two digits", "PROTOCOL_ERROR", head(literal(":status", "20"))],
    ["a status that is no number", "PROTOCOL_ERROR", head(literal(":status", "2xx"))],
    ["the status 101", "PROTOCOL_ERROR", head(literal(":status", "101"))],
    ["a status behind other fields", "PROTOCOL_ERROR", head(literal("a", "b"), OK)],
    ["another pseudo-header field", "PROTOCOL_ERROR", head(OK, literal(":path", "/"))],
    ["a name in upper case", "PROTOCOL_ERROR", head(OK, literal("Location", "/"))],
    ["an empty name", "PROTOCOL_ERROR", head(OK, literal("", "x"))],
    ["a name with a space", "PROTOCOL_ERROR", head(OK, literal("a b", "x"))],
    ["a name with a colon", "PROTOCOL_ERROR", head(OK, literal("a:b", "x"))],
    ["a name with a byte above 126", "PROTOCOL_ERROR", head(OK, bytes(0, 1, 0xe4, 1, 0x61))],
    ["a value with NUL", "PROTOCOL_ERROR", head(OK, literal("a", "x\0y"))],
    ["a value with CR", "PROTOCOL_ERROR", head(OK, literal("a", "x\ry"))],
    ["a value with LF", "PROTOCOL_ERROR", head(OK, literal("a", "x\ny"))],
    ["a value that begins with a space", "PROTOCOL_ERROR", head(OK, literal("a", " x"))],
    ["a value that ends with a tab", "PROTOCOL_ERROR", head(OK, literal("a", "x\t"))],
    ...["connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"].map<Row>((name) => [
      `the field ${name}`,
      "PROTOCOL_ERROR",
      head(OK, literal(name, "x")),
    ]),
    ["a length that is no number", "PROTOCOL_ERROR", head(OK, literal("content-length", "1a"))],
    [
      "a body beyond its length, though it goes on",
      "PROTOCOL_ERROR",
      (peer) => {
        peer.headers(1, 200, { "content-length": "2" });
        peer.data(1, "xyz");
      },
    ],
    [
      "two lengths",
      "PROTOCOL_ERROR",
      head(OK, literal("content-length", "0"), literal("content-length", "1")),
    ],
    [
      "an informational header that ends the stream",
      "PROTOCOL_ERROR",
      (peer) => peer.headers(1, 103, {}, true),
    ],
    [
      "trailers that do not end the stream",
      "PROTOCOL_ERROR",
      (peer) => {
        peer.headers(1, 200);
        peer.frame(HEADERS, END_HEADERS, 1, literal("a", "b"));
      },
    ],
    [
      "trailers with a status",
      "PROTOCOL_ERROR",
      (peer) => {
        peer.headers(1, 200);
        peer.headers(1, 200, {}, true);
      },
    ],
    [
      "a header of more than 64 KiB",
      "ENHANCE_YOUR_CALM",
      (peer) => {
        const bomb = Buffer.concat([OK, bytes(0x40), literal("a", "x".repeat(100)).subarray(1)]);
        peer.frame(HEADERS, END_HEADERS | END_STREAM, 1, Buffer.concat([bomb, Buffer.alloc(10_000, 0xbe)]));
      },
    ],
  ])("%s: %s", async (_title, code, act) => {
    const { peer, first, neighbour, server, transport } = await twoOpen(http2);
    act(peer);
    expect(await first).toEqual(failure("maybe_sent", `H2_${code}`));
    await until(() => peer.resets.length > 0);
    expect(peer.resets).toEqual([CODE[code]]);
    // Whatever comes on it until its peer knows is passed over, but the table of headers is kept in step.
    peer.frame(HEADERS, END_HEADERS, 1, Buffer.concat([bytes(0x88, 0x40), literal("late", "r").subarray(1)]));
    peer.data(1, "late", true);
    peer.frame(HEADERS, END_HEADERS | END_STREAM, 3, bytes(0x88, 0xbe));
    expect(answered(await neighbour)).toMatchObject({ status: 200, headers: { late: "r" } });
    expect([peer.resets.length, peer.goaways, transport.connections?.()]).toEqual([1, [], 1]);
    expect(server.peers).toHaveLength(1);
  });

  it.each([
    ["DATA", (peer: Peer) => peer.data(1, "x")],
    ["HEADERS", (peer: Peer) => peer.frame(HEADERS, END_HEADERS, 1, OK)],
  ])(
    "%s behind the end of an answer, while the request is still on its way: STREAM_CLOSED",
    async (_title, act) => {
      const server = await started(startFrames({ widens_windows: false, onRequest: () => {} }));
      const transport = open({ watch: { beat_ms: 1_000_000 } });
      const first = send(transport, server.origin, { body: Buffer.alloc(100_000) });
      await until(() => server.peers[0]?.open.get(1)?.length === 65_535);
      const peer = server.peers[0] as Peer;
      peer.answer(1, "early");
      expect(answered(await first).text).toBe("early");
      act(peer);
      await until(() => peer.resets.length === 1);
      expect(peer.resets).toEqual([CODE.STREAM_CLOSED]);
    },
  );

  it("DATA on a stream that was answered: STREAM_CLOSED", async () => {
    const { peer, first, neighbour } = await twoOpen(http2);
    peer.answer(1);
    peer.data(1, "more");
    answered(await first);
    await until(() => peer.resets.length === 1);
    expect(peer.resets).toEqual([CODE.STREAM_CLOSED]);
    peer.answer(3);
    answered(await neighbour);
  });
});
