/**
 * What other platforms accept, as their documents say it, for `imitate`. A copy on purpose: a provider folder
 * knows no other.
 */

/** What a simulated service accepts. */
export interface Rules {
  /** Of the JSON text of `{ title, body, data }`, the part that every service carries. */
  readonly max_payload_bytes: number;
  /** For topics and channels, where the service has another limit there. */
  readonly max_topic_bytes?: number;
  readonly max_ttl_seconds: number;
  /** Completes "expected …". */
  readonly token: string;
  /** May throw; that is a no. */
  accepts(token_text: string): boolean;
}

/** RFC 8030, RFC 8291: 4096 bytes encrypted are 3993 of text; the lowest vendor lifetime is 28 days. */
const web_push: Rules = {
  max_payload_bytes: 3993,
  max_ttl_seconds: 2_419_200,
  token: "a push subscription { endpoint, keys: { p256dh, auth } } with an https endpoint, or its JSON text",
  accepts(text) {
    const { endpoint, keys } = JSON.parse(text);
    const p256dh = Buffer.from(String(keys.p256dh), "base64url");
    const auth = Buffer.from(String(keys.auth), "base64url");
    return (
      new URL(endpoint).protocol === "https:" && p256dh.length === 65 && p256dh[0] === 4 && auth.length === 16
    );
  },
};

/** https://firebase.google.com/docs/cloud-messaging: tokens are opaque, topics have half the room. */
const fcm: Rules = {
  max_payload_bytes: 4096,
  max_topic_bytes: 2048,
  max_ttl_seconds: 2_419_200,
  token: "a registration token: up to 4096 characters, no white space",
  accepts: (text) => /^[\x21-\x7e]{1,4096}$/.test(text) && !text.startsWith("{"),
};

/** https://developer.apple.com/documentation/usernotifications/sending-notification-requests-to-apns */
const apns: Rules = {
  max_payload_bytes: 4096,
  max_topic_bytes: 5120,
  max_ttl_seconds: 2_592_000,
  token: "a device token: 64 to 200 hexadecimal digits, an even number",
  accepts: (text) => /^([0-9a-f]{2}){32,100}$/i.test(text),
};

/** https://learn.microsoft.com/windows/apps/develop/notifications/push-notifications/wns-overview */
const wns: Rules = {
  max_payload_bytes: 5000,
  max_ttl_seconds: 604_800,
  token: "a channel URI https://….notify.windows.com/?token=…",
  accepts(text) {
    const { protocol, hostname, port, username, password, searchParams } = new URL(text);
    const plain = port === "" && username === "" && password === "" && text.length <= 2048;
    return (
      protocol === "https:" &&
      plain &&
      hostname.endsWith(".notify.windows.com") &&
      !!searchParams.get("token")
    );
  },
};

/** The services whose rules can be kept, by platform name. */
export const IMITATED = { web_push, fcm, apns, wns } as const;
/** Whom `imitate` can name. */
export type ImitatedPlatform = keyof typeof IMITATED;

/** When nobody is imitated. */
export const OWN_RULES: Rules = {
  max_payload_bytes: 4096,
  max_ttl_seconds: 2_419_200,
  token: "a text that is not blank, or a push subscription object",
  accepts: () => true,
};
