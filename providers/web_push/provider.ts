import {
  type Codec,
  CodecProvider,
  defineProvider,
  type OpenContext,
  reject,
  type SharedConfig,
} from "../../src/provider_kit.js";
import { configSchema, environment, type OpenConfig, optionsSchema, type WebPushOptions } from "./config.js";
import { createVapid } from "./credential.js";
import { decode } from "./decode.js";
import { createEncoder, type PreparedPush, prepare, withLifetime } from "./encode.js";
import { MAX_PLAINTEXT_BYTES } from "./encrypt.js";
import { openEncryption } from "./encryption.js";
import { parseSubscription, type Recipient } from "./subscription.js";
import { readVapidKeys } from "./vapid_keys.js";

export interface WebPushCodec extends Codec<Recipient, WebPushOptions, PreparedPush> {
  readonly vapid_public_key: string;
}

/** Sends to browsers by the Web Push standards: RFC 8030 (protocol), RFC 8291 (encryption), RFC 8292 (VAPID). */
export class WebPushProvider extends CodecProvider<WebPushCodec, WebPushOptions> {
  /** What a page passes to `pushManager.subscribe` as `applicationServerKey`: 87 base64url characters. */
  getVapidPublicKey(): string {
    return this.codec.vapid_public_key;
  }
}

/** What the factory loads for `getPushProvider("web_push", config)`. */
export const webPush = defineProvider({
  platform: "web_push",
  aliases: ["webpush"],
  config: configSchema,
  platform_data: optionsSchema,
  environment,
  provider: WebPushProvider,
  codec: createCodec,
});

async function createCodec(config: OpenConfig & SharedConfig, { clock }: OpenContext): Promise<WebPushCodec> {
  const { content_encoding, allowed_hosts, allow_private_endpoints, vapid_subject: subject } = config;
  const keys = readVapidKeys(config);
  const encryption = await openEncryption(config, clock);
  const encode = createEncoder({
    content_encoding,
    vapid_public_key: keys.public_key,
    encrypt: encryption.encrypt,
  });
  const policy = { allowed_hosts, allow_private_endpoints };
  return {
    vapid_public_key: keys.public_key,
    limits: {
      max_payload_bytes: MAX_PLAINTEXT_BYTES[content_encoding],
      // Google keeps a message for 28 days, the others for 30.
      max_ttl_seconds: 2_419_200,
      max_concurrency: 200,
    },
    info: {
      sender: { vapid_public_key: keys.public_key, vapid_subject: subject },
      capabilities: {
        content_encoding,
        formats: ["nested", "flat", "declarative", "raw", "empty"],
        allowed_hosts,
      },
    },
    parseToken: (value) => parseSubscription(value, policy),
    prepare,
    encode: (prepared, target, context) =>
      target.kind === "token"
        ? encode(prepared, target.token, context)
        : reject("TOPICS_NOT_SUPPORTED", "Web push has no topics; send to subscriptions."),
    decode,
    connection: (target) => ({
      key: target.kind === "token" ? target.token.origin : "",
      protocol: "alpn",
      guard: allow_private_endpoints ? "fixed" : "public",
    }),
    withLifetime,
    replacesDelivered: ({ message }) => message.shows_tag,
    credential: createVapid({ keys, subject }),
    healthTarget: () => ({ kind: "token", token: ANYBODY }),
    close: encryption.close,
  };
}

/** Whom a health check signs for: any origin proves that the key signs, and this one's token will be of use. */
const ANYBODY: Recipient = {
  endpoint: "https://fcm.googleapis.com",
  origin: "https://fcm.googleapis.com",
  vendor: undefined,
  p256dh: Buffer.alloc(0),
  auth: Buffer.alloc(0),
};
