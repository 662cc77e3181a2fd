import { X509Certificate } from "node:crypto";
import * as tls from "node:tls";

/**
 * The default certificates and those in `ca` (PEM); nothing takes a default one away. Throws when a text of `ca` holds
 * no certificate: TLS itself would ignore it. Made once per transport, because reading 150 certificates takes longer
 * than a handshake.
 */
export function trust(ca?: string | readonly string[]): tls.SecureContext {
  if (ca === undefined) return tls.createSecureContext();
  const extra = [ca].flat();
  for (const text of extra) new X509Certificate(text);
  return tls.createSecureContext({ ca: [...defaultCertificates(), ...extra] });
}

/** Since Node 22.15 also those of NODE_EXTRA_CA_CERTS and of the system, where those are in use. */
function defaultCertificates(): readonly string[] {
  const { getCACertificates } = tls as { getCACertificates?: (type: "default") => string[] };
  return getCACertificates?.("default") ?? tls.rootCertificates;
}
