import { createPrivateKey, sign } from "node:crypto";
import type { ApnsDevice, ApnsKey, ApnsService } from "../../../src/testing/index.js";
import { connectHttp2, type Http2Client, type Http2Reply } from "../../testing/http2_client.js";

/** A push that APNs takes, laid open so that a test can spoil one thing of it. */
export interface Push {
  method: string;
  path: string;
  headers: Record<string, string | string[]>;
  body: string | Buffer;
  jwt_header: Record<string, unknown>;
  claims: Record<string, unknown>;
  /** PEM. */
  auth_key: string;
  /** Made from the signed token, just before it is sent; `undefined`: no such header. */
  authorization: (token: string) => string | undefined;
  /** What becomes of the raw signature. */
  signature: (raw: Buffer) => Buffer;
}

export function goodPush(
  service: ApnsService,
  device: Pick<ApnsDevice, "device_token">,
  { now_ms = Date.now(), key = service.config }: { now_ms?: number; key?: ApnsKey } = {},
): Push {
  return {
    method: "POST",
    path: `/3/device/${device.device_token}`,
    headers: { "apns-topic": service.config.bundle_id, "apns-push-type": "alert" },
    body: JSON.stringify({ aps: { alert: { title: "Hello" } }, order: "42" }),
    jwt_header: { alg: "ES256", kid: key.key_id },
    claims: { iss: key.team_id, iat: Math.floor(now_ms / 1000) },
    auth_key: key.auth_key,
    authorization: (token) => `bearer ${token}`,
    signature: (raw) => raw,
  };
}

export interface ApnsReply extends Http2Reply {
  reason?: unknown;
  timestamp?: unknown;
}

/** Over this connection, or one of its own. */
export async function send(service: ApnsService, push: Push, client?: Http2Client): Promise<ApnsReply> {
  const own = client ?? (await connectHttp2(service.origin, service.ca));
  const authorization = push.authorization(signToken(push));
  const headers = { ...push.headers, ...(authorization === undefined ? {} : { authorization }) };
  const reply = await own.send({ method: push.method, path: push.path, headers, body: push.body });
  if (!client) await own[Symbol.asyncDispose]();
  return reply.text.startsWith("{") ? { ...reply, ...JSON.parse(reply.text) } : reply;
}

/** Signed anew each time, unless it was signed before. */
export function signToken({ jwt_header, claims, auth_key, signature }: Push): string {
  const signed = [jwt_header, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".");
  const key = { key: createPrivateKey(auth_key), dsaEncoding: "ieee-p1363" } as const;
  return `${signed}.${signature(sign("sha256", Buffer.from(signed), key)).toString("base64url")}`;
}

/** The same token for every push. */
export function withToken(push: Push, token: string): Push {
  return { ...push, authorization: () => `bearer ${token}` };
}
