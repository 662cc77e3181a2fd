import {
  bodyText,
  type Connection,
  type HttpResponse,
  isRejection,
  type Operation,
  type PushErrorCode,
  type Rejection,
  type Verdict,
} from "../../src/provider_kit.js";
import { decodeFailure } from "./decode.js";
import { parseObject, readError } from "./error_body.js";
import { parseToken, type Recipient } from "./token.js";

export type SubscriptionChange = "subscribe" | "unsubscribe";

/**
 * One subscription of the v1 API (https://firebase.google.com/docs/cloud-messaging/manage-topic-subscriptions), begun
 * or ended.
 */
export function changeOne(
  change: SubscriptionChange,
  device_token: unknown,
  topic: string | Rejection,
  project: { readonly connection: Connection; readonly project_id: string },
): Operation<Recipient> | Rejection {
  const recipient = parseToken(device_token);
  if (isRejection(recipient)) return recipient;
  if (isRejection(topic)) return topic;
  const { connection, project_id } = project;
  const parent = `${connection.key}/v1/projects/${project_id}/registrations/${encodeURIComponent(recipient.value)}`;
  const name = encodeURIComponent(topic);
  const headers = { "content-type": "application/json; charset=utf-8" };
  return {
    target: { kind: "token", token: recipient },
    connection,
    request:
      change === "subscribe"
        ? { method: "POST", url: `${parent}/topicSubscriptions?topicName=${name}`, headers, body: "{}" }
        : { method: "DELETE", url: `${parent}/topicSubscriptions/${name}?allowMissing=true`, headers: {} },
    decode: decodeOne,
    idempotent: true,
  };
}

/** What was so before is as good as done. */
function decodeOne(response: HttpResponse, context: { readonly now_ms: number }): Verdict {
  const { status } = readError(parseObject(bodyText(response)).error);
  if (response.status === 200 || status === "ALREADY_EXISTS") return { verdict: "accepted" };
  return decodeFailure(response, context);
}

/** The older Instance ID API takes so many at once (https://developers.google.com/instance-id/reference/server). */
export const MAX_BATCH = 1000;

/** What became of each token of a batch: nothing is said of those that it took. */
export type BatchOutcome = BatchFailure | undefined;

export interface BatchFailure {
  readonly code: PushErrorCode;
  readonly reason: string;
}

/** Up to a thousand tokens in one request. `details` of the verdict are their {@link BatchOutcome}s, in order. */
export function changeBatch(
  change: SubscriptionChange,
  tokens: readonly string[],
  topic: string,
  connection: Connection,
): Operation<Recipient> {
  return {
    target: { kind: "topic", value: topic },
    connection,
    request: {
      method: "POST",
      url: `${connection.key}/iid/v1:${change === "subscribe" ? "batchAdd" : "batchRemove"}`,
      // Without the second this API reads the authorization as one of its own, older kind.
      headers: { "content-type": "application/json; charset=utf-8", access_token_auth: "true" },
      body: JSON.stringify({ to: `/topics/${topic}`, registration_tokens: tokens }),
    },
    decode: (response, context) => decodeBatch(response, context, tokens.length),
    idempotent: true,
  };
}

const ITEM_ERRORS: Readonly<Record<string, PushErrorCode>> = {
  NOT_FOUND: "UNREGISTERED",
  INVALID_ARGUMENT: "INVALID_TOKEN",
  PERMISSION_DENIED: "SENDER_MISMATCH",
  TOO_MANY_TOPICS: "PAYLOAD_INVALID",
  RESOURCE_EXHAUSTED: "RATE_LIMITED",
  INTERNAL: "SERVICE_UNAVAILABLE",
  DEADLINE_EXCEEDED: "SERVICE_UNAVAILABLE",
};

function decodeBatch(response: HttpResponse, context: { readonly now_ms: number }, count: number): Verdict {
  if (response.status !== 200) return decodeFailure(response, context);
  const { results } = parseObject(bodyText(response));
  if (!Array.isArray(results) || results.length !== count) {
    return { verdict: "rejected", code: "UNKNOWN_RESPONSE", reason: "not one result for each token" };
  }
  return { verdict: "accepted", details: results.map(toOutcome) };
}

function toOutcome(item: unknown): BatchOutcome {
  const { error } = { ...(item as { error?: unknown } | null) };
  if (error === undefined) return undefined;
  const reason = String(error);
  return Object.hasOwn(ITEM_ERRORS, reason)
    ? { code: ITEM_ERRORS[reason] ?? "UNKNOWN_RESPONSE", reason }
    : { code: "UNKNOWN_RESPONSE", reason: "an error that is not documented" };
}
