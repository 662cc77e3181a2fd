import {
  collapseKey,
  type EncodeContext,
  type HttpRequest,
  isRejection,
  type Rejection,
  type ResultWarning,
  reject,
} from "../../src/provider_kit.js";
import { TOPIC_CHARACTERS } from "./config.js";
import { type ContentEncoding, type Encrypted, MAX_PLAINTEXT_BYTES, type Receiver } from "./encrypt.js";
import { layOut, type Message, type WebPushPayload } from "./formats.js";
import type { Recipient } from "./subscription.js";
import { fill } from "./template.js";

/** A notification that is ready for any number of recipients. */
export interface PreparedPush {
  readonly message: Message;
  /** The Topic where Apple is asked: hashed when its length is one that Apple refuses. */
  readonly apple_topic: string | undefined;
  readonly warnings: readonly ResultWarning[];
  /** Those that are the same for every recipient. */
  readonly headers: Readonly<Record<string, string>>;
}

const URGENCY = { low: "low", normal: "normal", high: "high", critical: "high" } as const;

/** Apple reads a Topic as base64url and refuses the lengths that no bytes have (`BadWebPushTopic`). */
const APPLE_TOPIC = /^(?=.{1,32}$)(?:[A-Za-z0-9_-]{4})*[A-Za-z0-9_-]{2,4}$/;

/** Once per payload: its layout, and Urgency and Topic (RFC 8030, sections 5.3 and 5.4). */
export function prepare(payload: WebPushPayload): PreparedPush | Rejection {
  const message = layOut(payload);
  if (isRejection(message)) return message;
  const { options, collapse_key, priority } = payload;
  const topic = options.topic ?? (collapse_key && collapseKey(collapse_key, TOPIC_CHARACTERS, 32));
  // Push services look at the content and not at this; the standard for declarative messages asks for theirs.
  const type =
    options.format === "declarative" ? "application/notification+json" : "application/octet-stream";
  return {
    message,
    apple_topic: topic && collapseKey(topic, APPLE_TOPIC, 32),
    warnings: message.warnings,
    headers: {
      urgency: options.urgency ?? URGENCY[priority],
      ...(topic ? { topic } : {}),
      ...(options.format === "empty" ? {} : { "content-type": type }),
    },
  };
}

export interface EncoderOptions {
  readonly content_encoding: ContentEncoding;
  readonly vapid_public_key: string;
  /** Here and at once, or in a thread. */
  readonly encrypt: (plaintext: Uint8Array, receiver: Receiver) => Encrypted | Promise<Encrypted>;
}

export type Encoder = (
  prepared: PreparedPush,
  recipient: Recipient,
  context: EncodeContext,
) => HttpRequest | Rejection | Promise<HttpRequest>;

/** Makes the request to one recipient: fills in what is its own, checks the size, encrypts. */
export function createEncoder({ content_encoding, vapid_public_key, encrypt }: EncoderOptions): Encoder {
  const max_bytes = MAX_PLAINTEXT_BYTES[content_encoding];
  // The authorization names our key; services of aesgcm's time look for it beside the sender's, too.
  const own_key = content_encoding === "aesgcm" ? `p256ecdsa=${vapid_public_key}` : undefined;
  return ({ message, apple_topic, headers: shared }, recipient, context) => {
    const { vendor, endpoint: url } = recipient;
    const headers = lifetimeHeaders(context, vendor === "wns");
    Object.assign(headers, shared);
    if (vendor === "apple" && apple_topic) headers.topic = apple_topic;
    const { message_id, now_ms } = context;
    const content = message.template
      ? fill(message.template, { message_id, timestamp: now_ms })
      : message.raw;
    if (content === undefined) return { method: "POST", url, headers };
    const bytes = Buffer.from(content);
    if (bytes.length > max_bytes) {
      return reject(
        "PAYLOAD_TOO_LARGE",
        `The message is ${bytes.length} bytes; web push carries at most ${max_bytes} bytes.`,
      );
    }
    headers["content-encoding"] = content_encoding;
    const plaintext = typeof content === "string" ? content : undefined;
    const finish = ({ body, salt, sender_key }: Encrypted): HttpRequest => {
      if (own_key) {
        headers.encryption = `salt=${salt.toString("base64url")}`;
        headers["crypto-key"] = `dh=${sender_key.toString("base64url")};${own_key}`;
      }
      return { method: "POST", url, headers, body, plaintext };
    };
    const encrypted = encrypt(bytes, recipient);
    return "then" in encrypted ? encrypted.then(finish) : finish(encrypted);
  };
}

/** Before a retry: the same request with what is left of its lifetime. */
export function withLifetime(
  request: HttpRequest,
  time: { now_ms: number; expires_at_ms: number },
): HttpRequest {
  const { headers } = request;
  const left = lifetimeHeaders(time, "x-wns-cache-policy" in headers);
  return Number(left.ttl) < Number(headers.ttl) ? { ...request, headers: { ...headers, ...left } } : request;
}

/**
 * TTL (RFC 8030, section 5.2) rounded up: 0 means "now or never" and must not come of rounding. WNS refuses a TTL that its
 * cache policy contradicts.
 */
function lifetimeHeaders(
  { now_ms, expires_at_ms }: { readonly now_ms: number; readonly expires_at_ms: number },
  is_wns: boolean,
): Record<string, string> {
  const ttl = Math.max(0, Math.ceil((expires_at_ms - now_ms) / 1000));
  const headers: Record<string, string> = { ttl: String(ttl) };
  if (is_wns) headers["x-wns-cache-policy"] = ttl > 0 ? "cache" : "no-cache";
  return headers;
}
