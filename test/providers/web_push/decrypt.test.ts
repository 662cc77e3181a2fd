import { createCipheriv, createECDH, createHmac, type ECDH, randomBytes } from "node:crypto";
import { createRequire } from "node:module";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import webpush from "web-push";
import { decryptMessage, type ReceiverKeys } from "../../../providers/web_push/decrypt.js";

/** Without types of its own. */
const ece = createRequire(import.meta.url)("http_ece") as {
  encrypt(plaintext: Buffer, options: Record<string, unknown>): Buffer;
};

describe("aes128gcm", () => {
  it("reads the example of RFC 8291, appendix A", () => {
    const keys = receiver("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94", "BTBZMqHH6r4Tts7J_aSIgg");
    const body =
      "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";
    expect(decryptMessage(bytes(body), keys).toString()).toBe("When I grow up, I want to be a watermelon");
  });

  it("reads what web-push encrypts, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3993 }), (plaintext) => {
        const keys = receiver();
        const { cipherText } = webpush.encrypt(p256dh(keys), auth(keys), Buffer.from(plaintext), "aes128gcm");
        expect(decryptMessage(cipherText, keys)).toEqual(Buffer.from(plaintext));
      }),
      { numRuns: 40 },
    );
  });

  it.each([0, 1, 100, 3000])("reads what http_ece pads with %i bytes", (pad) => {
    const keys = receiver();
    const sender = newSender();
    const body = ece.encrypt(Buffer.from("hello"), {
      version: "aes128gcm",
      dh: p256dh(keys),
      privateKey: sender,
      authSecret: auth(keys),
      pad,
    });
    expect(decryptMessage(body, keys).toString()).toBe("hello");
  });

  it("reads what this file seals, and an empty message", () => {
    const keys = receiver();
    expect(decryptMessage(seal(keys, "hello\x02"), keys).toString()).toBe("hello");
    expect(decryptMessage(seal(keys, "\x02"), keys)).toHaveLength(0);
  });

  it.each<[string, (keys: ReceiverKeys) => Buffer, string]>([
    ["a body without a header", () => Buffer.alloc(20), "shorter than the aes128gcm header"],
    ["a key id that is not 65 bytes", (keys) => changed(seal(keys, "hello\x02"), 20, 64), "65 bytes"],
    [
      "a key that is not on the curve",
      (keys) => changed(seal(keys, "hello\x02"), 60),
      "not an uncompressed point",
    ],
    ["a hybrid point", (keys) => changed(seal(keys, "hello\x02"), 21, 6), "not an uncompressed point"],
    ["a record size below 18", (keys) => seal(keys, "\x02", { record_size: 17 }), "below 18"],
    [
      "a record cut short",
      (keys) => seal(keys, "hello\x02").subarray(0, 86 + 16),
      "shorter than a delimiter",
    ],
    [
      "a record size not above the record",
      (keys) => seal(keys, "hello\x02", { record_size: 22 }),
      "not greater",
    ],
    ["two records", (keys) => twoRecords(keys), "not greater"],
    ["a record that is not the last", (keys) => seal(keys, "hello\x01"), "not marked as the last"],
    ["a wrong delimiter", (keys) => seal(keys, "hello\x03"), "neither 1 nor 2"],
    ["no delimiter", (keys) => seal(keys, "\0\0\0"), "delimiter is missing"],
    ["another device's message", () => seal(receiver(), "hello\x02"), "not encrypted for this subscription"],
    ["a changed tag", (keys) => changed(seal(keys, "hello\x02"), -1), "not encrypted for this subscription"],
    ["a changed salt", (keys) => changed(seal(keys, "hello\x02"), 0), "not encrypted for this subscription"],
    [
      "another auth secret",
      (keys) => seal({ ...keys, auth_secret: randomBytes(16) }, "x\x02"),
      "not encrypted for",
    ],
  ])("refuses %s", (_title, make, words) => {
    const keys = receiver();
    expect(() => decryptMessage(make(keys), keys)).toThrow(words);
  });
});

