import { createECDH, randomBytes } from "node:crypto";
import fc from "fast-check";
import ece from "http_ece";
import { describe, expect, it } from "vitest";
import webpush from "web-push";
import { createEncrypter, MAX_PLAINTEXT_BYTES } from "../../../providers/web_push/encrypt.js";
import { createSecrets } from "../../../providers/web_push/secrets.js";

const base64url = (text: string) => Buffer.from(text, "base64url");
const ENCODINGS = ["aes128gcm", "aesgcm"] as const;

describe("published vectors", () => {
  it("5.3.9 RFC 8291 Appendix A comes out byte for byte", () => {
    const secrets = {
      private_key: base64url("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"),
      salt: base64url("DGv6ra1nlYgDCS1FRnbzlw"),
    };
    const receiver = {
      p256dh: base64url(
        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
      ),
      auth: base64url("BTBZMqHH6r4Tts7J_aSIgg"),
    };
    const { body } = createEncrypter("aes128gcm")({
      plaintext: Buffer.from("When I grow up, I want to be a watermelon"),
      receiver,
      secrets,
    });
    expect(body.toString("base64url")).toBe(
      "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN",
    );
  });

  it("the example of draft-ietf-webpush-encryption-04 comes out byte for byte as aesgcm", () => {
    const secrets = {
      private_key: base64url("nCScek-QpEjmOOlT-rQ38nZzvdPlqa00Zy0i6m2OJvY"),
      salt: base64url("lngarbyKfMoi9Z75xYXmkg"),
    };
    const receiver = {
      p256dh: base64url(
        "BCEkBjzL8Z3C-oi2Q7oE5t2Np-p7osjGLg93qUP0wvqRT21EEWyf0cQDQcakQMqz4hQKYOQ3il2nNZct4HgAUQU",
      ),
      auth: base64url("R29vIGdvbyBnJyBqb29iIQ"),
    };
    const { body, salt, sender_key } = createEncrypter("aesgcm")({
      plaintext: Buffer.from("I am the walrus"),
      receiver,
      secrets,
    });
    expect(body.toString("base64url")).toBe("6nqAQUME8hNqw5J3kl8cpVVJylXKYqZOeseZG8UueKpA");
    expect(salt.toString("base64url")).toBe("lngarbyKfMoi9Z75xYXmkg");
    expect(sender_key.toString("base64url")).toBe(
      "BNoRDbb84JGm8g5Z5CFxurSqsXWJ11ItfXEWYVLE85Y7CYkDjXsIEc4aqxYaQ1G8BqkXCJ6DPpDrWtdWj_mugHU",
    );
  });
});

describe.each(ENCODINGS)("%s against other implementations", (version) => {
  const device = createECDH("prime256v1");
  const p256dh = device.generateKeys();
  const auth = randomBytes(16);
  const receiver = { p256dh, auth };
  const draw = createSecrets();
  const encrypt = createEncrypter(version);
  const encryptText = (text: string) => encrypt({ plaintext: Buffer.from(text), receiver, secrets: draw() });
  const plaintexts = fc.uint8Array({ maxLength: MAX_PLAINTEXT_BYTES[version] });

  it("5.4.3 what we encrypt, http_ece reads", () => {
    fc.assert(
      fc.property(plaintexts, (plaintext) => {
        const { body, salt, sender_key } = encrypt({ plaintext, receiver, secrets: draw() });
        const legacy = version === "aesgcm" ? { dh: sender_key, salt } : {};
        const read = ece.decrypt(body, { version, privateKey: device, authSecret: auth, ...legacy });
        expect(read.equals(plaintext)).toBe(true);
      }),
    );
  });

  it("http_ece makes the same bytes of the same secrets", () => {
    fc.assert(
      fc.property(plaintexts, (plaintext) => {
        const sender = createECDH("prime256v1");
        sender.generateKeys();
        const salt = randomBytes(16);
        const secrets = { private_key: sender.getPrivateKey(), salt };
        const ours = encrypt({ plaintext, receiver, secrets });
        const theirs = ece.encrypt(Buffer.from(plaintext), {
          version,
          privateKey: sender,
          dh: p256dh,
          salt,
          authSecret: auth,
        });
        expect(ours.body.equals(theirs)).toBe(true);
      }),
    );
  });

  it("web-push makes a message of the same shape, and one reader reads both", () => {
    const { encrypt: theirs } = webpush as unknown as {
      encrypt(
        p256dh: string,
        auth: string,
        payload: Buffer,
        encoding: string,
      ): Record<"cipherText" | "localPublicKey", Buffer> & { salt: string };
    };
    const plaintext = Buffer.from("Grüße aus Zürich");
    const made = theirs(p256dh.toString("base64url"), auth.toString("base64url"), plaintext, version);
    const ours = encrypt({ plaintext, receiver, secrets: draw() });
    expect(ours.body).toHaveLength(made.cipherText.length);
    const read = (body: Buffer, dh: Buffer, salt: Buffer | string) =>
      ece.decrypt(body, {
        version,
        privateKey: device,
        authSecret: auth,
        ...(version === "aesgcm" ? { dh, salt } : {}),
      });
    expect(read(ours.body, ours.sender_key, ours.salt)).toEqual(plaintext);
    expect(read(made.cipherText, made.localPublicKey, made.salt)).toEqual(plaintext);
  });

  it("a body is 4096 bytes at the limit", () => {
    expect(encryptText("x".repeat(MAX_PLAINTEXT_BYTES[version])).body).toHaveLength(4096);
  });

  it("each message has a sender key and a salt of its own", () => {
    const made = Array.from({ length: 50 }, () => encryptText("x"));
    for (const part of ["sender_key", "salt", "body"] as const) {
      expect(new Set(made.map((message) => message[part].toString("hex"))).size).toBe(50);
    }
  });
});
