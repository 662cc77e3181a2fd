import { broadcast, stopBroadcast } from "./broadcasts.js";
import type { Handler } from "./call.js";
import { ack, pending, test } from "./devices.js";
import { listBroadcasts, pushLogs, segmentSize, showBroadcast, statistics } from "./history.js";
import type { PushAction } from "./options.js";
import { platformInfo, platforms, vapidPublicKey } from "./platforms.js";
import type { Limited } from "./rate_limit.js";
import { preview, send, sendBulk } from "./send.js";
import { resubscribe, subscribe, unsubscribe } from "./subscriptions.js";

/** One thing that can be asked. */
export interface Route {
  readonly method: "GET" | "POST";
  /** Below `base_path`; `:` stands for one segment. */
  readonly path: string;
  /** `anyone`; a `device` proves itself by what it knows; else those whom `authorize` lets in for this action. */
  readonly who: "anyone" | "device" | PushAction;
  readonly handle: Handler;
  readonly limit?: Limited;
  /** Which of the limits its body has. */
  readonly size?: "max_bulk_body_bytes";
}

/** All there is. */
export const ROUTES: readonly Route[] = [
  { method: "GET", path: "vapid-public-key", who: "anyone", handle: vapidPublicKey },
  { method: "GET", path: "platforms", who: "anyone", handle: platforms },
  { method: "GET", path: "platforms/:/info", who: "anyone", handle: platformInfo },

  { method: "POST", path: "subscribe", who: "device", handle: subscribe, limit: "subscribe" },
  { method: "POST", path: "unsubscribe", who: "device", handle: unsubscribe, limit: "subscribe" },
  { method: "POST", path: "resubscribe", who: "device", handle: resubscribe, limit: "subscribe" },
  { method: "POST", path: "ack", who: "device", handle: ack, limit: "ack" },
  { method: "POST", path: "test", who: "device", handle: test, limit: "test" },
  { method: "GET", path: "pending", who: "device", handle: pending },

  { method: "POST", path: "send", who: "send", handle: send },
  { method: "POST", path: "send-bulk", who: "send_bulk", handle: sendBulk, size: "max_bulk_body_bytes" },
  { method: "POST", path: "broadcast", who: "broadcast", handle: broadcast },
  { method: "POST", path: "broadcasts/:/stop", who: "broadcast", handle: stopBroadcast },
  { method: "POST", path: "preview", who: "preview", handle: preview },
  { method: "POST", path: "segment-size", who: "segment_size", handle: segmentSize },
  { method: "GET", path: "broadcasts", who: "broadcasts", handle: listBroadcasts },
  { method: "GET", path: "broadcasts/:", who: "broadcasts", handle: showBroadcast },
  { method: "GET", path: "push-logs", who: "push_logs", handle: pushLogs },
  { method: "GET", path: "statistics", who: "statistics", handle: statistics },
];

/** The routes of a path, and what stands in the place of `:`. */
export function findRoutes(path: string): { routes: Route[]; param: string } {
  const segments = path.split("/").map(decode);
  let param = "";
  const routes = ROUTES.filter((route) => {
    const pattern = route.path.split("/");
    const fits =
      pattern.length === segments.length &&
      pattern.every((part, index) => (part === ":" ? segments[index] : part === segments[index]));
    if (fits) param = segments[pattern.indexOf(":")] ?? "";
    return fits;
  });
  return { routes, param };
}

/** Empty for what is no text: it fits nothing. */
function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return "";
  }
}
