import {
  collapseKey,
  type EncodeContext,
  type HttpRequest,
  isRejection,
  jsonText,
  type Rejection,
  type ResultWarning,
  reject,
  type Target,
} from "../../src/provider_kit.js";
import { type ApnsPayload, type Layout, layOut } from "./layout.js";
import { leftOut } from "./left_out.js";
import { UUID } from "./options.js";
import { type ApnsPriority, type ApnsPushType, maxBytes, rulesOf } from "./push_types.js";

/** A notification that is ready for any number of recipients. */
export interface PreparedPush {
  readonly layout: Layout;
  /** The body; absent where it tells the time at which it is sent. */
  readonly text: string | undefined;
  /** Those that are the same for every recipient. */
  readonly headers: Readonly<Record<string, string>>;
  /** UNIX seconds; 0: now or never; undefined: the notification's own end. */
  readonly expiration: number | undefined;
  readonly id: string | undefined;
  readonly replaces_delivered: boolean;
  readonly warnings: readonly ResultWarning[];
}

export interface EncoderOptions {
  readonly bundle_id: string;
  /** Used as it is, whatever the push type. */
  readonly topic: string | undefined;
  readonly endpoint: string;
  readonly broadcast_endpoint: string;
}

export interface Encoder {
  prepare(payload: ApnsPayload, is_broadcast: boolean): PreparedPush | Rejection;
  encode(prepared: PreparedPush, target: Target<string>, context: EncodeContext): HttpRequest | Rejection;
}

/** https://developer.apple.com/documentation/usernotifications/sending-notification-requests-to-apns */
export function createEncoder(sender: EncoderOptions): Encoder {
  return {
    prepare: (payload, is_broadcast) => prepare(payload, is_broadcast, sender),
    encode: (prepared, target, context) => encode(prepared, target, context, sender),
  };
}

/** What a header carries as it is: at most 64 bytes of printable ASCII. */
const COLLAPSE_ID = /^[\x21-\x7e](?:[\x20-\x7e]{0,62}[\x21-\x7e])?$/;

/** As many digits as every time has from 2001 to 2286: the size of a body does not depend on when it is sent. */
const SOME_TIME = 1_000_000_000;

function prepare(
  payload: ApnsPayload,
  is_broadcast: boolean,
  sender: EncoderOptions,
): PreparedPush | Rejection {
  const written = write(payload, is_broadcast);
  if (isRejection(written)) return written;
  const { layout, text } = written;
  const { push_type } = layout;
  const limit = maxBytes(push_type, is_broadcast);
  const size = Buffer.byteLength(text);
  if (size > limit) {
    return reject("PAYLOAD_TOO_LARGE", `The payload is ${size} bytes; APNs takes at most ${limit} bytes.`);
  }
  const { options } = payload;
  const priority = choosePriority(payload, push_type);
  const address = is_broadcast ? {} : addressHeaders(payload, push_type, sender);
  return {
    layout,
    text: tellsTime(layout) ? undefined : text,
    headers: {
      "content-type": "application/json",
      "apns-push-type": push_type,
      "apns-priority": String(priority),
      ...address,
    },
    expiration: options.expiration ?? (isWorthlessLater(payload, push_type) ? 0 : undefined),
    id: is_broadcast ? options.request_id : options.apns_id,
    replaces_delivered:
      push_type === "alert" && layout.aps?.alert !== undefined && "apns-collapse-id" in address,
    warnings: leftOut(payload, push_type, priority, is_broadcast),
  };
}

function encode(
  { layout, text, headers, expiration, id }: PreparedPush,
  target: Target<string>,
  { message_id, now_ms, expires_at_ms }: EncodeContext,
  { endpoint, broadcast_endpoint, bundle_id }: EncoderOptions,
): HttpRequest | Rejection {
  // Rounded up: 0 means "now or never" and must not come of rounding.
  const ends = expiration ?? (expires_at_ms <= now_ms ? 0 : Math.ceil(expires_at_ms / 1000));
  if (ends !== 0 && ends * 1000 <= now_ms) {
    return reject("EXPIRED", "platform_data.apns.expiration: the time is over");
  }
  const own = { ...headers, "apns-expiration": String(ends) };
  const uuid = (id ?? (UUID.test(message_id) ? message_id : undefined))?.toLowerCase();
  return {
    method: "POST",
    url:
      target.kind === "token"
        ? `${endpoint}/3/device/${target.token}`
        : `${broadcast_endpoint}/4/broadcasts/apps/${bundle_id}`,
    headers: target.kind === "token" ? withId(own, uuid) : withChannel(own, target.value, uuid),
    body: text ?? bodyText(layout, Math.floor(now_ms / 1000)),
  };
}

/** Names that are computed, and spreads for what may be absent, would cost every notification a microsecond. */
function withId(headers: Headers, uuid: string | undefined): Headers {
  return uuid === undefined ? headers : { ...headers, "apns-id": uuid };
}

function withChannel(headers: Headers, channel: string, uuid: string | undefined): Headers {
  const addressed = { ...headers, "apns-channel-id": channel };
  return uuid === undefined ? addressed : { ...addressed, "apns-request-id": uuid };
}

type Headers = Readonly<Record<string, string>>;

function write(
  payload: ApnsPayload,
  is_broadcast: boolean,
): { readonly layout: Layout; readonly text: string } | Rejection {
  try {
    const layout = layOut(payload, is_broadcast);
    return isRejection(layout) ? layout : { layout, text: bodyText(layout, SOME_TIME) };
  } catch {
    // What callers put into these is unchecked: cycles, BigInt, a getter that throws.
    return refuseJson(payload);
  }
}

function bodyText(layout: Layout, now_seconds: number): string {
  const { aps, custom } = layout;
  return JSON.stringify({ aps: tellsTime(layout) ? { timestamp: now_seconds, ...aps } : aps, ...custom });
}

/** A Live Activity says when its news are from. */
function tellsTime({ push_type, aps }: Layout): boolean {
  return push_type === "liveactivity" && aps?.timestamp === undefined;
}

function choosePriority({ priority, options }: ApnsPayload, push_type: ApnsPushType): ApnsPriority {
  const { priorities } = rulesOf(push_type);
  const wish = options.priority ?? (priority === "low" ? 5 : 10);
  return priorities.includes(wish) ? wish : priorities[0];
}

function addressHeaders(
  { options, collapse_key, tag }: ApnsPayload,
  push_type: ApnsPushType,
  { topic, bundle_id }: EncoderOptions,
): Record<string, string> {
  const collapse_id = options.collapse_id ?? collapse_key ?? tag;
  return {
    "apns-topic": options.topic ?? topic ?? bundle_id + rulesOf(push_type).suffix,
    ...(collapse_id ? { "apns-collapse-id": collapseKey(collapse_id, COLLAPSE_ID, 64) } : {}),
  };
}

/** A call that rings a minute late is a bother: unless the payload says how long, it is not stored. */
function isWorthlessLater({ ttl_seconds, expires_at_ms }: ApnsPayload, push_type: ApnsPushType): boolean {
  return ttl_seconds === undefined && expires_at_ms === undefined && rulesOf(push_type).now_or_never === true;
}

function refuseJson({ data, options }: ApnsPayload): Rejection {
  const { payload = {}, ...rest } = options;
  for (const [field, part] of Object.entries({
    data,
    "platform_data.apns.payload": payload,
    "platform_data.apns": rest,
  })) {
    const text = jsonText(part, field);
    if (isRejection(text)) return text;
  }
  return reject("PAYLOAD_INVALID", "data: expected a JSON value");
}
