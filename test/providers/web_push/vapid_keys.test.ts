import { createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { generateVapidKeys } from "../../../providers/web_push/index.js";
import { readVapidKeys } from "../../../providers/web_push/vapid_keys.js";
import { PushError } from "../../../src/errors.js";
import { KEYS } from "./support.js";

const { vapid_public_key: PUBLIC, vapid_private_key: PRIVATE } = KEYS;

const point = Buffer.from(PUBLIC, "base64url");
const public_jwk = {
  kty: "EC",
  crv: "P-256",
  x: point.toString("base64url", 1, 33),
  y: point.toString("base64url", 33),
};
const private_jwk = { ...public_jwk, d: PRIVATE };
const private_object = createPrivateKey({ key: private_jwk, format: "jwk" });
const public_object = createPublicKey({ key: public_jwk, format: "jwk" });
const standard = (text: string) => Buffer.from(text, "base64url").toString("base64");
const pem = (type: "sec1" | "pkcs8") => private_object.export({ type, format: "pem" }).toString();
const der = (type: "sec1" | "pkcs8") => private_object.export({ type, format: "der" }).toString("base64");
const spki_pem = public_object.export({ type: "spki", format: "pem" }).toString();
const spki_der = public_object.export({ type: "spki", format: "der" }).toString("base64");

const PUBLIC_FORMS: [string, string | Record<string, unknown>][] = [
  ["base64url", PUBLIC],
  ["base64url, padded", `${PUBLIC}=`],
  ["base64url broken into lines", `  ${PUBLIC.slice(0, 64)}\n${PUBLIC.slice(64)}\n`],
  ["base64", standard(PUBLIC)],
  ["SPKI PEM", spki_pem],
  ["SPKI PEM whose newlines became \\n", spki_pem.replaceAll("\n", "\\n")],
  ["SPKI PEM whose newlines became spaces", spki_pem.replaceAll("\n", " ")],
  ["SPKI DER in base64", spki_der],
  ["JWK", public_jwk],
  ["JWK as text", JSON.stringify(public_jwk)],
  ["the JWK of the private key", private_jwk],
];

const PRIVATE_FORMS: [string, string | Record<string, unknown>][] = [
  ["base64url", PRIVATE],
  ["base64url, padded and indented", `  ${PRIVATE}=\n`],
  ["base64", standard(PRIVATE)],
  ["SEC1 PEM", pem("sec1")],
  ["SEC1 PEM whose newlines became \\n", pem("sec1").replaceAll("\n", "\\n")],
  ["SEC1 PEM with CRLF", pem("sec1").replaceAll("\n", "\r\n")],
  [
    "SEC1 PEM after EC PARAMETERS",
    `-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n${pem("sec1")}`,
  ],
  ["PKCS#8 PEM", pem("pkcs8")],
  ["PKCS#8 PEM without any newline", pem("pkcs8").replaceAll("\n", "")],
  ["SEC1 DER in base64", der("sec1")],
  ["PKCS#8 DER in base64", der("pkcs8")],
  ["PKCS#8 DER in base64url", Buffer.from(der("pkcs8"), "base64").toString("base64url")],
  ["JWK", private_jwk],
  ["JWK as text", JSON.stringify(private_jwk, null, 2)],
];

describe("forms of keys", () => {
  it.each(PUBLIC_FORMS)("W2 the public key may be %s", (_form, vapid_public_key) => {
    const keys = readVapidKeys({ vapid_public_key, vapid_private_key: PRIVATE });
    expect(keys).toEqual({ public_key: PUBLIC, private_key: PRIVATE });
  });

  it.each(PRIVATE_FORMS)("W2 the private key may be %s", (_form, vapid_private_key) => {
    const keys = readVapidKeys({ vapid_public_key: PUBLIC, vapid_private_key });
    expect(keys).toEqual({ public_key: PUBLIC, private_key: PRIVATE });
  });
});

describe("the three ways of making keys in the seed guide", () => {
  const fixture = (name: string) =>
    readFileSync(new URL(`../../fixtures/vapid_keys/${name}`, import.meta.url), "utf8");
  const between = (text: string, start: string, end = "\n\n") => text.split(start)[1]?.split(end)[0] ?? "";

  it("W2 1.8 A: SEC1 PEM and a base64url public key, as pywebpush's users have them", () => {
    const output = fixture("pywebpush.txt");
    const vapid_private_key = between(output, "(PEM format):\n");
    const vapid_public_key = between(output, "(base64 URL-safe):\n", "\0");
    expect(vapid_private_key).toContain("BEGIN EC PRIVATE KEY");
    expect(readVapidKeys({ vapid_public_key, vapid_private_key }).public_key).toBe(vapid_public_key.trim());
  });

  it("W2 1.8 B: the files that the openssl commands write", () => {
    const vapid_public_key = fixture("openssl_public.txt");
    // base64 breaks its lines at 76 characters, and the key has 87.
    expect(vapid_public_key.trim()).toContain("\n");
    const keys = readVapidKeys({ vapid_public_key, vapid_private_key: fixture("openssl_private.pem") });
    expect(keys.public_key).toBe(vapid_public_key.replaceAll("\n", ""));
  });

  it("W2 1.8 C: what npx web-push generate-vapid-keys prints", () => {
    const output = fixture("web_push_cli.txt");
    const config = {
      vapid_public_key: between(output, "Public Key:\n"),
      vapid_private_key: between(output, "Private Key:\n"),
    };
    expect(readVapidKeys(config)).toEqual({
      public_key: config.vapid_public_key,
      private_key: config.vapid_private_key,
    });
  });

  it("W2 our own generator makes a pair that opens", () => {
    const config = generateVapidKeys();
    expect(Object.keys(config)).toEqual(["vapid_public_key", "vapid_private_key"]);
    expect(readVapidKeys(config)).toEqual({
      public_key: config.vapid_public_key,
      private_key: config.vapid_private_key,
    });
  });
});

describe("keys that are none", () => {
  const other = generateVapidKeys();
  const p384 = generateKeyPairSync("ec", { namedCurve: "P-384" });
  const off_curve = Buffer.from(point);
  off_curve[64] = (off_curve[64] ?? 0) ^ 1;
  const not_uncompressed = Buffer.from(point);
  not_uncompressed[0] = 6;
  const locked = private_object
    .export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "x" })
    .toString();

  const cases: [
    string,
    string,
    "vapid_public_key" | "vapid_private_key",
    string | Record<string, unknown>,
    RegExp,
  ][] = [
    ["text", "public", "vapid_public_key", "not a key!", /expected base64url, base64, PEM/],
    [
      "64 bytes",
      "public",
      "vapid_public_key",
      point.subarray(1).toString("base64url"),
      /expected a public key/,
    ],
    [
      "a point off the curve",
      "public",
      "vapid_public_key",
      off_curve.toString("base64url"),
      /point of the curve P-256/,
    ],
    [
      "a point that does not start with 4",
      "public",
      "vapid_public_key",
      not_uncompressed.toString("base64url"),
      /65 bytes, the first of them 4/,
    ],
    [
      "another curve",
      "public",
      "vapid_public_key",
      p384.publicKey.export({ type: "spki", format: "pem" }).toString(),
      /curve P-256/,
    ],
    ["a JWK of RSA", "public", "vapid_public_key", { kty: "RSA", n: "AQ", e: "AQAB" }, /"kty": "EC"/],
    ["a JWK with a short x", "public", "vapid_public_key", { ...public_jwk, x: "AQ" }, /x and y/],
    ["the private key", "public", "vapid_public_key", PRIVATE, /expected a public key/],
    [
      "31 bytes",
      "private",
      "vapid_private_key",
      Buffer.alloc(31, 1).toString("base64url"),
      /expected a private key/,
    ],
    [
      "zero",
      "private",
      "vapid_private_key",
      Buffer.alloc(32).toString("base64url"),
      /private key of the curve P-256/,
    ],
    [
      "above the order of the curve",
      "private",
      "vapid_private_key",
      Buffer.alloc(32, 255).toString("base64url"),
      /private key of the curve P-256/,
    ],
    ["the public key", "private", "vapid_private_key", PUBLIC, /expected a private key/],
    ["a public PEM", "private", "vapid_private_key", spki_pem, /expected a private key/],
    [
      "another curve",
      "private",
      "vapid_private_key",
      p384.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
      /curve P-256/,
    ],
    ["locked by a password", "private", "vapid_private_key", locked, /password/],
    ["broken JSON", "private", "vapid_private_key", `{"kty":"EC","d":"${PRIVATE}"`, /not JSON/],
    ["a JWK without d", "private", "vapid_private_key", public_jwk, /and d if it is the private key/],
  ];

  it.each(cases)(
    "W2 %s as %s key is refused, naming the key and keeping its value to itself",
    (_what, _half, path, value, message) => {
      const error = thrown({ ...KEYS, [path]: value });
      expect(error.code).toBe("CONFIG_INVALID");
      expect(error.issues).toEqual([{ path, message: expect.stringMatching(message) }]);
      expect(error.cause).toBeInstanceOf(Error);
      const told = deepText(error);
      for (const secret of [
        PRIVATE,
        PUBLIC,
        PRIVATE.slice(4, 20),
        typeof value === "string" ? value.trim() : "AQAB",
      ]) {
        expect(told).not.toContain(secret);
      }
    },
  );

  it("W2 two keys that are no pair are refused, naming both", () => {
    const error = thrown({ ...KEYS, vapid_public_key: other.vapid_public_key });
    expect(error.code).toBe("CONFIG_INVALID");
    expect(error.message).toContain("vapid_public_key");
    expect(error.message).toContain("vapid_private_key");
    expect(error.message).not.toContain(other.vapid_public_key);
  });

  it("problems with both keys come together", () => {
    const error = thrown({ vapid_public_key: "AAAA", vapid_private_key: "AAAA" });
    expect(error.issues?.map(({ path }) => path)).toEqual(["vapid_public_key", "vapid_private_key"]);
  });

  function thrown(config: Parameters<typeof readVapidKeys>[0]): PushError {
    try {
      readVapidKeys(config);
    } catch (error) {
      if (error instanceof PushError) return error;
    }
    throw new Error("no PushError was thrown");
  }

  /** Everything that an error could tell, its causes included. */
  function deepText(error: unknown): string {
    return error instanceof Error ? `${error.message} ${error.stack} ${deepText(error.cause)}` : "";
  }
});
