export type { ApnsFaultOptions, ApnsService, ApnsServiceOptions } from "../../providers/apns/emulator.js";
export { startApnsService } from "../../providers/apns/emulator.js";
export type { ApnsCertificateOptions, ApnsEnvironment } from "../../providers/apns/emulator_certificates.js";
export type {
  ApnsChannel,
  ApnsChannelOptions,
  ApnsDevice,
  ApnsDeviceOptions,
  ApnsFaultKind,
  ApnsReceived,
} from "../../providers/apns/emulator_device.js";
export type { ApnsKey, ApnsKeyOptions } from "../../providers/apns/emulator_senders.js";
export type { ApnsPushType } from "../../providers/apns/emulator_topics.js";
export type { FcmService, FcmServiceOptions } from "../../providers/fcm/emulator.js";
export { startFcmService } from "../../providers/fcm/emulator.js";
export type { FcmServiceAccount } from "../../providers/fcm/emulator_account.js";
export type {
  FcmDevice,
  FcmDeviceOptions,
  FcmFaultKind,
  FcmReceived,
  FcmReceivedMessage,
} from "../../providers/fcm/emulator_device.js";
export type { FcmScriptedAnswer } from "../../providers/fcm/emulator_reasons.js";
export type { FcmPlatform } from "../../providers/fcm/emulator_size.js";
export type { FcmTokenRequest } from "../../providers/fcm/emulator_token_office.js";
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
export type { WnsService, WnsServiceOptions } from "../../providers/wns/emulator.js";
export { startWnsService } from "../../providers/wns/emulator.js";
export type { WnsType } from "../../providers/wns/emulator_content.js";
export type {
  WnsConnectionStatus,
  WnsDevice,
  WnsDeviceOptions,
  WnsFaultKind,
  WnsFlow,
  WnsReceived,
} from "../../providers/wns/emulator_device.js";
export type { WnsSenderLimit } from "../../providers/wns/emulator_limit.js";
export type { WnsTokenRequest } from "../../providers/wns/emulator_tokens.js";
export type { WnsXmlElement } from "../../providers/wns/emulator_xml.js";
export { storeConformance } from "../store/conformance.js";
export type { FaultOptions, Http2FaultOptions, ScriptedAnswer } from "./kit.js";