describe("aesgcm", () => {
  it("reads the example of draft-ietf-webpush-encryption-04", () => {
    const keys = receiver("9FWl15_QUQAWDaD3k3l50ZBZQJ4au27F1V4F0uLSD_M", "R29vIGdvbyBnJyBqb29iIQ");
    const headers = {
      "content-encoding": "aesgcm",
      encryption: 'keyid="dhkey"; salt="lngarbyKfMoi9Z75xYXmkg"',
      "crypto-key":
        'keyid="dhkey"; dh="BNoRDbb84JGm8g5Z5CFxurSqsXWJ11ItfXEWYVLE85Y7CYkDjXsIEc4aqxYaQ1G8BqkXCJ6DPpDrWtdWj_mugHU"',
    };
    const body = bytes("6nqAQUME8hNqw5J3kl8cpVVJylXKYqZOeseZG8UueKpA");
    expect(decryptMessage(body, keys, headers).toString()).toBe("I am the walrus");
  });

  it("reads what web-push encrypts, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 4077 }), (plaintext) => {
        const keys = receiver();
        const { body, headers } = legacy(keys, Buffer.from(plaintext));
        expect(decryptMessage(body, keys, headers)).toEqual(Buffer.from(plaintext));
      }),
      { numRuns: 40 },
    );
  });

  it.each<[string, (message: { body: Buffer; headers: Record<string, string> }) => void, string]>([
    ["no salt", ({ headers }) => delete headers.encryption, "salt is not 16 bytes"],
    [
      "a short salt",
      ({ headers }) => Object.assign(headers, { encryption: "salt=AAAA" }),
      "salt is not 16 bytes",
    ],
    [
      "a record size of 2",
      ({ headers }) => Object.assign(headers, { encryption: `${headers.encryption};rs=2` }),
      "rs is",
    ],
    ["no sender key", ({ headers }) => delete headers["crypto-key"], "dh is not"],
    [
      "a sender key off the curve",
      ({ headers }) =>
        Object.assign(headers, { "crypto-key": `dh=${changed(createPoint(), 30).toString("base64url")}` }),
      "not an uncompressed point",
    ],
    [
      "a body without a record",
      (message) => Object.assign(message, { body: Buffer.alloc(17) }),
      "shorter than",
    ],
    [
      "a record of full size, as if another came",
      ({ headers, body }) =>
        Object.assign(headers, { encryption: `${headers.encryption};rs=${body.length - 16}` }),
      "not one record",
    ],
    ["a changed record", ({ body }) => void changed(body, 3), "not encrypted for this subscription"],
    [
      "a coding nobody knows",
      ({ headers }) => Object.assign(headers, { "content-encoding": "gzip" }),
      "neither",
    ],
  ])("refuses %s", (_title, spoil, words) => {
    const keys = receiver();
    const message = legacy(keys, Buffer.from("hello"));
    spoil(message);
    expect(() => decryptMessage(message.body, keys, message.headers)).toThrow(words);
  });

  it.each([
    ["padding longer than the record", "\0\x09hello", "longer than the record"],
    ["padding that is not zeros", "\0\x02\0\x01hello", "not all zeros"],
  ])("refuses %s", (_title, record, words) => {
    const keys = receiver();
    const { body, headers } = sealLegacy(keys, record);
    expect(() => decryptMessage(body, keys, headers)).toThrow(words);
    const good = sealLegacy(keys, "\0\x02\0\0hello");
    expect(decryptMessage(good.body, keys, good.headers).toString()).toBe("hello");
  });
});

it("says what is wrong without a word of the message or the keys", () => {
  const keys = receiver();
  const body = changed(webpush.encrypt(p256dh(keys), auth(keys), "canary", "aes128gcm").cipherText, -1);
  try {
    decryptMessage(body, keys);
    expect.unreachable();
  } catch (error) {
    expect(String(error)).not.toContain("canary");
    expect(String(error)).not.toContain(auth(keys));
  }
});

function receiver(private_key?: string, auth_secret?: string): ReceiverKeys {
  const ecdh = createECDH("prime256v1");
  if (private_key) ecdh.setPrivateKey(bytes(private_key));
  else ecdh.generateKeys();
  return { ecdh, auth_secret: auth_secret ? bytes(auth_secret) : randomBytes(16) };
}

