import { createPublicKey, type KeyObject, verify } from "node:crypto";
import { headerField } from "./decrypt.js";
import type { Refusal } from "./emulator_words.js";

export interface VapidRules {
  readonly schemes: readonly string[];
  /** The origin of the endpoint, with its port. */
  readonly audience: string;
  readonly now_ms: number;
  /** The key that the subscription is bound to, 65 bytes. */
  readonly bound_key: Uint8Array;
  /** The token counts as expired. */
  readonly expired: boolean;
}

type Headers = Readonly<Record<string, string>>;

interface Jwt {
  readonly header: Record<string, unknown>;
  readonly claims: Record<string, unknown>;
  readonly signed: string;
  readonly signature: Buffer;
}

/** RFC 8292, and what each service makes of it. `undefined`: the sender may push to this subscription. */
export function checkVapid(headers: Headers, rules: VapidRules): Refusal | undefined {
  if (headers.authorization === undefined) return "authorization_missing";
  const { scheme, token, key: key_text } = readAuthorization(headers);
  if (!rules.schemes.includes(scheme)) return "authorization_scheme";
  if (!token) return "token_missing";
  if (!key_text) return "key_missing";
  const point = decode(key_text);
  const key = point && publicKey(point);
  if (!key) return "key_invalid";
  const jwt = readJwt(token);
  if (!jwt) return "jwt_malformed";
  const refusal = checkJwt(jwt, key, rules);
  if (refusal) return refusal;
  if (!point.equals(rules.bound_key)) return "key_mismatch";
  return isReachable(jwt.claims.sub) ? undefined : "sub_unreachable";
}

/** The token as it was sent, to tell one from another. */
export function vapidToken(headers: Headers): string | undefined {
  return readAuthorization(headers).token;
}

/** What was signed, whether or not the signature holds. */
export function vapidClaims(headers: Headers): Record<string, unknown> | undefined {
  return readJwt(readAuthorization(headers).token ?? "")?.claims;
}

function checkJwt(
  { header, claims, signed, signature }: Jwt,
  key: KeyObject,
  rules: VapidRules,
): Refusal | undefined {
  if (header.alg !== "ES256" || (header.typ !== undefined && header.typ !== "JWT")) return "jwt_algorithm";
  // JWS signatures are r and s, 32 bytes each (RFC 7518 section 3.4); DER, which most crypto libraries give, is refused.
  const raw = { key, dsaEncoding: "ieee-p1363" } as const;
  if (!verify("sha256", Buffer.from(signed), raw, signature)) return "signature";
  const now = Math.floor(rules.now_ms / 1000);
  if (typeof claims.exp !== "number") return "exp_missing";
  if (claims.exp <= now || rules.expired) return "exp_past";
  if (claims.exp > now + 86_400) return "exp_too_far";
  if (claims.aud === undefined) return "aud_missing";
  return claims.aud === rules.audience ? undefined : "aud_wrong";
}

/** A `sub` at which somebody can be reached: a mailto or https URL with a public host name in it. Only Apple insists. */
function isReachable(sub: unknown): boolean {
  const host = typeof sub === "string" ? hostOf(sub) : undefined;
  return (
    host !== undefined &&
    /\.[a-z][a-z0-9-]+$/i.test(host) &&
    !/\.(local|localhost|internal|invalid|test)$/i.test(host)
  );
}

function hostOf(sub: string): string | undefined {
  const mailbox = /^mailto:[^@\s]+@([^@\s?]+)$/.exec(sub)?.[1];
  if (mailbox !== undefined) return mailbox;
  return sub.startsWith("https://") && URL.canParse(sub) ? new URL(sub).hostname : undefined;
}

function readAuthorization(headers: Headers): {
  scheme: string;
  token?: string | undefined;
  key?: string | undefined;
} {
  const [, scheme = "", rest = ""] = /^(\S+)\s*(.*)$/s.exec(headers.authorization ?? "") ?? [];
  if (scheme.toLowerCase() !== "vapid") {
    return {
      scheme: scheme.toLowerCase(),
      token: rest,
      key: headerField(headers["crypto-key"], "p256ecdsa"),
    };
  }
  const parameters = new Map(rest.split(",").map((pair) => split(pair.trim())));
  return { scheme: "vapid", token: parameters.get("t"), key: parameters.get("k") };
}

function split(pair: string): [string, string] {
  const equals = pair.indexOf("=");
  return equals < 0 ? [pair, ""] : [pair.slice(0, equals), pair.slice(equals + 1)];
}

function readJwt(token: string): Jwt | undefined {
  const parts = token.split(".");
  const [header, claims, signature] = parts.map(decode);
  if (parts.length !== 3 || !header || !claims || !signature) return undefined;
  const header_json = readObject(header);
  const claims_json = readObject(claims);
  if (!header_json || !claims_json) return undefined;
  return {
    header: header_json,
    claims: claims_json,
    signed: token.slice(0, token.lastIndexOf(".")),
    signature,
  };
}

function readObject(bytes: Buffer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString());
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/** Base64url without padding, nothing else. */
function decode(text: string): Buffer | undefined {
  return /^[A-Za-z0-9_-]+$/.test(text) ? Buffer.from(text, "base64url") : undefined;
}

function publicKey(point: Buffer): KeyObject | undefined {
  if (point.length !== 65 || point[0] !== 4) return undefined;
  const x = point.subarray(1, 33).toString("base64url");
  const y = point.subarray(33).toString("base64url");
  try {
    // Refuses a point that is not on the curve.
    return createPublicKey({ format: "jwk", key: { kty: "EC", crv: "P-256", x, y } });
  } catch {
    return undefined;
  }
}
