import { X509Certificate } from "node:crypto";
import * as tls from "node:tls";
import type { ClientCertificate } from "../codec.js";
import { DialError } from "./dial.js";

/**
 * What TLS believes, and what it proves itself with: the default certificates and those in `ca` (PEM) count, nothing
 * takes a default one away. Throws when a text of `ca` holds no certificate: TLS itself would ignore it.
 */
export class Trust {
  /** Without a certificate of our own. Made once, because reading 150 certificates takes longer than a handshake. */
  readonly context: tls.SecureContext;
  readonly #ca: readonly string[] | undefined;
  readonly #own = new WeakMap<ClientCertificate, tls.SecureContext>();

  constructor(ca?: string | readonly string[]) {
    const extra = ca === undefined ? undefined : [ca].flat();
    for (const text of extra ?? []) new X509Certificate(text);
    this.#ca = extra && [...defaultCertificates(), ...extra];
    this.context = this.#newContext();
  }

  /** The same trust with a certificate of ours. Throws a {@link DialError} when that cannot be used. */
  contextWith(certificate: ClientCertificate): tls.SecureContext {
    const known = this.#own.get(certificate);
    if (known) return known;
    try {
      const context = this.#newContext(inWordsOfTls(certificate));
      this.#own.set(certificate, context);
      return context;
    } catch {
      // OpenSSL's own words help nobody, and differ from one version to the next.
      throw new DialError("CLIENT_CERTIFICATE_INVALID");
    }
  }

  #newContext(own: tls.SecureContextOptions = {}): tls.SecureContext {
    return tls.createSecureContext(this.#ca ? { ...own, ca: [...this.#ca] } : own);
  }
}

function inWordsOfTls(certificate: ClientCertificate): tls.SecureContextOptions {
  const passphrase = certificate.passphrase === undefined ? {} : { passphrase: certificate.passphrase };
  if ("pfx" in certificate) return { pfx: Buffer.from(certificate.pfx), ...passphrase };
  const { certificate: cert, private_key: key } = certificate;
  // An empty one counts as none for TLS, which would go on without.
  if (cert === "" || key === "") throw new TypeError("the certificate or its key is empty");
  return { cert, key, ...passphrase };
}

/** Since Node 22.15 also those of NODE_EXTRA_CA_CERTS and of the system, where those are in use. */
function defaultCertificates(): readonly string[] {
  const { getCACertificates } = tls as { getCACertificates?: (type: "default") => string[] };
  return getCACertificates?.("default") ?? tls.rootCertificates;
}
