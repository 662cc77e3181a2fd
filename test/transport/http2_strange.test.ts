import { describe, expect, it } from "vitest";
import {
  ACK,
  bytes,
  CONTINUATION,
  DATA,
  END_HEADERS,
  END_STREAM,
  HEADERS,
  PADDED,
  PING,
  PRIORITIZED,
  PRIORITY,
  SETTINGS,
  setting,
  twoOpen,
  zeros,
} from "./http2_malformed_support.js";
import { type Peer, tally, useHttp2 } from "./http2_support.js";
import { answered } from "./support.js";

const http2 = useHttp2();

describe("what is strange but allowed breaks nothing:", () => {
  it.each<readonly [string, (peer: Peer) => void]>([
    [
      "unknown frames on a stream, on none and on one never opened",
      (peer) => [0, 1, 77].map((id) => peer.frame(99, 255, id, zeros(9))),
    ],
    ["unknown flags", (peer) => peer.frame(PING, 0xfe, 0, zeros(8))],
    ["unknown SETTINGS", (peer) => peer.frame(SETTINGS, 0, 0, setting(0xabcd, 7))],
    [
      "SETTINGS that say the same twice",
      (peer) => peer.frame(SETTINGS, 0, 0, Buffer.concat([setting(3, 1), setting(3, 99)])),
    ],
    ["PRIORITY on any stream", (peer) => [1, 5, 8].map((id) => peer.frame(PRIORITY, 0, id, zeros(5)))],
    ["an answer to no PING", (peer) => peer.frame(PING, ACK, 0, zeros(8))],
    ["an acknowledgement of no SETTINGS", (peer) => peer.frame(SETTINGS, ACK, 0, zeros(0))],
    ["the reserved bit", (peer) => peer.window(1, 0x80000001)],
    [
      "WINDOW_UPDATE and RST_STREAM on a stream that was answered",
      (peer) => {
        peer.answer(3);
        peer.window(3, 1);
        peer.rst(3, 0);
      },
    ],
    [
      "1000 PINGs, one after the other",
      (peer) => {
        for (let i = 0; i < 1000; i += 1) peer.frame(PING, 0, 0, zeros(8));
      },
    ],
  ])("%s", async (_title, act) => {
    const { peer, first, neighbour, server } = await twoOpen(http2);
    act(peer);
    // Padded, with a priority, in three pieces, with a table emptied and filled again at its beginning.
    peer.frame(
      HEADERS,
      PADDED | PRIORITIZED,
      1,
      Buffer.concat([bytes(3), zeros(5), bytes(0x20, 0x3f), zeros(3)]),
    );
    peer.frame(CONTINUATION, 0, 1, bytes(0xe1, 0x1f));
    peer.frame(CONTINUATION, END_HEADERS, 1, bytes(0x88));
    peer.frame(DATA, PADDED, 1, Buffer.concat([bytes(2), Buffer.from("fine"), zeros(2)]));
    peer.frame(DATA, PADDED | END_STREAM, 1, bytes(0));
    if (peer.open.has(3)) peer.answer(3);
    expect(answered(await first).text).toBe("fine");
    expect(tally([await neighbour])).toEqual({ 200: 1 });
    expect([peer.goaways, peer.resets, server.peers.length]).toEqual([[], [], 1]);
  });
});
