/** The token endpoint: developers.google.com/identity/protocols/oauth2/service-account#httprest, RFC 7523. */
import { createPublicKey, verify } from "node:crypto";
import type { Project } from "./emulator_account.js";
import { isObject } from "./emulator_proto.js";

/** What the token endpoint refuses with (RFC 6749 section 5.2). */
export interface TokenRefusal {
  readonly status: number;
  readonly error: string;
  readonly description?: string | undefined;
}

/** A signed assertion taken apart; nothing of it is believed yet. */
export interface Assertion {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly signed: string;
  readonly signature: Buffer;
}

export interface GrantRules {
  readonly project: Project;
  /** What an assertion may name as `aud`. */
  readonly audiences: readonly string[];
  readonly now_ms: number;
}

const JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/** How far a sender's clock may be ahead. */
const LEEWAY_SECONDS = 10;

/** The scopes that a form's assertion asks for, or why it gets no token. */
export function judgeGrant(
  form: URLSearchParams,
  assertion: Assertion | undefined,
  { project, audiences, now_ms }: GrantRules,
): readonly string[] | TokenRefusal {
  const grant_type = form.get("grant_type") ?? "";
  if (grant_type !== JWT_BEARER)
    return refuse(400, "unsupported_grant_type", `Invalid grant_type: ${grant_type}`);
  if (!form.get("assertion")) return refuse(400, "invalid_request", "Missing required parameter: assertion");
  if (!assertion) return refuse(400, "invalid_request", "Bad Request");
  const { claims } = assertion;
  const { client_email } = project;
  if (!/^[^@\s]+@[^@\s]+\.gserviceaccount\.com$/.test(String(claims.iss)))
    return refuse(401, "invalid_client", "The OAuth client was not found.");
  if (claims.iss !== client_email) return refuse(400, "invalid_grant", "Invalid grant: account not found");
  if (!isSigned(assertion, project)) return refuse(400, "invalid_grant", "Invalid JWT Signature.");
  if (typeof claims.aud !== "string" || !audiences.includes(claims.aud))
    return refuse(400, "invalid_grant", "Invalid JWT: Failed audience check.");
  if (!isTimely(claims, now_ms)) return refuse(400, "invalid_grant", SHORT_LIVED);
  if (claims.sub !== undefined && claims.sub !== client_email)
    return refuse(401, "unauthorized_client", DELEGATION);
  return readScopes(claims.scope) ?? refuse(400, "invalid_scope", BAD_SCOPE);
}

/** `undefined`: not three parts of base64url, or not JSON. */
export function readAssertion(token: string): Assertion | undefined {
  const parts = token.split(".");
  const [header, claims] = parts.map(readPart);
  if (parts.length !== 3 || !header || !claims) return undefined;
  const at = token.lastIndexOf(".");
  const signature = Buffer.from(token.slice(at + 1), "base64url");
  return { header, claims, signed: token.slice(0, at), signature };
}

const SHORT_LIVED =
  "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.";
const DELEGATION =
  "Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the scopes requested.";
const BAD_SCOPE = "Invalid OAuth scope or ID token audience provided.";

function refuse(status: number, error: string, description: string): TokenRefusal {
  return { status, error, description };
}

function isSigned({ header, signed, signature }: Assertion, { key, private_key_id }: Project): boolean {
  if (header.alg !== "RS256" || (header.kid !== undefined && header.kid !== private_key_id)) return false;
  return verify("sha256", Buffer.from(signed), createPublicKey(key), signature);
}

function isTimely({ iat, exp }: Assertion["claims"], now_ms: number): boolean {
  const now = Math.floor(now_ms / 1000);
  if (typeof iat !== "number" || typeof exp !== "number") return false;
  return iat <= now + LEEWAY_SECONDS && exp > now && exp > iat && exp - iat <= 3600;
}

function readScopes(scope: unknown): readonly string[] | undefined {
  if (typeof scope !== "string" || scope.trim() === "") return undefined;
  const scopes = scope.trim().split(/\s+/);
  const is_known = (one: string) =>
    /^(https:\/\/www\.googleapis\.com\/auth\/[a-z0-9._-]+|openid|email|profile)$/.test(one);
  return scopes.every(is_known) ? scopes : undefined;
}

function readPart(part: string): Record<string, unknown> | undefined {
  if (!/^[A-Za-z0-9_-]+$/.test(part)) return undefined;
  try {
    const value: unknown = JSON.parse(Buffer.from(part, "base64url").toString());
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
