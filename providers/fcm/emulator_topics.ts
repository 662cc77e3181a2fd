/** Topic subscriptions: firebase.google.com/docs/reference/fcm/fcmtopics/rest/v1/projects.registrations.topicSubscriptions */
import type { ServedRequest } from "../../src/testing/kit.js";
import { readBody, readQuery } from "./emulator_body.js";
import { TOPIC } from "./emulator_condition.js";
import type { EmulatedDevice } from "./emulator_device.js";
import type { MessageType, Read } from "./emulator_proto.js";
import {
  googleError,
  invalid,
  methodUnknown,
  plainWords,
  type Reply,
  refusal,
  success,
} from "./emulator_words.js";

export const MAX_TOPICS_PER_DEVICE = 2000;

/** A request about one device's subscriptions. */
export interface TopicRequest extends Pick<ServedRequest, "method" | "path" | "headers" | "body"> {
  /** `projects/P/registrations/R`. */
  readonly parent: string;
  /** What follows `topicSubscriptions/`, decoded. */
  readonly topic: string | undefined;
}

export function serveTopics(request: TopicRequest, device: EmulatedDevice): Reply {
  const operations = request.topic === undefined ? COLLECTION : ITEM;
  const operation = operations[request.method];
  if (!operation) return methodUnknown(request.method, Object.keys(operations).join(", "));
  const query = readQuery(request.path, operation.parameters);
  const error = query.error ?? readBody(request, TOPIC_SUBSCRIPTION).error;
  if (error) return refusal(error);
  const topic = request.topic ?? String(query.read.topic_name ?? "");
  if (operation !== COLLECTION.GET && !TOPIC.test(topic))
    return refusal(invalid("Topic name contains invalid characters.", "topic_name"));
  return operation.serve({ parent: request.parent, device, topic, parameters: query.read });
}

interface Subscription {
  readonly parent: string;
  readonly device: EmulatedDevice;
  readonly topic: string;
  readonly parameters: Read;
}

interface TopicOperation {
  readonly parameters: MessageType["fields"];
  serve(subscription: Subscription): Reply;
}

const TOPIC_SUBSCRIPTION: MessageType = {
  message: "google.firebase.fcm.v1.TopicSubscription",
  fields: { name: "string", topic_name: "string", create_time: "timestamp" },
};

const COLLECTION: Readonly<Record<string, TopicOperation>> = {
  POST: {
    parameters: { topic_name: "string" },
    serve: (one) => (exists(one) ? refusal(googleError(409, plainWords(409))) : create(one)),
  },
  GET: { parameters: { page_size: "int32", page_token: "string" }, serve: list },
};

const ITEM: Readonly<Record<string, TopicOperation>> = {
  GET: { parameters: {}, serve: (one) => (exists(one) ? success(resource(one)) : missing()) },
  PATCH: {
    parameters: { allow_missing: "bool", update_mask: "string" },
    serve: (one) => {
      if (exists(one)) return success(resource(one));
      return allowsMissing(one) ? create(one) : missing();
    },
  },
  DELETE: {
    parameters: { allow_missing: "bool" },
    serve: (one) => {
      const was_there = one.device.subscriptions.delete(one.topic);
      return was_there || allowsMissing(one) ? success({}) : missing();
    },
  },
};

function create(one: Subscription): Reply {
  if (one.device.subscriptions.size >= MAX_TOPICS_PER_DEVICE)
    return refusal(googleError(429, `An app instance can have at most ${MAX_TOPICS_PER_DEVICE} topics.`));
  one.device.subscribeToTopic(one.topic);
  return success(resource(one));
}

/** A page token counts what came before. 1000 at a time unless asked otherwise. */
function list({ parameters, ...one }: Subscription): Reply {
  const size = Number(parameters.page_size ?? 0);
  if (size < 0) return refusal(invalid("Page size must not be negative.", "page_size"));
  const token = String(parameters.page_token ?? "0");
  if (!/^\d+$/.test(token)) return refusal(invalid("Invalid page token.", "page_token"));
  const start = Number(token);
  const end = start + (size || 1000);
  const { topics } = one.device;
  const more = end < topics.length ? { nextPageToken: String(end) } : {};
  const page = topics.slice(start, end).map((topic) => resource({ ...one, topic }));
  return success({ topicSubscriptions: page, ...more });
}

function resource({ parent, device, topic }: Omit<Subscription, "parameters">): object {
  const name = `${parent}/topicSubscriptions/${topic}`;
  return { name, topicName: topic, createTime: device.subscriptions.get(topic) };
}

function exists({ device, topic }: Subscription): boolean {
  return device.subscriptions.has(topic);
}

function allowsMissing({ parameters }: Subscription): boolean {
  return parameters.allow_missing === true;
}

function missing(): Reply {
  return refusal(googleError(404, plainWords(404)));
}
