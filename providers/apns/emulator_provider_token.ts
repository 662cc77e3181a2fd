import { type KeyObject, verify } from "node:crypto";

/** A provider token, taken apart; nothing of it is verified. */
export interface ProviderToken {
  /** As it was sent. */
  readonly text: string;
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** What follows `bearer`; `undefined` when there is no such thing. */
export function bearerToken({ authorization = "" }: Readonly<Record<string, string>>): string | undefined {
  return /^bearer +(\S+)$/i.exec(authorization)?.[1];
}

export function readProviderToken(text: string): ProviderToken | undefined {
  const parts = text.split(".");
  if (parts.length !== 3 || !parts.every((part) => /^[A-Za-z0-9_-]+$/.test(part))) return undefined;
  const [header, claims] = parts.slice(0, 2).map(readObject);
  return header && claims && { text, header, claims };
}

/** ES256 in JOSE form: r and s, 32 bytes each (RFC 7518 section 3.4); DER, which most crypto libraries give, is refused. */
export function isSignedBy({ text, header }: ProviderToken, key: KeyObject): boolean {
  const dot = text.lastIndexOf(".");
  const signature = Buffer.from(text.slice(dot + 1), "base64url");
  const raw = { key, dsaEncoding: "ieee-p1363" } as const;
  return header.alg === "ES256" && verify("sha256", Buffer.from(text.slice(0, dot)), raw, signature);
}

function readObject(part: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, "base64url").toString());
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
