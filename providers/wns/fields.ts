import {
  type CheckedPayload,
  deepMerge,
  jsonText,
  type Rejection,
  type ResultWarning,
  warning,
} from "../../src/provider_kit.js";
import type { WnsAction, WnsOptions } from "./options.js";

export type WnsPayload = CheckedPayload<WnsOptions>;

/** A payload after its options have won. */
export type WnsFields = Omit<WnsPayload, "actions"> & { readonly actions?: readonly WnsAction[] | undefined };

/** Options that go by the name of the field they take the place of. */
const SAME_NAME = ["title", "body", "image", "icon", "sound", "silent", "actions", "badge", "tag"] as const;

export function mergeFields(payload: WnsPayload): WnsFields {
  return deepMerge<WnsFields>(
    payload,
    Object.fromEntries(SAME_NAME.map((name) => [name, payload.options[name]])),
  );
}

/** What the app gets when its toast or tile is clicked. */
export interface Launch {
  readonly launch?: string | undefined;
  /** Windows opens the launch text itself, by its protocol: a browser for `https:`. */
  readonly by_protocol: boolean;
}

/**
 * `launch` of the options as it is; else, when there is nothing but a `url`, that URL; else one JSON object: `data`, and
 * `url` and `message_id` beside its own members. `data.url` wins over `url`; a `message_id` is there when the payload gave
 * one, and then wins.
 */
export function resolveLaunch(fields: WnsFields, warnings: ResultWarning[]): Launch | Rejection {
  const { options, url, data, message_id } = fields;
  const has_data = Object.keys(data).length > 0 || message_id !== undefined;
  if (options.launch !== undefined) {
    const details = "platform_data.wns.launch is all that the app gets";
    if (has_data) warnings.push(warning("unsupported_field", "data", details));
    if (url !== undefined) warnings.push(warning("unsupported_field", "url", details));
    return { launch: options.launch, by_protocol: false };
  }
  if (!has_data) return { launch: url, by_protocol: opensByProtocol(url) };
  if (message_id !== undefined && data.message_id !== undefined && data.message_id !== message_id) {
    const details = "the notification's own message_id takes its place";
    warnings.push(warning("field_replaced", "data.message_id", details));
  }
  const text = jsonText({ url, ...data, ...(message_id === undefined ? {} : { message_id }) }, "data");
  return typeof text === "string" ? { launch: text, by_protocol: false } : text;
}

/** The source of an image if Windows can load it; it would throw the whole notification away for another. */
export function imageSource(
  src: string | undefined,
  field: string,
  warnings: ResultWarning[],
): string | undefined {
  if (src === undefined || /^(?:https?|ms-appx|ms-appdata|file):/i.test(src)) return src;
  const details = "Windows loads http(s):, ms-appx:, ms-appdata: and file: images only; it was left out";
  warnings.push(warning("unsupported_field", field, details));
  return undefined;
}

/** Can Windows open it without the app? */
export function opensByProtocol(url: string | undefined): url is string {
  return url !== undefined && URL.canParse(url);
}
