/** Whether there is such an endpoint, and who may push to it: RFC 8030 section 5, RFC 8292. */
import { createECDH, sign } from "node:crypto";
import type { Push } from "./emulator_push.js";
import type { Rule } from "./emulator_rule.js";

const BAD_JWT = [403, "BadJwtToken"] as const;
const FCM_JWT = [403, "invalid JWT provided"] as const;
const FCM_FORMAT = [
  403,
  "authorization header had invalid format. authorization header should have",
] as const;
const WNS_JWT = [401, "The JWT in the Authorization header is not valid."] as const;
const WNS_KEYS = [401, "Zero or duplicate tokens or token signing keys."] as const;
const CLAIM = "Invalid VAPID token: A value in the vapid claims is either missing or incorrectly specified";

const UNSIGNED = {
  mozilla: [401, "InvalidSignature", 109],
  fcm: FCM_JWT,
  apple: BAD_JWT,
  wns: WNS_JWT,
} as const;
const MALFORMED = { ...UNSIGNED, mozilla: [401, "InvalidToken", 109] } as const;
const WRONG_ALGORITHM = { ...UNSIGNED, mozilla: [401, "InvalidAlgorithm", 109] } as const;
const NO_EXP = { ...UNSIGNED, mozilla: [401, CLAIM, 109], fcm: [403, "exp claim is missing"] } as const;
const WRONG_AUD = {
  ...UNSIGNED,
  mozilla: [401, "Invalid VAPID audience", 109],
  fcm: [403, "aud claim in the token MUST include the origin of the push resource URL"],
} as const;
const BAD_KEY = {
  mozilla: [401, "Invalid VAPID public key", 109],
  fcm: [403, "VAPID public key must be on the P-256 curve"],
  apple: [403, "BadVapidPublicKey"],
  wns: WNS_KEYS,
} as const;
const ONLY_APPLE_MINDS = { mozilla: "accepted", fcm: "accepted", apple: BAD_JWT, wns: "accepted" } as const;
const GONE_WNS = [410, "The channel expired."] as const;

const nowSeconds = () => Math.floor(Date.now() / 1000);
const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
const claim = (name: string, value: () => unknown) => (push: Push) => {
  push.claims[name] = value();
};
const authorization = (make: Push["authorization"]) => (push: Push) => {
  push.authorization = make;
};

