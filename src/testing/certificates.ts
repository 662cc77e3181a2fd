import { generateKeyPair, randomBytes, type X509Certificate } from "node:crypto";
import { promisify } from "node:util";
import forge from "node-forge";

/** PEM texts. The authority's own private key is not among them: it stays here. */
export interface ServerCertificate {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** What a client shows to an emulator, PEM. */
export interface IssuedCertificate {
  readonly certificate: string;
  readonly private_key: string;
}

export interface ClientCertificateOptions {
  /** Object identifiers and their values, in order. */
  readonly subject: Readonly<Record<string, string>>;
  /** Object identifiers and their values, DER. */
  readonly extensions?: Readonly<Record<string, Uint8Array>>;
  /** Signed by its own key instead of the emulators' authority, so that no emulator trusts it. Default false. */
  readonly self_signed?: boolean;
}

/**
 * A certificate for `host`, localhost, 127.0.0.1 and ::1 from an authority made for this process alone. It is made once and
 * shared by all emulators of the process; nothing is written to disk.
 */
export function serverCertificate(host = "localhost"): Promise<ServerCertificate> {
  const made = servers.get(host) ?? issueServerCertificate(host);
  servers.set(host, made);
  return made;
}

/** A certificate for TLS clients. All of them share one key. */
export async function issueClientCertificate(options: ClientCertificateOptions): Promise<IssuedCertificate> {
  const { subject, extensions = {}, self_signed = false } = options;
  client_key ??= rsaKey();
  const [key, issuer] = await Promise.all([client_key, issuingAuthority()]);
  const made = forge.pki.createCertificate();
  const name = Object.entries(subject).map(([type, value]) => ({ type, value }));
  fill(made, key, name, self_signed ? name : AUTHORITY);
  made.setExtensions([
    { name: "basicConstraints", critical: true, cA: false },
    { name: "keyUsage", critical: true, digitalSignature: true },
    { name: "extKeyUsage", clientAuth: true },
    ...Object.entries(extensions).map(([id, der]) => ({ id, value: Buffer.from(der).toString("latin1") })),
  ]);
  made.sign(self_signed ? key.private_key : issuer.key.private_key, forge.md.sha256.create());
  return { certificate: forge.pki.certificateToPem(made), private_key: key.pem };
}

/** The value of an extension, DER; `undefined` when the certificate has none of that kind. For RSA keys only. */
export function readExtension({ raw }: X509Certificate, id: string): Buffer | undefined {
  const { extensions } = forge.pki.certificateFromAsn1(forge.asn1.fromDer(raw.toString("latin1")));
  const extension = extensions.find((one: { id: string; value: string }) => one.id === id);
  return extension && Buffer.from(extension.value, "latin1");
}

interface Authority {
  readonly certificate: forge.pki.Certificate;
  readonly key: RsaKey;
}

const servers = new Map<string, Promise<ServerCertificate>>();
let authority: Promise<Authority> | undefined;
let client_key: Promise<RsaKey> | undefined;

const AUTHORITY = [{ name: "commonName", value: "pushmux testing authority" }];
const DAY_MS = 86_400_000;

function issuingAuthority(): Promise<Authority> {
  authority ??= createAuthority();
  return authority;
}

async function createAuthority(): Promise<Authority> {
  const key = await rsaKey();
  const certificate = forge.pki.createCertificate();
  fill(certificate, key, AUTHORITY, AUTHORITY);
  certificate.setExtensions([
    { name: "basicConstraints", critical: true, cA: true },
    { name: "keyUsage", critical: true, keyCertSign: true, cRLSign: true },
    { name: "subjectKeyIdentifier" },
  ]);
  certificate.sign(key.private_key, forge.md.sha256.create());
  return { certificate, key };
}

async function issueServerCertificate(host: string): Promise<ServerCertificate> {
  const [{ certificate, key: issuer }, key] = await Promise.all([issuingAuthority(), rsaKey()]);
  const leaf = forge.pki.createCertificate();
  fill(leaf, key, [{ name: "commonName", value: host }], AUTHORITY);
  leaf.setExtensions([
    { name: "basicConstraints", critical: true, cA: false },
    { name: "keyUsage", critical: true, digitalSignature: true, keyEncipherment: true },
    { name: "extKeyUsage", serverAuth: true },
    { name: "subjectKeyIdentifier" },
    {
      name: "authorityKeyIdentifier",
      keyIdentifier: certificate.generateSubjectKeyIdentifier().getBytes(),
    },
    {
      name: "subjectAltName",
      altNames: [
        ...[...new Set([host, "localhost"])].map((value) => ({ type: 2, value })),
        { type: 7, ip: "127.0.0.1" },
        { type: 7, ip: "::1" },
      ],
    },
  ]);
  leaf.sign(issuer.private_key, forge.md.sha256.create());
  return {
    ca: forge.pki.certificateToPem(certificate),
    cert: forge.pki.certificateToPem(leaf),
    key: key.pem,
  };
}

interface RsaKey {
  readonly pem: string;
  readonly public_key: forge.pki.rsa.PublicKey;
  readonly private_key: forge.pki.rsa.PrivateKey;
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

function fill(
  made: forge.pki.Certificate,
  key: RsaKey,
  subject: forge.pki.CertificateField[],
  issuer: forge.pki.CertificateField[],
): void {
  made.publicKey = key.public_key;
  // As a DER integer it must be neither negative nor padded with zeros, whatever comes after the 4.
  made.serialNumber = `4${randomBytes(16).toString("hex").slice(1)}`;
  made.validity.notBefore = new Date(Date.now() - DAY_MS);
  made.validity.notAfter = new Date(Date.now() + 365 * DAY_MS);
  made.setSubject(subject);
  made.setIssuer(issuer);
}
