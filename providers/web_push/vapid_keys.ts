import { createECDH, createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import webpush from "web-push";
import { configInvalid } from "../../src/provider_kit.js";
import type { VapidKeyInput } from "./config.js";
import { isOnCurve, PUBLIC_KEY_BYTES } from "./p256.js";

/** A checked pair, both halves as base64url without padding: 87 and 43 characters. */
export interface VapidKeys {
  readonly public_key: string;
  readonly private_key: string;
}

/** A fresh VAPID pair as base64url, ready to be spread into a config. Browsers subscribe with the public key: keep both. */
export function generateVapidKeys(): { vapid_public_key: string; vapid_private_key: string } {
  const { publicKey, privateKey } = webpush.generateVAPIDKeys();
  return { vapid_public_key: publicKey, vapid_private_key: privateKey };
}

/** What is wrong with one key, or undefined: so that a config's problems can be told all at once. */
export function vapidKeyProblem(input: VapidKeyInput, half: "public" | "private"): string | undefined {
  const key = attempt(() => (half === "public" ? readPublicKey(input) : readPrivateKey(input)));
  return key instanceof Error ? key.message : undefined;
}

/** Reads both keys, in whatever form, and checks that they are a pair. Throws `CONFIG_INVALID`; keys appear in no text. */
export function readVapidKeys(config: {
  readonly vapid_public_key: VapidKeyInput;
  readonly vapid_private_key: VapidKeyInput;
}): VapidKeys {
  const public_key = attempt(() => readPublicKey(config.vapid_public_key));
  const private_key = attempt(() => readPrivateKey(config.vapid_private_key));
  const issues = [
    ...(public_key instanceof Error ? [{ path: "vapid_public_key", message: public_key.message }] : []),
    ...(private_key instanceof Error ? [{ path: "vapid_private_key", message: private_key.message }] : []),
  ];
  if (public_key instanceof Error) throw configInvalid("web_push", issues, public_key);
  if (private_key instanceof Error) throw configInvalid("web_push", issues, private_key);
  if (!publicOf(private_key).equals(public_key)) {
    const message = "is not the other half of vapid_private_key; take both from one generateVapidKeys()";
    throw configInvalid(
      "web_push",
      [{ path: "vapid_public_key", message }],
      new Error("the keys are not a pair"),
    );
  }
  return { public_key: public_key.toString("base64url"), private_key: private_key.toString("base64url") };
}

function readPublicKey(input: VapidKeyInput): Buffer {
  const form = recognise(input);
  const key = form.jwk
    ? point(form.jwk)
    : form.bytes.length === PUBLIC_KEY_BYTES
      ? form.bytes
      : fromSpki(form.bytes);
  if (key.length !== PUBLIC_KEY_BYTES || !isOnCurve(key)) {
    throw new Error("expected a point of the curve P-256: 65 bytes, the first of them 4");
  }
  return key;
}

function readPrivateKey(input: VapidKeyInput): Buffer {
  const form = recognise(input);
  const key = form.jwk
    ? coordinate(form.jwk.d)
    : form.bytes.length === 32
      ? form.bytes
      : fromPrivateDer(form.bytes);
  try {
    publicOf(key);
  } catch (cause) {
    throw new Error("expected a private key of the curve P-256: 32 bytes", { cause });
  }
  return key;
}

type Form =
  | { readonly jwk: Jwk; readonly bytes?: undefined }
  | { readonly bytes: Buffer; readonly jwk?: undefined };
type Jwk = Readonly<Record<string, unknown>>;

function recognise(input: VapidKeyInput): Form {
  if (typeof input !== "string") return { jwk: ec(input) };
  // A newline in an environment variable often arrives as backslash and n.
  const text = input.replaceAll("\\n", "\n").trim();
  if (text.startsWith("{")) return { jwk: ec(parseJwk(text)) };
  // `openssl ecparam -genkey` puts EC PARAMETERS before the key.
  const pem = /-----BEGIN ([A-Z ]*KEY)-----([\s\S]*?)-----END \1-----/.exec(text);
  if (pem?.[1]?.includes("ENCRYPTED") || pem?.[2]?.includes(":")) {
    throw new Error("the key is protected by a password; remove it with openssl pkcs8 -topk8 -nocrypt");
  }
  return { bytes: base64(pem?.[2] ?? text) };
}

function base64(text: string): Buffer {
  const characters = text.replaceAll(/\s+/g, "").replace(/=+$/, "");
  if (!/^[A-Za-z0-9+/_-]+$/.test(characters))
    throw new Error("expected base64url, base64, PEM, DER in base64, or JWK");
  return Buffer.from(characters, "base64url");
}

/** JSON.parse quotes its input in its errors, and this input is a key. */
function parseJwk(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error("looks like a JWK and is not JSON");
  }
}

function ec(value: unknown): Jwk {
  const jwk = value as Jwk;
  if (jwk.kty === "EC" && jwk.crv === "P-256") return jwk;
  throw new Error('expected a JWK with "kty": "EC" and "crv": "P-256"');
}

function point(jwk: Jwk): Buffer {
  return Buffer.concat([Buffer.of(4), coordinate(jwk.x), coordinate(jwk.y)]);
}

function coordinate(value: unknown): Buffer {
  const bytes = typeof value === "string" ? base64(value) : undefined;
  if (bytes?.length !== 32)
    throw new Error("expected a JWK with x and y, and d if it is the private key, of 32 bytes each");
  return bytes;
}

function fromSpki(der: Buffer): Buffer {
  return point(jwkOf(() => createPublicKey({ key: der, format: "der", type: "spki" }), "public"));
}

function fromPrivateDer(der: Buffer): Buffer {
  const read = (): KeyObject => {
    try {
      return createPrivateKey({ key: der, format: "der", type: "pkcs8" });
    } catch {
      return createPrivateKey({ key: der, format: "der", type: "sec1" });
    }
  };
  return coordinate(jwkOf(read, "private").d);
}

function jwkOf(read: () => KeyObject, half: string): Jwk {
  let key: KeyObject;
  try {
    key = read();
  } catch (cause) {
    throw new Error(`expected a ${half} key as base64url, base64, PEM, DER in base64, or JWK`, { cause });
  }
  if (key.asymmetricKeyDetails?.namedCurve !== "prime256v1")
    throw new Error("expected a key of the curve P-256");
  return { ...key.export({ format: "jwk" }) };
}

/** Throws when the number is no private key of the curve. */
function publicOf(private_key: Buffer): Buffer {
  const ecdh = createECDH("prime256v1");
  ecdh.setPrivateKey(private_key);
  return ecdh.getPublicKey();
}

function attempt<T>(read: () => T): T | Error {
  try {
    return read();
  } catch (error) {
    return error as Error;
  }
}
