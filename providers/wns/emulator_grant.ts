/**
 * How Microsoft answers a request for an access token: login.microsoftonline.com (Entra; "Microsoft identity platform and
 * the OAuth 2.0 client credentials flow", "Microsoft Entra authentication and authorization error codes") and
 * login.live.com ("Push notification service request and response headers", access token request).
 */
import { randomUUID } from "node:crypto";
import type { Answer } from "../../src/testing/kit.js";
import type { WnsFlow } from "./emulator_device.js";

/** The one app that may have tokens, as it is registered with both. */
export interface AppRegistration {
  readonly tenant_id: string;
  readonly client_id: string;
  readonly client_secret: string;
  readonly package_sid: string;
  readonly package_secret: string;
}

export interface GrantRequest {
  readonly method: string;
  readonly path: string;
  /** The body's fields; `undefined` when it is no form. */
  readonly form: URLSearchParams | undefined;
}

/** `error` and `error_description` of OAuth (RFC 6749 section 5.2), and Entra's number. */
export type GrantRefusal = readonly [
  status: number,
  error: string,
  description: string,
  number?: number | undefined,
];

const ENTRA_PATH = /^\/([^/?]+)\/oauth2\/v2\.0\/token$/;

const MISSING = "The request body must contain the following parameter";

export const LEGACY_PATH = "/accesstoken.srf";

/** Whose token endpoint a path is; `undefined` when it is nobody's. */
export function flowOf(path: string): WnsFlow | undefined {
  if (path === LEGACY_PATH) return "legacy";
  return ENTRA_PATH.test(path) ? "entra" : undefined;
}

/** The first reason why there is no token; `undefined` when there is one. */
export function refuseGrant(
  flow: WnsFlow,
  request: GrantRequest,
  app: AppRegistration,
): GrantRefusal | undefined {
  const refusals = flow === "entra" ? refusalsOfEntra(request, app) : refusalsOfLive(request, app);
  for (const refusal of refusals) return refusal;
  return undefined;
}

function* refusalsOfEntra(
  { method, path, form }: GrantRequest,
  app: AppRegistration,
): Generator<GrantRefusal> {
  const [, tenant = ""] = ENTRA_PATH.exec(path) ?? [];
  if (method !== "POST")
    yield bad(
      "invalid_request",
      `The endpoint only accepts POST requests. Received a ${method} request.`,
      900561,
    );
  if (tenant !== app.tenant_id)
    yield bad(
      "invalid_request",
      `Tenant '${tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.`,
      90002,
    );
  for (const name of ["grant_type", "client_id", "scope"])
    if (!form?.get(name)) yield bad("invalid_request", `${MISSING}: '${name}'.`, 900144);
  const { grant_type, client_id, client_secret, scope } = fieldsOf(form);
  // One of Microsoft's samples has a slash at the end.
  const [, resource] = /^(.*)\/\.default\/?$/.exec(scope) ?? [];
  if (grant_type !== "client_credentials")
    yield bad(
      "unsupported_grant_type",
      `The app requested an unsupported grant type '${grant_type}'.`,
      70003,
    );
  if (resource === undefined)
    yield bad(
      "invalid_scope",
      `The provided value for scope ${scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).`,
      1002012,
    );
  if (client_id !== app.client_id)
    yield bad(
      "unauthorized_client",
      `Application with identifier '${client_id}' was not found in the directory '${tenant}'.`,
      700016,
    );
  if (client_secret === "") yield denied(`${MISSING}: 'client_assertion' or 'client_secret'.`, 7000218);
  if (client_secret !== app.client_secret)
    yield denied(
      `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${client_id}'.`,
      7000215,
    );
  if (resource !== "https://wns.windows.com")
    yield bad(
      "invalid_resource",
      `The resource principal named ${resource} was not found in the tenant named ${tenant}.`,
      500011,
    );
}

/** Its texts as observed there, in this and in other flows. */
function* refusalsOfLive({ method, form }: GrantRequest, app: AppRegistration): Generator<GrantRefusal> {
  if (method !== "POST")
    yield bad("invalid_request", "The provided request must be sent using the HTTP 'POST' method.");
  for (const name of ["grant_type", "client_id", "client_secret", "scope"])
    if (!form?.get(name))
      yield bad("invalid_request", `The provided request must include a '${name}' input parameter.`);
  const { grant_type, client_id, client_secret, scope } = fieldsOf(form);
  const wrong = (name: string) => `The provided value for the input parameter '${name}' is not valid.`;
  if (grant_type !== "client_credentials") yield bad("unsupported_grant_type", wrong("grant_type"));
  if (client_id.toLowerCase() !== app.package_sid) yield bad("invalid_client", "Invalid client id");
  if (client_secret !== app.package_secret) yield bad("invalid_client", "Invalid client secret");
  if (scope !== "notify.windows.com") yield bad("invalid_scope", wrong("scope"));
}

function fieldsOf(form: URLSearchParams | undefined) {
  const field = (name: string) => form?.get(name) ?? "";
  return {
    grant_type: field("grant_type"),
    client_id: field("client_id"),
    client_secret: field("client_secret"),
    scope: field("scope"),
  };
}

function bad(error: string, description: string, number?: number): GrantRefusal {
  return [400, error, description, number];
}

function denied(description: string, number: number): GrantRefusal {
  return [401, "invalid_client", description, number];
}

/** A refusal in the form of the flow. */
export function refusalAnswer(
  flow: WnsFlow,
  [status, error, description, number]: GrantRefusal,
  now_ms: number,
): Answer {
  if (flow === "legacy") return json(status, { error, error_description: description });
  const timestamp = `${new Date(now_ms).toISOString().slice(0, 19).replace("T", " ")}Z`;
  const [trace_id, correlation_id] = [randomUUID(), randomUUID()];
  const prefix = number ? `AADSTS${number}: ` : "";
  return json(status, {
    error,
    error_description: `${prefix}${description} Trace ID: ${trace_id} Correlation ID: ${correlation_id} Timestamp: ${timestamp}`,
    error_codes: number ? [number] : [],
    timestamp,
    trace_id,
    correlation_id,
    error_uri: number && `https://login.microsoftonline.com/error?code=${number}`,
  });
}

/** A token in the form of the flow: Entra's numbers are strings. */
export function tokenAnswer(
  flow: WnsFlow,
  access_token: string,
  lifetime_seconds: number,
  now_ms: number,
): Answer {
  if (flow === "legacy")
    return json(200, { token_type: "bearer", access_token, expires_in: lifetime_seconds });
  const not_before = Math.floor(now_ms / 1000);
  return json(200, {
    token_type: "Bearer",
    expires_in: `${lifetime_seconds}`,
    ext_expires_in: `${lifetime_seconds}`,
    expires_on: `${not_before + lifetime_seconds}`,
    not_before: `${not_before}`,
    resource: "https://wns.windows.com",
    access_token,
  });
}

function json(status: number, body: unknown): Answer {
  return {
    status,
    headers: { "content-type": "application/json; charset=utf-8", "cache-control": "no-store" },
    body: JSON.stringify(body),
  };
}
