import {
  type Codec,
  CodecProvider,
  type Connection,
  defineProvider,
  type OpenContext,
  type Operation,
  PushError,
  type Rejection,
  type SendOptions,
  type SharedConfig,
} from "../../src/provider_kit.js";
import {
  type ApnsChannel,
  type ApnsChannelResult,
  type ApnsMessageStoragePolicy,
  type ChannelOperations,
  createChannelOperations,
} from "./channels.js";
import { configSchema, environment as environment_variables, type OpenConfig } from "./config.js";
import { createTokens } from "./credential.js";
import { createDecoder } from "./decode.js";
import { parseChannel, parseDeviceToken } from "./device_token.js";
import { createEncoder, type PreparedPush } from "./encode.js";
import { type Identity, openIdentity } from "./identity.js";
import { type ApnsOptions, optionsSchema } from "./options.js";
import { maxBytes, PUSH_TYPE_NAMES } from "./push_types.js";

export interface ApnsCodec extends Codec<string, ApnsOptions, PreparedPush> {
  readonly channels: ChannelOperations;
}

/** Options of a request about channels. */
export type ApnsChannelOptions = Omit<SendOptions, "dry_run">;

/**
 * Sends to Apple's devices over HTTP/2. `sendTopicNotification(channel_id, payload)` updates or ends the Live Activities that
 * are subscribed to a broadcast channel (iOS 18 and later); a notification to a channel that stores nothing needs
 * `ttl_seconds: 0`.
 *
 * An app has at most 10,000 channels in each environment; broadcasts must be enabled for it at developer.apple.com.
 */
export class ApnsProvider extends CodecProvider<ApnsCodec, ApnsOptions> {
  /** Makes a channel; its id is `channel_id` of the result. */
  createChannel(
    channel: { message_storage_policy: ApnsMessageStoragePolicy },
    options?: ApnsChannelOptions,
  ): Promise<ApnsChannelResult<ApnsChannel>> {
    return this.#ask(this.codec.channels.create(channel?.message_storage_policy), undefined, options);
  }

  /** How the channel was made: `message_storage_policy` of the result. */
  readChannel(channel_id: string, options?: ApnsChannelOptions): Promise<ApnsChannelResult<ApnsChannel>> {
    return this.#ask(this.codec.channels.read(channel_id), channel_id, options);
  }

  /** The ids of all channels of the app: `channels` of the result. */
  listChannels(options?: ApnsChannelOptions): Promise<ApnsChannelResult<{ channels: readonly string[] }>> {
    return this.#ask(this.codec.channels.list(), undefined, options);
  }

  /** For good: an id does not come back. */
  deleteChannel(
    channel_id: string,
    options?: ApnsChannelOptions,
  ): Promise<ApnsChannelResult<Pick<ApnsChannel, "channel_id">>> {
    return this.#ask(this.codec.channels.delete(channel_id), channel_id, options);
  }

  async #ask<Answer extends object>(
    operation: Operation | Rejection,
    channel_id: string | undefined,
    options: SendOptions | undefined,
  ): Promise<ApnsChannelResult<Answer>> {
    if (options?.dry_run) {
      throw new PushError(
        "OPTIONS_INVALID",
        "dry_run: a request about channels cannot be tried without doing it",
      );
    }
    const [answer] = await this.operate([{ operation, topic: channel_id ?? "" }], options);
    if (!answer) throw new Error("an operation without a result");
    const { topic: _topic, ...result } = answer.result;
    const asked = { ...(channel_id === undefined ? {} : { channel_id }), ...answer.details };
    const message = result.success ? { message: "The request about channels was carried out." } : {};
    // What a success carries, each operation's `decode` has made sure of.
    return { ...result, ...message, ...asked } as ApnsChannelResult<Answer>;
  }
}

/** What the factory loads for `getPushProvider("apns", config)`. */
export const apns = defineProvider({
  platform: "apns",
  aliases: ["apns_apple", "apns_macos"],
  config: configSchema,
  platform_data: optionsSchema,
  environment: environment_variables,
  provider: ApnsProvider,
  codec: createCodec,
});

/** https://developer.apple.com/documentation/usernotifications/sending-channel-management-requests-to-apns */
const HOSTS = {
  production: {
    endpoint: "https://api.push.apple.com",
    manage_endpoint: "https://api-manage-broadcast.push.apple.com:2196",
  },
  sandbox: {
    endpoint: "https://api.sandbox.push.apple.com",
    manage_endpoint: "https://api-manage-broadcast.sandbox.push.apple.com:2195",
  },
} as const;

async function createCodec(config: OpenConfig & SharedConfig, { clock }: OpenContext): Promise<ApnsCodec> {
  const { bundle_id, environment } = config;
  const endpoint = config.endpoint ?? HOSTS[environment].endpoint;
  // Apple's pages name a host of its own for broadcasts, and the plain one; the plain one is what senders use.
  const broadcast_endpoint = config.broadcast_endpoint ?? endpoint;
  const topic = config.topic === bundle_id ? undefined : config.topic;
  const identity = await openIdentity(config, clock.now());
  const connectTo = (key: string): Connection => ({
    key,
    protocol: "h2",
    guard: "fixed",
    ...proof(identity),
  });
  const connections = { token: connectTo(endpoint), channel: connectTo(broadcast_endpoint) };
  const connection = connectTo(config.manage_endpoint ?? HOSTS[environment].manage_endpoint);
  const { prepare, encode } = createEncoder({ bundle_id, topic, endpoint, broadcast_endpoint });
  return {
    channels: createChannelOperations({ bundle_id, environment, connection }),
    limits: {
      max_payload_bytes: maxBytes("alert", false),
      // Apple stores a notification for at most 30 days.
      max_ttl_seconds: 2_592_000,
      max_concurrency: 1000,
    },
    topic_kinds: ["channel"],
    info: {
      sender: { ...nameOf(identity), bundle_id, ...(topic === undefined ? {} : { topic }), environment },
      capabilities: { push_types: PUSH_TYPE_NAMES, authentication: identity.kind, endpoint },
    },
    parseToken: parseDeviceToken,
    parseTopic: parseChannel,
    prepare: (payload, { kind }) => prepare(payload, kind !== "token"),
    encode,
    decode: createDecoder(environment),
    connection: ({ kind }) => (kind === "token" ? connections.token : connections.channel),
    replacesDelivered: ({ replaces_delivered }) => replaces_delivered,
    ...(identity.kind === "token"
      ? { credential: createTokens(identity), healthTarget: () => ({ kind: "token", token: "" }) as const }
      : {}),
  };
}

/** One object for all: connections are told apart by its identity. */
function proof(identity: Identity): Pick<Connection, "client_certificate"> {
  return identity.kind === "certificate" ? { client_certificate: identity.client_certificate } : {};
}

function nameOf(identity: Identity): object {
  return identity.kind === "token" ? { team_id: identity.team_id, key_id: identity.key_id } : {};
}
