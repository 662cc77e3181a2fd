export { installPushHandlers, type PushHandlerOptions } from "./handlers.js";
export type { NotificationDefaults } from "./message.js";
export type { ReceivedNotification } from "./shared/messages.js";
export type { PushFetchOptions } from "./shared/server.js";
