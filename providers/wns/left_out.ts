import { type ResultWarning, warning } from "../../src/provider_kit.js";
import type { WnsPayload } from "./fields.js";
import type { NotificationType } from "./options.js";

/** One warning for each field and option that was given and that a notification of this type does not carry. */
export function leftOut(payload: WnsPayload, type: NotificationType): ResultWarning[] {
  const { xml, raw_body, remove } = payload.options;
  if (remove !== undefined)
    return warnings(payload, ["remove"], "toasts are taken away, and nothing is sent");
  const everywhere = ["type", "priority", "request_for_status", ...HEADERS[type]];
  const whole = xml !== undefined ? "xml" : raw_body !== undefined ? "raw_body" : undefined;
  if (whole) {
    return warnings(payload, [...everywhere, whole], `platform_data.wns.${whole} is the whole notification`);
  }
  return warnings(payload, [...everywhere, ...CONTENT[type]], `a ${type} notification carries none`);
}

/** A badge takes the place of the one before without being asked. */
const HEADERS: Readonly<Record<NotificationType, readonly string[]>> = {
  toast: ["tag", "collapse_key", "group", "suppress_popup"],
  tile: ["tag", "collapse_key", "cache_policy"],
  badge: ["tag", "collapse_key", "cache_policy"],
  raw: ["cache_policy"],
};

const SHOWN = ["title", "body", "data", "url", "image", "message_id", "silent"];
const BESIDE = ["launch", "lang", "content", "image_placement"];
const CONTENT: Readonly<Record<NotificationType, readonly string[]>> = {
  toast: [
    ...[...SHOWN, ...BESIDE, "icon", "sound", "actions", "activation_type", "scenario", "duration"],
    ...["display_timestamp", "attribution", "icon_crop", "progress", "header", "audio", "inputs"],
  ],
  tile: [...SHOWN, ...BESIDE, "tile_sizes", "branding", "display_name"],
  badge: ["badge", "silent"],
  raw: [...SHOWN, "icon", "sound", "badge", "actions"],
};

/** The unified fields that a notification can fail to carry. */
const FIELDS = [
  ...(["title", "body", "data", "url", "image", "icon", "sound", "silent", "badge", "actions"] as const),
  ...(["message_id", "tag", "collapse_key"] as const),
];

function warnings(payload: WnsPayload, carried: readonly string[], details: string): ResultWarning[] {
  const { options, data } = payload;
  const given = FIELDS.filter((name) =>
    name === "data" ? Object.keys(data).length > 0 : payload[name] !== undefined,
  );
  const own = Object.entries(options).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  return [
    ...given.filter((name) => !carried.includes(name)),
    ...own.filter((name) => !carried.includes(name)).map((name) => `platform_data.wns.${name}`),
  ].map((field) => warning("unsupported_field", field, details));
}
