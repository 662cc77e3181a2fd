import { createHash } from "node:crypto";
import {
  bodyText,
  type Credential,
  type CredentialSource,
  type HttpResponse,
  type MintContext,
  type Rejected,
  type Retry,
  retryAfterMs,
} from "../../src/provider_kit.js";
import type { Channel } from "./channel.js";
import type { Flow, GetAccessToken } from "./flow.js";

const EARLY_MS = 5 * 60_000;

/** Bearer tokens for all channels of the sender: one form post (RFC 6749, section 4.4), or the application's own function. */
export function createCredentials(flow: Flow): CredentialSource<Channel> {
  // The same text for thousands of requests: not made anew for each.
  let last = { value: "", authorization: "" };
  return {
    scope: () => "wns",
    mint: (_scope, context) =>
      flow.kind === "form" ? fetchToken(flow, context) : askForToken(flow.get_access_token, context),
    apply: (request, { value }) => {
      if (value !== last.value) last = { value, authorization: `Bearer ${value}` };
      return { ...request, headers: { ...request.headers, authorization: last.authorization } };
    },
  };
}

type Minted = Credential | Rejected | Retry;

async function fetchToken(
  { endpoint, form }: Flow & { kind: "form" },
  context: MintContext,
): Promise<Minted> {
  const answer = await context.fetch({
    method: "POST",
    url: endpoint,
    headers: { "content-type": "application/x-www-form-urlencoded", accept: "application/json" },
    body: new URLSearchParams(form).toString(),
  });
  if ("verdict" in answer) return { ...answer, message: "The token endpoint could not be reached." };
  const fields = parseObject(bodyText(answer));
  if (answer.status !== 200) return refusal(answer, fields, context.now_ms);
  return (
    toCredential(fields.access_token, fields.expires_in, context.now_ms) ??
    rejected("UNKNOWN_RESPONSE", "no access_token", "The token endpoint answered without an access token.")
  );
}

/** Whatever the function does, it is an answer: it may throw, and it may never end. */
async function askForToken(
  get_access_token: GetAccessToken,
  { now_ms, signal }: MintContext,
): Promise<Minted> {
  try {
    const given: unknown = await beforeAbort(get_access_token, signal);
    const { access_token, expires_in }: TokenFields =
      typeof given === "string" ? { access_token: given } : { ...(given as TokenFields) };
    return (
      toCredential(access_token, expires_in, now_ms) ??
      rejected("AUTHENTICATION_FAILED", "get_access_token gave none", NO_TOKEN)
    );
  } catch {
    if (!signal.aborted) return rejected("AUTHENTICATION_FAILED", "get_access_token threw", NO_TOKEN);
    const reason = "get_access_token took too long";
    return { verdict: "retry", code: "TIMEOUT", reason, scope: "sender", message: NO_TOKEN };
  }
}

const NO_TOKEN = "The config's get_access_token gave no access token.";

interface TokenFields {
  readonly access_token?: unknown;
  readonly expires_in?: unknown;
}

function beforeAbort<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    Promise.resolve().then(ask).then(resolve, reject);
  });
}

/**
 * Entra ID writes its numbers as text. Where no lifetime is told (by a bare string) it is taken for short; if it is shorter
 * still, WNS refuses the token and a new one is asked for.
 */
function toCredential(token: unknown, expires_in: unknown, now_ms: number): Credential | undefined {
  if (typeof token !== "string" || !/^[\x21-\x7e]+$/.test(token)) return undefined;
  const seconds = typeof expires_in === "string" ? Number(expires_in) : expires_in;
  const lifetime_ms = isLifetime(seconds) ? seconds * 1000 : 2 * EARLY_MS;
  const expires_at_ms = now_ms + lifetime_ms;
  return {
    id: createHash("sha256").update(token).digest("hex").slice(0, 16),
    value: token,
    expires_at_ms,
    renew_at_ms: Math.max(expires_at_ms - EARLY_MS, now_ms + lifetime_ms / 2),
  };
}

function isLifetime(seconds: unknown): seconds is number {
  return typeof seconds === "number" && seconds > 0 && Number.isFinite(seconds);
}

/** What an administrator has to do about it: https://learn.microsoft.com/entra/identity-platform/reference-error-codes */
const ENTRA: Readonly<Record<string, string>> = {
  AADSTS7000215: "client_secret is wrong (it is the secret's value, not its id).",
  AADSTS7000222: "client_secret has expired; make a new one.",
  AADSTS700016: "client_id is no application of this tenant_id.",
  AADSTS90002: "tenant_id is unknown.",
};

function refusal({ status, headers }: HttpResponse, fields: OAuthError, now_ms: number): Rejected | Retry {
  const error = word(fields.error);
  const { error_description: words } = fields;
  const entra = typeof words === "string" ? /AADSTS\d{1,12}/.exec(words)?.[0] : undefined;
  const reason = [error, entra].filter(Boolean).join(" ") || `HTTP ${status}`;
  const code = status === 429 ? "RATE_LIMITED" : "SERVICE_UNAVAILABLE";
  if (status === 408 || status === 429 || status >= 500 || error === "temporarily_unavailable") {
    const message = "The token endpoint could not give an access token now.";
    const retry_after_ms = retryAfterMs(headers["retry-after"], now_ms);
    return { verdict: "retry", code, reason, scope: "sender", message, retry_after_ms };
  }
  if (status < 400) {
    return rejected("UNKNOWN_RESPONSE", reason, "The token endpoint gave an answer that is not documented.");
  }
  const known = entra === undefined ? undefined : ENTRA[entra];
  return rejected(
    "AUTHENTICATION_FAILED",
    reason,
    `The token endpoint refused the sender${known ? `: ${known}` : "."}`,
  );
}

interface OAuthError {
  readonly error?: unknown;
  readonly error_description?: unknown;
}

/** RFC 6749, section 5.2: a short code; whatever else stands there is not repeated. */
function word(error: unknown): string | undefined {
  return typeof error === "string" && /^[a-z_]{1,60}$/.test(error) ? error : undefined;
}

function rejected(code: Rejected["code"], reason: string, message: string): Rejected {
  return { verdict: "rejected", code, reason, message };
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    return { ...JSON.parse(text) };
  } catch {
    return {};
  }
}
