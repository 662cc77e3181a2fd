import { inChunks, oneByOne } from "../drivers.mjs";
import { apnsKey, apnsTokens, BODY, DATA, expiration, TITLE } from "../notification.mjs";
import { loadPeer } from "../peers.mjs";
import { bareHttp2, bareTransport } from "./floor.mjs";
import { pushmux } from "./pushmux.mjs";

/** @typedef {import("./contender.mjs").Contender} Contender */

/** What pushmux makes of a notification that names no sound. */
const SOUND = "default";
const APS = { aps: { alert: { title: TITLE, body: BODY }, sound: SOUND }, ...DATA };
const key = apnsKey();

/** @type {Contender[]} */
export const contenders = [
  ...pushmux(
    "apns",
    ({ origin }) => ({ ...key, endpoint: origin }),
    () => apnsTokens(),
  ),
  {
    name: "node-apn send(many)",
    role: "peer",
    library: "@parse/node-apn",
    async open() {
      const { provider, notification } = nodeApn();
      const tokenOf = apnsTokens();
      const drive = inChunks(async (numbers) => {
        const { sent, failed } = await provider.send(notification(), numbers.map(tokenOf));
        return outcomes(numbers, sent.length, failed);
      });
      return { drive, close: () => provider.shutdown() };
    },
  },
  {
    name: "node-apn send(one)",
    role: "peer",
    library: "@parse/node-apn",
    async open() {
      const { provider, notification } = nodeApn();
      const tokenOf = apnsTokens();
      const drive = oneByOne(async (number) => {
        const { sent, failed } = await provider.send(notification(), tokenOf(number));
        return outcomes([number], sent.length, failed)[0];
      });
      return { drive, close: () => provider.shutdown() };
    },
  },
  {
    name: "apns2 send",
    role: "peer",
    library: "apns2",
    distance: true,
    note: "has 32 connections with one request each: never more than 32 in flight",
    async open() {
      const { ApnsClient, Notification } = loadPeer("apns2");
      const client = new ApnsClient({
        team: key.team_id,
        keyId: key.key_id,
        signingKey: key.auth_key,
        defaultTopic: key.bundle_id,
      });
      const tokenOf = apnsTokens();
      const drive = oneByOne(async (number) => {
        const alert = { title: TITLE, body: BODY };
        const options = { alert, sound: SOUND, data: DATA, expiration: expiration() };
        await client.send(new Notification(tokenOf(number), options));
      });
      return { drive, close: () => client.close() };
    },
  },
  {
    name: "node-pushnotifications send(many)",
    role: "peer",
    library: "node-pushnotifications",
    async open() {
      const PushNotifications = loadPeer("node-pushnotifications");
      const push = new PushNotifications({
        apn: { token: { key: key.auth_key, keyId: key.key_id, teamId: key.team_id }, production: true },
      });
      const tokenOf = apnsTokens();
      const message = {
        topic: key.bundle_id,
        title: TITLE,
        body: BODY,
        sound: SOUND,
        custom: DATA,
        pushType: "alert",
      };
      const drive = inChunks(async (numbers) => {
        const [result] = await push.send(numbers.map(tokenOf), { ...message, expiry: expiration() });
        return outcomes(numbers, result.success, result.message);
      });
      return { drive, close: () => push.apn.shutdown() };
    },
  },
  bareTransport("h2", requests),
  bareHttp2(requests),
];

function nodeApn() {
  const apn = loadPeer("@parse/node-apn");
  const provider = new apn.Provider({
    token: { key: key.auth_key, keyId: key.key_id, teamId: key.team_id },
    production: true,
  });
  const notification = () =>
    new apn.Notification({
      topic: key.bundle_id,
      alert: { title: TITLE, body: BODY },
      sound: SOUND,
      payload: DATA,
      expiry: expiration(),
      pushType: "alert",
      priority: 10,
    });
  return { provider, notification };
}

/**
 * A call that says how many it sent, but not which: the first failure stands for each that is missing.
 *
 * @param {readonly number[]} numbers
 * @param {number} sent
 * @param {readonly unknown[]} failed
 */
function outcomes(numbers, sent, failed) {
  return numbers.map((_, i) => (i < sent ? undefined : (failed[0] ?? "not sent")));
}

function requests() {
  const tokenOf = apnsTokens();
  const body = JSON.stringify(APS);
  const headers = {
    authorization: `bearer ${"x".repeat(170)}`,
    "apns-topic": key.bundle_id,
    "apns-push-type": "alert",
    "apns-priority": "10",
    "apns-expiration": `${expiration()}`,
    "apns-id": "eabeae54-14a8-11e5-b60b-1697f925ec7b",
    "content-type": "application/json",
  };
  return (/** @type {number} */ number) => ({ path: `/3/device/${tokenOf(number)}`, headers, body });
}
