import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from "node:crypto";
import { createSecureContext } from "node:tls";
import type { ClientCertificate } from "../../src/provider_kit.js";

/** What is wrong with a credential. Its text holds nothing of it. */
export class KeyProblem extends Error {}

/** The signing key of a `.p8` file: PKCS #8 or SEC 1, on the curve P-256. Throws a {@link KeyProblem}. */
export function readSigningKey(text: string): KeyObject {
  const key = readPrivateKey(text, "of the .p8 file; for the file's path use auth_key_path");
  if (key.asymmetricKeyDetails?.namedCurve !== "prime256v1") {
    throw new KeyProblem("expected an EC key of the curve P-256, as in the .p8 file from Apple");
  }
  return key;
}

/** A certificate and its key as PEM. Throws a {@link KeyProblem}. */
export function readCertificate(text: string): X509Certificate {
  const pem = unescaped(text);
  if (!pem.includes("-----BEGIN CERTIFICATE-----")) {
    throw new KeyProblem("expected the text of a certificate, -----BEGIN CERTIFICATE-----");
  }
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw new KeyProblem("is not a readable certificate", { cause });
  }
}

/** The private key in a PEM text. Throws a {@link KeyProblem}. */
export function readPrivateKey(text: string, whose: string, passphrase?: string): KeyObject {
  const pem = unescaped(text);
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem)) {
    throw new KeyProblem(`expected the text ${whose}: -----BEGIN PRIVATE KEY-----`);
  }
  try {
    return createPrivateKey({ key: pem, ...(passphrase === undefined ? {} : { passphrase }) });
  } catch (cause) {
    throw new KeyProblem(
      /-----BEGIN ENCRYPTED|Proc-Type: 4,ENCRYPTED/.test(pem)
        ? "is protected by a password, which was not given or is another; openssl pkcs8 -topk8 -nocrypt removes it"
        : "is not a readable private key",
      { cause },
    );
  }
}

/** Checks that certificate and key can be used together now. Throws a {@link KeyProblem}. */
export function checkPair(certificate: X509Certificate, key: KeyObject, now_ms: number): void {
  if (!certificate.checkPrivateKey(key)) throw new KeyProblem("is not the certificate of private_key");
  if (Date.parse(certificate.validTo) <= now_ms) throw new KeyProblem(`expired on ${certificate.validTo}`);
}

/** A PKCS #12 archive, bytes or base64, as TLS can use it. Throws a {@link KeyProblem}. */
export function readPfx(pfx: string | Uint8Array, passphrase: string | undefined): ClientCertificate {
  const bytes = typeof pfx === "string" ? fromBase64(pfx) : pfx;
  const archive = { pfx: bytes, ...(passphrase === undefined ? {} : { passphrase }) };
  try {
    createSecureContext({ ...archive, pfx: Buffer.from(bytes) });
  } catch (cause) {
    throw new KeyProblem(describePfx(cause as Error), { cause });
  }
  return archive;
}

/** A name for a key that is not a secret: the public half. */
export function publicName(key: KeyObject): string {
  return createPublicKey(key).export({ format: "der", type: "spki" }).toString("base64url");
}

/** A newline in an environment variable often arrives as backslash and n. */
export function unescaped(text: string): string {
  return text.replaceAll("\\n", "\n").trim();
}

/** Keychain Access and older tools encrypt with RC2, which OpenSSL 3 keeps in its legacy provider, out of Node's reach. */
const CONVERSION =
  "openssl pkcs12 -legacy -in old.p12 -nodes -out apns.pem && openssl pkcs12 -export -in apns.pem -out new.p12";

function describePfx({ message }: Error): string {
  if (/unsupported/i.test(message)) {
    return `is encrypted in an old way that Node cannot read; convert it: ${CONVERSION}`;
  }
  if (/mac verify failure/i.test(message)) return "passphrase does not open it";
  if (/private key/i.test(message)) return "holds no private key; export it together with its certificate";
  return "is not a readable PKCS #12 archive (.p12, .pfx)";
}

function fromBase64(text: string): Buffer {
  const characters = text.replaceAll(/\s+/g, "");
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(characters)) {
    throw new KeyProblem("expected the bytes of a .p12 or .pfx file, as a Buffer or as base64 text");
  }
  return Buffer.from(characters, "base64");
}
