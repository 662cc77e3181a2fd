import {
  collapseKey,
  type EncodeContext,
  type HttpRequest,
  isRejection,
  type Rejection,
  type ResultWarning,
  warning,
} from "../../src/provider_kit.js";
import type { Channel } from "./channel.js";
import { layOut } from "./content.js";
import type { WnsFields, WnsPayload } from "./fields.js";
import { leftOut } from "./left_out.js";
import type { NotificationType, WnsOptions } from "./options.js";

/** A notification that is ready for any number of channels. */
export interface PreparedWns {
  readonly method: "POST" | "DELETE";
  /** Those that are the same for every channel. */
  readonly headers: Headers;
  readonly body?: string | Uint8Array | undefined;
  /** How its lifetime is told; absent: it has none. */
  readonly lifetime?: LifetimeForm | undefined;
  /** Would a second copy take the place of the first? */
  readonly replaces: boolean;
  readonly warnings: readonly ResultWarning[];
}

/** What the config says for all notifications. */
export interface Defaults {
  readonly notification_type: NotificationType;
  readonly cache_policy?: CachePolicy | undefined;
  readonly ttl_seconds: number;
}

type Headers = Readonly<Record<string, string>>;
type CachePolicy = "cache" | "no-cache";
/** A toast has no cache policy; others have the one given, or WNS's own. */
type LifetimeForm =
  | { readonly cacheable: false }
  | { readonly cacheable: true; readonly policy?: CachePolicy | undefined };

const PRIORITY = { low: 3, normal: 2, high: 1, critical: 1 } as const;
/** Both of X-WNS-Tag and X-WNS-Group. */
const LABEL = /^[A-Za-z0-9]{1,16}$/;

/** Once per payload: content and headers. */
export function prepare(payload: WnsPayload, defaults: Defaults): PreparedWns | Rejection {
  if (payload.options.remove !== undefined) return prepareRemoval(payload, payload.options.remove);
  const content = layOut(payload, defaults.notification_type);
  if (isRejection(content)) return content;
  const { type, fields, body } = content;
  const { options, priority } = fields;
  const tag = hasTag(type) ? (fields.tag ?? fields.collapse_key) : undefined;
  return {
    method: "POST",
    headers: {
      "content-type": type === "raw" ? "application/octet-stream" : "text/xml",
      "x-wns-type": `wns/${type}`,
      "x-wns-priority": String(options.priority ?? PRIORITY[priority]),
      ...(tag ? { "x-wns-tag": label(tag) } : {}),
      ...(type === "toast" && options.group ? { "x-wns-group": label(options.group) } : {}),
      ...(options.request_for_status ? { "x-wns-requestforstatus": "true" } : {}),
      ...(type === "toast" && options.suppress_popup ? { "x-wns-suppresspopup": "true" } : {}),
    },
    body,
    lifetime:
      type === "toast"
        ? { cacheable: false }
        : { cacheable: true, policy: options.cache_policy ?? defaults.cache_policy },
    replaces: type === "badge" || tag !== undefined,
    warnings: [...content.warnings, ...headerWarnings(fields, type, defaults)],
  };
}

/** The request to one channel. */
export function encode(
  { method, headers, body, lifetime }: PreparedWns,
  { uri }: Channel,
  time: EncodeContext,
): HttpRequest {
  const timed = lifetime ? withTtl(headers, lifetime, secondsLeft(time)) : headers;
  const request = { method, url: uri, headers: timed };
  return body === undefined ? request : { ...request, body };
}

/** Before a retry: the same request with what is left of its lifetime. */
export function withLifetime(request: HttpRequest, time: Lifetime): HttpRequest {
  const ttl = Math.max(1, secondsLeft(time));
  if (ttl >= Number(request.headers["x-wns-ttl"] ?? 0)) return request;
  return { ...request, headers: { ...request.headers, "x-wns-ttl": String(ttl) } };
}

type Lifetime = Pick<EncodeContext, "now_ms" | "expires_at_ms">;

/** Rounded up: 0 means "now or never" and must not come of rounding. */
function secondsLeft({ now_ms, expires_at_ms }: Lifetime): number {
  return Math.max(0, Math.ceil((expires_at_ms - now_ms) / 1000));
}

/**
 * "Now or never" is `no-cache`. There is no TTL beside it: the device takes what it shows away when that ends, so 0 would
 * hide what arrives in time. A toast has no cache policy; there 0 is all that says it.
 */
function withTtl(headers: Headers, form: LifetimeForm, ttl: number): Headers {
  if (!form.cacheable) return { ...headers, "x-wns-ttl": String(ttl) };
  if (ttl === 0) return { ...headers, "x-wns-cache-policy": "no-cache" };
  const timed = { ...headers, "x-wns-ttl": String(ttl) };
  return form.policy ? { ...timed, "x-wns-cache-policy": form.policy } : timed;
}

/** Takes toasts away: X-WNS-Match of https://learn.microsoft.com/windows/apps/develop/notifications/push-notifications/push-request-response-headers */
function prepareRemoval(payload: WnsPayload, remove: NonNullable<WnsOptions["remove"]>): PreparedWns {
  const { group = undefined, tag = undefined } = remove === "all" ? {} : remove;
  const which = [group && `group=${label(group)}`, tag && `tag=${label(tag)}`].filter(Boolean);
  const details = "other channels than Windows Phone's refuse it";
  return {
    method: "DELETE",
    headers: { "x-wns-match": ["type:wns/toast", ...(which.length > 0 ? which : ["all"])].join(";") },
    replaces: true,
    warnings: [warning("phone_only", "platform_data.wns.remove", details), ...leftOut(payload, "toast")],
  };
}

/** Microsoft documents it for tiles; with a toast it becomes the toast's own tag. */
function hasTag(type: NotificationType): boolean {
  return type === "toast" || type === "tile";
}

function label(text: string): string {
  return collapseKey(text, LABEL, 16, "hex");
}

function headerWarnings(fields: WnsFields, type: NotificationType, defaults: Defaults): ResultWarning[] {
  const { options, tag, collapse_key, ttl_seconds = defaults.ttl_seconds, expires_at_ms } = fields;
  const warnings: ResultWarning[] = [];
  const once = ttl_seconds === 0 && expires_at_ms === undefined;
  if (hasTag(type) && tag !== undefined && collapse_key !== undefined && tag !== collapse_key) {
    const details = "WNS knows one label, X-WNS-Tag, and the tag is it";
    warnings.push(warning("unsupported_field", "collapse_key", details));
  }
  if (once && type === "toast") {
    const details =
      'WNS has no "now or never" for toasts: X-WNS-TTL is 0, and a device that is slow may not show it';
    warnings.push(warning("ttl_too_short", "ttl_seconds", details));
  }
  if (once && type !== "toast" && options.cache_policy === "cache") {
    const details = '"now or never" (ttl_seconds 0) is not cached';
    warnings.push(warning("unsupported_field", "platform_data.wns.cache_policy", details));
  }
  if (type === "toast" && options.suppress_popup) {
    const details = "WNS drops it on every channel that is not of Windows Phone";
    warnings.push(warning("phone_only", "platform_data.wns.suppress_popup", details));
  }
  return warnings;
}
