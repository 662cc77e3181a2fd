/**
 * What every library sends: the same text, data, lifetime and priority, each to a recipient of its own.
 */
import { createECDH, createHash, generateKeyPairSync } from "node:crypto";

export const TITLE = "Order shipped";
export const BODY = "It arrives tomorrow between nine and noon.";
export const DATA = { order: "42", screen: "tracking" };
export const TTL_SECONDS = 300;

/** The same as pushmux takes it: one payload for all recipients. */
export const PAYLOAD = { title: TITLE, body: BODY, data: DATA, ttl_seconds: TTL_SECONDS };

/** When the lifetime ends, in seconds since the epoch. */
export function expiration() {
  return Math.floor(Date.now() / 1000) + TTL_SECONDS;
}

/** So many different recipients; then from the first again. */
const RECIPIENTS = 1024;

/**
 * The recipients of a service, by the number of the notification.
 *
 * @template T
 * @param {(i: number) => T} make
 * @returns {(number: number) => T}
 */
function recipients(make) {
  const all = Array.from({ length: RECIPIENTS }, (_, i) => make(i));
  return (number) => /** @type {T} */ (all[number % RECIPIENTS]);
}

/** @param {number} i */
const sha = (i) => createHash("sha256").update(`${i}`).digest();

export const apnsTokens = () => recipients((i) => sha(i).toString("hex"));

export const fcmTokens = () =>
  recipients(
    (i) => `${sha(i).toString("base64url").slice(0, 22)}:APA91b${sha(i).toString("base64url").repeat(3)}`,
  );

/** @param {string} origin */
export const wnsChannels = (origin) =>
  recipients((i) => `${origin}/wns/?token=AwYAAAC${encodeURIComponent(sha(i).toString("base64").repeat(3))}`);

/** @param {string} origin */
export const subscriptions = (origin) =>
  recipients((i) => {
    const device = createECDH("prime256v1");
    return {
      endpoint: `${origin}/push/gAAAAAB${sha(i).toString("base64url").repeat(3)}`,
      keys: {
        p256dh: device.generateKeys("base64url"),
        auth: sha(i).subarray(0, 16).toString("base64url"),
      },
    };
  });

/** A new VAPID key pair, base64url. */
export function vapidKeys() {
  const pair = createECDH("prime256v1");
  return { public_key: pair.generateKeys("base64url"), private_key: pair.getPrivateKey("base64url") };
}

/** A new provider token key as Apple hands it out. */
export function apnsKey() {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  return {
    team_id: "TEAM123456",
    key_id: "KEY1234567",
    bundle_id: "org.example.bench",
    auth_key: String(privateKey.export({ type: "pkcs8", format: "pem" })),
  };
}
