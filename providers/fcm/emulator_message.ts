/** What FCM refuses in a message that is otherwise well-formed. */
import { readCondition, TOPIC } from "./emulator_condition.js";
import { isObject, part, type Read } from "./emulator_proto.js";
import { checkSize, type FcmPlatform } from "./emulator_size.js";
import { type GoogleError, googleError, invalid } from "./emulator_words.js";

/** The first thing wrong with a message, whoever it is for; `undefined`: FCM takes it. */
export function checkMessage(message: Read, platform: FcmPlatform | undefined): GoogleError | undefined {
  for (const error of findings(message, platform)) if (error) return error;
  return undefined;
}

const MAX_TTL_SECONDS = 2_419_200;

function* findings(message: Read, platform: FcmPlatform | undefined): Generator<GoogleError | undefined> {
  yield checkTarget(message);
  if (message.android && message.android_v2)
    yield invalid("Only one of android and android_v2 can be set.", "message.android_v2");
  for (const [path, read] of dataBlocks(message)) yield checkData(path, read);
  for (const name of ["android", "android_v2"]) yield* checkAndroid(`message.${name}`, part(message, name));
  yield* checkWebpush(part(message, "webpush"));
  yield* checkApns(message, platform);
  for (const [path, read] of optionBlocks(message)) yield checkLabel(path, read.analytics_label);
  yield checkSize(message, platform);
}

/** An empty string is as good as none. */
function checkTarget({ token, fid, topic, condition }: Read): GoogleError | undefined {
  if (!(token || fid || topic || condition))
    return invalid("Recipient of the message is not set.", "message");
  if (topic && !TOPIC.test(String(topic)))
    return invalid("Topic name contains invalid characters.", "message");
  // Google gives no details here.
  if (condition && !readCondition(String(condition)))
    return googleError(400, "Request contains an invalid argument.");
  return undefined;
}

function dataBlocks(message: Read): [path: string, data: Read][] {
  const blocks: [string, Read][] = [["message", message]];
  for (const name of ["android", "android_v2", "webpush"])
    blocks.push([`message.${name}`, part(message, name)]);
  return blocks.map(([path, block]) => [`${path}.data`, part(block, "data")]);
}

function checkData(path: string, data: Read): GoogleError | undefined {
  const reserved = Object.keys(data).find((key) =>
    /^(from|message_type|google\..*|gcm\.notification\..*)$/s.test(key),
  );
  return reserved === undefined ? undefined : invalid(`Invalid data payload key: ${reserved}`, path);
}

function* checkAndroid(path: string, android: Read): Generator<GoogleError | undefined> {
  const ttl = seconds(android.ttl);
  if (ttl < 0 || ttl > MAX_TTL_SECONDS)
    yield invalid(`TTL must be between 0 and ${MAX_TTL_SECONDS} seconds.`, `${path}.ttl`);
  yield* checkNotification(`${path}.notification`, part(android, "notification"));
  const remote = part(android, "remote_notification");
  yield* checkNotification(`${path}.remote_notification.notification`, part(remote, "notification"));
}

