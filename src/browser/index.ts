export { PushClientError, type PushClientErrorCode } from "../service_worker/shared/errors.js";
export type { ReceivedNotification } from "../service_worker/shared/messages.js";
export type { PushFetchOptions } from "../service_worker/shared/server.js";
export { createPushClient } from "./client.js";
export type {
  LocalNotification,
  PushClient,
  PushClientEvents,
  PushClientOptions,
  PushState,
  PushSubscriptionData,
  SentTest,
} from "./types.js";
