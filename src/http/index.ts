/** HTTP handlers for subscriptions and sending: from `Request` to `Response`. */
export type { PushHandlers } from "./handlers.js";
export { createPushHandlers } from "./handlers.js";
export { toNodeHandler } from "./node.js";
export type {
  Authorization,
  PushAction,
  PushHandlersOptions,
  PushRateLimits,
  PushSender,
} from "./options.js";
