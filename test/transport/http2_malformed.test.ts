import { describe, expect, it } from "vitest";
import {
  ACK,
  bytes,
  CODE,
  CONTINUATION,
  DATA,
  END_HEADERS,
  END_STREAM,
  GOAWAY,
  HEADERS,
  OK,
  PADDED,
  PING,
  PRIORITIZED,
  PRIORITY,
  PUSH_PROMISE,
  type Row,
  RST_STREAM,
  SETTINGS,
  setting,
  twoOpen,
  WINDOW_UPDATE,
  zeros,
} from "./http2_malformed_support.js";
import { type Peer, send, startFrames, useHttp2 } from "./http2_support.js";
import { answered, failure, until } from "./support.js";

const http2 = useHttp2();
const { open, started } = http2;

describe("what breaks the connection ends it with GOAWAY, and everything on it is maybe_sent:", () => {
  it.each<Row>([
    // RFC 9113, section 4.2
    ["a frame larger than allowed", "FRAME_SIZE_ERROR", (peer) => peer.frame(DATA, 0, 1, zeros(16_385))],
    [
      "an unknown frame larger than allowed",
      "FRAME_SIZE_ERROR",
      (peer) => peer.frame(99, 0, 1, zeros(16_385)),
    ],
    // 4.3, and RFC 7541
    ["an index that is nowhere", "COMPRESSION_ERROR", block(bytes(0xff, 0x00))],
    ["the index 0", "COMPRESSION_ERROR", block(bytes(0x80))],
    ["a header block cut in a string", "COMPRESSION_ERROR", block(bytes(0x00, 0x05, 0x61))],
    ["a header block cut in a number", "COMPRESSION_ERROR", block(bytes(0x00, 0x7f))],
    [
      "a number beyond all measure",
      "COMPRESSION_ERROR",
      block(bytes(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01)),
    ],
    [
      "a Huffman code with the end of string",
      "COMPRESSION_ERROR",
      block(bytes(0x00, 0x84, 0xff, 0xff, 0xff, 0xff)),
    ],
    [
      "a Huffman code padded with a whole byte",
      "COMPRESSION_ERROR",
      block(bytes(0x00, 0x82, 0x1f, 0xff, 0x00)),
    ],
    ["a Huffman code padded with zeros", "COMPRESSION_ERROR", block(bytes(0x00, 0x81, 0x18, 0x00))],
    ["a table larger than we allow", "COMPRESSION_ERROR", block(bytes(0x3f, 0xe2, 0x1f))],
    ["a table resized in the middle of a block", "COMPRESSION_ERROR", block(bytes(0x88, 0x20))],
    // 5.1
    ["DATA on a stream never opened", "PROTOCOL_ERROR", (peer) => peer.data(5, "x")],
    ["HEADERS on a stream never opened", "PROTOCOL_ERROR", (peer) => peer.frame(HEADERS, END_HEADERS, 5, OK)],
    [
      "HEADERS on a stream of the server's",
      "PROTOCOL_ERROR",
      (peer) => peer.frame(HEADERS, END_HEADERS, 2, OK),
    ],
    ["RST_STREAM on a stream never opened", "PROTOCOL_ERROR", (peer) => peer.rst(5, 0)],
    ["WINDOW_UPDATE on a stream never opened", "PROTOCOL_ERROR", (peer) => peer.window(5, 1)],
    [
      "HEADERS on a stream that was answered",
      "STREAM_CLOSED",
      (peer) => {
        peer.answer(3);
        peer.frame(HEADERS, END_HEADERS | END_STREAM, 3, OK);
      },
    ],
    // 6.1
    ["DATA on stream 0", "PROTOCOL_ERROR", (peer) => peer.frame(DATA, 0, 0, zeros(1))],
    [
      "DATA with padding of its whole length",
      "PROTOCOL_ERROR",
      (peer) => peer.frame(DATA, PADDED, 1, bytes(5, 0, 0, 0, 0)),
    ],
    ["DATA with padding, but empty", "PROTOCOL_ERROR", (peer) => peer.frame(DATA, PADDED, 1, zeros(0))],
    // 6.2
    ["HEADERS on stream 0", "PROTOCOL_ERROR", (peer) => peer.frame(HEADERS, END_HEADERS, 0, OK)],
    [
      "HEADERS with padding of more than its length",
      "PROTOCOL_ERROR",
      (peer) => peer.frame(HEADERS, END_HEADERS | PADDED, 1, bytes(9, 0x88)),
    ],
    [
      "HEADERS with padding, but empty",
      "FRAME_SIZE_ERROR",
      (peer) => peer.frame(HEADERS, END_HEADERS | PADDED, 1, zeros(0)),
    ],
    [
      "HEADERS with a priority that is cut",
      "FRAME_SIZE_ERROR",
      (peer) => peer.frame(HEADERS, END_HEADERS | PRIORITIZED, 1, zeros(4)),
    ],
    // 6.3
    ["PRIORITY on stream 0", "PROTOCOL_ERROR", (peer) => peer.frame(PRIORITY, 0, 0, zeros(5))],
    [
      "PRIORITY of the wrong size on a stream never opened",
      "FRAME_SIZE_ERROR",
      (peer) => peer.frame(PRIORITY, 0, 5, zeros(4)),
    ],
    // 6.4
    ["RST_STREAM on stream 0", "PROTOCOL_ERROR", (peer) => peer.rst(0, 0)],
    ["RST_STREAM of the wrong size", "FRAME_SIZE_ERROR", (peer) => peer.frame(RST_STREAM, 0, 1, zeros(3))],
    // 6.5
    ["SETTINGS on a stream", "PROTOCOL_ERROR", (peer) => peer.frame(SETTINGS, 0, 1, zeros(0))],
    [
      "SETTINGS of a size that is no multiple of 6",
      "FRAME_SIZE_ERROR",
      (peer) => peer.frame(SETTINGS, 0, 0, zeros(7)),
    ],
    [
      "an acknowledgement of SETTINGS that carries something",
      "FRAME_SIZE_ERROR",
      (peer) => peer.frame(SETTINGS, ACK, 0, zeros(6)),
    ],
    ["ENABLE_PUSH from a server", "PROTOCOL_ERROR", (peer) => peer.frame(SETTINGS, 0, 0, setting(2, 1))],
    [
      "an initial window wider than windows may be",
      "FLOW_CONTROL_ERROR",
      (peer) => peer.frame(SETTINGS, 0, 0, setting(4, 0x80000000)),
    ],
    [
      "frames smaller than any may be limited to",
      "PROTOCOL_ERROR",
      (peer) => peer.frame(SETTINGS, 0, 0, setting(5, 16_383)),
    ],
    [
      "frames larger than frames may be",
      "PROTOCOL_ERROR",
      (peer) => peer.frame(SETTINGS, 0, 0, setting(5, 0x1000000)),
    ],
    [
      "an initial window that widens one which is open too far",
      "FLOW_CONTROL_ERROR",
      (peer) => {
        peer.window(1, 0x7fffffff - 65_535);
        peer.frame(SETTINGS, 0, 0, setting(4, 65_600));
      },
    ],
    // 6.6
    [
      "PUSH_PROMISE",
      "PROTOCOL_ERROR",
      (peer) => peer.frame(PUSH_PROMISE, END_HEADERS, 1, Buffer.concat([bytes(0, 0, 0, 2), OK])),
    ],
    // 6.7
    ["PING on a stream", "PROTOCOL_ERROR", (peer) => peer.frame(PING, 0, 1, zeros(8))],
    ["PING of the wrong size", "FRAME_SIZE_ERROR", (peer) => peer.frame(PING, 0, 0, zeros(7))],
    // 6.8
    ["GOAWAY on a stream", "PROTOCOL_ERROR", (peer) => peer.frame(GOAWAY, 0, 1, zeros(8))],
    ["GOAWAY that is cut", "FRAME_SIZE_ERROR", (peer) => peer.frame(GOAWAY, 0, 0, zeros(7))],
    // 6.9
    [
      "WINDOW_UPDATE of the wrong size",
      "FRAME_SIZE_ERROR",
      (peer) => peer.frame(WINDOW_UPDATE, 0, 0, zeros(5)),
    ],
    ["WINDOW_UPDATE by nothing", "PROTOCOL_ERROR", (peer) => peer.window(0, 0)],
    ["a window wider than windows may be", "FLOW_CONTROL_ERROR", (peer) => peer.window(0, 0x7fffffff)],
    // 6.10
    ["CONTINUATION of nothing", "PROTOCOL_ERROR", (peer) => peer.frame(CONTINUATION, END_HEADERS, 1, OK)],
    [
      "CONTINUATION behind a block that was whole",
      "PROTOCOL_ERROR",
      (peer) => {
        peer.frame(HEADERS, END_HEADERS, 1, OK);
        peer.frame(CONTINUATION, END_HEADERS, 1, OK);
      },
    ],
    [
      "another frame in the middle of a header block",
      "PROTOCOL_ERROR",
      (peer) => {
        peer.frame(HEADERS, 0, 1, OK);
        peer.frame(PING, 0, 0, zeros(8));
      },
    ],
    [
      "an unknown frame in the middle of a header block",
      "PROTOCOL_ERROR",
      (peer) => {
        peer.frame(HEADERS, 0, 1, OK);
        peer.frame(99, 0, 1, zeros(8));
      },
    ],
    [
      "CONTINUATION of another stream",
      "PROTOCOL_ERROR",
      (peer) => {
        peer.frame(HEADERS, 0, 1, OK);
        peer.frame(CONTINUATION, END_HEADERS, 3, OK);
      },
    ],
    // 10.5
    [
      "a header block that does not end",
      "ENHANCE_YOUR_CALM",
      (peer) => {
        peer.frame(HEADERS, 0, 1, OK);
        for (let i = 0; i < 10; i += 1) peer.frame(CONTINUATION, 0, 1, Buffer.alloc(16_384, 0x88));
      },
    ],
    [
      "a header block in countless small pieces",
      "ENHANCE_YOUR_CALM",
      (peer) => {
        peer.frame(HEADERS, 0, 1, OK);
        for (let i = 0; i < 1000; i += 1) peer.frame(CONTINUATION, 0, 1, zeros(0));
      },
    ],
    [
      "a flood of empty DATA",
      "ENHANCE_YOUR_CALM",
      (peer) => {
        peer.headers(1, 200);
        flood(peer, DATA, 0, 1, zeros(0));
      },
    ],
    ["a flood of PRIORITY", "ENHANCE_YOUR_CALM", (peer) => flood(peer, PRIORITY, 0, 1, zeros(5))],
    ["a flood of unknown frames", "ENHANCE_YOUR_CALM", (peer) => flood(peer, 99, 0, 1, zeros(1))],
    ["a flood of PING", "ENHANCE_YOUR_CALM", (peer) => flood(peer, PING, 0, 0, zeros(8))],
    ["a flood of SETTINGS", "ENHANCE_YOUR_CALM", (peer) => flood(peer, SETTINGS, 0, 0, zeros(0))],
    [
      "a flood of DATA on a stream that was answered",
      "ENHANCE_YOUR_CALM",
      (peer) => {
        peer.answer(3);
        flood(peer, DATA, 0, 3, zeros(1));
      },
    ],
  ])("%s: %s", async (title, code, act) => {
    const { peer, first, neighbour, server, transport } = await twoOpen(http2);
    act(peer);
    expect(await first).toEqual(failure("maybe_sent", `H2_${code}`));
    const answered_before = /answered/.test(title);
    if (answered_before) answered(await neighbour);
    else expect(await neighbour).toEqual(failure("maybe_sent", `H2_${code}`));
    await until(() => peer.goaways.length > 0);
    expect(peer.goaways).toEqual([CODE[code]]);
    await until(() => transport.connections?.() === 0 && server.sockets.open.size === 0);
  });

  it.each([
    ["a frame before SETTINGS", Buffer.concat([bytes(0, 0, 8, PING, 0, 0, 0, 0, 0), zeros(8)])],
    ["an acknowledgement before SETTINGS", bytes(0, 0, 0, SETTINGS, ACK, 0, 0, 0, 0)],
    ["a TLS alert in clear", bytes(0x15, 0x03, 0x01, 0, 2, 2, 0x46, 0, 0)],
  ])("%s is a failed connect", async (_title, words) => {
    const server = await started(
      startFrames({ max_streams: null, onConnection: (peer) => peer.socket.write(words) }),
    );
    expect(await send(open({ watch: { beat_ms: 50 } }), server.origin)).toEqual(
      failure("connect_failed", "H2_PROTOCOL_ERROR"),
    );
    await until(() => server.peers[0]?.goaways.length === 1);
    expect(server.peers[0]?.goaways).toEqual([CODE.PROTOCOL_ERROR]);
  });

  function block(payload: Buffer) {
    return (peer: Peer) => peer.frame(HEADERS, END_HEADERS | END_STREAM, 1, payload);
  }
  function flood(peer: Peer, type: number, flags: number, id: number, payload: Buffer) {
    peer.socket.cork();
    for (let i = 0; i < 3000; i += 1) peer.frame(type, flags, id, payload);
    peer.socket.uncork();
  }
});
