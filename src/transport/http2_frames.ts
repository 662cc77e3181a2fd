/** The words of HTTP/2 (RFC 9113). */

/** Section 6. */
export const TYPE = {
  data: 0,
  headers: 1,
  priority: 2,
  rst_stream: 3,
  settings: 4,
  push_promise: 5,
  ping: 6,
  goaway: 7,
  window_update: 8,
  continuation: 9,
} as const;

export const FLAG = { ack: 1, end_stream: 1, end_headers: 4, padded: 8, priority: 32 } as const;

/** Section 6.5.2. */
export const SETTING = {
  header_table_size: 1,
  enable_push: 2,
  max_concurrent_streams: 3,
  initial_window_size: 4,
  max_frame_size: 5,
  max_header_list_size: 6,
} as const;

/** Section 7. */
export const CODE = {
  no_error: 0,
  protocol_error: 1,
  internal_error: 2,
  flow_control_error: 3,
  stream_closed: 5,
  frame_size_error: 6,
  refused_stream: 7,
  cancel: 8,
  compression_error: 9,
  enhance_your_calm: 11,
} as const;

const NAMES = [
  ...["NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT"],
  ...["STREAM_CLOSED", "FRAME_SIZE_ERROR", "REFUSED_STREAM", "CANCEL", "COMPRESSION_ERROR"],
  ...["CONNECT_ERROR", "ENHANCE_YOUR_CALM", "INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED"],
];

export function errorName(code: number): string {
  return NAMES[code] ?? `ERROR_${code}`;
}

export const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

export const HEAD_BYTES = 9;

/** Every peer takes payloads of this size (section 4.2). We never ask for larger ones, nor send them. */
export const MAX_PAYLOAD = 16_384;

/** For streams and connections alike, until something else is said (section 6.9.2). */
export const DEFAULT_WINDOW = 65_535;

export const MAX_WINDOW = 0x7fffffff;

/** What the peer did cannot be mended: the connection ends with a GOAWAY of this code (section 5.4.1). */
export class Http2Violation extends Error {
  constructor(readonly code: number) {
    super(errorName(code));
  }
}

/** Writes the head of a frame, and says where its payload begins. */
export function writeHead(
  bytes: Buffer,
  at: number,
  length: number,
  type: number,
  flags: number,
  id: number,
): number {
  bytes[at] = length >>> 16;
  bytes[at + 1] = length >>> 8;
  bytes[at + 2] = length;
  bytes[at + 3] = type;
  bytes[at + 4] = flags;
  return writeNumber(bytes, at + 5, id);
}

/** Writes 32 bits, and says what comes after them. */
export function writeNumber(bytes: Buffer, at: number, value: number): number {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
  return at + 4;
}
