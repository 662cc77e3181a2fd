import { createCipheriv, createECDH, createHmac, randomBytes } from "node:crypto";
import { Agent } from "node:https";
import { inChunks, oneByOne } from "../drivers.mjs";
import { BODY, DATA, subscriptions, TITLE, TTL_SECONDS, vapidKeys } from "../notification.mjs";
import { loadPeer } from "../peers.mjs";
import { bareHttp2, bareTransport } from "./floor.mjs";
import { pushmux } from "./pushmux.mjs";

/** @typedef {import("./contender.mjs").Contender} Contender */
/** @typedef {import("./contender.mjs").Context} Context */

const keys = vapidKeys();
const SUBJECT = "mailto:ops@example.org";

/** As many bytes as pushmux encrypts for the same notification: it adds an id and a time. */
const PLAINTEXT = JSON.stringify({
  notification: {
    title: TITLE,
    body: BODY,
    timestamp: 1_700_000_000_000,
    data: { ...DATA, message_id: "8f14e45f-ceea-467f-a8d1-0a5c6b7e9d21" },
  },
});

/** @type {Contender[]} */
export const contenders = [
  ...pushmux(
    "web_push",
    () => ({
      vapid_public_key: keys.public_key,
      vapid_private_key: keys.private_key,
      vapid_subject: SUBJECT,
      allowed_hosts: ["localhost"],
      allow_private_endpoints: true,
    }),
    ({ origin }) => subscriptions(origin),
  ),
  webPush("web-push sendNotification", {}, "with Node's own agent: one connection for each in flight"),
  webPush(
    "web-push, agent of 64",
    { agent: new Agent({ keepAlive: true, maxSockets: 64 }) },
    "with an https.Agent of 64 kept-alive connections",
  ),
  {
    name: "node-pushnotifications send(many)",
    role: "peer",
    library: "node-pushnotifications",
    async open({ origin }) {
      const PushNotifications = loadPeer("node-pushnotifications");
      const push = new PushNotifications({
        web: {
          vapidDetails: { subject: SUBJECT, publicKey: keys.public_key, privateKey: keys.private_key },
          TTL: TTL_SECONDS,
        },
      });
      const subscriptionOf = subscriptions(origin);
      const drive = inChunks(async (numbers) => {
        const [result] = await push.send(numbers.map(subscriptionOf), PLAINTEXT);
        return result.message.map((/** @type {{ error: unknown }} */ { error }) => error ?? undefined);
      });
      return { drive, close: () => {} };
    },
  },
  bareTransport("alpn", encryptedRequests, "bare transport of pushmux + ECDH and AES"),
  bareHttp2(encryptedRequests, "bare node:http2 + ECDH and AES"),
];

/**
 * @param {string} name
 * @param {object} options
 * @param {string} note
 * @returns {Contender}
 */
function webPush(name, options, note) {
  return {
    name,
    role: "peer",
    library: "web-push",
    note,
    async open({ origin }) {
      const library = loadPeer("web-push");
      const subscriptionOf = subscriptions(origin);
      const vapidDetails = { subject: SUBJECT, publicKey: keys.public_key, privateKey: keys.private_key };
      const drive = oneByOne(async (number) => {
        const sent = { ...options, vapidDetails, TTL: TTL_SECONDS, urgency: "normal" };
        await library.sendNotification(subscriptionOf(number), PLAINTEXT, sent);
      });
      return { drive, close: () => {} };
    },
  };
}

/**
 * Encrypts, as RFC 8291 says, and does nothing else: the authorization is ready and the receivers' keys are decoded.
 *
 * @param {Context} context
 */
function encryptedRequests({ origin }) {
  const subscriptionOf = subscriptions(origin);
  const receivers = Array.from({ length: 1024 }, (_, i) => {
    const { endpoint, keys } = subscriptionOf(i);
    return {
      path: endpoint.slice(origin.length),
      p256dh: Buffer.from(keys.p256dh, "base64url"),
      auth: Buffer.from(keys.auth, "base64url"),
    };
  });
  const headers = {
    authorization: `vapid t=${"x".repeat(250)}, k=${keys.public_key}`,
    "content-type": "application/octet-stream",
    "content-encoding": "aes128gcm",
    ttl: `${TTL_SECONDS}`,
    urgency: "normal",
  };
  const plaintext = Buffer.from(`${PLAINTEXT}\x02`);
  const sender = createECDH("prime256v1");
  const head = Buffer.of(0, 0, 16, 0, 65);
  return (/** @type {number} */ number) => {
    const { path, p256dh, auth } = /** @type {receivers[number]} */ (receivers[number % receivers.length]);
    const sender_key = sender.generateKeys();
    const salt = randomBytes(16);
    const info = Buffer.concat([Buffer.from("WebPush: info\0"), p256dh, sender_key, ONE]);
    const secret = hmac(salt, hmac(hmac(auth, sender.computeSecret(p256dh)), info));
    const key = hmac(secret, KEY_INFO).subarray(0, 16);
    const cipher = createCipheriv("aes-128-gcm", key, hmac(secret, NONCE_INFO).subarray(0, 12));
    const record = [cipher.update(plaintext), cipher.final(), cipher.getAuthTag()];
    return { path, headers, body: Buffer.concat([salt, head, sender_key, ...record]) };
  };
}

const ONE = Buffer.of(1);
const KEY_INFO = Buffer.from("Content-Encoding: aes128gcm\0\x01");
const NONCE_INFO = Buffer.from("Content-Encoding: nonce\0\x01");

/**
 * @param {Uint8Array} key
 * @param {Uint8Array} message
 */
function hmac(key, message) {
  return createHmac("sha256", key).update(message).digest();
}
