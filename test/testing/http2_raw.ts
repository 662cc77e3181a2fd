import { once } from "node:events";
import { connect } from "node:tls";

/** An HTTP/2 connection whose bytes the test writes and reads itself. */
export interface RawConnection {
  write(...frames: Uint8Array[]): void;
  /** Each read from the socket by itself. */
  readonly chunks: readonly Buffer[];
  /** All that came so far, as far as it is whole frames. */
  frames(): Frame[];
  /** Resolves when it has said such a frame, or is closed. */
  until(said: (frame: Frame) => boolean): Promise<void>;
  /** With TCP's own error, if there was one. */
  readonly closed: Promise<Error | undefined>;
  end(): void;
}

export interface Frame {
  readonly name: string | undefined;
  readonly flags: number;
  readonly stream_id: number;
  readonly payload: Buffer;
}

const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
const NAMES = ["DATA", "HEADERS", "PRIORITY", "RST_STREAM", "SETTINGS", "PUSH", "PING", "GOAWAY", "WINDOW"];
export const END_STREAM = 1;

export const EMPTY_SETTINGS = frame(4, 0, 0);
export const SETTINGS_ACK = frame(4, 1, 0);

/** GET https://localhost/ by HPACK's static table. Without END_STREAM the request stays open. */
export function headersFrame(stream_id: number, { ends_stream = true } = {}): Buffer {
  const END_HEADERS = 4;
  const fields = [0x82, 0x84, 0x87, 0x01, 9, ...Buffer.from("localhost")];
  return frame(1, END_HEADERS | (ends_stream ? END_STREAM : 0), stream_id, fields);
}

/** A part of a request's body, and END_STREAM if it is the last. */
export function dataFrame(stream_id: number, text: string, { ends_stream = true } = {}): Buffer {
  return frame(0, ends_stream ? END_STREAM : 0, stream_id, [...Buffer.from(text)]);
}

/** RST_STREAM. */
export function resetFrame(stream_id: number, error_code: number): Buffer {
  return frame(3, 0, stream_id, [0, 0, 0, error_code]);
}

/** Says the preface and its own empty SETTINGS. */
export async function connectRaw({ port, ca }: { port: number; ca: string }): Promise<RawConnection> {
  const socket = connect({ port, ca, servername: "localhost", ALPNProtocols: ["h2"] });
  const chunks: Buffer[] = [];
  let error: Error | undefined;
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  socket.on("error", (reason) => {
    error = reason;
  });
  const closed = new Promise<Error | undefined>((resolve) => socket.once("close", () => resolve(error)));
  await once(socket, "secureConnect");
  socket.write(Buffer.concat([PREFACE, EMPTY_SETTINGS]));
  const frames = () => readFrames(Buffer.concat(chunks));
  return {
    until: (said) =>
      new Promise((resolve) => {
        const check = () => frames().some(said) && resolve();
        socket.on("data", check);
        void closed.then(() => resolve());
        check();
      }),
    write: (...bytes) => void socket.write(Buffer.concat(bytes)),
    chunks,
    frames,
    closed,
    end: () => void socket.end(),
  };
}

function frame(type: number, flags: number, stream_id: number, payload: readonly number[] = []): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream_id, 5);
  return Buffer.concat([head, Buffer.from(payload)]);
}

function readFrames(bytes: Buffer): Frame[] {
  const list: Frame[] = [];
  for (let at = 0; at + 9 <= bytes.length; ) {
    const end = at + 9 + bytes.readUIntBE(at, 3);
    if (end > bytes.length) break;
    const [type = 0, flags = 0] = bytes.subarray(at + 3);
    const stream_id = bytes.readUInt32BE(at + 5);
    list.push({ name: NAMES[type], flags, stream_id, payload: bytes.subarray(at + 9, end) });
    at = end;
  }
  return list;
}
