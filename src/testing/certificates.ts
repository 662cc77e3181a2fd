import { generateKeyPair, randomBytes } from "node:crypto";
import { promisify } from "node:util";
import forge from "node-forge";

/** PEM texts. The authority's own private key is not among them: nobody can sign a second certificate. */
export interface ServerCertificate {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

let certificate: Promise<ServerCertificate> | undefined;

/**
 * A certificate for localhost, 127.0.0.1 and ::1 from an authority made for this process alone. It is made once and
 * shared by all emulators of the process; nothing is written to disk.
 */
export function serverCertificate(): Promise<ServerCertificate> {
  certificate ??= issue();
  return certificate;
}

const AUTHORITY = [{ name: "commonName", value: "pushmux testing authority" }];
const SERVER = [{ name: "commonName", value: "localhost" }];
const DAY_MS = 86_400_000;

async function issue(): Promise<ServerCertificate> {
  const [authority, server] = await Promise.all([rsaKey(), rsaKey()]);
  const ca = forge.pki.createCertificate();
  fill(ca, authority, AUTHORITY);
  ca.setExtensions([
    { name: "basicConstraints", critical: true, cA: true },
    { name: "keyUsage", critical: true, keyCertSign: true, cRLSign: true },
    { name: "subjectKeyIdentifier" },
  ]);
  ca.sign(authority.private_key, forge.md.sha256.create());

  const leaf = forge.pki.createCertificate();
  fill(leaf, server, SERVER);
  leaf.setExtensions([
    { name: "basicConstraints", critical: true, cA: false },
    { name: "keyUsage", critical: true, digitalSignature: true, keyEncipherment: true },
    { name: "extKeyUsage", serverAuth: true },
    { name: "subjectKeyIdentifier" },
    { name: "authorityKeyIdentifier", keyIdentifier: ca.generateSubjectKeyIdentifier().getBytes() },
    {
      name: "subjectAltName",
      altNames: [
        { type: 2, value: "localhost" },
        { type: 7, ip: "127.0.0.1" },
        { type: 7, ip: "::1" },
      ],
    },
  ]);
  leaf.sign(authority.private_key, forge.md.sha256.create());
  return { ca: forge.pki.certificateToPem(ca), cert: forge.pki.certificateToPem(leaf), key: server.pem };
}

interface RsaKey {
  pem: string;
  public_key: forge.pki.rsa.PublicKey;
  private_key: forge.pki.rsa.PrivateKey;
}

/** By node:crypto, off the main thread; forge's own generation takes seconds. */
async function rsaKey(): Promise<RsaKey> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  return {
    pem: privateKey,
    public_key: forge.pki.publicKeyFromPem(publicKey),
    private_key: forge.pki.privateKeyFromPem(privateKey),
  };
}

function fill(made: forge.pki.Certificate, key: RsaKey, subject: forge.pki.CertificateField[]): void {
  made.publicKey = key.public_key;
  // A leading 0 bit keeps the DER integer positive.
  made.serialNumber = `0${randomBytes(16).toString("hex").slice(1)}`;
  made.validity.notBefore = new Date(Date.now() - DAY_MS);
  made.validity.notAfter = new Date(Date.now() + 365 * DAY_MS);
  made.setSubject(subject);
  made.setIssuer(AUTHORITY);
}
