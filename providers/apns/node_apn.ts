import { deepMerge } from "../../src/provider_kit.js";

/** A `Notification` of `@parse/node-apn`, by what tells it from options. */
export interface NodeApnNotification {
  readonly aps: object;
  readonly expiry: number;
  readonly priority: number;
  readonly rawPayload: unknown;
}

interface Methods {
  headers(): Readonly<Record<string, unknown>>;
  compile(): string;
  toJSON?(): unknown;
  readonly payload?: unknown;
  readonly rawPayload?: unknown;
}

/** Known by its methods: it may come from another copy of the package, or be somebody's own. */
export function isNotification(value: unknown): value is Methods {
  if (typeof value !== "object" || value === null) return false;
  const { headers, compile } = value as Partial<Methods>;
  return typeof headers === "function" && typeof compile === "function";
}

/**
 * Its headers and its body as our options; undefined when it cannot be read. It is not changed, and so not compiled where
 * that can be avoided: what is set after a compilation is lost.
 */
export function readNotification(notification: Methods): object | undefined {
  try {
    const headers = notification.headers();
    const body = notification.toJSON ? notification.toJSON() : JSON.parse(notification.compile());
    if (!isObject(body)) return undefined;
    const { aps, ...payload } = body;
    return { ...readHeaders(headers), payload, aps: withHidden(notification, aps) };
  } catch {
    return undefined;
  }
}

/** `apns-channel-id` is left: a channel is what a broadcast is sent to. */
function readHeaders(headers: Readonly<Record<string, unknown>>): object {
  const priority = headers["apns-priority"];
  const expiration = headers["apns-expiration"];
  return {
    apns_id: headers["apns-id"],
    request_id: headers["apns-request-id"],
    collapse_id: headers["apns-collapse-id"],
    topic: headers["apns-topic"],
    push_type: headers["apns-push-type"],
    expiration: expiration === undefined ? undefined : Number(expiration),
    // Every Notification has 10 unless told otherwise, a background one too: 10 is no wish.
    priority: priority === undefined || Number(priority) === 10 ? undefined : Number(priority),
  };
}

/** An `aps` inside of `payload` is dropped by `toJSON`, even when there is no other. */
function withHidden({ payload, rawPayload }: Methods, aps: unknown): unknown {
  const hidden = isObject(payload) && rawPayload == null ? payload.aps : undefined;
  if (!isObject(hidden)) return aps;
  return isObject(aps) ? deepMerge(hidden, aps) : hidden;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
