export type {
  ApnsCriticalSound,
  ApnsInterruptionLevel,
  ApnsLocalizedText,
  Aps,
  ApsAlert,
} from "./aps.js";
export type { ApnsChannel, ApnsChannelResult, ApnsMessageStoragePolicy } from "./channels.js";
export type { ApnsConfig } from "./config.js";
export type { NodeApnNotification } from "./node_apn.js";
export type { ApnsLiveActivity, ApnsOptions, ApnsPlatformData } from "./options.js";
export { type ApnsChannelOptions, ApnsProvider, apns } from "./provider.js";
export type { ApnsPriority, ApnsPushType } from "./push_types.js";
