import { createCipheriv, createECDH } from "node:crypto";
import { createHmac256 } from "./hmac.js";
import { PUBLIC_KEY_BYTES } from "./p256.js";
import type { Secrets } from "./secrets.js";

export type ContentEncoding = "aes128gcm" | "aesgcm";

/** The most plaintext that fits into a body of 4096 bytes, which every push service must take (RFC 8030, section 7.2). */
export const MAX_PLAINTEXT_BYTES: Readonly<Record<ContentEncoding, number>> = {
  aes128gcm: 3993,
  aesgcm: 4078,
};

/** The keys of a subscription, 65 and 16 bytes. */
export interface Receiver {
  readonly p256dh: Uint8Array;
  readonly auth: Uint8Array;
}

/** All that a message is encrypted from. */
export interface Message {
  readonly plaintext: Uint8Array;
  readonly receiver: Receiver;
  /** For this message only. */
  readonly secrets: Secrets;
}

export interface Encrypted {
  readonly body: Buffer;
  /** `aesgcm` carries these two in headers, `aes128gcm` in the body. */
  readonly salt: Buffer;
  readonly sender_key: Buffer;
}

/**
 * Encrypts messages as RFC 8291 says (`aes128gcm`), or as its fourth draft did (`aesgcm`): one record, no padding. Pure:
 * the same bytes in give the same bytes out, in whatever thread.
 */
export function createEncrypter(encoding: ContentEncoding): (message: Message) => Encrypted {
  // One object for all messages: a new one for each costs up to 8 µs more. Key objects would cost more still, because
  // most receivers are met once and importing a key is dear.
  const sender = createECDH("prime256v1");
  const derive = createDerivation(encoding);
  return ({ plaintext, receiver, secrets }) => {
    const { private_key, salt } = secrets;
    sender.setPrivateKey(private_key);
    const sender_key = sender.getPublicKey();
    const secret = sender.computeSecret(receiver.p256dh);
    const { key, nonce } = derive(secret, receiver, sender_key, salt);
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
const RECORD_SIZE_AND_KEY_LENGTH = Buffer.of(0, 0, 16, 0, PUBLIC_KEY_BYTES);
const LAST_RECORD = Buffer.of(2);
const NO_PADDING = Buffer.of(0, 0);

type Derivation = (
  secret: Uint8Array,
  receiver: Receiver,
  sender_key: Uint8Array,
  salt: Uint8Array,
) => { readonly key: Buffer; readonly nonce: Buffer };

/**
 * HKDF (RFC 5869), of whose second step web push never needs more than the first block: `aes128gcm` by RFC 8291, section 3.4,
 * and RFC 8188, section 2.2; `aesgcm` by draft-ietf-webpush-encryption-04, section 4.
 */
function createDerivation(encoding: ContentEncoding): Derivation {
  const hmac = createHmac256();
  const is_draft = encoding === "aesgcm";
  const input_info = is_draft ? info("Content-Encoding: auth\0") : infoWithKeys("WebPush: info\0");
  const key_info = is_draft
    ? infoWithKeys("Content-Encoding: aesgcm\0P-256\0", KEY_LENGTH)
    : info("Content-Encoding: aes128gcm\0");
  const nonce_info = is_draft
    ? infoWithKeys("Content-Encoding: nonce\0P-256\0", KEY_LENGTH)
    : info("Content-Encoding: nonce\0");
  return (secret, { p256dh, auth }, sender_key, salt) => {
    const input_key = hmac(hmac(auth, secret), input_info(p256dh, sender_key));
    const pseudo_random_key = hmac(salt, input_key);
    return {
      key: hmac(pseudo_random_key, key_info(p256dh, sender_key)).subarray(0, 16),
      nonce: hmac(pseudo_random_key, nonce_info(p256dh, sender_key)).subarray(0, 12),
    };
  };
}

const FIRST_BLOCK = Buffer.of(1);
const KEY_LENGTH = Buffer.of(0, PUBLIC_KEY_BYTES);

type Info = (p256dh: Uint8Array, sender_key: Uint8Array) => Uint8Array;

function info(label: string): Info {
  const bytes = Buffer.concat([Buffer.from(label), FIRST_BLOCK]);
  return () => bytes;
}

/** The two keys are written into one and the same buffer each time. */
function infoWithKeys(label: string, before_each = Buffer.alloc(0)): Info {
  const receiver_at = label.length + before_each.length;
  const sender_at = receiver_at + PUBLIC_KEY_BYTES + before_each.length;
  const gap = Buffer.alloc(PUBLIC_KEY_BYTES);
  const bytes = Buffer.concat([Buffer.from(label), before_each, gap, before_each, gap, FIRST_BLOCK]);
  return (p256dh, sender_key) => {
    bytes.set(p256dh, receiver_at);
    bytes.set(sender_key, sender_at);
    return bytes;
  };
}
