/** The front door. It loads no provider and none of their packages: each comes when it is first asked for. */
export type { CredentialStats } from "./engine/credentials.js";
export type { Counters } from "./engine/engine.js";
export type { AttemptEvent, PushEvent, PushLogger, SettledEvent } from "./engine/events.js";
export type { LatencyStats } from "./engine/histogram.js";
export type { OriginStats } from "./engine/origins.js";
export type { ProviderStats } from "./engine/stats.js";
export type { AttemptTrace, CredentialTrace, SendTrace } from "./engine/tracing.js";
export type { PushThrownCode } from "./error_codes.js";
export { PushErrorCode } from "./error_codes.js";
export type { PushErrorIssue } from "./errors.js";
export { PushError } from "./errors.js";
export type { ConfigOf, PlatformName, PlatformStatus, ProviderOf } from "./factory.js";
export { closeAllProviders, getFallbackProvider, getPlatformStatus, getPushProvider } from "./factory.js";
export type {
  BulkOptions,
  BulkProgress,
  DeadToken,
  FallbackOptions,
  ProviderOptions,
  RouterOptions,
  SendOptions,
} from "./options.js";
export type { AnyPlatformData, NotificationAction, PushNotificationPayload } from "./payload.js";
export { PushPriority, payloadSchema } from "./payload.js";
export type { PlatformNamespaces, PushPlatformAliases, PushPlatforms } from "./platforms.js";
export type { DeviceTokens, HealthCheck, Notifications, PlatformInfo, PushNotification } from "./provider.js";
export { PushNotificationProvider } from "./provider.js";
export type { ProviderClass, Registration } from "./registry.js";
export { getAvailablePlatforms, registerProvider } from "./registry.js";
export type {
  PushNotificationFailure,
  PushNotificationResult,
  PushNotificationSuccess,
  ResultRequest,
  ResultWarning,
} from "./result.js";
export { redactResult, resultSchema } from "./result.js";
export type {
  FallbackResult,
  PushRouter,
  PushTarget,
  RoutedNotifications,
  RoutedPayload,
  RouterConfigs,
  RouterHealth,
} from "./router.js";
export { createPushRouter } from "./router.js";
export type { Subscription } from "./subscription.js";
export { subscriptionSchema } from "./subscription.js";
