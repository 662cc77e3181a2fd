/**
 * What Node's `diagnostics_channel` is told. Nobody listens, nothing is made: the places that trace ask `hasSubscribers`
 * first.
 */
import { channel, type TracingChannel, tracingChannel } from "node:diagnostics_channel";
import type { Clock, Credential, Verdict } from "../codec.js";
import type { PushErrorCode } from "../error_codes.js";
import type { PushNotificationResult } from "../result.js";
import { type AttemptEnd, failureCode } from "./retry.js";

/**
 * The message of the tracing channel `pushmux:send`: one notification, from when it is taken to its result. One object goes
 * through all five channels; what is optional is there from `error`, `asyncStart` and `asyncEnd` on. No token, no payload.
 *
 * `error` is told of a failed notification; there is no `Error`, `error_code` says what it was.
 */
export interface SendTrace {
  platform: string;
  message_id?: string;
  success?: boolean;
  error_code?: PushErrorCode;
  status_code?: number;
  attempts?: number;
  duration_ms?: number;
}

/** The message of the tracing channel `pushmux:attempt`: one request, without the waiting before it. Else like {@link SendTrace}. */
export interface AttemptTrace {
  platform: string;
  message_id: string;
  /** 1 for the first. */
  attempt: number;
  method: string;
  /** Where it goes, without the path. */
  origin: string;
  /** Absent when there was no answer. */
  status_code?: number;
  /** Absent when the service accepted it. */
  error_code?: PushErrorCode;
  duration_ms?: number;
}

/** The message of the channel `pushmux:credential`: one was made, or could not be had. Never the credential itself. */
export interface CredentialTrace {
  platform: string;
  /** Why there is none. */
  error_code?: PushErrorCode;
  /** How long the new one holds. */
  expires_in_seconds?: number;
  duration_ms: number;
}

export const SEND = tracingChannel<unknown, SendTrace>("pushmux:send");
export const ATTEMPT = tracingChannel<unknown, AttemptTrace>("pushmux:attempt");
export const CREDENTIAL = channel("pushmux:credential");

export function traceSend(
  platform: string,
  run: () => Promise<PushNotificationResult>,
): Promise<PushNotificationResult> {
  const trace: SendTrace = { platform };
  return follow(SEND, trace, run, (result) => {
    trace.message_id = result.message_id;
    trace.success = result.success;
    if (result.error_code !== undefined) trace.error_code = result.error_code;
    if (result.status_code !== undefined) trace.status_code = result.status_code;
    trace.attempts = result.attempts;
    trace.duration_ms = result.duration_ms;
  });
}

export function traceAttempt(
  trace: AttemptTrace,
  clock: Clock,
  run: () => Promise<AttemptEnd>,
): Promise<AttemptEnd> {
  const started_ms = clock.now();
  return follow(ATTEMPT, trace, run, (end) => {
    trace.duration_ms = clock.now() - started_ms;
    if (end.kind === "verdict" && end.status_code !== undefined) trace.status_code = end.status_code;
    if (end.kind !== "verdict" || end.verdict.verdict !== "accepted") trace.error_code = failureCode(end);
  });
}

export function traceCredential(
  platform: string,
  minted: Credential | Verdict,
  started_ms: number,
  now_ms: number,
): void {
  const trace: CredentialTrace = { platform, duration_ms: now_ms - started_ms };
  if (!("verdict" in minted)) trace.expires_in_seconds = Math.round((minted.expires_at_ms - now_ms) / 1000);
  else if (minted.verdict !== "accepted") trace.error_code = minted.code;
  CREDENTIAL.publish(trace);
}

/**
 * In the order of `tracePromise`, which cannot be used: it would publish the result, token and all, and an error's own
 * words.
 */
function follow<Trace extends SendTrace | AttemptTrace, Value>(
  { start, end, asyncStart, asyncEnd, error }: TracingChannel<unknown, Trace>,
  trace: Trace,
  run: () => Promise<Value>,
  note: (value: Value) => void,
): Promise<Value> {
  const over = () => {
    if (trace.error_code !== undefined) error.publish(trace);
    asyncStart.publish(trace);
    asyncEnd.publish(trace);
  };
  return start.runStores(trace, () => {
    const running = run().then(
      (value) => {
        note(value);
        over();
        return value;
      },
      (thrown: unknown) => {
        trace.error_code = "INTERNAL_ERROR";
        over();
        throw thrown;
      },
    );
    end.publish(trace);
    return running;
  });
}
