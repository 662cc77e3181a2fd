/**
 * The one door through which a provider, ours or somebody else's, sees the house.
 */

/** The zod that configs and options are checked with; a provider may as well bring its own. */
export { z } from "zod";
export type {
  Accepted,
  ClientCertificate,
  Clock,
  Codec,
  CodecLimits,
  Connection,
  Credential,
  CredentialSource,
  DecodeContext,
  EncodeContext,
  HttpRequest,
  HttpResponse,
  MintContext,
  Operation,
  Pacing,
  PrepareContext,
  Prepared,
  Reauthorize,
  Rejected,
  Rejection,
  Retry,
  Target,
  TargetKind,
  TopicKind,
  Transport,
  TransportOptions,
  TransportOutcome,
  Verdict,
} from "./codec.js";
export { isRejection, reject } from "./codec.js";
export { CodecProvider } from "./codec_provider.js";
export { bodyText, collapseKey, jsonText, rawReason, warning } from "./codec_tools.js";
export type { SharedConfig, SharedConfigInput } from "./config.js";
export { configInvalid } from "./config.js";
export type { ObjectSchemaLike, OpenContext, ProviderDefinition, SchemaLike } from "./definition.js";
export { defineProvider } from "./definition.js";
export type { OperationRequest, OperationResult } from "./engine/errand.js";
export type { Lease } from "./engine/lease.js";
export { retryAfterMs } from "./engine/retry_after.js";
export { isRetryable, PushErrorCode, RETURNED_CODES } from "./error_codes.js";
export { PushError } from "./errors.js";
export { deepMerge } from "./merge.js";
export type { SendOptions } from "./options.js";
export type { CheckedPayload, NotificationAction, PushNotificationPayload } from "./payload.js";
export { actionsSchema, PushPriority } from "./payload.js";
export { PushNotificationProvider } from "./provider.js";
export type { PushNotificationResult, ResultWarning } from "./result.js";
export { processCache } from "./state.js";
export type { EndpointPolicy } from "./transport/endpoint_guard.js";
export { checkEndpoint, checkHostPattern } from "./transport/endpoint_guard.js";
