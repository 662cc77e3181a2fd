import { createPrivateKey, type KeyObject, sign } from "node:crypto";
import webpush from "web-push";
import type { WebPushDevice, WebPushService } from "../../../src/testing/index.js";
import { type Reply, request } from "../../testing/client.js";

/** A push that every service takes, laid open so that a test can spoil one thing of it. */
export interface Push {
  method: string;
  url: string;
  headers: Record<string, string | string[]>;
  body: Buffer;
  jwt_header: Record<string, unknown>;
  claims: Record<string, unknown>;
  private_key: KeyObject;
  /** `k`. */
  public_key: string;
  /** Made from the signed token, just before it is sent; `undefined`: no such header. */
  authorization: (token: string, public_key: string) => string | undefined;
  /** What becomes of the raw signature. */
  signature: (raw: Buffer) => Buffer;
}

export function goodPush(
  service: WebPushService,
  device: WebPushDevice,
  payload: string | Buffer = "hello",
  now_ms = Date.now(),
): Push {
  const { vapid_public_key, vapid_private_key } = service.config;
  const { p256dh, auth } = device.subscription.keys;
  return {
    method: "POST",
    url: device.endpoint,
    headers: {
      ttl: "60",
      "content-encoding": "aes128gcm",
      ...(device.vendor === "wns" ? { "x-wns-cache-policy": "cache" } : {}),
    },
    body: webpush.encrypt(p256dh, auth, payload, "aes128gcm").cipherText,
    jwt_header: { typ: "JWT", alg: "ES256" },
    claims: { aud: service.origin, exp: Math.floor(now_ms / 1000) + 3600, sub: "mailto:ops@example.org" },
    private_key: privateKey(vapid_public_key, vapid_private_key),
    public_key: vapid_public_key,
    authorization: (token, public_key) => `vapid t=${token}, k=${public_key}`,
    signature: (raw) => raw,
  };
}

export function send(service: WebPushService, push: Push): Promise<Reply> {
  const token = signToken(push);
  const authorization = push.authorization(token, push.public_key);
  return request({
    url: push.url,
    ca: service.ca,
    method: push.method,
    headers: { ...push.headers, ...(authorization === undefined ? {} : { authorization }) },
    body: push.body,
  });
}

export function signToken({ jwt_header, claims, private_key, signature }: Push): string {
  const signed = [jwt_header, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".");
  const raw = sign("sha256", Buffer.from(signed), { key: private_key, dsaEncoding: "ieee-p1363" });
  return `${signed}.${signature(raw).toString("base64url")}`;
}

/** The legacy coding, with its headers. */
export function aesgcm(push: Push, device: WebPushDevice, payload = "hello"): void {
  const { p256dh, auth } = device.subscription.keys;
  const { localPublicKey, salt, cipherText } = webpush.encrypt(p256dh, auth, payload, "aesgcm");
  push.body = cipherText;
  push.headers["content-encoding"] = "aesgcm";
  push.headers.encryption = `salt=${salt}`;
  // A Buffer, whatever its types say.
  push.headers["crypto-key"] = `dh=${Buffer.from(localPublicKey).toString("base64url")}`;
}

function privateKey(public_key: string, d: string): KeyObject {
  const point = Buffer.from(public_key, "base64url");
  const x = point.subarray(1, 33).toString("base64url");
  const y = point.subarray(33).toString("base64url");
  return createPrivateKey({ format: "jwk", key: { kty: "EC", crv: "P-256", x, y, d } });
}
