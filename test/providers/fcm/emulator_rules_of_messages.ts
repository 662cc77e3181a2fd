/** What FCM itself refuses in a message that Google's front end can read, and devices that it cannot reach. */
import { having, type Rule } from "./emulator_rule.js";

const target =
  (given: object): Rule["spoil"] =>
  (push) => {
    delete push.message.token;
    Object.assign(push.message, given);
  };

function invalid(
  title: string,
  path: string,
  value: unknown,
  words: string,
  field = `message.${path}`,
): Rule {
  return { title, spoil: having({ [path]: value }), status: 400, words, field, code: "INVALID_ARGUMENT" };
}

const NO_TARGET = { status: 400, words: "Recipient of the message is not set.", field: "message" } as const;
const NO_TOPIC = { status: 400, words: "Topic name contains invalid characters.", field: "message" } as const;
const NO_TOKEN = "The registration token is not a valid FCM registration token";
const CODE = { code: "INVALID_ARGUMENT" } as const;

const TARGETS: readonly Rule[] = [
  { title: "no target", spoil: target({}), ...NO_TARGET, ...CODE },
  { title: "an empty token", spoil: target({ token: "" }), ...NO_TARGET, ...CODE },
  {
    title: "only a live activity",
    spoil: target({ apns: { live_activity_token: "x" } }),
    ...NO_TARGET,
    ...CODE,
  },
  {
    title: "no message",
    spoil: (push) => Object.assign(push, { body: '{"validate_only":true}' }),
    ...NO_TARGET,
    ...CODE,
  },
  { title: "a topic with a space", spoil: target({ topic: "the news" }), ...NO_TOPIC, ...CODE },
  { title: "a topic with its prefix", spoil: target({ topic: "/topics/news" }), ...NO_TOPIC, ...CODE },
  { title: "a topic of 901 characters", spoil: target({ topic: "n".repeat(901) }), ...NO_TOPIC, ...CODE },
  ...[
    "'a' in topics &&",
    "'a' in topics 'b' in topics",
    "('a' in topics",
    "a in topics",
    "'a b' in topics",
    "'a' in topics & 'b' in topics",
    "'a' not in topics",
    Array.from("abcdef", (topic) => `'${topic}' in topics`).join(" || "),
  ].map(
    (condition): Rule => ({
      title: `the condition ${condition}`,
      spoil: target({ condition }),
      status: 400,
      words: "Request contains an invalid argument.",
    }),
  ),
  ...["not-a-token", "a:b", "fcm token with spaces:APA91bAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"].map(
    (token): Rule => ({
      title: `the token "${token}"`,
      spoil: target({ token }),
      status: 400,
      words: NO_TOKEN,
      field: "message.token",
      ...CODE,
    }),
  ),
  {
    title: "an installation id that is none",
    spoil: (push, device) => target({ fid: device.device_token })(push, device, {} as never),
    status: 400,
    words: NO_TOKEN,
    field: "message.fid",
    ...CODE,
  },
  {
    title: "a token that is nobody's",
    spoil: (push, device) => Object.assign(push.message, { token: `${device.device_token}x` }),
    status: 404,
    words: "Requested entity was not found.",
    code: "UNREGISTERED",
  },
  {
    title: "a device whose app is gone",
    spoil: (_push, device) => device.unregister(),
    status: 404,
    words: "Requested entity was not found.",
    code: "UNREGISTERED",
  },
  {
    title: "an installation id whose app is gone",
    spoil: (push, device, service) => {
      device.unregister();
      target({ fid: device.fid })(push, device, service);
    },
    status: 404,
    words: "Requested entity was not found.",
    code: "UNREGISTERED",
  },
  {
    title: "a device whose app is gone, in a dry run as well",
    spoil: (push, device) => {
      device.unregister();
      push.validate_only = true;
    },
    status: 404,
    words: "Requested entity was not found.",
    code: "UNREGISTERED",
  },
  {
    title: "a device of another project",
    spoil: (push, _device, service) => {
      push.message.token = service.createDevice({ project_id: "another" }).device_token;
    },
    status: 403,
    words: "SenderId mismatch",
    code: "SENDER_ID_MISMATCH",
  },
];

const HUNDRED = "x".repeat(100);
const LIGHTS = { color: {}, light_on_duration: "1s", light_off_duration: "1s" };

