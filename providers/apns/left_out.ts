import { type ResultWarning, warning } from "../../src/provider_kit.js";
import type { ApnsPayload } from "./layout.js";
import { ALERT_OPTIONS } from "./options.js";
import { type ApnsPriority, type ApnsPushType, rulesOf } from "./push_types.js";

/** One warning for each thing that was asked for and is not carried, or not as it was asked for. */
export function leftOut(
  payload: ApnsPayload,
  push_type: ApnsPushType,
  priority: ApnsPriority,
  is_broadcast: boolean,
): ResultWarning[] {
  return [
    ...unknownToApns(payload, push_type),
    ...unseen(payload, push_type),
    ...unaddressed(payload, is_broadcast),
    ...replaced(payload, push_type, priority),
  ];
}

function unknownToApns(payload: ApnsPayload, push_type: ApnsPushType): ResultWarning[] {
  const { title, body, icon, actions, badge, silent, sound, created_at_ms } = payload;
  const is_activity = push_type === "liveactivity";
  return [
    ...when(icon !== undefined, "icon", "the app's own icon is shown"),
    ...when(
      actions !== undefined,
      "actions",
      "the app itself has them, under a name that is given as platform_data.apns.category",
    ),
    ...when(typeof badge === "string", "badge", "a badge of APNs is a number"),
    ...when(typeof badge === "number" && is_activity, "badge", "a Live Activity has none"),
    ...when(
      Boolean(sound) && is_activity && title === undefined && body === undefined,
      "sound",
      "a Live Activity sounds with the title or the body; in an alert given whole, say it there",
    ),
    ...when(Boolean(silent && sound), "sound", "a silent notification has none"),
    ...when(created_at_ms !== undefined && !is_activity, "created_at", "only a Live Activity carries a time"),
  ];
}

const SHOWN = ["title", "body", "badge", "sound"] as const;
const READ_BY_THE_APP = ["url", "image"] as const;

function unseen(payload: ApnsPayload, push_type: ApnsPushType): ResultWarning[] {
  const { body } = rulesOf(push_type);
  if (body === "aps") return [];
  const details = `the push type ${push_type} does not carry it`;
  const fields = body === "bare" ? [...SHOWN, ...READ_BY_THE_APP] : SHOWN;
  const warnings = fields.flatMap((field) => when(payload[field] !== undefined, field, details));
  if (body === "bare") return warnings;
  const { options } = payload;
  const names = [...ALERT_OPTIONS, "badge", "sound"] as const;
  const members = ["alert", "badge", "sound"] as const;
  return [
    ...warnings,
    ...names.flatMap((name) => when(options[name] !== undefined, `platform_data.apns.${name}`, details)),
    ...members.flatMap((name) =>
      when(options.aps?.[name] !== undefined, `platform_data.apns.aps.${name}`, details),
    ),
  ];
}

function unaddressed({ options, collapse_key, tag }: ApnsPayload, is_broadcast: boolean): ResultWarning[] {
  if (!is_broadcast) {
    const is_replaced = options.collapse_id === undefined && tag !== (collapse_key ?? tag);
    return [
      ...when(tag !== undefined && is_replaced, "tag", "the collapse_key takes its place"),
      ...when(
        options.request_id !== undefined,
        "platform_data.apns.request_id",
        "only a request about a channel has one",
      ),
    ];
  }
  const details = "a broadcast has none";
  return [
    ...when(collapse_key !== undefined, "collapse_key", details),
    ...when(tag !== undefined, "tag", details),
    ...(["collapse_id", "topic", "apns_id"] as const).flatMap((name) =>
      when(options[name] !== undefined, `platform_data.apns.${name}`, details),
    ),
  ];
}

function replaced(
  { options, data, message_id }: ApnsPayload,
  push_type: ApnsPushType,
  priority: ApnsPriority,
): ResultWarning[] {
  const theirs = { ...data, ...options.payload }.message_id;
  const is_ours = theirs === undefined || message_id === undefined || theirs === message_id;
  return [
    ...when(
      options.priority !== undefined && options.priority !== priority,
      "platform_data.apns.priority",
      `the push type ${push_type} is sent with ${priority}`,
      "field_replaced",
    ),
    ...when(
      !is_ours,
      "data.message_id",
      "the notification's own message_id takes its place",
      "field_replaced",
    ),
  ];
}

function when(holds: boolean, field: string, details: string, type = "unsupported_field"): ResultWarning[] {
  return holds ? [warning(type, field, details)] : [];
}
