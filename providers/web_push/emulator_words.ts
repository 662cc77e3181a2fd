/** What each vendor's push service says to everything that can be wrong with a request. */

export type WebPushVendor = "mozilla" | "fcm" | "apple" | "wns";

export type Refusal =
  | "method"
  | "endpoint_unknown"
  | "unsubscribed"
  | "expired"
  | "authorization_missing"
  | "authorization_scheme"
  | "token_missing"
  | "key_missing"
  | "key_invalid"
  | "jwt_malformed"
  | "jwt_algorithm"
  | "signature"
  | "exp_missing"
  | "exp_past"
  | "exp_too_far"
  | "aud_missing"
  | "aud_wrong"
  | "sub_unreachable"
  | "key_mismatch"
  | "too_large"
  | "ttl_missing"
  | "ttl_negative"
  | "cache_policy"
  | "encoding_missing"
  | "encoding_unknown"
  | "salt_in_header"
  | "dh_in_header"
  | "encryption_missing"
  | "crypto_key_missing"
  | "topic_too_long"
  | "topic_alphabet"
  | "urgency"
  | "undecryptable"
  | "message_unknown";

/** The status, the vendor's own words, and Mozilla's errno. */
export type Wording = readonly [status: number, reason: string, errno?: number | undefined];

/** `undefined`: this service does not refuse it. */
type Words = Readonly<Record<Refusal, Wording | undefined>>;

const MALFORMED_CLAIM =
  'Invalid VAPID token: A value in the vapid claims is either missing or incorrectly specified (e.g. "exp":"12345" or "sub":null). Please correct and retry.';

/** autopush-rs: autoendpoint/src/{error,headers/vapid,extractors/notification_headers}.rs */
const MOZILLA: Words = {
  method: [405, "Method Not Allowed"],
  endpoint_unknown: [404, "Invalid token", 102],
  unsubscribed: [410, "No such subscription", 106],
  expired: [410, "UAID not found", 103],
  authorization_missing: [401, "Missing VAPID public key", 109],
  authorization_scheme: [401, "Unknown auth scheme", 109],
  token_missing: [401, "Missing VAPID token", 109],
  key_missing: [401, "Missing VAPID public key", 109],
  key_invalid: [401, "Invalid VAPID public key", 109],
  jwt_malformed: [401, "InvalidToken", 109],
  jwt_algorithm: [401, "InvalidAlgorithm", 109],
  signature: [401, "InvalidSignature", 109],
  exp_missing: [401, MALFORMED_CLAIM, 109],
  exp_past: [401, "ExpiredSignature", 109],
  exp_too_far: [401, "The VAPID token expiration is too long", 109],
  aud_missing: [401, "Invalid VAPID token: Missing required aud", 109],
  aud_wrong: [401, "Invalid VAPID audience", 109],
  sub_unreachable: undefined,
  key_mismatch: [401, "VAPID public key mismatch", 109],
  too_large: [413, "A payload reached size limit.", 104],
  ttl_missing: [400, "Missing TTL value", 111],
  ttl_negative: [400, "TTL must be greater than 0", 114],
  cache_policy: undefined,
  encoding_missing: [400, "Missing Content-Encoding header", 110],
  encoding_unknown: [400, "Unknown Content-Encoding header", 110],
  salt_in_header: [400, "Do not include 'salt' header in aes128gcm Encryption header", 110],
  dh_in_header: [400, "Do not include 'dh' header in aes128gcm Crypto-Key header", 110],
  encryption_missing: [400, "Missing salt value in Encryption header", 110],
  crypto_key_missing: [400, "Missing dh value in Crypto-Key header", 110],
  topic_too_long: [400, "Topic must be no greater than 32 characters", 113],
  topic_alphabet: [400, "Topic must be URL and Filename safe Base64 alphabet", 113],
  // autopush does not read Urgency; RFC 8030 section 5.3 asks for 400.
  urgency: [400, "Urgency must be one of very-low, low, normal, high"],
  undecryptable: [400, "Invalid message body", 110],
  message_unknown: [400, "Invalid message ID"],
};

const FCM_JWT: Wording = [403, "invalid JWT provided"];
const FCM_FORMAT: Wording = [
  403,
  "authorization header had invalid format. authorization header should have the following format: t=jwtToken; k=base64(publicApplicationServerKey)",
];
const FCM_GONE: Wording = [410, "push subscription has unsubscribed or expired."];
const FCM_ENDPOINT: Wording = [
  404,
  "A valid push subscription endpoint should be specified in the URL as such: https://fcm.googleapis.com/wp/dHIoDxE7Hdg:APA91bH1Zj0kNa...",
];