function* checkNotification(path: string, notification: Read): Generator<GoogleError | undefined> {
  const { color, light_settings } = notification;
  if (color !== undefined && !/^#[0-9a-fA-F]{6}$/.test(String(color)))
    yield invalid("Color must be in the form #RRGGBB.", `${path}.color`);
  const vibrations = (notification.vibrate_timings ?? []) as readonly unknown[];
  if (vibrations.some((timing) => seconds(timing) < 0))
    yield invalid("Vibrate timings must not be negative.", `${path}.vibrate_timings`);
  if (light_settings) yield* checkLights(`${path}.light_settings`, part(notification, "light_settings"));
}

/** All three are required. */
function* checkLights(path: string, lights: Read): Generator<GoogleError | undefined> {
  for (const name of ["color", "light_on_duration", "light_off_duration"]) {
    if (lights[name] === undefined) yield invalid(`${name} is required.`, `${path}.${name}`);
    if (seconds(lights[name]) < 0) yield invalid(`${name} must not be negative.`, `${path}.${name}`);
  }
  const intensities = Object.values(part(lights, "color")).map(Number);
  if (intensities.some((value) => value < 0 || value > 1))
    yield invalid("Color components must be in the interval [0, 1].", `${path}.color`);
}

type HeaderRule = readonly [lower_case_name: string, pattern: RegExp, words: string];

/** RFC 8030 section 5. */
const WEBPUSH_HEADERS: readonly HeaderRule[] = [
  ["ttl", /^\d+$/, "TTL must be a non-negative integer."],
  ["urgency", /^(very-low|low|normal|high)$/, "Urgency must be one of very-low, low, normal, high."],
  [
    "topic",
    /^[A-Za-z0-9_-]{1,32}$/,
    "Topic must have at most 32 characters of the URL-safe Base64 alphabet.",
  ],
];

function* checkWebpush(webpush: Read): Generator<GoogleError | undefined> {
  yield* checkHeaders("message.webpush.headers", part(webpush, "headers"), WEBPUSH_HEADERS);
  const { link } = part(webpush, "fcm_options");
  if (link !== undefined && !(URL.canParse(String(link)) && new URL(String(link)).protocol === "https:"))
    yield invalid("Link must be an HTTPS URL.", "message.webpush.fcm_options.link");
}

const APNS_HEADERS: readonly HeaderRule[] = [
  ["apns-priority", /^(10|5|1)$/, "apns-priority must be 10, 5 or 1."],
  ["apns-expiration", /^\d+$/, "apns-expiration must be a UNIX time in seconds."],
  ["apns-collapse-id", /^(?=.{1,64}$)[\x20-\x7e]+$/, "apns-collapse-id must have at most 64 bytes."],
  ["apns-id", /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, "apns-id must be a UUID."],
  [
    "apns-push-type",
    /^(alert|background|location|voip|complication|fileprovider|mdm|liveactivity|pushtotalk|widgets|controls)$/,
    "apns-push-type is not one that APNs knows.",
  ],
];

function* checkApns(message: Read, platform: FcmPlatform | undefined): Generator<GoogleError | undefined> {
  const apns = part(message, "apns");
  yield* checkHeaders("message.apns.headers", part(apns, "headers"), APNS_HEADERS);
  const { aps } = part(apns, "payload");
  if (aps !== undefined && !isObject(aps)) yield invalid("aps must be an object.", "message.apns.payload");
  if (apns.live_activity_token === "")
    yield invalid("live_activity_token must not be empty.", "message.apns.live_activity_token");
  // "When sending payloads containing only data fields to iOS devices, only normal priority is allowed."
  if (platform === "ios" && isDataOnly(message) && header(part(apns, "headers"), "apns-priority") === "10")
    yield invalid("apns-priority must be 5 for a message with data only.", "message.apns.headers");
}

function isDataOnly(message: Read): boolean {
  const aps = part(message, "apns", "payload", "aps");
  return !message.notification && !["alert", "sound", "badge"].some((name) => name in aps);
}

function* checkHeaders(
  path: string,
  headers: Read,
  rules: readonly HeaderRule[],
): Generator<GoogleError | undefined> {
  for (const [spelled, value] of Object.entries(headers)) {
    const broken = rules.find(
      ([name, pattern]) => name === spelled.toLowerCase() && !pattern.test(String(value)),
    );
    if (broken) yield invalid(broken[2], `${path}.${spelled}`);
  }
}

function header(headers: Read, name: string): unknown {
  return Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
}

function optionBlocks(message: Read): [path: string, options: Read][] {
  const blocks: [string, Read][] = [["message", message]];
  for (const name of ["android", "android_v2", "webpush", "apns"])
    blocks.push([`message.${name}`, part(message, name)]);
  return blocks.map(([path, block]) => [`${path}.fcm_options`, part(block, "fcm_options")]);
}

/** firebase.google.com/docs/cloud-messaging/understand-delivery#adding-analytics-labels-to-messages */
function checkLabel(path: string, label: unknown): GoogleError | undefined {
  if (label === undefined || /^[a-zA-Z0-9\-_.~%]{1,50}$/.test(String(label))) return undefined;
  return invalid("Invalid analytics label.", `${path}.analytics_label`);
}

/** Of a duration, or 0 when there is none. */
function seconds(duration: unknown): number {
  return typeof duration === "string" ? Number.parseFloat(duration) : 0;
}
