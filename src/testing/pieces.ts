import { setTimeout as delay, setImmediate as nextTurn } from "node:timers/promises";

/** The bytes one by one, or in two when it is said where to cut. */
export function pieces(bytes: Buffer, cut_at?: number): Buffer[] {
  if (cut_at === undefined) return [...bytes].map((byte) => Buffer.of(byte));
  return [bytes.subarray(0, cut_at), bytes.subarray(cut_at)].filter(({ length }) => length > 0);
}

/** Until what was written is on its way, at least; it keeps no process alive. */
export async function pause(pause_ms = 0): Promise<void> {
  if (pause_ms > 0) await delay(pause_ms, undefined, { ref: false });
  else await nextTurn();
}
