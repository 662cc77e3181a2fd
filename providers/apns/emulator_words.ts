import { STATUS_CODES } from "node:http";

/**
 * Every reason that APNs documents, with its status; of those that share one, the usual reason first. Apple, "Handling
 * notification responses from APNs" and "Handling error responses from Apple Push Notification service".
 */
const STATUSES = {
  BadDeviceToken: 400,
  BadChannelId: 400,
  BadCollapseId: 400,
  BadExpirationDate: 400,
  BadMessageId: 400,
  BadPriority: 400,
  BadRequestParams: 400,
  BadRequestPayload: 400,
  BadTopic: 400,
  CannotCreateChannelConfig: 400,
  ChannelNotRegistered: 400,
  DeviceTokenNotForTopic: 400,
  DuplicateHeaders: 400,
  FeatureNotEnabled: 400,
  IdleTimeout: 400,
  InvalidPushType: 400,
  MissingChannelId: 400,
  MissingDeviceToken: 400,
  MissingPushType: 400,
  MissingTopic: 400,
  PayloadEmpty: 400,
  TopicDisallowed: 400,
  InvalidProviderToken: 403,
  BadCertificate: 403,
  BadCertificateEnvironment: 403,
  BadEnvironmentKeyIdInToken: 403,
  ExpiredProviderToken: 403,
  Forbidden: 403,
  MissingProviderToken: 403,
  TopicMismatch: 403,
  UnrelatedKeyIdInToken: 403,
  BadPath: 404,
  MethodNotAllowed: 405,
  Unregistered: 410,
  ExpiredToken: 410,
  PayloadTooLarge: 413,
  TooManyRequests: 429,
  TooManyProviderTokenUpdates: 429,
  InternalServerError: 500,
  ServiceUnavailable: 503,
  Shutdown: 503,
} as const;

export type ApnsReason = keyof typeof STATUSES;

export const REASONS: Readonly<Record<ApnsReason, number>> = STATUSES;

/** What APNs usually says with this status. */
export function usualReason(status: number): string {
  const known = Object.entries(REASONS).find(([, one]) => one === status);
  return known?.[0] ?? (STATUS_CODES[status] ?? "Unknown").replaceAll(/[^A-Za-z]/g, "");
}
