import type { Answer, ServedRequest } from "../../src/testing/kit.js";
import { type ApnsReceived, EmulatedChannel } from "./emulator_device.js";
import { checkExpiration, checkId } from "./emulator_judge.js";
import type { Sender } from "./emulator_senders.js";
import type { ApnsReason } from "./emulator_words.js";

export interface ChannelRules {
  readonly bundle_ids: readonly string[];
  /** Whether the apps have the capability. */
  readonly is_enabled: boolean;
  readonly max_channels: number;
}

/** One call about channels. */
export interface ChannelCase {
  readonly action: "channels" | "all-channels" | "broadcasts";
  readonly bundle_id: string;
  readonly request: ServedRequest<string>;
  readonly entry: ApnsReceived;
  readonly sender: Sender | ApnsReason;
}

/** Apple, "Sending channel management requests to APNs" and "Sending broadcast push notification requests to APNs". */
export class Channels {
  readonly #rules: ChannelRules;
  readonly #channels = new Map<string, EmulatedChannel>();

  constructor(rules: ChannelRules) {
    this.#rules = rules;
  }

  get all(): Iterable<EmulatedChannel> {
    return this.#channels.values();
  }

  get(channel_id: string | undefined): EmulatedChannel | undefined {
    return this.#channels.get(channel_id ?? "");
  }

  create(bundle_id: string, message_storage_policy: 0 | 1): EmulatedChannel {
    const channel = new EmulatedChannel(bundle_id, message_storage_policy);
    this.#channels.set(channel.channel_id, channel);
    return channel;
  }

  judge(one: ChannelCase): ApnsReason | undefined {
    for (const reason of this.#refusals(one)) if (reason) return reason;
    return undefined;
  }

  /** What an accepted call does. */
  perform({ action, bundle_id, request: { method }, entry }: ChannelCase): Answer {
    const channel = this.get(entry.channel_id);
    if (action === "all-channels") {
      return json(200, { channels: this.#of(bundle_id).map(({ channel_id }) => channel_id) });
    }
    if (action === "broadcasts") {
      channel?.log.add(entry);
      return { status: 200 };
    }
    if (method === "DELETE") {
      this.#channels.delete(entry.channel_id ?? "");
      return { status: 204 };
    }
    if (method === "GET") {
      const { message_storage_policy = 0 } = channel ?? {};
      return json(200, { "message-storage-policy": message_storage_policy, "push-type": "LiveActivity" });
    }
    const policy = entry.payload?.["message-storage-policy"] === 1 ? 1 : 0;
    entry.channel_id = this.create(bundle_id, policy).channel_id;
    return { status: 201, headers: { "apns-channel-id": entry.channel_id } };
  }

  *#refusals(one: ChannelCase): Generator<ApnsReason | undefined> {
    const { action, bundle_id, request, sender } = one;
    const { headers, method } = request;
    if (!METHODS[action].includes(method)) yield "MethodNotAllowed";
    if (typeof sender === "string") return yield sender;
    yield checkId(headers["apns-request-id"]);
    if (request.repeated_headers.length > 0) yield "BadRequestParams";
    if (!this.#rules.bundle_ids.includes(bundle_id)) yield "TopicDisallowed";
    if (!sender.allows(bundle_id, "alert")) yield "TopicMismatch";
    if (!this.#rules.is_enabled) yield "FeatureNotEnabled";
    if (action === "all-channels") return;
    if (action === "channels" && method === "POST") yield this.#checkCreation(one);
    else yield this.#checkChannel(one);
    if (action === "broadcasts") yield* this.#broadcastRefusals(one);
  }

  #checkCreation({ bundle_id, request, entry: { payload } }: ChannelCase): ApnsReason | undefined {
    if (request.body.length === 0) return "PayloadEmpty";
    if (!payload) return "BadRequestPayload";
    const { "message-storage-policy": policy, "push-type": push_type } = payload;
    if (push_type === undefined) return "MissingPushType";
    if (!isLiveActivity(push_type)) return "InvalidPushType";
    if (policy !== 0 && policy !== 1) return "BadRequestPayload";
    return this.#of(bundle_id).length >= this.#rules.max_channels ? "CannotCreateChannelConfig" : undefined;
  }

  #checkChannel({ bundle_id, entry: { channel_id } }: ChannelCase): ApnsReason | undefined {
    if (!channel_id) return "MissingChannelId";
    if (!/^[A-Za-z0-9+/]{2,}={0,2}$/.test(channel_id)) return "BadChannelId";
    return this.get(channel_id)?.bundle_id === bundle_id ? undefined : "ChannelNotRegistered";
  }

  *#broadcastRefusals({ request, entry }: ChannelCase): Generator<ApnsReason | undefined> {
    const { headers, body } = request;
    if (entry.push_type === undefined) yield "MissingPushType";
    if (!isLiveActivity(entry.push_type)) yield "InvalidPushType";
    yield checkExpiration(headers);
    // Nothing can be kept for later on a channel that stores nothing.
    const is_stored = this.get(entry.channel_id)?.message_storage_policy === 1;
    if (!is_stored && Number(headers["apns-expiration"] ?? 0) !== 0) yield "BadExpirationDate";
    if (!/^(5|10)$/.test(headers["apns-priority"] ?? "10")) yield "BadPriority";
    if (body.length === 0) yield "PayloadEmpty";
    if (body.length > MAX_BROADCAST_BYTES) yield "PayloadTooLarge";
    if (!entry.payload) yield "BadRequestPayload";
  }

  #of(bundle_id: string): EmulatedChannel[] {
    return [...this.#channels.values()].filter((channel) => channel.bundle_id === bundle_id);
  }
}

const MAX_BROADCAST_BYTES = 5120;
const METHODS: Readonly<Record<ChannelCase["action"], readonly string[]>> = {
  channels: ["POST", "GET", "DELETE"],
  "all-channels": ["GET"],
  broadcasts: ["POST"],
};

/** Apple prints it as `LiveActivity`, `Liveactivity` and `liveactivity`. */
function isLiveActivity(push_type: unknown): boolean {
  return typeof push_type === "string" && push_type.toLowerCase() === "liveactivity";
}

function json(status: number, value: unknown): Answer {
  return { status, headers: { "content-type": "application/json" }, body: JSON.stringify(value) };
}
