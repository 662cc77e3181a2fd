import {
  type Codec,
  CodecProvider,
  configInvalid,
  defineProvider,
  reject,
  type SharedConfig,
} from "../../src/provider_kit.js";
import { type Channel, createChannelParser } from "./channel.js";
import { configSchema, environment, type OpenConfig } from "./config.js";
import { MAX_BODY_BYTES } from "./content.js";
import { createCredentials } from "./credential.js";
import { decode } from "./decode.js";
import { encode, type PreparedWns, prepare, withLifetime } from "./encode.js";
import { readFlow } from "./flow.js";
import { NOTIFICATION_TYPES, optionsSchema, type WnsOptions } from "./options.js";

export type WnsCodec = Codec<Channel, WnsOptions, PreparedWns>;

/** Sends toasts, tiles, badges and raw notifications to Windows apps: https://learn.microsoft.com/windows/apps/develop/notifications/push-notifications/wns-overview */
export class WnsProvider extends CodecProvider<WnsCodec, WnsOptions> {}

/** What the factory loads for `getPushProvider("wns", config)`. */
export const wns = defineProvider({
  platform: "wns",
  aliases: ["wns_windows"],
  config: configSchema,
  platform_data: optionsSchema,
  environment,
  provider: WnsProvider,
  codec: createCodec,
});

function createCodec(config: OpenConfig & SharedConfig): WnsCodec {
  const { tenant_id, client_id, package_sid, notification_type, allowed_hosts, allow_private_endpoints } =
    config;
  const flow = readFlow(config);
  if (Array.isArray(flow)) {
    throw configInvalid(
      "wns",
      flow.map(({ path, message }) => ({ path: path.join("."), message })),
    );
  }
  return {
    limits: {
      max_payload_bytes: MAX_BODY_BYTES,
      // Microsoft names no most; what WNS keeps, it keeps for days.
      max_ttl_seconds: 604_800,
      max_concurrency: 64,
    },
    info: {
      sender: package_sid ? { package_sid } : tenant_id ? { tenant_id, client_id } : {},
      capabilities: { notification_types: NOTIFICATION_TYPES, notification_type, allowed_hosts },
    },
    parseToken: createChannelParser({ allowed_hosts, allow_private_endpoints }),
    prepare: (payload) => prepare(payload, config),
    encode: (prepared, target, context) =>
      target.kind === "token"
        ? encode(prepared, target.token, context)
        : reject("TOPICS_NOT_SUPPORTED", "WNS has no topics; send to channels."),
    decode,
    connection: (target) => ({
      key: target.kind === "token" ? target.token.origin : "",
      // WNS takes no other: https://learn.microsoft.com/windows/apps/develop/notifications/push-notifications/push-request-response-headers#unsupported-http-features
      protocol: "h1",
      guard: allow_private_endpoints ? "fixed" : "public",
    }),
    withLifetime,
    replacesDelivered: ({ replaces }) => replaces,
    credential: createCredentials(flow),
    healthTarget: () => ({ kind: "token", token: ANY_CHANNEL }),
  };
}

/** Whom a health check gets a token for: one serves all channels. */
const ANY_CHANNEL: Channel = { uri: "", origin: "" };
