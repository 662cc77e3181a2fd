export type { WebPushService, WebPushServiceOptions } from "../../providers/web_push/emulator.js";
export { startWebPushService } from "../../providers/web_push/emulator.js";
export type {
  WebPushDevice,
  WebPushDeviceOptions,
  WebPushFaultKind,
  WebPushReceived,
  WebPushSubscriptionJson,
} from "../../providers/web_push/emulator_device.js";
export type { WebPushVendor } from "../../providers/web_push/emulator_words.js";
export type { FaultOptions, ScriptedAnswer } from "./kit.js";
