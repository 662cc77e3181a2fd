import { createHash, randomBytes, randomUUID, timingSafeEqual } from "node:crypto";

/**
 * Makes ids that sort by age: UUIDs of version 7 (RFC 9562, 5.7), with the 12 bits behind the time as a counter, so that
 * also those of one millisecond, or of a clock that was set back, keep their order.
 */
export function idMaker(now: () => number): () => string {
  let last_ms = 0;
  let counter = 0;
  return () => {
    const now_ms = now();
    if (now_ms > last_ms) {
      last_ms = now_ms;
      counter = 0;
    } else if (++counter > 0xfff) {
      last_ms++;
      counter = 0;
    }
    const time = last_ms.toString(16).padStart(12, "0");
    const order = counter.toString(16).padStart(3, "0");
    return `${time.slice(0, 8)}-${time.slice(8)}-7${order}-${randomUUID().slice(19)}`;
  };
}

/**
 * The id of a broadcast's message to one subscription: the same when it is sent once more after a crash, so that a device
 * can tell, and nobody else's to guess.
 */
export function broadcastMessageId(broadcast_id: string, subscription_id: string): string {
  const digits = createHash("sha256").update(`${broadcast_id}\n${subscription_id}`).digest("hex");
  // Version 8 (RFC 9562, 5.8), made in a way of one's own; variant 8.
  return digits.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, "$1-$2-8$3-8$4-$5");
}

/** A device's key, 43 characters. */
export function newDeviceKey(): string {
  return randomBytes(32).toString("base64url");
}

export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}

/** Says nothing, by the time it takes, about where two texts differ. */
export function sameText(one: string, other: string): boolean {
  return timingSafeEqual(
    createHash("sha256").update(one).digest(),
    createHash("sha256").update(other).digest(),
  );
}
