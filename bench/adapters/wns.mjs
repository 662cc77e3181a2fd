import { inChunks, oneByOne } from "../drivers.mjs";
import { BODY, DATA, TITLE, TTL_SECONDS, wnsChannels } from "../notification.mjs";
import { loadPeer } from "../peers.mjs";
import { bareTransport, failureIn } from "./floor.mjs";
import { pushmux } from "./pushmux.mjs";

/** @typedef {import("./contender.mjs").Contender} Contender */

/** Both peers post to port 443 whatever the channel says. */
const PEERS_ORIGIN = "https://bench.notify.windows.com";
const ACCESS_TOKEN = "x".repeat(200);
/** Wanted by `wns` even when it has a token. */
const CLIENT = { client_id: "ms-app://S-1-15-2-1", client_secret: "secret" };
const HEADERS = { "X-WNS-TTL": `${TTL_SECONDS}`, "X-WNS-PRIORITY": "2" };
const LAUNCH = JSON.stringify(DATA);

/** @type {Contender[]} */
export const contenders = [
  ...pushmux(
    "wns",
    () => ({
      get_access_token: () => ({ access_token: ACCESS_TOKEN, expires_in: 3600 }),
      allowed_hosts: ["localhost"],
      allow_private_endpoints: true,
    }),
    ({ origin }) => wnsChannels(origin),
  ),
  {
    name: "wns sendToastText02",
    role: "peer",
    library: "wns",
    async open() {
      const wns = loadPeer("wns");
      const channelOf = wnsChannels(PEERS_ORIGIN);
      const drive = oneByOne(
        (number) =>
          new Promise((resolve) => {
            const options = { ...CLIENT, accessToken: ACCESS_TOKEN, launch: LAUNCH, headers: { ...HEADERS } };
            wns.sendToastText02(channelOf(number), TITLE, BODY, options, (/** @type {unknown} */ error) => {
              resolve(error ?? undefined);
            });
          }),
      );
      return { drive, close: () => {} };
    },
  },
  {
    name: "node-pushnotifications send(many)",
    role: "peer",
    library: "node-pushnotifications",
    note: "fetches an access token in each call; given one it would send one by one, so only 1 in flight is given one",
    async open({ in_flight }) {
      const PushNotifications = loadPeer("node-pushnotifications");
      const push = new PushNotifications({
        wns: {
          ...CLIENT,
          notificationMethod: "sendToastText02",
          headers: { ...HEADERS },
          accessToken: in_flight === 1 ? ACCESS_TOKEN : undefined,
        },
      });
      const channelOf = wnsChannels(PEERS_ORIGIN);
      const drive = inChunks(async (numbers) => {
        // Its notifications are the arguments of the method of `wns`, here the texts.
        const texts = { text1: TITLE, text2: BODY, launch: LAUNCH };
        const [result] = await push.send(numbers.map(channelOf), texts);
        return result.message.map((/** @type {{ error: unknown }} */ { error }) => error ?? undefined);
      });
      return { drive, close: () => {} };
    },
  },
  bareTransport("h1", requests),
  bareUndici(),
];

/** @param {import("./contender.mjs").Context} context */
function requests({ origin }) {
  const channelOf = wnsChannels(origin);
  const headers = {
    authorization: `Bearer ${ACCESS_TOKEN}`,
    "content-type": "text/xml",
    "x-wns-type": "wns/toast",
    "x-wns-priority": "2",
    "x-wns-ttl": `${TTL_SECONDS}`,
  };
  const texts = `<text>${TITLE}</text><text>${BODY}</text>`;
  const launch = LAUNCH.replaceAll('"', "&quot;");
  const body = `<toast launch="${launch}"><visual><binding template="ToastGeneric">${texts}</binding></visual></toast>`;
  return (/** @type {number} */ number) => ({ path: channelOf(number).slice(origin.length), headers, body });
}

/** @returns {Contender} */
function bareUndici() {
  return {
    name: "bare undici, 64 connections",
    role: "floor",
    library: "undici",
    async open(context) {
      const { Pool } = loadPeer("undici");
      const pool = new Pool(context.origin, { connections: 64, connect: { ca: context.ca }, allowH2: false });
      const requestOf = requests(context);
      const drive = oneByOne(async (number) => {
        const response = await pool.request({ method: "POST", ...requestOf(number) });
        await response.body.arrayBuffer();
        return failureIn(response.statusCode);
      });
      return { drive, close: () => pool.close() };
    },
  };
}
