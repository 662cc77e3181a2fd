import { randomBytes, randomInt, randomUUID } from "node:crypto";
import {
  type Answer,
  type Http1ServiceRules,
  ReceivedLog,
  type ScriptedAnswer,
  type ServedRequest,
  sendsStatus,
} from "../../src/testing/kit.js";
import { withScript } from "./emulator_answer.js";
import type { WnsFaultKind, WnsFlow } from "./emulator_device.js";
import {
  type AppRegistration,
  flowOf,
  type GrantRefusal,
  refusalAnswer,
  refuseGrant,
  tokenAnswer,
} from "./emulator_grant.js";

/** One request for an access token. */
export interface WnsTokenRequest {
  /** Which of Microsoft's token endpoints it was for; absent when the path is neither's. */
  flow?: WnsFlow | undefined;
  method: string;
  path: string;
  /** Lower-case names. */
  headers: Readonly<Record<string, string>>;
  /** The fields of the form, decoded; empty when the body was none. */
  form: Readonly<Record<string, string>>;
  /** What it was answered; absent when a fault swallowed the answer. */
  status?: number | undefined;
  /** OAuth's `error` of the answer. */
  error?: string | undefined;
  /** What happened to the answer. */
  fault?: WnsFaultKind | undefined;
  /** ISO 8601, by the emulator's clock. */
  timestamp: string;
}

/** The two token endpoints: what they ask, what they gave out. */
export class TokenOffice implements Http1ServiceRules {
  readonly app = newApp();
  readonly log = new ReceivedLog<WnsTokenRequest>();
  readonly #issued = new Map<string, { flow: WnsFlow; expires_at_ms: number }>();
  readonly #now: () => number;
  readonly #lifetime_seconds: number | undefined;

  constructor(now: () => number, lifetime_seconds: number | undefined) {
    this.#now = now;
    this.#lifetime_seconds = lifetime_seconds;
  }

  issue(flow: WnsFlow): string {
    const token = flow === "entra" ? newJwt(this.app) : newTicket();
    this.#issued.set(token, { flow, expires_at_ms: this.#now() + this.#lifetimeOf(flow) * 1000 });
    return token;
  }

  /** Whose this access token is; `undefined` when it is nobody's or has expired. */
  senderOf(token: string): WnsFlow | undefined {
    const issued = this.#issued.get(token);
    return issued && this.#now() < issued.expires_at_ms ? issued.flow : undefined;
  }

  identify() {
    return {};
  }

  serve(request: ServedRequest): Answer {
    const { method, path, headers } = request;
    const flow = flowOf(path);
    const form = readForm(request);
    const entry: WnsTokenRequest = {
      flow,
      method,
      path,
      headers,
      form: Object.fromEntries(form ?? []),
      fault: request.fault,
      timestamp: new Date(this.#now()).toISOString(),
    };
    const answer = request.unread ? { status: 0 } : this.#answer(request, entry, flow, form);
    if (!request.fault || sendsStatus(request.fault)) entry.status = answer.status;
    this.log.add(entry);
    return answer;
  }

  #answer(
    { method, path, scripted }: ServedRequest,
    entry: WnsTokenRequest,
    flow: WnsFlow | undefined,
    form: URLSearchParams | undefined,
  ): Answer {
    if (!flow) return withScript({ status: 404 }, scripted);
    const refusal =
      scripted?.status === undefined
        ? refuseGrant(flow, { method, path, form }, this.app)
        : scriptedRefusal(scripted.status, scripted);
    if (refusal && scripted?.body === undefined) entry.error = refusal[1];
    const answer = refusal
      ? refusalAnswer(flow, refusal, this.#now())
      : tokenAnswer(flow, this.issue(flow), this.#lifetimeOf(flow), this.#now());
    return withScript(answer, scripted);
  }

  /** A day; Entra rounds down. */
  #lifetimeOf(flow: WnsFlow): number {
    return this.#lifetime_seconds ?? (flow === "entra" ? 86_399 : 86_400);
  }
}

/** The script's `reason` is OAuth's `error`. */
function scriptedRefusal(status: number, { reason }: ScriptedAnswer): GrantRefusal | undefined {
  if (status < 300) return undefined;
  const usual =
    status === 401 ? "invalid_client" : status < 429 ? "invalid_request" : "temporarily_unavailable";
  return [status, reason ?? usual, "The request was answered by a script."];
}

/** `undefined` when the body is no form, or does not say that it is one. */
function readForm({ headers, body }: ServedRequest): URLSearchParams | undefined {
  const is_form = /^application\/x-www-form-urlencoded *(;|$)/i.test(headers["content-type"] ?? "");
  return is_form ? new URLSearchParams(body.toString()) : undefined;
}

/** Secrets with every character that a form must encode and a careless client does not. */
function newApp(): AppRegistration {
  const sid = Array.from({ length: 7 }, () => randomInt(2 ** 32)).join("-");
  return {
    tenant_id: randomUUID(),
    client_id: randomUUID(),
    client_secret: `${randomBytes(3).toString("hex")}8Q~${randomBytes(24).toString("base64url")}`,
    package_sid: `ms-app://s-1-15-2-${sid}`,
    package_secret: `+${randomBytes(22).toString("base64")}/&=`,
  };
}

/** In the shape of Entra's; WNS alone can read it. */
function newJwt({ tenant_id, client_id }: AppRegistration): string {
  const claims = { aud: "https://wns.windows.com", appid: client_id, tid: tenant_id, uti: randomUUID() };
  const parts = [{ typ: "JWT", alg: "RS256" }, claims].map((part) => Buffer.from(JSON.stringify(part)));
  return [...parts, randomBytes(256)].map((part) => part.toString("base64url")).join(".");
}

/** In the shape of login.live.com's: base64, so with characters that a header takes and a URL does not. */
function newTicket(): string {
  return `EgAcAQMAAAAALYAA+/${randomBytes(120).toString("base64")}`;
}
