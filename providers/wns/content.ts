import {
  isRejection,
  jsonText,
  type Rejection,
  type ResultWarning,
  reject,
  warning,
} from "../../src/provider_kit.js";
import { mergeFields, type WnsFields, type WnsPayload } from "./fields.js";
import { leftOut } from "./left_out.js";
import type { NotificationType } from "./options.js";
import { buildBadge, buildTile, isGlyph } from "./tile.js";
import { buildToast } from "./toast.js";
import { writeXml } from "./xml.js";
import { checkXml } from "./xml_check.js";

/** https://learn.microsoft.com/windows/apps/develop/notifications/push-notifications/push-request-response-headers */
export const MAX_BODY_BYTES = 5000;

/** What stands in a request's body. */
export interface Content {
  readonly type: NotificationType;
  readonly fields: WnsFields;
  readonly body: string | Uint8Array;
  readonly warnings: readonly ResultWarning[];
}

/**
 * The one type of a notification, for content and headers alike: the options' own; else raw for one that shows nothing;
 * else the config's.
 */
export function layOut(payload: WnsPayload, default_type: NotificationType): Content | Rejection {
  const fields = mergeFields(payload);
  const { options } = fields;
  const type = options.type ?? (isBackground(fields, default_type) ? "raw" : default_type);
  const warnings: ResultWarning[] = [];
  const body = type === "raw" ? rawBody(fields, warnings) : xmlBody(fields, type, warnings);
  if (isRejection(body)) return body;
  const size = Buffer.byteLength(body);
  if (size > MAX_BODY_BYTES) {
    const message = `The ${type} notification is ${size} bytes; WNS carries at most ${MAX_BODY_BYTES} bytes.`;
    return reject("PAYLOAD_TOO_LARGE", message);
  }
  if (options.type !== undefined && type !== "raw" && payload.background) {
    const details = `type "${type}" was asked for, which shows something`;
    warnings.push(warning("unsupported_field", "background", details));
  }
  return { type, fields, body, warnings: [...leftOut(payload, type), ...warnings] };
}

/** Asked for, or there is data and nothing to show. */
function isBackground(
  { background, title, body, data, badge, image, options }: WnsFields,
  type: NotificationType,
) {
  if (background !== undefined) return background;
  if (Object.keys(data).length === 0 || title !== undefined || body !== undefined) return false;
  if (type === "badge" && (typeof badge === "number" || isGlyph(badge))) return false;
  if (type === "tile" && image !== undefined) return false;
  return options.xml === undefined && options.content === undefined;
}

function xmlBody(
  fields: WnsFields,
  type: Exclude<NotificationType, "raw">,
  warnings: ResultWarning[],
): string | Rejection {
  const { xml, raw_body } = fields.options;
  if (raw_body !== undefined) {
    return reject("PAYLOAD_INVALID", 'platform_data.wns.raw_body: goes with type "raw", and only with it');
  }
  if (typeof xml === "string") return givenXml(xml, type);
  const root = xml ?? build(fields, type, warnings);
  if (isRejection(root)) return root;
  if (root.name !== type) return wrongRoot(root.name, type);
  const { text, removed_characters } = writeXml(root);
  if (removed_characters) {
    const details = "characters that XML 1.0 forbids were left out";
    warnings.push(warning("characters_removed", null, details));
  }
  return text;
}

function build(fields: WnsFields, type: Exclude<NotificationType, "raw">, warnings: ResultWarning[]) {
  if (type === "badge") return buildBadge(fields);
  return type === "tile" ? buildTile(fields, warnings) : buildToast(fields, warnings);
}

function givenXml(xml: string, type: NotificationType): string | Rejection {
  // What is too long is refused for that, and not searched.
  if (xml.length > MAX_BODY_BYTES) return xml;
  const checked = checkXml(xml);
  if ("problem" in checked) return reject("PAYLOAD_INVALID", `platform_data.wns.xml: ${checked.problem}`);
  return checked.root === type ? xml : wrongRoot(checked.root, type);
}

/** WNS takes it, and the device throws it away. */
function wrongRoot(root: string, type: NotificationType): Rejection {
  return reject(
    "PAYLOAD_INVALID",
    `platform_data.wns.xml: its root is <${root}>, and the notification's type is "${type}" (platform_data.wns.type)`,
  );
}

/** The app's own format; ours, unless the caller brings one, is a JSON object of the fields that were given. */
function rawBody(fields: WnsFields, warnings: ResultWarning[]): string | Uint8Array | Rejection {
  const { options, created_at_ms, title, body, data, url, image, icon, sound, silent } = fields;
  const { badge, actions, priority, message_id } = fields;
  if (options.xml !== undefined) {
    return reject("PAYLOAD_INVALID", "platform_data.wns.xml: goes with a toast, a tile or a badge");
  }
  const { raw_body } = options;
  if (raw_body !== undefined) {
    if (raw_body.length > 0) return raw_body;
    return reject("PAYLOAD_INVALID", "platform_data.wns.raw_body: WNS takes no empty raw notification");
  }
  if (Object.keys(data).length === 0 && title === undefined && body === undefined) {
    warnings.push(warning("empty_notification", null, "there is nothing in it for the app"));
  }
  const timestamp = created_at_ms === undefined ? undefined : new Date(created_at_ms).toISOString();
  return jsonText(
    { title, body, data, url, image, icon, sound, silent, badge, actions, priority, message_id, timestamp },
    "data",
  );
}
