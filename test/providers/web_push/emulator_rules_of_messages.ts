/** What a push may look like: RFC 8030 section 5, RFC 8291 section 4, and what vendors add. */
import { aesgcm, type Push } from "./emulator_push.js";
import type { Rule } from "./emulator_rule.js";

const BAD_REQUEST = [400, "BadWebPushRequest"] as const;
const NO_TTL = {
  mozilla: [400, "Missing TTL value", 111],
  fcm: [400, "InvalidTtlParameter"],
  apple: [400, "BadTtl"],
  wns: [400, "The TTL header is missing or not valid."],
} as const;
const BAD_TOPIC = {
  mozilla: [400, "Topic must be URL and Filename safe Base64 alphabet", 113],
  fcm: [400, "topic header must be base64url"],
  apple: [400, "BadWebPushTopic"],
  wns: [400, "The Topic header is not valid."],
} as const;
const BAD_URGENCY = {
  mozilla: [400, "Urgency must be one of very-low, low, normal, high", null],
  fcm: [400, "urgency header must be very-low, low, normal or high"],
  apple: [400, "BadUrgency"],
  wns: [400, "The Urgency header is not valid."],
} as const;
const CACHE_CONFLICT = {
  mozilla: "accepted",
  fcm: "accepted",
  apple: "accepted",
  wns: [400, "Ttl value conflicts with X-WNS-Cache-Policy."],
} as const;

const header = (name: string, value: string | string[]) => (push: Push) => {
  push.headers[name] = value;
};
const without = (name: string) => (push: Push) => delete push.headers[name];

export const RULES_OF_MESSAGES: readonly Rule[] = [
  {
    refusal: "too_large",
    title: "a body of 4097 bytes",
    spoil: (push) => Object.assign(push, { body: Buffer.alloc(4097, push.body) }),
    expected: {
      mozilla: [413, "A payload reached size limit.", 104],
      fcm: [400, "binary data passed in the request must be less than 4096 bytes"],
      apple: [413, "PayloadTooLarge"],
      wns: [413, "The payload is too large."],
    },
  },
  { refusal: "ttl_missing", title: "no TTL", spoil: without("ttl"), expected: NO_TTL },
  { refusal: "ttl_missing", title: "a TTL that is no number", spoil: header("ttl", "60s"), expected: NO_TTL },
  { refusal: "ttl_missing", title: "a TTL with a fraction", spoil: header("ttl", "60.5"), expected: NO_TTL },
  { refusal: "ttl_missing", title: "two TTLs", spoil: header("ttl", ["60", "60"]), expected: NO_TTL },
  {
    refusal: "ttl_negative",
    title: "a negative TTL",
    spoil: header("ttl", "-1"),
    expected: { ...NO_TTL, mozilla: [400, "TTL must be greater than 0", 114] },
  },
  {
    refusal: "cache_policy",
    title: "TTL 0 to be cached",
    spoil: (push) => Object.assign(push.headers, { ttl: "0", "x-wns-cache-policy": "cache" }),
    expected: CACHE_CONFLICT,
  },
  {
    refusal: "cache_policy",
    title: "TTL 0 without a cache policy",
    spoil: (push) => {
      push.headers.ttl = "0";
      delete push.headers["x-wns-cache-policy"];
    },
    expected: CACHE_CONFLICT,
  },
  {
    refusal: "cache_policy",
    title: "TTL 60 not to be cached",
    spoil: header("x-wns-cache-policy", "no-cache"),
    expected: CACHE_CONFLICT,
  },
  {
    refusal: "encoding_missing",
    title: "a body without Content-Encoding",
    spoil: without("content-encoding"),
    expected: {
      mozilla: [400, "Missing Content-Encoding header", 110],
      fcm: [400, "content-encoding header must be specified"],
      apple: BAD_REQUEST,
      wns: [400, "The Content-Encoding header is missing."],
    },
  },
  {
    refusal: "encoding_unknown",
    title: "a coding that is none of web push",
    spoil: header("content-encoding", "aesgcm128"),
    expected: {
      mozilla: [400, "Unknown Content-Encoding header", 110],
      fcm: [400, "content-encoding header must be aes128gcm or aesgcm"],
      apple: BAD_REQUEST,
      wns: [400, "The Content-Encoding header is not valid."],
    },
  },
  {
    refusal: "salt_in_header",
    title: "aes128gcm with Encryption: salt",
    spoil: header("encryption", "salt=AAAAAAAAAAAAAAAAAAAAAA"),
    expected: {
      mozilla: [400, "Do not include 'salt' header in aes128gcm Encryption header", 110],
      fcm: [400, "encryption header must not have a salt with aes128gcm"],
      apple: BAD_REQUEST,
      wns: [400, "The Encryption header conflicts with Content-Encoding."],
    },
  },
  {
    refusal: "dh_in_header",
    title: "aes128gcm with Crypto-Key: dh",
    spoil: (push) => header("crypto-key", `p256ecdsa=${push.public_key};dh=${push.public_key}`)(push),
    expected: {
      mozilla: [400, "Do not include 'dh' header in aes128gcm Crypto-Key header", 110],
      fcm: [400, "crypto-key header must not have a dh with aes128gcm"],
      apple: BAD_REQUEST,
      wns: [400, "The Crypto-Key header conflicts with Content-Encoding."],
    },
  },
  {
    refusal: "encryption_missing",
    title: "aesgcm without Encryption: salt",
    spoil: (push, device) => {
      aesgcm(push, device);
      push.headers.encryption = "rs=4096";
    },
    expected: {
      mozilla: [400, "Missing salt value in Encryption header", 110],
      fcm: [400, "encryption header must have a salt"],
      apple: BAD_REQUEST,
      wns: [400, "The Encryption header is missing or not valid."],
    },
  },
  {
    refusal: "crypto_key_missing",
    title: "aesgcm without Crypto-Key: dh",
    spoil: (push, device) => {
      aesgcm(push, device);
      delete push.headers["crypto-key"];
    },
    expected: {
      mozilla: [400, "Missing dh value in Crypto-Key header", 110],
      fcm: [400, "crypto-key header must have a dh"],
      apple: BAD_REQUEST,
      wns: [400, "The Crypto-Key header is missing or not valid."],
    },
  },
  {
    refusal: "topic_too_long",
    title: "a Topic of 33 characters",
    spoil: header("topic", "a".repeat(33)),
    expected: {
      ...BAD_TOPIC,
      mozilla: [400, "Topic must be no greater than 32 characters", 113],
      fcm: [400, "topic header must have at most 32 characters"],
    },
  },
  {
    refusal: "topic_alphabet",
    title: "a Topic with a dot",
    spoil: header("topic", "order.42"),
    expected: BAD_TOPIC,
  },
  { refusal: "topic_alphabet", title: "an empty Topic", spoil: header("topic", ""), expected: BAD_TOPIC },
  { refusal: "topic_alphabet", title: "two Topics", spoil: header("topic", ["a", "b"]), expected: BAD_TOPIC },
  {
    refusal: "topic_alphabet",
    title: "a Topic of a length that no base64 text has",
    spoil: header("topic", "dailyreminder"),
    expected: { mozilla: "accepted", fcm: "accepted", apple: [400, "BadWebPushTopic"], wns: "accepted" },
  },
  {
    refusal: "urgency",
    title: "an unknown Urgency",
    spoil: header("urgency", "critical"),
    expected: BAD_URGENCY,
  },
  {
    refusal: "urgency",
    title: "two Urgencies",
    spoil: header("urgency", ["low", "high"]),
    expected: BAD_URGENCY,
  },
];
