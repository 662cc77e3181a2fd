import {
  type EncodeContext,
  type HttpRequest,
  isRejection,
  type PrepareContext,
  type Rejection,
  type ResultWarning,
  reject,
  type Target,
} from "../../src/provider_kit.js";
import { type FcmPayload, layOut } from "./layout.js";
import type { Message } from "./message_schema.js";
import { checkSize } from "./size.js";
import { createSlots, fill, type Template, toLifetime, toTemplate } from "./template.js";
import type { Recipient } from "./token.js";

/** A message that is ready for any number of targets. */
export interface PreparedMessage {
  /** The body up to the target. */
  readonly head: string;
  /** The body behind the target. */
  readonly tail: Template;
  readonly replaces_shown: boolean;
  readonly warnings: readonly ResultWarning[];
}

/** Once per payload: the whole body but for its target and lifetime, checked and serialised. */
export function prepare(payload: FcmPayload, { kind, dry_run }: PrepareContext): PreparedMessage | Rejection {
  const slots = createSlots();
  const layout = layOut(payload, slots);
  if (isRejection(layout)) return layout;
  const { message, warnings } = layout;
  try {
    const too_large = checkSize(message, kind);
    if (too_large) return too_large;
    return {
      head: dry_run ? '{"validate_only":true,"message":{' : '{"message":{',
      // Target and comma take the place of the opening brace.
      tail: toTemplate(`,${JSON.stringify(message).slice(1)}}`, slots),
      replaces_shown: replacesShown(message),
      warnings,
    };
  } catch {
    // Only what the service passes on unread (`webpush.notification`, `apns.payload`) is not checked to be JSON.
    return reject("PAYLOAD_INVALID", "platform_data.fcm: expected JSON values (no cycles, no BigInt)");
  }
}

export type Encoder = (
  prepared: PreparedMessage,
  target: Target<Recipient>,
  context: EncodeContext,
) => HttpRequest;

const HEADERS = Object.freeze({ "content-type": "application/json; charset=utf-8" });

/** Makes the request for one target. A body says how long the message may live, so a retry cannot shorten that any more. */
export function createEncoder(url: string): Encoder {
  return ({ head, tail }, target, context) => {
    const { field, value } =
      target.kind === "token" ? target.token : { field: target.kind, value: target.value };
    const body = `${head}"${field}":${JSON.stringify(value)}${fill(tail, toLifetime(context))}`;
    return { method: "POST", url, headers: HEADERS, body };
  };
}

/**
 * Would a second copy replace a first one that is shown, whatever the device is? Android and browsers go by the
 * notification's tag, iOS by apns-collapse-id. A collapse key is not enough: it replaces only what is not delivered
 * yet.
 */
function replacesShown({ android, android_v2, webpush, apns }: Message): boolean {
  const drawn = android?.notification ?? android_v2?.remote_notification?.notification;
  return Boolean(drawn?.tag && webpush?.notification?.tag && apns?.headers?.["apns-collapse-id"]);
}
