import { type Rejection, reject, type Target } from "../../src/provider_kit.js";
import type { Recipient } from "./token.js";

/** https://firebase.google.com/docs/cloud-messaging/send-topic-messages */
const TOPIC_NAME = /^[a-zA-Z0-9\-_.~%]{1,900}$/;
const MAX_TOPICS = 5;

/**
 * A topic's name, with or without `/topics/`, or a condition such as `'a' in topics && !('b' in topics)`: at most
 * five topics, joined by `&&`, `||`, `!` and parentheses.
 */
export function parseTopic(value: string): Target<Recipient> | Rejection {
  if (/\sin\s+topics\b/.test(value)) return parseCondition(value);
  const name = parseTopicName(value);
  return typeof name === "string" ? { kind: "topic", value: name } : name;
}

/** One topic, for subscriptions: a condition is none. */
export function parseTopicName(value: unknown): string | Rejection {
  const name = typeof value === "string" ? value.replace(/^\/topics\//, "") : "";
  if (TOPIC_NAME.test(name)) return name;
  return reject("PAYLOAD_INVALID", "topic: expected 1 to 900 characters of a-z A-Z 0-9 - _ . ~ %");
}

function parseCondition(value: string): Target<Recipient> | Rejection {
  const names = [...value.matchAll(/'([^']*)'\s+in\s+topics\b/g)].map(([, name = ""]) => name);
  const astray = names.find((name) => !TOPIC_NAME.test(name));
  if (astray !== undefined) {
    return reject(
      "PAYLOAD_INVALID",
      "condition: expected topics of 1 to 900 characters a-z A-Z 0-9 - _ . ~ %",
    );
  }
  if (names.length > MAX_TOPICS) {
    return reject("PAYLOAD_INVALID", `condition: ${names.length} topics; at most ${MAX_TOPICS} are allowed`);
  }
  if (!isWellFormed(value)) {
    return reject(
      "PAYLOAD_INVALID",
      "condition: expected topics such as 'news' in topics, joined by &&, ||, ! and parentheses",
    );
  }
  return { kind: "condition", value };
}

/** Folds the condition from the inside out: what is well-formed ends as one single topic. */
function isWellFormed(condition: string): boolean {
  const topic = /'[^']*'\s+in\s+topics\b/g;
  if (/[^\s&|!()]/.test(condition.replaceAll(topic, ""))) return false;
  let text = condition.replaceAll(topic, "T").replaceAll(/\s+/g, "");
  for (let before = ""; before !== text; ) {
    before = text;
    text = text.replace(/!T|\(T\)|T(?:&&|\|\|)T/, "T");
  }
  return text === "T";
}
