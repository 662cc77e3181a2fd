import { createHash, sign } from "node:crypto";
import {
  bodyText,
  type Credential,
  type CredentialSource,
  type HttpResponse,
  type MintContext,
  rawReason,
  retryAfterMs,
  type Verdict,
} from "../../src/provider_kit.js";
import type { TokenSupplier } from "./access_token.js";
import { parseObject } from "./error_body.js";
import type { ServiceAccount } from "./service_account.js";
import type { Recipient } from "./token.js";

/** The least that sending takes (https://firebase.google.com/docs/cloud-messaging/send/v1-api). */
const SCOPE = "https://www.googleapis.com/auth/firebase.messaging";
const RENEW_EARLY_MS = 300_000;
const HOUR_MS = 3_600_000;

/** One token for everything that a sender sends. */
export function createCredential(
  mint: (context: MintContext) => Promise<Credential | Verdict>,
): CredentialSource<Recipient> {
  // The same text for thousands of requests: neither made nor compared by HTTP/2 anew for each.
  let last = { value: "", authorization: "" };
  return {
    scope: () => SCOPE,
    mint: (_scope, context) => mint(context),
    apply: (request, { value }) => {
      if (value !== last.value) last = { value, authorization: `Bearer ${value}` };
      return { ...request, headers: { ...request.headers, authorization: last.authorization } };
    },
  };
}

/** Tokens for a service account: a signed grant (RFC 7523) is exchanged at the token endpoint. */
export function grantMint(account: ServiceAccount, token_endpoint: string) {
  return async ({ now_ms, fetch }: MintContext): Promise<Credential | Verdict> => {
    const response = await fetch({
      method: "POST",
      url: token_endpoint,
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({
        grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
        assertion: signGrant(account, token_endpoint, Math.floor(now_ms / 1000)),
      }).toString(),
    });
    if ("verdict" in response) return response;
    const answer = parseObject(bodyText(response));
    return (response.status === 200 && toCredential(answer, now_ms)) || readRefusal(response, answer, now_ms);
  };
}

/** Tokens from somebody else. Whatever it does, a notification gets its result. */
export function suppliedMint({ name, get }: TokenSupplier) {
  return async ({ now_ms, signal, refused_id }: MintContext): Promise<Credential | Verdict> => {
    const code = "AUTHENTICATION_FAILED";
    try {
      const given = await withinSignal(async () => get(refused_id !== undefined), signal);
      const answer = typeof given === "string" ? { access_token: given } : { ...(given as object | null) };
      const credential = toCredential(answer, now_ms);
      if (credential) return credential;
      const message = `${name} gave neither a token nor { access_token, expires_in }.`;
      return { verdict: "rejected", code, reason: "no access token", message };
    } catch {
      // Its words may hold a secret, and its reason may be gone in a moment.
      if (signal.aborted)
        return { verdict: "retry", code: "TIMEOUT", reason: `${name} did not answer`, scope: "sender" };
      return {
        verdict: "retry",
        code,
        reason: `${name} threw`,
        message: `${name} threw an error.`,
        scope: "sender",
      };
    }
  };
}

/** https://developers.google.com/identity/protocols/oauth2/service-account#authorizingrequests */
function signGrant(account: ServiceAccount, audience: string, iat: number): string {
  const { client_email, private_key, private_key_id } = account;
  const header = {
    alg: "RS256",
    typ: "JWT",
    ...(private_key_id === undefined ? {} : { kid: private_key_id }),
  };
  const claims = { iss: client_email, scope: SCOPE, aud: audience, iat, exp: iat + 3600 };
  const signed = [header, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".");
  return `${signed}.${sign("sha256", Buffer.from(signed), private_key).toString("base64url")}`;
}

/**
 * A token is used until five minutes before its end, one that came with less until its end. When the end is not said,
 * it is asked for again after five minutes. Undefined when there is none that could stand in a header.
 */
function toCredential(
  { access_token, expires_in }: { readonly access_token?: unknown; readonly expires_in?: unknown },
  now_ms: number,
): Credential | undefined {
  const value = typeof access_token === "string" ? access_token.trim() : "";
  if (!/^[\x21-\x7e]+$/.test(value)) return undefined;
  const id = createHash("sha256").update(value).digest("base64url").slice(0, 16);
  const left_ms = Number(expires_in ?? Number.NaN) * 1000;
  if (!Number.isFinite(left_ms)) {
    return { id, value, expires_at_ms: now_ms + HOUR_MS, renew_at_ms: now_ms + RENEW_EARLY_MS };
  }
  const expires_at_ms = now_ms + left_ms;
  return {
    id,
    value,
    expires_at_ms,
    renew_at_ms: left_ms > RENEW_EARLY_MS ? expires_at_ms - RENEW_EARLY_MS : expires_at_ms,
  };
}

/** https://developers.google.com/identity/protocols/oauth2/service-account#error-codes */
function readRefusal(
  { status, headers }: HttpResponse,
  { error, error_description }: Readonly<Record<string, unknown>>,
  now_ms: number,
): Verdict {
  const words = [error, error_description].filter((part) => typeof part === "string").map(rawReason);
  const reason = words.join(": ") || `HTTP ${status}`;
  if (status === 429 || status >= 500 || status === 200) {
    const code = status === 429 ? "RATE_LIMITED" : "SERVICE_UNAVAILABLE";
    const message = "The token endpoint gave no access token; its answer is not final.";
    const retry_after_ms = retryAfterMs(headers["retry-after"], now_ms);
    return { verdict: "retry", code, reason, message, scope: "sender", retry_after_ms };
  }
  const advice =
    error === "invalid_grant"
      ? "check that this machine's clock is right, and that the key was not deleted"
      : "check the account and its project";
  const message = `The token endpoint refused the service account: ${advice}.`;
  return { verdict: "rejected", code: "AUTHENTICATION_FAILED", reason, message };
}

/** Rejects when the signal aborts; what was begun is left to itself. */
function withinSignal<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(new Error("aborted"));
    signal.addEventListener("abort", abort, { once: true });
    work()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener("abort", abort));
    if (signal.aborted) abort();
  });
}
