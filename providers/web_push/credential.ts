import { createPrivateKey, sign } from "node:crypto";
import webpush from "web-push";
import type { Credential, CredentialSource } from "../../src/provider_kit.js";
import type { Recipient } from "./subscription.js";
import type { VapidKeys } from "./vapid_keys.js";

const HOUR_MS = 3_600_000;

export interface VapidOptions {
  readonly keys: VapidKeys;
  readonly subject: string;
}

/**
 * VAPID (RFC 8292): one signed token per origin, valid for 12 hours and used for 11. Services cache its verification, and
 * Apple asks for a new one at most once an hour
 * (https://developer.apple.com/documentation/usernotifications/sending-web-push-notifications-in-web-apps-and-browsers).
 *
 * The scheme is RFC 8292's for the older content coding too: every service takes it, while some refuse the older scheme.
 */
export function createVapid(options: VapidOptions): CredentialSource<Recipient> {
  return {
    scope: (target) => (target.kind === "token" ? target.token.origin : ""),
    mint: (origin, { now_ms }): Credential => ({
      id: `${origin} ${now_ms}`,
      value: authorization(options, origin, Math.floor((now_ms + 12 * HOUR_MS) / 1000)),
      expires_at_ms: now_ms + 12 * HOUR_MS,
      renew_at_ms: now_ms + 11 * HOUR_MS,
      ...(isApple(origin) ? { renew_not_before_ms: now_ms + HOUR_MS } : {}),
    }),
    apply: (request, { value }) => ({ ...request, headers: { ...request.headers, authorization: value } }),
  };
}

function isApple(origin: string): boolean {
  return new URL(origin).hostname.endsWith(".push.apple.com");
}

function authorization({ keys, subject }: VapidOptions, origin: string, exp: number): string {
  const { public_key, private_key } = keys;
  try {
    return webpush.getVapidHeaders(origin, subject, public_key, private_key, "aes128gcm", exp).Authorization;
  } catch {
    // web-push holds `exp` against the machine's clock and refuses when the one that was injected here is a day ahead.
    return `vapid t=${signToken(keys, { aud: origin, exp, sub: subject })}, k=${public_key}`;
  }
}

function signToken({ public_key, private_key }: VapidKeys, claims: object): string {
  const point = Buffer.from(public_key, "base64url");
  const x = point.toString("base64url", 1, 33);
  const y = point.toString("base64url", 33);
  const key = createPrivateKey({ format: "jwk", key: { kty: "EC", crv: "P-256", x, y, d: private_key } });
  const signed = [{ typ: "JWT", alg: "ES256" }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".");
  return `${signed}.${sign("sha256", Buffer.from(signed), { key, dsaEncoding: "ieee-p1363" }).toString("base64url")}`;
}