export const RULES_OF_SENDING: readonly Rule[] = [
  {
    refusal: "method",
    title: "a method that is not POST",
    spoil: (push) => Object.assign(push, { method: "PUT" }),
    expected: {
      mozilla: [405, "Method Not Allowed", null],
      fcm: [405, "Method Not Allowed"],
      apple: [405, "MethodNotAllowed"],
      wns: [405, "Only POST is allowed."],
    },
  },
  {
    refusal: "endpoint_unknown",
    title: "an endpoint that is nobody's",
    spoil: (push) => Object.assign(push, { url: `${push.url}x` }),
    expected: {
      mozilla: [404, "Invalid token", 102],
      fcm: [
        404,
        "A valid push subscription endpoint should be specified in the URL as such: https://fcm.googleapis.com/wp/",
      ],
      apple: [404, "BadPath"],
      wns: [404, "The channel URI is not valid or is not recognized."],
    },
  },
  {
    refusal: "unsubscribed",
    title: "a device that has unsubscribed",
    spoil: (_push, device) => device.unsubscribe(),
    expected: {
      mozilla: [410, "No such subscription", 106],
      fcm: [410, "push subscription has unsubscribed or expired."],
      apple: [410, "Unregistered"],
      wns: GONE_WNS,
    },
  },
  {
    refusal: "expired",
    title: "a subscription that has expired",
    spoil: (_push, device) => device.expire(),
    expected: {
      mozilla: [410, "UAID not found", 103],
      fcm: [410, "push subscription has unsubscribed or expired."],
      apple: [410, "ExpiredToken"],
      wns: GONE_WNS,
    },
  },
  {
    refusal: "authorization_missing",
    title: "no Authorization",
    spoil: authorization(() => undefined),
    expected: {
      mozilla: [401, "Missing VAPID public key", 109],
      fcm: [401, "Authorization header must be specified."],
      apple: [403, "BadAuthorizationHeader"],
      wns: WNS_KEYS,
    },
  },
  {
    refusal: "authorization_scheme",
    title: "a scheme that is not VAPID's",
    spoil: authorization((token, key) => `Basic t=${token}, k=${key}`),
    expected: {
      mozilla: [401, "Unknown auth scheme", 109],
      fcm: FCM_FORMAT,
      apple: [403, "BadAuthorizationHeader"],
      wns: WNS_KEYS,
    },
  },
  {
    refusal: "authorization_scheme",
    title: "the legacy scheme where it is not known any more",
    spoil: (push) => {
      push.authorization = (token) => `WebPush ${token}`;
      push.headers["crypto-key"] = `p256ecdsa=${push.public_key}`;
    },
    expected: {
      mozilla: "accepted",
      fcm: FCM_FORMAT,
      apple: [403, "BadAuthorizationHeader"],
      wns: "accepted",
    },
  },
  {
    refusal: "token_missing",
    title: "no token",
    spoil: authorization((_token, key) => `vapid k=${key}`),
    expected: { mozilla: [401, "Missing VAPID token", 109], fcm: FCM_FORMAT, apple: BAD_JWT, wns: WNS_KEYS },
  },
  {
    refusal: "key_missing",
    title: "no key",
    spoil: authorization((token) => `vapid t=${token}`),
    expected: {
      mozilla: [401, "Missing VAPID public key", 109],
      fcm: [403, "authorization header had no public application server key specified."],
      apple: [403, "BadVapidPublicKey"],
      wns: WNS_KEYS,
    },
  },
  {
    refusal: "key_invalid",
    title: "a key that is not on P-256",
    spoil: (push) => Object.assign(push, { public_key: Buffer.alloc(65, 4).toString("base64url") }),
    expected: BAD_KEY,
  },
  {
    refusal: "key_invalid",
    title: "a compressed key",
    spoil: (push) => Object.assign(push, { public_key: compressed(push.public_key) }),
    expected: BAD_KEY,
  },
  {
    refusal: "key_invalid",
    title: "a hybrid key",
    spoil: (push) => Object.assign(push, { public_key: withPrefix(push.public_key, 6) }),
    expected: BAD_KEY,
  },
  {
    refusal: "key_invalid",
    title: "a key with padding",
    spoil: (push) => Object.assign(push, { public_key: `${push.public_key}=` }),
    expected: BAD_KEY,
  },
  {
    refusal: "jwt_malformed",
    title: "a token of two parts",
    spoil: authorization((token, key) => `vapid t=${token.split(".").slice(0, 2).join(".")}, k=${key}`),
    expected: MALFORMED,
  },
  {
    refusal: "jwt_malformed",
    title: "a token of four parts",
    spoil: authorization((token, key) => `vapid t=${token.replace(".", ".e30.")}, k=${key}`),
    expected: MALFORMED,
  },
  {
    refusal: "jwt_malformed",
    title: "a token that is not base64url",
    spoil: authorization((token, key) => `vapid t=${token.replace(".", "=.")}, k=${key}`),
    expected: MALFORMED,
  },
  {
    refusal: "jwt_malformed",
    title: "claims that are no JSON object",
    spoil: (push) => Object.assign(push, { claims: ["aud"] }),
    expected: MALFORMED,
  },
  {
    refusal: "jwt_algorithm",
    title: "alg none",
    spoil: (push) => Object.assign(push, { jwt_header: { typ: "JWT", alg: "none" } }),
    expected: WRONG_ALGORITHM,
  },
  {
    refusal: "jwt_algorithm",
    title: "a typ that is not JWT",
    spoil: (push) => Object.assign(push, { jwt_header: { typ: "JWE", alg: "ES256" } }),
    expected: WRONG_ALGORITHM,
  },
  {
    refusal: "signature",
    title: "a signature in DER",
    spoil: (push) => {
      push.signature = () =>
        sign("sha256", Buffer.from(`${encoded(push.jwt_header)}.${encoded(push.claims)}`), push.private_key);
    },
    expected: UNSIGNED,
  },
  {
    refusal: "signature",
    title: "a signature for other claims",
    spoil: authorization((token, key) => {
      const [head, , signature] = token.split(".");
      const claims = { aud: "https://localhost", exp: nowSeconds() + 60, sub: "mailto:mallory@example.org" };
      return `vapid t=${head}.${encoded(claims)}.${signature}, k=${key}`;
    }),
    expected: UNSIGNED,
  },
  {
    refusal: "exp_missing",
    title: "no exp",
    spoil: (push) => delete push.claims.exp,
    expected: NO_EXP,
  },
  {
    refusal: "exp_missing",
    title: "exp as text",
    spoil: claim("exp", () => String(nowSeconds() + 3600)),
    expected: NO_EXP,
  },
  {
    refusal: "exp_past",
    title: "exp in the past",
    spoil: claim("exp", () => nowSeconds() - 1),
    expected: {
      mozilla: [401, "ExpiredSignature", 109],
      fcm: [403, "token has expired"],
      apple: BAD_JWT,
      wns: WNS_JWT,
    },
  },
  {
    refusal: "exp_too_far",
    title: "exp more than 24 hours ahead",
    spoil: claim("exp", () => nowSeconds() + 86_400 + 60),
    expected: {
      mozilla: [401, "The VAPID token expiration is too long", 109],
      fcm: [403, "exp claim MUST NOT be more than 24 hours from the time of the request"],
      apple: BAD_JWT,
      wns: WNS_JWT,
    },
  },
  {
    refusal: "aud_missing",
    title: "no aud",
    spoil: (push) => delete push.claims.aud,
    expected: {
      mozilla: [401, "Invalid VAPID token: Missing required aud", 109],
      fcm: [403, "invalid aud claim"],
      apple: BAD_JWT,
      wns: WNS_JWT,
    },
  },
  {
    refusal: "aud_wrong",
    title: "aud without the port",
    spoil: claim("aud", () => "https://localhost"),
    expected: WRONG_AUD,
  },
  {
    refusal: "aud_wrong",
    title: "aud with a slash at its end",
    spoil: (push) => Object.assign(push.claims, { aud: `${push.claims.aud}/` }),
    expected: WRONG_AUD,
  },
  {
    refusal: "sub_unreachable",
    title: "no sub",
    spoil: (push) => delete push.claims.sub,
    expected: ONLY_APPLE_MINDS,
  },
  ...[
    "mailto:ops@localhost",
    "mailto:ops@printer.local",
    "https://localhost",
    "http://example.org",
    "ops@example.org",
  ].map(
    (sub): Rule => ({
      refusal: "sub_unreachable",
      title: `sub ${sub}`,
      spoil: claim("sub", () => sub),
      expected: ONLY_APPLE_MINDS,
    }),
  ),
  {
    refusal: "key_mismatch",
    title: "another key than the subscription's",
    spoil: (push, device, service) => {
      const other = service.createDevice({ vendor: device.vendor, vapid_public_key: newPublicKey() });
      push.url = other.endpoint;
    },
    expected: {
      mozilla: [401, "VAPID public key mismatch", 109],
      fcm: [
        403,
        "the VAPID credentials in the authorization header do not correspond to the credentials used to create",
      ],
      apple: [400, "VapidPkHashMismatch"],
      wns: [403, "The public key used to sign JWT does not match with the one included in channel Url."],
    },
  },
];

function newPublicKey(): string {
  return createECDH("prime256v1").generateKeys("base64url");
}

function compressed(key: string): string {
  const point = Buffer.from(key, "base64url");
  return withPrefix(point.subarray(0, 33).toString("base64url"), 2 + ((point[64] ?? 0) & 1));
}

function withPrefix(key: string, prefix: number): string {
  const point = Buffer.from(key, "base64url");
  point[0] = prefix;
  return point.toString("base64url");
}
