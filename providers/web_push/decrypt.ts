import { createDecipheriv, type ECDH, hkdfSync } from "node:crypto";

/** What a browser keeps for a subscription. */
export interface ReceiverKeys {
  /** P-256, with a private key. */
  readonly ecdh: ECDH;
  /** 16 bytes. */
  readonly auth_secret: Uint8Array;
}

/** The headers that the legacy coding needs; lower-case names. */
export type MessageHeaders = Readonly<Record<string, string | undefined>>;

/**
 * Decrypts a push message as a browser does, and checks all that a receiver must check: RFC 8291 and RFC 8188 for
 * `aes128gcm` (the default), draft-ietf-webpush-encryption-04 for `aesgcm`. Shares no code with the encrypting side.
 * Throws an `Error` that says what is wrong; its text holds nothing of the message.
 */
export function decryptMessage(body: Uint8Array, keys: ReceiverKeys, headers: MessageHeaders = {}): Buffer {
  const coding = headers["content-encoding"] ?? "aes128gcm";
  if (coding === "aes128gcm") return decryptAes128gcm(Buffer.from(body), keys);
  if (coding === "aesgcm") return decryptAesgcm(Buffer.from(body), keys, headers);
  throw new Error("the content coding is neither aes128gcm nor aesgcm");
}

const TAG_BYTES = 16;
const SALT_BYTES = 16;
const POINT_BYTES = 65;
/** salt, record size, length of the key id. */
const HEADER_BYTES = SALT_BYTES + 4 + 1;

function decryptAes128gcm(body: Buffer, { ecdh, auth_secret }: ReceiverKeys): Buffer {
  if (body.length < HEADER_BYTES) throw new Error("the body is shorter than the aes128gcm header");
  const salt = body.subarray(0, SALT_BYTES);
  const record_size = body.readUInt32BE(SALT_BYTES);
  const id_bytes = body[HEADER_BYTES - 1];
  if (id_bytes !== POINT_BYTES) throw new Error("the key id is not an uncompressed P-256 point of 65 bytes");
  const sender = body.subarray(HEADER_BYTES, HEADER_BYTES + POINT_BYTES);
  const record = body.subarray(HEADER_BYTES + POINT_BYTES);
  if (record_size < TAG_BYTES + 2) throw new Error("the record size is below 18");
  if (record.length < TAG_BYTES + 1) throw new Error("the record is shorter than a delimiter and a tag");
  // RFC 8291 section 4: one record, and a record size greater than it.
  if (record.length >= record_size)
    throw new Error("the record size is not greater than the one record allowed");

  const receiver = ecdh.getPublicKey();
  const info = Buffer.concat([Buffer.from("WebPush: info\0"), receiver, sender]);
  const secret = hkdf(auth_secret, agree(ecdh, sender), info, 32);
  const key = hkdf(salt, secret, "Content-Encoding: aes128gcm\0", 16);
  const nonce = hkdf(salt, secret, "Content-Encoding: nonce\0", 12);
  return withoutPadding(open(key, nonce, record));
}

/** RFC 8188 section 2: the padding is a delimiter, 2 in the last record, and zeros after it. */
function withoutPadding(plaintext: Buffer): Buffer {
  let end = plaintext.length - 1;
  while (end >= 0 && plaintext[end] === 0) end--;
  if (end < 0) throw new Error("the padding delimiter is missing");
  if (plaintext[end] === 1) throw new Error("the record is not marked as the last one");
  if (plaintext[end] !== 2) throw new Error("the padding delimiter is neither 1 nor 2");
  return plaintext.subarray(0, end);
}

function decryptAesgcm(body: Buffer, { ecdh, auth_secret }: ReceiverKeys, headers: MessageHeaders): Buffer {
  const salt = decodeField(headers.encryption, "salt");
  if (salt?.length !== SALT_BYTES) throw new Error("Encryption: salt is not 16 bytes");
  const record_size = Number(headerField(headers.encryption, "rs") ?? 4096);
  if (!Number.isInteger(record_size) || record_size < 3)
    throw new Error("Encryption: rs is not an integer above 2");
  const sender = decodeField(headers["crypto-key"], "dh");
  if (sender?.length !== POINT_BYTES)
    throw new Error("Crypto-Key: dh is not an uncompressed P-256 point of 65 bytes");
  if (body.length < TAG_BYTES + 2) throw new Error("the record is shorter than its padding length and a tag");
  // A record of full size announces another one that never comes.
  if (body.length >= record_size + TAG_BYTES) throw new Error("the body is not one record, the last");

  const receiver = ecdh.getPublicKey();
  const secret = hkdf(auth_secret, agree(ecdh, sender), "Content-Encoding: auth\0", 32);
  const context = Buffer.concat([Buffer.from("P-256\0"), counted(receiver), counted(sender)]);
  const key = hkdf(salt, secret, Buffer.concat([Buffer.from("Content-Encoding: aesgcm\0"), context]), 16);
  const nonce = hkdf(salt, secret, Buffer.concat([Buffer.from("Content-Encoding: nonce\0"), context]), 12);
  const plaintext = open(key, nonce, body);
  const start = 2 + plaintext.readUInt16BE(0);
  if (start > plaintext.length) throw new Error("the padding is longer than the record");
  if (plaintext.subarray(2, start).some((byte) => byte !== 0))
    throw new Error("the padding is not all zeros");
  return plaintext.subarray(start);
}

/** The value of `name` in a header of `name=value` pairs (`;` inside an entry, `,` between entries), quotes removed. */
export function headerField(header: string | undefined, name: string): string | undefined {
  for (const pair of header?.split(/[;,]/) ?? []) {
    const equals = pair.indexOf("=");
    if (equals > 0 && pair.slice(0, equals).trim().toLowerCase() === name) {
      return pair
        .slice(equals + 1)
        .trim()
        .replace(/^"(.*)"$/, "$1");
    }
  }
  return undefined;
}

function decodeField(header: string | undefined, name: string): Buffer | undefined {
  const value = headerField(header, name);
  return value !== undefined && /^[A-Za-z0-9_-]+=*$/.test(value)
    ? Buffer.from(value, "base64url")
    : undefined;
}

function agree(ecdh: ECDH, sender: Uint8Array): Buffer {
  try {
    // OpenSSL takes compressed points too, web push does not.
    if (sender[0] === 4) return ecdh.computeSecret(sender);
  } catch {}
  throw new Error("the sender's key is not an uncompressed point on P-256");
}

function hkdf(salt: Uint8Array, secret: Uint8Array, info: string | Uint8Array, length: number): Buffer {
  return Buffer.from(hkdfSync("sha256", secret, salt, info, length));
}

function open(key: Uint8Array, nonce: Uint8Array, record: Buffer): Buffer {
  const decipher = createDecipheriv("aes-128-gcm", key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAuthTag(record.subarray(-TAG_BYTES));
  const plaintext = decipher.update(record.subarray(0, -TAG_BYTES));
  try {
    decipher.final();
  } catch {
    throw new Error("the message was not encrypted for this subscription, or was changed on the way");
  }
  return plaintext;
}

function counted(key: Uint8Array): Buffer {
  return Buffer.from([key.length >> 8, key.length & 255, ...key]);
}
