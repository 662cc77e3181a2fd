import { sign } from "node:crypto";
import type { FcmDevice, FcmService } from "../../../src/testing/index.js";
import { type Reply, request } from "../../testing/client.js";
import { connectHttp2 } from "../../testing/http2_client.js";

type Json = Record<string, unknown>;

/** A request that the service takes, laid open so that a test can spoil one thing of it. */
export interface Push {
  method: string;
  path: string;
  headers: Record<string, string>;
  validate_only?: unknown;
  message: Json;
  /** In place of the JSON of the two above. */
  body?: string;
}

/** An answer with what its JSON says; `violations` are those of its BadRequest. */
export interface Answer extends Pick<Reply, "status" | "headers" | "text"> {
  json: Json;
  message?: string;
  google_status?: string;
  /** By the last part of their `@type`. */
  details: Record<string, Json>;
}

export function goodPush(service: FcmService, device: FcmDevice, message: Json = {}): Push {
  return {
    method: "POST",
    path: `/v1/projects/${service.config.project_id}/messages:send`,
    headers: {
      authorization: `Bearer ${service.createAccessToken()}`,
      "content-type": "application/json",
    },
    message: { token: device.device_token, notification: { title: "Hi" }, ...message },
  };
}

export async function send(service: FcmService, push: Push): Promise<Answer> {
  const { method, path, headers } = push;
  const body = /^(GET|DELETE)$/.test(method) ? undefined : Buffer.from(bodyOf(push));
  const url = service.origin + path;
  return read(await request({ url, ca: service.ca, method, headers, ...(body ? { body } : {}) }));
}

export async function sendHttp2(service: FcmService, push: Push): Promise<Answer> {
  await using client = await connectHttp2(service.origin, service.ca);
  const { method, path, headers } = push;
  const {
    status = 0,
    text,
    headers: answered,
  } = await client.send({ method, path, headers, body: bodyOf(push) });
  return read({ status, text, headers: answered });
}

/** Sends a message; other members of the request stand beside it. */
export function sendMessage(service: FcmService, device: FcmDevice, message: Json = {}): Promise<Answer> {
  return send(service, goodPush(service, device, message));
}

/** Any other request to the same origin, with an access token and JSON. */
export function call(
  service: FcmService,
  method: string,
  path: string,
  json?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const authorization = `Bearer ${service.createAccessToken()}`;
  const typed = json === undefined ? {} : { "content-type": "application/json" };
  const body = json === undefined ? undefined : Buffer.from(JSON.stringify(json));
  const sent = {
    url: service.origin + path,
    ca: service.ca,
    method,
    headers: { authorization, ...typed, ...headers },
  };
  return request({ ...sent, ...(body ? { body } : {}) }).then(read);
}

export function bodyOf({ body, validate_only, message }: Push): string {
  return body ?? JSON.stringify({ ...(validate_only === undefined ? {} : { validate_only }), message });
}

/** A grant that the token endpoint takes, laid open likewise. */
export interface Grant {
  method: string;
  url: string;
  content_type: string;
  jwt_header: Json;
  claims: Json;
  private_key: string;
  form: Record<string, string>;
  /** What becomes of the signed assertion. */
  assertion: (signed: string) => string;
}

export function goodGrant(service: FcmService, now_ms = Date.now()): Grant {
  const { service_account, token_endpoint } = service.config;
  const iat = Math.floor(now_ms / 1000);
  return {
    method: "POST",
    url: token_endpoint,
    content_type: "application/x-www-form-urlencoded",
    jwt_header: { alg: "RS256", typ: "JWT", kid: service_account.private_key_id },
    claims: {
      iss: service_account.client_email,
      aud: token_endpoint,
      scope: "https://www.googleapis.com/auth/firebase.messaging",
      iat,
      exp: iat + 3600,
    },
    private_key: service_account.private_key,
    form: { grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer" },
    assertion: (signed) => signed,
  };
}

export async function ask(service: FcmService, grant: Grant): Promise<Answer> {
  const form = new URLSearchParams({ assertion: grant.assertion(signed(grant)), ...grant.form });
  for (const [name, value] of [...form]) if (value === "") form.delete(name);
  const { url, method, content_type } = grant;
  const body = method === "GET" ? {} : { body: Buffer.from(form.toString()) };
  return read(
    await request({ url, ca: service.ca, method, headers: { "content-type": content_type }, ...body }),
  );
}

export function signed({ jwt_header, claims, private_key }: Grant): string {
  const parts = [jwt_header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"));
  const text = parts.join(".");
  return `${text}.${sign("sha256", Buffer.from(text), private_key).toString("base64url")}`;
}

function read({ status, headers, text }: Pick<Reply, "status" | "headers" | "text">): Answer {
  const json = (text.startsWith("{") ? JSON.parse(text) : {}) as Json;
  const error = (typeof json.error === "object" ? json.error : {}) as Json;
  const details = ((error.details ?? []) as Json[]).map((detail) => [
    String(detail["@type"]).split(".").at(-1),
    detail,
  ]);
  return {
    status,
    headers,
    text,
    json,
    ...(error.message === undefined ? {} : { message: String(error.message) }),
    ...(error.status === undefined ? {} : { google_status: String(error.status) }),
    details: Object.fromEntries(details),
  };
}
