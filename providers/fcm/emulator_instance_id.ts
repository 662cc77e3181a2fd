/** The older API for topics: developers.google.com/instance-id/reference/server */
import { parseJson } from "./emulator_body.js";
import { TOPIC } from "./emulator_condition.js";
import { type DeviceRegistry, type EmulatedDevice, isRegistration } from "./emulator_device.js";
import { isObject } from "./emulator_proto.js";
import { decodePart } from "./emulator_routes.js";
import { MAX_TOPICS_PER_DEVICE } from "./emulator_topics.js";
import { jsonReply, methodUnknown, pathUnknown, type Reply } from "./emulator_words.js";

const MAX_TOKENS_PER_BATCH = 1000;
const PLATFORMS = { android: "ANDROID", ios: "IOS", web: "CHROME" } as const;

export interface InstanceIdRequest {
  readonly method: string;
  readonly path: string;
  readonly body: Buffer;
}

/** What is known of the sender's project. */
export interface Sender {
  readonly registry: DeviceRegistry;
  readonly project: { readonly id: string; readonly number: string };
}

export function serveInstanceId({ method, path, body }: InstanceIdRequest, sender: Sender): Reply {
  const [, batch, token, query] =
    /^\/iid\/(?:v1:batch(Add|Remove)|info\/([^/?]+))(?:\?(.*))?$/.exec(path) ?? [];
  if (batch === undefined && token === undefined) return pathUnknown(path);
  const expected = batch === undefined ? "GET" : "POST";
  if (method !== expected) return methodUnknown(method, expected);
  if (token === undefined) return relateAll(body, batch === "Add", sender);
  return describe(token, new URLSearchParams(query).get("details") === "true", sender);
}

/** The error is one word, or one sentence. */
export function instanceIdRefusal(status: number, error: string): Reply {
  return { ...jsonReply(status, { error }), reason: error, error };
}

function relateAll(body: Buffer, is_add: boolean, sender: Sender): Reply {
  const json = parseJson(body.toString());
  const { to, registration_tokens: tokens } = isObject(json) ? json : {};
  const topic = /^\/topics\/(.*)$/s.exec(String(to))?.[1] ?? "";
  const is_batch = Array.isArray(tokens) && tokens.length > 0 && tokens.length <= MAX_TOKENS_PER_BATCH;
  if (!TOPIC.test(topic) || !is_batch) return instanceIdRefusal(400, "INVALID_ARGUMENT");
  const errors = tokens.map((token) => relate(String(token), topic, is_add, sender));
  return jsonReply(200, { results: errors.map((error) => (error === undefined ? {} : { error })) });
}

/** The error; `undefined` when it is done. */
function relate(token: string, topic: string, is_add: boolean, sender: Sender): string | undefined {
  const device = sender.registry.find(token);
  if (!isRegistration(token)) return "INVALID_ARGUMENT";
  if (!device?.is_registered) return "NOT_FOUND";
  if (device.project_id !== sender.project.id) return "PERMISSION_DENIED";
  if (is_add && device.subscriptions.size >= MAX_TOPICS_PER_DEVICE && !device.subscriptions.has(topic))
    return "TOO_MANY_TOPICS";
  if (is_add) device.subscribeToTopic(topic);
  else device.unsubscribeFromTopic(topic);
  return undefined;
}

function describe(encoded: string, with_details: boolean, { registry, project }: Sender): Reply {
  const token = decodePart(encoded);
  const device = registry.find(token);
  if (!isRegistration(token)) return instanceIdRefusal(400, "InvalidToken");
  if (!device?.is_registered) return instanceIdRefusal(404, "No information found about this instance id.");
  if (device.project_id !== project.id) return instanceIdRefusal(403, "PERMISSION_DENIED");
  const facts = {
    application: "com.example.app",
    applicationVersion: "1",
    authorizedEntity: project.number,
    platform: PLATFORMS[device.platform],
  };
  return jsonReply(200, with_details ? { ...facts, ...relations(device) } : facts);
}

function relations({ subscriptions }: EmulatedDevice): object {
  if (subscriptions.size === 0) return {};
  const topics = [...subscriptions].map(([topic, time]) => [topic, { addDate: time.slice(0, 10) }]);
  return { rel: { topics: Object.fromEntries(topics) } };
}
