import type { FaultOptions } from "./faults.js";
import type { Http1FaultKind } from "./http1_faults.js";

/**
 * What can go wrong on an HTTP/2 connection. Those that HTTP/1.1 knows too mean the same, and what ends the connection
 * ends all its streams.
 */
export type Http2FaultKind =
  | Http1FaultKind
  /** GOAWAY naming this stream as the last one: it and those before it are answered, later ones are not processed. */
  | "goaway"
  /** GOAWAY naming the stream before this one as the last: this one and later ones are not processed. */
  | "goaway_unprocessed"
  /** RST_STREAM with REFUSED_STREAM: the request was not processed. */
  | "refused_stream"
  /** RST_STREAM without an answer. */
  | "rst"
  /** SETTINGS that lower, or raise, how many streams this client may have open; then the answer. */
  | "stream_limit";

/** What a fault on HTTP/2 can be told. */
export interface Http2FaultOptions extends FaultOptions {
  /** `stream_limit`: the number of streams; default 1. */
  limit?: number | undefined;
  /** `goaway`, `goaway_unprocessed` (default 0, NO_ERROR), `rst` (default 2, INTERNAL_ERROR): RFC 9113 section 7. */
  error_code?: number | undefined;
  /** `goaway`, `goaway_unprocessed`: the additional debug data of the GOAWAY frame; default none. */
  debug_data?: string | undefined;
}

/** The faults that only HTTP/2 can have. */
export const HTTP2_ONLY: readonly Http2FaultKind[] = [
  "goaway",
  "goaway_unprocessed",
  "refused_stream",
  "rst",
  "stream_limit",
];

/** The faults that tell the client that its request was not processed. */
export function isRefusal(kind: Http2FaultKind): boolean {
  return kind === "goaway_unprocessed" || kind === "refused_stream";
}

/** The faults after which a client still reads a status. */
export function sendsStatus(kind: Http2FaultKind): boolean {
  return ["half_response", "split", "huge_body", "goaway", "stream_limit"].includes(kind);
}

export function checkHttp2FaultOptions({ limit = 1, error_code = 0 }: Http2FaultOptions): void {
  const isUint32 = (value: number) => Number.isInteger(value) && value >= 0 && value <= 0xffff_ffff;
  if (!isUint32(limit)) throw new RangeError("fault: limit must be an integer that is not negative");
  if (!isUint32(error_code)) throw new RangeError("fault: error_code must be an integer from 0 to 2^32 - 1");
}
