import {
  type Connection,
  isRejection,
  isRetryable,
  type OperationRequest,
  type OperationResult,
  PushError,
  type PushNotificationResult,
  RETURNED_CODES,
} from "../../src/provider_kit.js";
import {
  type BatchFailure,
  type BatchOutcome,
  changeBatch,
  changeOne,
  MAX_BATCH,
  type SubscriptionChange,
} from "./subscriptions.js";
import { parseToken } from "./token.js";
import { parseTopicName } from "./topics.js";

/** Options of `subscribeToTopic` and `unsubscribeFromTopic`. There is no dry run of a subscription. */
export interface TopicOptions {
  /** Ends the call: what waits settles as `ABORTED`, what is on the wire is cut. */
  signal?: AbortSignal | undefined;
  /** One attempt, in seconds; default: the provider's config. */
  timeout_seconds?: number | undefined;
  /** One request with all its attempts and waits, in seconds; default: the provider's config. */
  deadline_seconds?: number | undefined;
  /** Requests in flight; default 100. */
  max_concurrency?: number | undefined;
}

/** How the provider does what is not a notification. */
export type Operate = (
  requests: readonly OperationRequest[],
  options: TopicOptions,
) => Promise<OperationResult[]>;

/** Where subscriptions are changed. */
export interface TopicApi {
  readonly api: "v1" | "legacy";
  readonly project_id: string;
  /** To the host of the API. */
  readonly connection: Connection;
}

/** One result for each token, in order. A token or a topic that is none is refused without a request. */
export async function changeSubscriptions(
  change: SubscriptionChange,
  device_tokens: readonly unknown[],
  topic: string,
  { api, operate, options }: { api: TopicApi; operate: Operate; options: TopicOptions | undefined },
): Promise<PushNotificationResult[]> {
  const limited = { ...options, max_concurrency: options?.max_concurrency ?? 100 };
  checkCall(device_tokens, limited);
  const name = parseTopicName(topic);
  if (api.api === "legacy" && typeof name === "string") {
    return changeInBatches(change, device_tokens, name, api.connection, (requests) =>
      operate(requests, limited),
    );
  }
  const requests = device_tokens.map((device_token) => ({
    operation: changeOne(change, device_token, name, api),
    device_token,
  }));
  const done = await operate(requests, limited);
  return done.map(({ result }) => (result.success ? { ...result, message: SENTENCES[change] } : result));
}

/** Everything else in the options is checked by the engine. */
function checkCall(device_tokens: unknown, options: object): void {
  if (!Array.isArray(device_tokens)) {
    throw new PushError("OPTIONS_INVALID", "device_tokens: expected an array");
  }
  for (const key of ["dry_run", "on_progress"]) {
    if (!(key in options)) continue;
    throw new PushError("OPTIONS_INVALID", `options.${key}: a subscription to a topic has none`);
  }
}

const SENTENCES = {
  subscribe: "The token is subscribed to the topic.",
  unsubscribe: "The token is not subscribed to the topic any more.",
} as const;

/** Batches of what can be a token; the places of all others are filled with their refusals. */
async function changeInBatches(
  change: SubscriptionChange,
  device_tokens: readonly unknown[],
  topic: string,
  connection: Connection,
  operate: (requests: readonly OperationRequest[]) => Promise<OperationResult[]>,
): Promise<PushNotificationResult[]> {
  const requests: OperationRequest[] = [];
  /** Which tokens, by their index, each request is for. */
  const members: number[][] = [];
  const good: { index: number; value: string }[] = [];
  for (const [index, device_token] of device_tokens.entries()) {
    const recipient = parseToken(device_token);
    if (!isRejection(recipient)) good.push({ index, value: recipient.value });
    else {
      requests.push({ operation: recipient, device_token });
      members.push([index]);
    }
  }
  for (let start = 0; start < good.length; start += MAX_BATCH) {
    const batch = good.slice(start, start + MAX_BATCH);
    const tokens = batch.map(({ value }) => value);
    requests.push({ operation: changeBatch(change, tokens, topic, connection), topic });
    members.push(batch.map(({ index }) => index));
  }
  const results: PushNotificationResult[] = [];
  for (const [number, { result, details }] of (await operate(requests)).entries()) {
    for (const [place, index] of (members[number] ?? []).entries()) {
      const outcome = (details as readonly BatchOutcome[] | undefined)?.[place];
      results[index] = ofOne(result, { device_token: device_tokens[index], index }, outcome, change);
    }
  }
  return results;
}

/** A token's own result out of that of its batch. */
function ofOne(
  { topic: _topic, ...result }: PushNotificationResult,
  whose: { device_token: unknown; index: number },
  failure: BatchFailure | undefined,
  change: SubscriptionChange,
): PushNotificationResult {
  if (!result.success) return { ...result, ...whose };
  if (!failure) return { ...result, ...whose, message: SENTENCES[change] };
  const { code, reason } = failure;
  const { service_message_id: _id, ...base } = result;
  return {
    ...base,
    ...whose,
    success: false,
    message: RETURNED_CODES[code].sentence,
    error_code: code,
    reason,
    retryable: isRetryable(code),
    remove_token: RETURNED_CODES[code].remove_token,
    may_have_been_sent: false,
  };
}