function legacy(keys: ReceiverKeys, plaintext: Buffer): { body: Buffer; headers: Record<string, string> } {
  const { salt, localPublicKey, cipherText } = webpush.encrypt(p256dh(keys), auth(keys), plaintext, "aesgcm");
  // A Buffer, whatever its types say.
  const dh = Buffer.from(localPublicKey).toString("base64url");
  return {
    body: cipherText,
    headers: { "content-encoding": "aesgcm", encryption: `salt=${salt}`, "crypto-key": `dh=${dh}` },
  };
}

/** Encrypts a record as it is given, delimiter and padding included, so that both can be wrong. */
function seal(keys: ReceiverKeys, record: string, { record_size = 4096 } = {}): Buffer {
  const sender = newSender();
  const salt = randomBytes(16);
  const header = Buffer.alloc(21);
  salt.copy(header);
  header.writeUInt32BE(record_size, 16);
  header[20] = 65;
  const receiver_key = keys.ecdh.getPublicKey();
  const info = Buffer.concat([Buffer.from("WebPush: info\0"), receiver_key, sender.getPublicKey()]);
  const secret = hkdf(Buffer.from(keys.auth_secret), sender.computeSecret(receiver_key), info, 32);
  const key = hkdf(salt, secret, Buffer.from("Content-Encoding: aes128gcm\0"), 16);
  const nonce = hkdf(salt, secret, Buffer.from("Content-Encoding: nonce\0"), 12);
  return Buffer.concat([header, sender.getPublicKey(), gcm(key, nonce, record)]);
}

function sealLegacy(keys: ReceiverKeys, record: string): { body: Buffer; headers: Record<string, string> } {
  const sender = newSender();
  const salt = randomBytes(16);
  const [receiver_key, sender_key] = [keys.ecdh.getPublicKey(), sender.getPublicKey()];
  const context = Buffer.concat([
    Buffer.from("P-256\0\0\x41"),
    receiver_key,
    Buffer.from([0, 65]),
    sender_key,
  ]);
  const shared = sender.computeSecret(receiver_key);
  const secret = hkdf(Buffer.from(keys.auth_secret), shared, Buffer.from("Content-Encoding: auth\0"), 32);
  const key = hkdf(salt, secret, Buffer.concat([Buffer.from("Content-Encoding: aesgcm\0"), context]), 16);
  const nonce = hkdf(salt, secret, Buffer.concat([Buffer.from("Content-Encoding: nonce\0"), context]), 12);
  return {
    body: gcm(key, nonce, record),
    headers: {
      "content-encoding": "aesgcm",
      encryption: `salt=${salt.toString("base64url")}`,
      "crypto-key": `dh=${sender_key.toString("base64url")}`,
    },
  };
}

/** A message of 30 bytes in records of 40, as http_ece splits what does not fit into one. */
function twoRecords(keys: ReceiverKeys): Buffer {
  const options = {
    version: "aes128gcm",
    dh: p256dh(keys),
    privateKey: newSender(),
    authSecret: auth(keys),
    rs: 40,
  };
  return ece.encrypt(Buffer.alloc(30, "x"), options);
}

function gcm(key: Buffer, nonce: Buffer, record: string): Buffer {
  const cipher = createCipheriv("aes-128-gcm", key, nonce);
  return Buffer.concat([cipher.update(record, "latin1"), cipher.final(), cipher.getAuthTag()]);
}

/** One block is enough for web push (RFC 5869). */
function hkdf(salt: Buffer, secret: Buffer, info: Buffer, length: number): Buffer {
  const extracted = createHmac("sha256", salt).update(secret).digest();
  return createHmac("sha256", extracted).update(info).update("\x01").digest().subarray(0, length);
}

function newSender(): ECDH {
  const sender = createECDH("prime256v1");
  sender.generateKeys();
  return sender;
}

function createPoint(): Buffer {
  return newSender().getPublicKey();
}

function p256dh({ ecdh }: ReceiverKeys): string {
  return ecdh.getPublicKey("base64url");
}

function auth({ auth_secret }: ReceiverKeys): string {
  return Buffer.from(auth_secret).toString("base64url");
}

function bytes(text: string): Buffer {
  return Buffer.from(text, "base64url");
}

/** Changes one byte in place. */
function changed(body: Buffer, at: number, to?: number): Buffer {
  const index = at < 0 ? body.length + at : at;
  body[index] = to ?? (body[index] ?? 0) ^ 1;
  return body;
}
