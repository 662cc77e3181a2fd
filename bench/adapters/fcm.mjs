import { generateKeyPairSync } from "node:crypto";
import { inChunks, oneByOne } from "../drivers.mjs";
import { BODY, DATA, expiration, fcmTokens, TITLE, TTL_SECONDS } from "../notification.mjs";
import { loadPeer } from "../peers.mjs";
import { correctScheme } from "../redirect.mjs";
import { bareHttp2, bareTransport } from "./floor.mjs";
import { pushmux } from "./pushmux.mjs";

/** @typedef {import("./contender.mjs").Contender} Contender */

const PROJECT = "bench";
/**
 * Lifetime and priority for each kind of device, as pushmux sends them without being asked: so the same arrives, whoever
 * sends it. This is how firebase-admin takes it; on the wire the lifetime is "300s".
 */
const MESSAGE = {
  notification: { title: TITLE, body: BODY },
  data: DATA,
  android: { priority: "normal", ttl: TTL_SECONDS * 1000 },
  apns: { headers: { "apns-priority": "10", "apns-expiration": `${expiration()}` } },
  webpush: { headers: { TTL: `${TTL_SECONDS}`, Urgency: "normal" } },
};
const ON_THE_WIRE = { ...MESSAGE, android: { priority: "NORMAL", ttl: `${TTL_SECONDS}s` } };
const ACCESS_TOKEN = { access_token: `ya29.${"x".repeat(200)}`, expires_in: 3600 };
const credential = { getAccessToken: async () => ACCESS_TOKEN };

/** What one call of firebase-admin takes. */
const MOST = 500;

/** @type {Contender[]} */
export const contenders = [
  ...pushmux(
    "fcm",
    ({ origin }) => ({ project_id: PROJECT, get_access_token: () => ACCESS_TOKEN, endpoint: origin }),
    () => fcmTokens(),
  ),
  sendEach("firebase-admin sendEach(many)", {
    distance: true,
    note: `takes ${MOST} messages in one call: at 1,000 in flight there are two calls at a time`,
  }),
  sendEach(`firebase-admin sendEach(${MOST}), one call at a time`, { distance_only: true }, 1),
  {
    name: "firebase-admin sendEach([one])",
    role: "peer",
    library: "firebase-admin",
    in_flight: [1, 100],
    note: "makes a new connection for each call",
    open: async () => {
      const messaging = firebase();
      const tokenOf = fcmTokens();
      const drive = oneByOne(async (number) => {
        const { responses } = await messaging.sendEach([{ ...MESSAGE, token: tokenOf(number) }]);
        return failureOf(responses[0]);
      });
      return { drive, close: () => {} };
    },
  },
  {
    name: "firebase-admin send",
    role: "peer",
    library: "firebase-admin",
    note: "speaks HTTP/1.1: one connection for each in flight",
    open: async () => {
      const messaging = firebase();
      const tokenOf = fcmTokens();
      const drive = oneByOne(async (number) => {
        await messaging.send({ ...MESSAGE, token: tokenOf(number) });
      });
      return { drive, close: () => {} };
    },
  },
  {
    name: "fcm-v1-http2 sendMulticast",
    role: "peer",
    library: "fcm-v1-http2",
    note: "fetches an access token and makes its connections in each call",
    open: async () => {
      const Client = loadPeer("fcm-v1-http2");
      const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
      const client = new Client({
        serviceAccount: {
          project_id: PROJECT,
          client_email: "bench@bench.iam.gserviceaccount.com",
          private_key: String(privateKey.export({ type: "pkcs8", format: "pem" })),
        },
      });
      const tokenOf = fcmTokens();
      const drive = inChunks(async (numbers) => {
        const unregistered = await client.sendMulticast(ON_THE_WIRE, numbers.map(tokenOf));
        return numbers.map(() => (unregistered.length === 0 ? undefined : "unregistered"));
      });
      return { drive, close: () => {} };
    },
  },
  {
    name: "node-pushnotifications send(many)",
    role: "peer",
    library: "node-pushnotifications",
    open: async () => {
      correctScheme();
      const PushNotifications = loadPeer("node-pushnotifications");
      const push = new PushNotifications({
        fcm: { appName: "bench", projectId: PROJECT, credential },
        isAlwaysUseFCM: true,
      });
      const tokenOf = fcmTokens();
      const drive = inChunks(async (numbers) => {
        const [result] = await push.send(numbers.map(tokenOf), {
          title: TITLE,
          body: BODY,
          custom: DATA,
          priority: "normal",
          timeToLive: TTL_SECONDS,
          providersExclude: ["apns"],
        });
        return result.message.map((/** @type {{ error: unknown }} */ { error }) => error ?? undefined);
      });
      return { drive, close: () => {} };
    },
  },
  bareTransport("h2", requests),
  bareHttp2(requests),
];

/**
 * @param {string} name
 * @param {Partial<Contender>} more
 * @param {number} [calls]
 * @returns {Contender}
 */
function sendEach(name, more, calls) {
  return {
    name,
    role: "peer",
    library: "firebase-admin",
    ...more,
    open: async () => {
      const messaging = firebase();
      const tokenOf = fcmTokens();
      const send = async (/** @type {number[]} */ numbers) => {
        const messages = numbers.map((number) => ({ ...MESSAGE, token: tokenOf(number) }));
        const { responses } = await messaging.sendEach(messages);
        return responses.map(failureOf);
      };
      return { drive: inChunks(send, { most: MOST, calls }), close: () => {} };
    },
  };
}

function firebase() {
  correctScheme();
  const { initializeApp } = loadPeer("firebase-admin/app");
  const { getMessaging } = loadPeer("firebase-admin/messaging");
  return getMessaging(initializeApp({ credential, projectId: PROJECT }));
}

/** @param {{ success: boolean, error?: unknown }} response */
function failureOf({ success, error }) {
  return success ? undefined : (error ?? "no success");
}

function requests() {
  const tokenOf = fcmTokens();
  const headers = {
    authorization: `Bearer ${ACCESS_TOKEN.access_token}`,
    "content-type": "application/json; charset=UTF-8",
  };
  // Ready but for the token.
  const [before, after] = JSON.stringify({ message: { ...ON_THE_WIRE, token: "?" } }).split("?");
  return (/** @type {number} */ number) => ({
    path: `/v1/projects/${PROJECT}/messages:send`,
    headers,
    body: `${before}${tokenOf(number)}${after}`,
  });
}
