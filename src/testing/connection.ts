import type { X509Certificate } from "node:crypto";

export interface ClientCertificate {
  readonly certificate: X509Certificate;
  /** Issued by the emulators' own authority. */
  readonly trusted: boolean;
}

/** A client's connection, as a service's rules see it. */
export interface HttpConnection {
  /** 1, 2, … in the order in which they were opened. */
  readonly id: number;
  readonly http_version: "1.1" | "2";
  /** Absent when the client showed none, or was not asked for one. */
  readonly client_certificate: ClientCertificate | undefined;
  /** How many streams the client may have open from now on (RFC 9113 section 6.5.2); without effect over HTTP/1.1. */
  limitStreams(count: number): void;
}