const CONTENTS: readonly Rule[] = [
  ...["from", "message_type", "google.a", "gcm.notification.a"].flatMap((key) =>
    ["data", "android.data", "android_v2.data", "webpush.data"].map((path) =>
      invalid(`the key ${key} in ${path}`, path, { [key]: "a" }, `Invalid data payload key: ${key}`),
    ),
  ),
  {
    title: "both Android configurations",
    spoil: having({ android: {}, android_v2: {} }),
    status: 400,
    words: "Only one of android and android_v2 can be set.",
    field: "message.android_v2",
    ...CODE,
  },
  ...["android", "android_v2"].flatMap((name) =>
    ["-1s", "2419201s", "2419200.5s"].map((ttl) =>
      invalid(
        `${name} with a ttl of ${ttl}`,
        `${name}.ttl`,
        ttl,
        "TTL must be between 0 and 2419200 seconds.",
      ),
    ),
  ),
  ...["android.notification", "android_v2.remote_notification.notification"].flatMap((path) => [
    ...["red", "#fff", "#ff00ff00"].map((color) =>
      invalid(`${path} in ${color}`, `${path}.color`, color, "Color must be in the form #RRGGBB."),
    ),
    invalid(
      `${path} that vibrates backwards`,
      `${path}.vibrate_timings`,
      ["1s", "-1s"],
      "Vibrate timings must not",
    ),
  ]),
  ...["color", "light_on_duration", "light_off_duration"].map((name) =>
    invalid(
      `lights without ${name}`,
      "android.notification.light_settings",
      { ...LIGHTS, [name]: undefined },
      `${name} is required.`,
      `message.android.notification.light_settings.${name}`,
    ),
  ),
  ...["light_on_duration", "light_off_duration"].map((name) =>
    invalid(
      `lights with a negative ${name}`,
      "android.notification.light_settings",
      { ...LIGHTS, [name]: "-1s" },
      `${name} must not be negative.`,
      `message.android.notification.light_settings.${name}`,
    ),
  ),
  ...[1.1, -0.1].map((red) =>
    invalid(
      `lights with ${red} red`,
      "android.notification.light_settings",
      { ...LIGHTS, color: { red } },
      "Color components must be in the interval [0, 1].",
      "message.android.notification.light_settings.color",
    ),
  ),
  ...["http://example.com/", "example.com", "app://home"].map((link) =>
    invalid(`the link ${link}`, "webpush.fcm_options.link", link, "Link must be an HTTPS URL."),
  ),
  ...(
    [
      ["TTL", "soon", "TTL must be a non-negative integer."],
      ["ttl", "-1", "TTL must be a non-negative integer."],
      ["Urgency", "urgent", "Urgency must be one of"],
      ["Topic", "order 42", "Topic must have at most 32"],
      ["Topic", "a".repeat(33), "Topic must have at most 32"],
    ] as const
  ).map(([name, value, words]) =>
    invalid(
      `the web push header ${name}: ${value}`,
      "webpush.headers",
      { [name]: value },
      words,
      `message.webpush.headers.${name}`,
    ),
  ),
  ...(
    [
      ["apns-priority", "7", "apns-priority must be 10, 5 or 1."],
      ["APNS-Priority", "high", "apns-priority must be 10, 5 or 1."],
      ["apns-expiration", "-1", "apns-expiration must be a UNIX time"],
      ["apns-expiration", "1h", "apns-expiration must be a UNIX time"],
      ["apns-collapse-id", "c".repeat(65), "apns-collapse-id must have at most 64 bytes."],
      ["apns-id", "42", "apns-id must be a UUID."],
      ["apns-push-type", "loud", "apns-push-type is not one"],
    ] as const
  ).map(([name, value, words]) =>
    invalid(
      `the APNs header ${name}: ${value}`,
      "apns.headers",
      { [name]: value },
      words,
      `message.apns.headers.${name}`,
    ),
  ),
  ...["Hi", [], null].map((aps) =>
    invalid(`aps that is ${JSON.stringify(aps)}`, "apns.payload", { aps }, "aps must be an object."),
  ),
  invalid(
    "an empty live activity token",
    "apns.live_activity_token",
    "",
    "live_activity_token must not be empty.",
  ),
  {
    title: "data alone for iOS with priority 10",
    spoil: (push, _device, service) => {
      push.message = {
        token: service.createDevice({ platform: "ios" }).device_token,
        data: { a: "b" },
        apns: { headers: { "apns-priority": "10" }, payload: { aps: { "content-available": 1 } } },
      };
    },
    status: 400,
    words: "apns-priority must be 5 for a message with data only.",
    field: "message.apns.headers",
    ...CODE,
  },
  ...[
    "fcm_options",
    "android.fcm_options",
    "android_v2.fcm_options",
    "apns.fcm_options",
    "webpush.fcm_options",
  ].flatMap((path) =>
    ["campaign 1", HUNDRED.slice(0, 51)].map((label) =>
      invalid(
        `the label "${label}" in ${path}`,
        `${path}.analytics_label`,
        label,
        "Invalid analytics label.",
      ),
    ),
  ),
];

export const RULES_OF_MESSAGES: readonly Rule[] = [...TARGETS, ...CONTENTS];
