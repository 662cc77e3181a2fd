export type { VapidKeyInput, WebPushConfig, WebPushOptions } from "./config.js";
export { WebPushProvider, webPush } from "./provider.js";
export { generateVapidKeys } from "./vapid_keys.js";
