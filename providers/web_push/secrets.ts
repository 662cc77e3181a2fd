import { randomFillSync } from "node:crypto";

/** What makes a message unlike any other: used for one message and never again. */
export interface Secrets {
  /** 32 bytes: a number below the order of P-256, and not 0. */
  readonly private_key: Buffer;
  /** 16 bytes. */
  readonly salt: Buffer;
}

const PRIVATE_KEY_BYTES = 32;
const SALT_BYTES = 16;
export const SECRETS_BYTES = PRIVATE_KEY_BYTES + SALT_BYTES;
/** Messages for which random bytes are drawn at a time. */
const AT_A_TIME = 64;

/**
 * A fresh sender key and a fresh salt for each message (RFC 8291, section 3.1; RFC 8188, section 2.1), out of the system's
 * random bytes. `ECDH.generateKeys` would do the same; on Node 24 it costs 16 µs more.
 */
export function createSecrets(fill: (bytes: Buffer) => void = randomFillSync): () => Secrets {
  let drawn = Buffer.alloc(0);
  return () => {
    for (;;) {
      if (drawn.length === 0) {
        drawn = Buffer.allocUnsafeSlow(AT_A_TIME * SECRETS_BYTES);
        fill(drawn);
      }
      const private_key = drawn.subarray(0, PRIVATE_KEY_BYTES);
      const salt = drawn.subarray(PRIVATE_KEY_BYTES, SECRETS_BYTES);
      drawn = drawn.subarray(SECRETS_BYTES);
      if (isPrivateKey(private_key)) return { private_key, salt };
    }
  };
}

/** Bytes that are none are left out, so that all keys are equally likely (FIPS 186-4, B.4.2). */
function isPrivateKey(bytes: Uint8Array): boolean {
  return Buffer.compare(bytes, ORDER) < 0 && Buffer.compare(bytes, ZERO) > 0;
}

/** Of P-256 (FIPS 186-4, D.1.2.3). */
const ORDER = Buffer.from("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", "hex");
const ZERO = Buffer.alloc(PRIVATE_KEY_BYTES);
