/** The options that say what is sent and to whom; the same for all commands that send. */
import type { PushNotificationPayload } from "../index.js";
import type { Given, Options } from "./arguments.js";
import { CliError } from "./exit.js";
import { isObject, parseJson, readJsonObject, readText } from "./files.js";
import type { Io } from "./io.js";

export const PAYLOAD_OPTIONS: Options = {
  title: { value: "TEXT", help: "the first line" },
  body: { value: "TEXT", help: "the text" },
  url: { value: "URL", help: "what a click opens" },
  icon: { value: "URL", help: "the picture beside the text" },
  data: {
    value: "JSON|K=V",
    multiple: true,
    help: "for the app: a JSON object, or one field; may be repeated",
  },
  priority: { value: "NAME", help: "low, normal (default), high or critical" },
  ttl: { value: "SECONDS", help: "how long the service keeps it for a device that is off; 0: now or never" },
  "collapse-key": { value: "KEY", help: "a later one with this key replaces this one" },
  payload: {
    value: "FILE",
    help: "the whole payload as JSON, - is stdin; the options above change its fields",
  },
};

export const TARGET_OPTIONS: Options = {
  token: { value: "TOKEN", help: "device token, as the service gave it" },
  subscription: {
    value: "FILE",
    help: "a browser's subscription as JSON, - is stdin; implies --platform web_push",
  },
  topic: { value: "NAME", help: "an FCM topic or an APNs channel, instead of a device" },
};

/** The payload of the options; undefined when none was given. Whether it can be sent is for the platform to say. */
export async function readPayload(
  given: Given,
  io: Pick<Io, "stdin">,
): Promise<PushNotificationPayload | undefined> {
  if (!Object.keys(PAYLOAD_OPTIONS).some((name) => given.has(name))) return undefined;
  const path = given.text("payload");
  const payload = path === undefined ? {} : await readJsonObject("--payload", path, io);
  const data = readData(given.all("data"));
  const changes = {
    title: given.text("title"),
    body: given.text("body"),
    url: given.text("url"),
    icon: given.text("icon"),
    priority: given.text("priority"),
    ttl_seconds: given.number("ttl", "a whole number of seconds, 0 or more", isCount),
    collapse_key: given.text("collapse-key"),
    data: data && { ...(isObject(payload.data) ? payload.data : {}), ...data },
  };
  const present = Object.entries(changes).filter(([, value]) => value !== undefined);
  return { ...payload, ...Object.fromEntries(present) };
}

/** Where one notification goes. */
export type Destination =
  | { readonly kind: "token"; readonly token: unknown }
  | { readonly kind: "topic"; readonly topic: string };

/** The one destination of the options; undefined when none was given. */
export async function readDestination(given: Given, io: Pick<Io, "stdin">): Promise<Destination | undefined> {
  const named = Object.keys(TARGET_OPTIONS).filter((name) => given.has(name));
  if (named.length > 1) {
    throw new CliError(`give only one of ${named.map((name) => `--${name}`).join(", ")}`);
  }
  const topic = given.text("topic");
  if (topic !== undefined) return { kind: "topic", topic };
  const path = given.text("subscription");
  if (path === undefined)
    return given.has("token") ? { kind: "token", token: given.text("token") } : undefined;
  const subscription = parseJson(await readText("--subscription", path, io));
  if (isObject(subscription)) return { kind: "token", token: subscription };
  throw new CliError(
    `--subscription ${path}: expected a subscription as JSON, { "endpoint", "keys": { "p256dh", "auth" } }`,
  );
}

/** A whole number, 0 or more. */
export function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function readData(texts: readonly string[]): Record<string, unknown> | undefined {
  if (texts.length === 0) return undefined;
  return Object.assign({}, ...texts.map(readDatum));
}

function readDatum(text: string): Record<string, unknown> {
  if (text.trimStart().startsWith("{")) {
    const value = parseJson(text);
    if (isObject(value)) return value;
  } else {
    const [, key, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
    if (key !== undefined) return { [key]: value };
  }
  throw new CliError("--data: expected a JSON object or KEY=VALUE");
}
