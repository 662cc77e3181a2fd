export type { AccessToken, FcmConfig, FirebaseApp } from "./config.js";
export type {
  FcmAndroid,
  FcmAndroidNotification,
  FcmAndroidNotificationV2,
  FcmAndroidV2,
  FcmApns,
  FcmAps,
  FcmApsAlert,
  FcmDuration,
  FcmLightSettings,
  FcmNotification,
  FcmOptions,
  FcmWebpush,
} from "./message.js";
export { FcmProvider, fcm } from "./provider.js";
export type { TopicOptions } from "./subscriber.js";
