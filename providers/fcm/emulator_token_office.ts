import { type HttpServiceRules, ReceivedLog, sendsStatus } from "../../src/testing/kit.js";
import { MESSAGING_SCOPE } from "./emulator_access.js";
import type { AccessTokens, Project } from "./emulator_account.js";
import type { FcmFaultKind } from "./emulator_device.js";
import { type Assertion, judgeGrant, readAssertion, type TokenRefusal } from "./emulator_oauth.js";
import { type FcmScriptedAnswer, isScripted, overlay } from "./emulator_reasons.js";
import type { Request } from "./emulator_verdict.js";
import { jsonReply, methodUnknown, pathUnknown, type Reply } from "./emulator_words.js";

/** Google's client libraries name it as `aud` wherever they send the assertion. */
const GOOGLE_TOKEN_URI = "https://oauth2.googleapis.com/token";

/** One request for an access token. */
export interface FcmTokenRequest {
  method: string;
  path: string;
  http_version: "1.1" | "2";
  headers: Readonly<Record<string, string>>;
  grant_type?: string | undefined;
  /** Of the assertion, whether or not its signature holds. */
  claims?: Readonly<Record<string, unknown>> | undefined;
  /** What it was answered; absent when a fault swallowed the answer. */
  status?: number | undefined;
  /** The OAuth error when it was refused. */
  reason?: string | undefined;
  /** Its description. */
  error?: string | undefined;
  fault?: FcmFaultKind | undefined;
  /** ISO 8601, by the emulator's clock. */
  timestamp: string;
}

export interface TokenOfficeOptions {
  readonly project: Project;
  readonly tokens: AccessTokens;
  readonly access_token_seconds: number;
  readonly now: () => number;
}

/** The token endpoint, behind its socket. */
export class TokenOffice implements HttpServiceRules {
  readonly log = new ReceivedLog<FcmTokenRequest>();
  readonly #options: TokenOfficeOptions;

  constructor(options: TokenOfficeOptions) {
    this.#options = options;
  }

  identify(): Record<string, never> {
    return {};
  }

  serve(request: Request): Reply {
    const { method, path, headers, connection, fault } = request;
    const form = new URLSearchParams(isForm(request) ? request.body.toString() : "");
    const assertion = readAssertion(form.get("assertion") ?? "");
    const { status, ...reply } = request.unread ? { status: 0 } : this.#answer(request, form, assertion);
    this.log.add({
      method,
      path,
      http_version: connection.http_version,
      headers,
      grant_type: form.get("grant_type") ?? undefined,
      claims: assertion?.claims,
      status: fault === undefined || sendsStatus(fault) ? status : undefined,
      reason: reply.reason,
      error: reply.error,
      fault,
      timestamp: new Date(this.#options.now()).toISOString(),
    });
    return { status, ...reply };
  }

  #answer(request: Request, form: URLSearchParams, assertion: Assertion | undefined): Reply {
    const scripted: FcmScriptedAnswer = request.scripted ?? {};
    const reply = isScripted(scripted) ? this.#scripted(scripted) : this.#verdict(request, form, assertion);
    return overlay(reply, scripted);
  }

  #scripted({ status = 400, reason, message }: FcmScriptedAnswer): Reply {
    if (status < 300) return this.#issue([MESSAGING_SCOPE]);
    return refuse({ status, error: reason ?? USUAL[status] ?? "internal_failure", description: message });
  }

  #verdict(request: Request, form: URLSearchParams, assertion: Assertion | undefined): Reply {
    const { origin, path, method } = request;
    if (path !== "/token") return pathUnknown(path);
    if (method !== "POST") return methodUnknown(method, "POST");
    const { project, now } = this.#options;
    const audiences = [`${origin}/token`, GOOGLE_TOKEN_URI];
    const granted = judgeGrant(form, assertion, { project, audiences, now_ms: now() });
    return "error" in granted ? refuse(granted) : this.#issue(granted);
  }

  #issue(scopes: readonly string[]): Reply {
    const { tokens, access_token_seconds } = this.#options;
    const access_token = tokens.issue(scopes, access_token_seconds);
    return jsonReply(200, { access_token, expires_in: access_token_seconds, token_type: "Bearer" });
  }
}

/** The errors of statuses that a script gives alone. */
const USUAL: Readonly<Record<number, string>> = {
  400: "invalid_grant",
  401: "invalid_client",
  403: "access_denied",
  429: "rate_limit_exceeded",
  503: "temporarily_unavailable",
};

function refuse({ status, error, description }: TokenRefusal): Reply {
  const body = { error, ...(description === undefined ? {} : { error_description: description }) };
  return { ...jsonReply(status, body), reason: error, error: description };
}

function isForm({ headers }: Request): boolean {
  return /^application\/x-www-form-urlencoded\s*(;|$)/i.test(headers["content-type"] ?? "");
}
