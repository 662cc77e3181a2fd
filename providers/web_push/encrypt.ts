import { createCipheriv, createECDH, hash, randomBytes } from "node:crypto";

export type ContentEncoding = "aes128gcm" | "aesgcm";

/** The most plaintext that fits into a body of 4096 bytes, which every push service must take (RFC 8030, section 7.2). */
export const MAX_PLAINTEXT_BYTES: Readonly<Record<ContentEncoding, number>> = {
  aes128gcm: 3993,
  aesgcm: 4078,
};

export interface Encrypted {
  readonly body: Buffer;
  /** `aesgcm` carries these two in headers, `aes128gcm` in the body. */
  readonly salt: Buffer;
  readonly sender_key: Buffer;
}

export type Encrypter = (
  plaintext: Uint8Array,
  receiver: { readonly p256dh: Uint8Array; readonly auth: Uint8Array },
) => Encrypted;

/**
 * Encrypts messages as RFC 8291 says (`aes128gcm`), or as its fourth draft did (`aesgcm`): one record, no padding, a fresh
 * sender key and a fresh salt for each.
 *
 * Only test vectors bring their own `secrets`.
 */
export function createEncrypter(
  encoding: ContentEncoding,
  secrets?: { readonly private_key: Uint8Array; readonly salt: Uint8Array },
): Encrypter {
  // A new key pair in the same object: a new object for each message costs a tenth more. Key objects win on Node 24, but
  // only when the receiver's imported key is kept, and most receivers are met once.
  const sender = createECDH("prime256v1");
  const derive = encoding === "aes128gcm" ? deriveAes128gcm : deriveAesgcm;
  return (plaintext, { p256dh, auth }) => {
    if (secrets) sender.setPrivateKey(secrets.private_key);
    const sender_key = secrets ? sender.getPublicKey() : sender.generateKeys();
    const salt = secrets ? Buffer.from(secrets.salt) : randomBytes(16);
    const { key, nonce } = derive({ secret: sender.computeSecret(p256dh), auth, p256dh, sender_key, salt });
    const cipher = createCipheriv("aes-128-gcm", key, nonce);
    const body =
      encoding === "aes128gcm"
        ? [
            salt,
            RECORD_SIZE_AND_KEY_LENGTH,
            sender_key,
            cipher.update(Buffer.concat([plaintext, LAST_RECORD])),
          ]
        : [cipher.update(Buffer.concat([NO_PADDING, plaintext]))];
    body.push(cipher.final(), cipher.getAuthTag());
    return { body: Buffer.concat(body), salt, sender_key };
  };
}

/** rs = 4096, idlen = 65. */
const RECORD_SIZE_AND_KEY_LENGTH = Buffer.of(0, 0, 16, 0, 65);
const LAST_RECORD = Buffer.of(2);
const NO_PADDING = Buffer.of(0, 0);
const KEY_LENGTH = Buffer.of(0, 65);
const INFO = {
  key: Buffer.from("WebPush: info\0"),
  aes128gcm: Buffer.from("Content-Encoding: aes128gcm\0"),
  aesgcm: Buffer.from("Content-Encoding: aesgcm\0"),
  nonce: Buffer.from("Content-Encoding: nonce\0"),
  auth: Buffer.from("Content-Encoding: auth\0"),
  curve: Buffer.from("P-256\0"),
};

interface Ingredients {
  readonly secret: Buffer;
  readonly auth: Uint8Array;
  readonly p256dh: Uint8Array;
  readonly sender_key: Buffer;
  readonly salt: Buffer;
}

/** RFC 8291, section 3.4; RFC 8188, section 2.2. */
function deriveAes128gcm({ secret, auth, p256dh, sender_key, salt }: Ingredients) {
  const input_key = expand(hmac(auth, secret), INFO.key, p256dh, sender_key);
  const pseudo_random_key = hmac(salt, input_key);
  return {
    key: expand(pseudo_random_key, INFO.aes128gcm).subarray(0, 16),
    nonce: expand(pseudo_random_key, INFO.nonce).subarray(0, 12),
  };
}

/** draft-ietf-webpush-encryption-04, section 4; draft-ietf-httpbis-encryption-encoding-03. */
function deriveAesgcm({ secret, auth, p256dh, sender_key, salt }: Ingredients) {
  const context = [INFO.curve, KEY_LENGTH, p256dh, KEY_LENGTH, sender_key];
  const input_key = expand(hmac(auth, secret), INFO.auth);
  const pseudo_random_key = hmac(salt, input_key);
  return {
    key: expand(pseudo_random_key, INFO.aesgcm, ...context).subarray(0, 16),
    nonce: expand(pseudo_random_key, INFO.nonce, ...context).subarray(0, 12),
  };
}

/** The first 32 bytes of HKDF-Expand (RFC 5869): all that web push ever needs. */
function expand(key: Uint8Array, ...info: readonly Uint8Array[]): Buffer {
  return hmac(key, ...info, FIRST_BLOCK);
}

const FIRST_BLOCK = Buffer.of(1);

/**
 * HMAC-SHA-256 (RFC 2104) with a key of at most 64 bytes, by the one-shot hash. `createHmac` costs 1.6 times as much on
 * Node 20 and far more on Node 24; `hkdfSync` is dearer still on both.
 */
function hmac(key: Uint8Array, ...message: readonly Uint8Array[]): Buffer {
  const inner = Buffer.alloc(64, 0x36);
  const outer = Buffer.alloc(64, 0x5c);
  key.forEach((byte, i) => {
    inner[i] = byte ^ 0x36;
    outer[i] = byte ^ 0x5c;
  });
  return sha256(outer, sha256(inner, ...message));
}

/** By way of text: asking `hash` for a buffer costs twice as much. */
function sha256(...parts: readonly Uint8Array[]): Buffer {
  return Buffer.from(hash("sha256", Buffer.concat(parts), "base64url"), "base64url");
}
