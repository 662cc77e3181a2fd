/** What a server may send that it must not, or need not: frames by the byte, and two requests that wait for them. */
import type { Peer } from "./http2_support.js";
import { send, startFrames, type useHttp2 } from "./http2_support.js";
import { until } from "./support.js";

export const CODE = {
  PROTOCOL_ERROR: 1,
  FLOW_CONTROL_ERROR: 3,
  STREAM_CLOSED: 5,
  FRAME_SIZE_ERROR: 6,
  COMPRESSION_ERROR: 9,
  ENHANCE_YOUR_CALM: 11,
} as const;
export type Code = keyof typeof CODE;

export const [DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS] = [0, 1, 2, 3, 4];
export const [PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION] = [5, 6, 7, 8, 9];
export const [END_STREAM, ACK, END_HEADERS, PADDED, PRIORITIZED] = [1, 1, 4, 8, 32];

export const zeros = (size: number) => Buffer.alloc(size);
export const bytes = (...numbers: number[]) => Buffer.from(numbers);
export const OK = bytes(0x88);
export const setting = (parameter: number, value: number) => {
  const payload = Buffer.alloc(6);
  payload.writeUInt16BE(parameter);
  payload.writeUInt32BE(value, 2);
  return payload;
};
export const literal = (name: string, value: string) =>
  Buffer.concat([
    bytes(0, name.length),
    Buffer.from(name),
    bytes(value.length),
    Buffer.from(value, "latin1"),
  ]);

/** Two requests are open on one connection: the one with stream 1 is what this is about, the one with 3 is a neighbour. */
export async function twoOpen({ open, started }: ReturnType<typeof useHttp2>) {
  const server = await started(startFrames({ onRequest: () => {} }));
  const transport = open({ max_sessions_per_origin: 1, watch: { beat_ms: 50 } });
  const first = send(transport, server.origin);
  const neighbour = send(transport, server.origin);
  await until(() => server.peers[0]?.open.size === 2);
  return { server, transport, first, neighbour, peer: server.peers[0] as Peer };
}

export type Row = readonly [title: string, code: Code, act: (peer: Peer) => void];