/** Observed answers, and the 403 texts that Chromium's components/gcm_driver/web_push_common.cc tells apart. */
const FCM: Words = {
  method: [405, "Method Not Allowed"],
  endpoint_unknown: FCM_ENDPOINT,
  unsubscribed: FCM_GONE,
  expired: FCM_GONE,
  authorization_missing: [401, "Authorization header must be specified."],
  authorization_scheme: FCM_FORMAT,
  token_missing: FCM_FORMAT,
  key_missing: [
    403,
    "authorization header had no public application server key specified. Authorization header should have the following format: vapid t=jwtToken; k=base64(publicApplicationServerKey)",
  ],
  key_invalid: [403, "VAPID public key must be on the P-256 curve"],
  jwt_malformed: FCM_JWT,
  jwt_algorithm: FCM_JWT,
  signature: FCM_JWT,
  exp_missing: [403, "exp claim is missing"],
  exp_past: [403, "token has expired"],
  exp_too_far: [403, "exp claim MUST NOT be more than 24 hours from the time of the request"],
  aud_missing: [403, "invalid aud claim"],
  aud_wrong: [403, "aud claim in the token MUST include the origin of the push resource URL"],
  sub_unreachable: undefined,
  key_mismatch: [
    403,
    "the VAPID credentials in the authorization header do not correspond to the credentials used to create the subscriptions.",
  ],
  too_large: [400, "binary data passed in the request must be less than 4096 bytes"],
  ttl_missing: [400, "InvalidTtlParameter"],
  ttl_negative: [400, "InvalidTtlParameter"],
  cache_policy: undefined,
  encoding_missing: [400, "content-encoding header must be specified"],
  encoding_unknown: [400, "content-encoding header must be aes128gcm or aesgcm"],
  salt_in_header: [400, "encryption header must not have a salt with aes128gcm"],
  dh_in_header: [400, "crypto-key header must not have a dh with aes128gcm"],
  encryption_missing: [400, "encryption header must have a salt"],
  crypto_key_missing: [400, "crypto-key header must have a dh"],
  topic_too_long: [400, "topic header must have at most 32 characters"],
  topic_alphabet: [400, "topic header must be base64url"],
  urgency: [400, "urgency header must be very-low, low, normal or high"],
  undecryptable: [400, "body is not a valid encrypted message"],
  message_unknown: FCM_ENDPOINT,
};

const BAD_JWT: Wording = [403, "BadJwtToken"];
const BAD_REQUEST: Wording = [400, "BadWebPushRequest"];

/** Apple, "Sending web push notifications in web apps and browsers"; statuses as observed. */
const APPLE: Words = {
  method: [405, "MethodNotAllowed"],
  endpoint_unknown: [404, "BadPath"],
  unsubscribed: [410, "Unregistered"],
  expired: [410, "ExpiredToken"],
  authorization_missing: [403, "BadAuthorizationHeader"],
  authorization_scheme: [403, "BadAuthorizationHeader"],
  token_missing: BAD_JWT,
  key_missing: [403, "BadVapidPublicKey"],
  key_invalid: [403, "BadVapidPublicKey"],
  jwt_malformed: BAD_JWT,
  jwt_algorithm: BAD_JWT,
  signature: BAD_JWT,
  exp_missing: BAD_JWT,
  exp_past: BAD_JWT,
  exp_too_far: BAD_JWT,
  aud_missing: BAD_JWT,
  aud_wrong: BAD_JWT,
  sub_unreachable: BAD_JWT,
  key_mismatch: [400, "VapidPkHashMismatch"],
  too_large: [413, "PayloadTooLarge"],
  ttl_missing: [400, "BadTtl"],
  ttl_negative: [400, "BadTtl"],
  cache_policy: undefined,
  encoding_missing: BAD_REQUEST,
  encoding_unknown: BAD_REQUEST,
  salt_in_header: BAD_REQUEST,
  dh_in_header: BAD_REQUEST,
  encryption_missing: BAD_REQUEST,
  crypto_key_missing: BAD_REQUEST,
  topic_too_long: [400, "BadWebPushTopic"],
  topic_alphabet: [400, "BadWebPushTopic"],
  urgency: [400, "BadUrgency"],
  undecryptable: BAD_REQUEST,
  message_unknown: [404, "BadPath"],
};

const WNS_JWT: Wording = [401, "The JWT in the Authorization header is not valid."];
const WNS_KEYS: Wording = [401, "Zero or duplicate tokens or token signing keys."];

/** Observed where they are about keys, tokens and cache policy. Every reason is in a header, every body is empty. */
const WNS: Words = {
  method: [405, "Only POST is allowed."],
  endpoint_unknown: [404, "The channel URI is not valid or is not recognized."],
  unsubscribed: [410, "The channel expired."],
  expired: [410, "The channel expired."],
  authorization_missing: WNS_KEYS,
  authorization_scheme: WNS_KEYS,
  token_missing: WNS_KEYS,
  key_missing: WNS_KEYS,
  key_invalid: WNS_KEYS,
  jwt_malformed: WNS_JWT,
  jwt_algorithm: WNS_JWT,
  signature: WNS_JWT,
  exp_missing: WNS_JWT,
  exp_past: WNS_JWT,
  exp_too_far: WNS_JWT,
  aud_missing: WNS_JWT,
  aud_wrong: WNS_JWT,
  sub_unreachable: undefined,
  key_mismatch: [403, "The public key used to sign JWT does not match with the one included in channel Url."],
  too_large: [413, "The payload is too large."],
  ttl_missing: [400, "The TTL header is missing or not valid."],
  ttl_negative: [400, "The TTL header is missing or not valid."],
  cache_policy: [400, "Ttl value conflicts with X-WNS-Cache-Policy."],
  encoding_missing: [400, "The Content-Encoding header is missing."],
  encoding_unknown: [400, "The Content-Encoding header is not valid."],
  salt_in_header: [400, "The Encryption header conflicts with Content-Encoding."],
  dh_in_header: [400, "The Crypto-Key header conflicts with Content-Encoding."],
  encryption_missing: [400, "The Encryption header is missing or not valid."],
  crypto_key_missing: [400, "The Crypto-Key header is missing or not valid."],
  topic_too_long: [400, "The Topic header is not valid."],
  topic_alphabet: [400, "The Topic header is not valid."],
  urgency: [400, "The Urgency header is not valid."],
  undecryptable: [400, "The body is not valid."],
  message_unknown: [404, "The channel URI is not valid or is not recognized."],
};

export const WORDS: Readonly<Record<WebPushVendor, Words>> = {
  mozilla: MOZILLA,
  fcm: FCM,
  apple: APPLE,
  wns: WNS,
};
