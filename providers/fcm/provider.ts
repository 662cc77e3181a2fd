import {
  type Codec,
  CodecProvider,
  type Connection,
  configInvalid,
  defineProvider,
  type Pacing,
  type PushNotificationResult,
  type SharedConfig,
} from "../../src/provider_kit.js";
import { openSupplier } from "./access_token.js";
import { configSchema, environment, type OpenConfig, tokenEndpoint } from "./config.js";
import { createCredential, grantMint, suppliedMint } from "./credential.js";
import { decode } from "./decode.js";
import { createEncoder, type PreparedMessage, prepare } from "./encode.js";
import { MAX_TTL_SECONDS, type Message, optionsSchema } from "./message_schema.js";
import { OTHER_CREDENTIALS, openServiceAccount, type ServiceAccount } from "./service_account.js";
import { MAX_MESSAGE_BYTES } from "./size.js";
import { changeSubscriptions, type TopicApi, type TopicOptions } from "./subscriber.js";
import { parseToken, type Recipient } from "./token.js";
import { parseTopic } from "./topics.js";

export interface FcmCodec extends Codec<Recipient, Message, PreparedMessage> {
  readonly topics: TopicApi;
}

/**
 * Sends to Android, iOS and browsers by the HTTP v1 API of Firebase Cloud Messaging
 * (https://firebase.google.com/docs/cloud-messaging/send/v1-api).
 *
 * A token is a registration token, or `{ fid }`, a Firebase installation id.
 */
export class FcmProvider extends CodecProvider<FcmCodec, object> {
  /**
   * Subscribes tokens to a topic (its name, with or without `/topics/`). One result for each token, in order; one
   * that was subscribed before is a success. With `topic_api: "legacy"` a thousand go in one request, and an error
   * that FCM gives for one of them is not tried again: its result says `retryable`.
   *
   * @throws PushError `OPTIONS_INVALID` for wrong options and when `device_tokens` is not an array,
   * `PROVIDER_CLOSED`.
   */
  subscribeToTopic(
    device_tokens: readonly unknown[],
    topic: string,
    options?: TopicOptions,
  ): Promise<PushNotificationResult[]> {
    return this.#changeSubscriptions("subscribe", device_tokens, topic, options);
  }

  /** Ends subscriptions, as {@link subscribeToTopic} begins them; one that never was is a success. */
  unsubscribeFromTopic(
    device_tokens: readonly unknown[],
    topic: string,
    options?: TopicOptions,
  ): Promise<PushNotificationResult[]> {
    return this.#changeSubscriptions("unsubscribe", device_tokens, topic, options);
  }

  #changeSubscriptions(
    change: "subscribe" | "unsubscribe",
    device_tokens: readonly unknown[],
    topic: string,
    options: TopicOptions | undefined,
  ): Promise<PushNotificationResult[]> {
    return changeSubscriptions(change, device_tokens, topic, {
      api: this.codec.topics,
      operate: (requests, limited) => this.operate(requests, limited),
      options,
    });
  }
}

/** What the factory loads for `getPushProvider("fcm", config)`. */
export const fcm = defineProvider({
  platform: "fcm",
  aliases: ["fcm_linux", "fcm_android"],
  config: configSchema,
  platform_data: optionsSchema,
  environment,
  provider: FcmProvider,
  codec: createCodec,
});

async function createCodec(config: OpenConfig & SharedConfig): Promise<FcmCodec> {
  const { endpoint, iid_endpoint, topic_api } = config;
  const account = await openServiceAccount(config, process.env.GOOGLE_APPLICATION_CREDENTIALS);
  const sender = account === OTHER_CREDENTIALS ? undefined : account;
  const project_id = config.project_id ?? sender?.project_id ?? config.app?.options.projectId;
  if (project_id === undefined) {
    const message = "missing; the credentials name no project (environment: FCM_PROJECT_ID)";
    throw configInvalid("fcm", [{ path: "project_id", message }]);
  }
  const connection: Connection = { key: endpoint, protocol: "alpn", guard: "fixed" };
  return {
    limits: {
      max_payload_bytes: MAX_MESSAGE_BYTES.token,
      max_ttl_seconds: MAX_TTL_SECONDS,
      max_concurrency: 1000,
    },
    pacing: pacingOf(config),
    topic_kinds: ["topic", "condition"],
    dry_run_asks_service: true,
    info: {
      sender: { project_id, ...(sender ? { client_email: sender.client_email } : {}) },
      capabilities: {
        conditions: true,
        topic_subscriptions: topic_api,
        max_topic_payload_bytes: MAX_MESSAGE_BYTES.topic,
        dry_run: "validate_only",
      },
    },
    topics: {
      api: topic_api,
      project_id,
      connection: topic_api === "legacy" ? { ...connection, key: iid_endpoint } : connection,
    },
    parseToken,
    parseTopic,
    prepare,
    encode: createEncoder(`${endpoint}/v1/projects/${project_id}/messages:send`),
    decode,
    connection: () => connection,
    replacesDelivered: ({ replaces_shown }) => replaces_shown,
    credential: createCredential(await openMint(config, sender)),
    healthTarget: () => ({ kind: "topic", value: "health" }),
  };
}

/** What a project gets unless Google gave it more: https://firebase.google.com/docs/cloud-messaging/throttling-and-quotas */
const DEFAULT_QUOTA = 600_000;

function pacingOf({ quota_per_minute, ramp_up_seconds }: OpenConfig): Pacing {
  if (!ramp_up_seconds) return { per_minute: quota_per_minute };
  const full_per_minute = quota_per_minute ?? DEFAULT_QUOTA;
  return { per_minute: quota_per_minute, ramp_up: { seconds: ramp_up_seconds, full_per_minute } };
}

async function openMint(config: OpenConfig, account: ServiceAccount | undefined) {
  if (account) return grantMint(account, tokenEndpoint(config, account.token_uri));
  return suppliedMint(await openSupplier(config));
}
