import {
  type Connection,
  type HttpRequest,
  type HttpResponse,
  isRejection,
  type Operation,
  type PushNotificationResult,
  type Rejection,
  reject,
  type Verdict,
} from "../../src/provider_kit.js";
import { type ApnsEnvironment, decodeFailure, parseBody } from "./decode.js";
import { parseChannel } from "./device_token.js";

/** 0: a message reaches the devices that are there now. 1: the most recent one is kept for a while for the others. */
export type ApnsMessageStoragePolicy = 0 | 1;

/**
 * As of a notification (`success`, `error_code`, `reason`, …), and with it what was asked for: all of it on success, at most
 * the `channel_id` that was given on failure.
 */
export type ApnsChannelResult<Answer extends object> =
  | (Extract<PushNotificationResult, { success: true }> & Answer)
  | (Extract<PushNotificationResult, { success: false }> & Partial<Answer>);

/** One channel. */
export interface ApnsChannel {
  readonly channel_id: string;
  readonly message_storage_policy: ApnsMessageStoragePolicy;
}

/** Each request about channels, or why there is none. */
export interface ChannelOperations {
  create(message_storage_policy: unknown): Operation | Rejection;
  read(channel_id: unknown): Operation | Rejection;
  delete(channel_id: unknown): Operation | Rejection;
  list(): Operation;
}

export interface ChannelOptions {
  readonly bundle_id: string;
  readonly environment: ApnsEnvironment;
  readonly connection: Connection;
}

/** What a success looks like. */
interface Success {
  readonly status: number;
  /** Undefined when what was asked for is not in the answer. */
  read(response: HttpResponse): object | undefined;
}

/** https://developer.apple.com/documentation/usernotifications/sending-channel-management-requests-to-apns */
export function createChannelOperations(options: ChannelOptions): ChannelOperations {
  const app = `${options.connection.key}/1/apps/${options.bundle_id}`;
  const url = `${app}/channels`;
  return {
    create: (policy) => {
      if (!isPolicy(policy)) {
        return reject(
          "PAYLOAD_INVALID",
          "message_storage_policy: expected 0 (nothing is kept) or 1 (the last is)",
        );
      }
      const body = JSON.stringify({ "message-storage-policy": policy, "push-type": "LiveActivity" });
      const headers = { "content-type": "application/json" };
      return operation(
        options,
        { method: "POST", url, headers, body },
        {
          status: 201,
          read: (response) => readCreated(response, policy),
        },
      );
    },
    read: (id) => about(options, id, { method: "GET", url, headers: {} }, { status: 200, read: readPolicy }),
    delete: (id) =>
      about(options, id, { method: "DELETE", url, headers: {} }, { status: 204, read: () => ({}) }),
    list: () => {
      const request = {
        method: "GET",
        url: `${app}/all-channels`,
        headers: {},
        max_answer_bytes: MAX_LIST_BYTES,
      };
      return operation(options, request, { status: 200, read: readList });
    },
  };
}

/** 10,000 channels, as many as an app may have, with room to spare. */
const MAX_LIST_BYTES = 1_048_576;

function about(
  options: ChannelOptions,
  id: unknown,
  request: HttpRequest,
  success: Success,
): Operation | Rejection {
  const channel = parseChannel(id);
  if (isRejection(channel)) return channel;
  return operation(options, { ...request, headers: { "apns-channel-id": channel.value } }, success);
}

function operation(
  { connection, environment }: ChannelOptions,
  request: HttpRequest,
  { status, read }: Success,
): Operation {
  return {
    target: { kind: "channel", value: request.headers["apns-channel-id"] ?? "" },
    connection,
    request,
    // A second creation makes a second channel.
    idempotent: request.method !== "POST",
    decode: (response, { now_ms, attempt }): Verdict => {
      const details = response.status === status ? read(response) : undefined;
      // The answer to the first deletion was lost.
      const is_gone = request.method === "DELETE" && attempt > 1 && isNotRegistered(response);
      if (!details && !is_gone) return decodeFailure(response, environment, now_ms);
      return { verdict: "accepted", service_message_id: response.headers["apns-request-id"], details };
    },
  };
}

function readCreated(
  { headers }: HttpResponse,
  message_storage_policy: ApnsMessageStoragePolicy,
): object | undefined {
  const channel_id = headers["apns-channel-id"];
  return channel_id === undefined ? undefined : { channel_id, message_storage_policy };
}

function readPolicy(response: HttpResponse): object | undefined {
  const policy = parseBody(response)["message-storage-policy"];
  return isPolicy(policy) ? { message_storage_policy: policy } : undefined;
}

function readList(response: HttpResponse): object | undefined {
  const { channels } = parseBody(response);
  const is_list = Array.isArray(channels) && channels.every((id) => typeof id === "string");
  return is_list ? { channels } : undefined;
}

function isNotRegistered(response: HttpResponse): boolean {
  return parseBody(response).reason === "ChannelNotRegistered";
}

function isPolicy(value: unknown): value is ApnsMessageStoragePolicy {
  return value === 0 || value === 1;
}
