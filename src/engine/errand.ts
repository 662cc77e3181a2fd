import { isRejection, type Operation, type Rejection } from "../codec.js";
import type { PushNotificationResult } from "../result.js";
import type { Call } from "./call.js";
import type { Ending } from "./result_draft.js";
import { Task } from "./task.js";

/** An operation, or why there is none, and whom its result is about: a token or a topic. */
export interface OperationRequest {
  readonly operation: Operation | Rejection;
  readonly device_token?: unknown;
  readonly topic?: string | undefined;
}

/** What became of an operation: a result like any other, and what was asked for. */
export interface OperationResult {
  readonly result: PushNotificationResult;
  /** From the accepted verdict. */
  readonly details: object | undefined;
}

/** An operation on its way: the same slots, credentials, retries and deadlines as a notification, but it is not counted as one. */
export class Errand extends Task {
  private readonly operation: Operation | Rejection;
  private details: object | undefined;

  constructor(call: Call, { operation, device_token, topic }: OperationRequest, index: number) {
    super(call, device_token ?? topic, device_token === undefined, index);
    this.operation = operation;
  }

  async complete(): Promise<OperationResult> {
    const result = await this.run();
    return { result, details: this.details };
  }

  protected override travel(): Ending | Promise<Ending> {
    const { operation, call } = this;
    if (isRejection(operation)) return operation;
    const { target, connection, request } = operation;
    const deadline_ms = this.started_ms + call.deadline_ms;
    return this.journey.run({
      message_id: this.draft.message_id,
      target,
      connection,
      lifetime: {
        expires_at_ms: deadline_ms,
        deadline_ms,
        once: false,
        expired: false,
        expires_first: false,
      },
      repeatable: () => operation.idempotent,
      request: () => request,
      decode: (response, url, attempt, now_ms) => {
        const verdict = operation.decode(response, { target, url, attempt, now_ms });
        if (verdict.verdict === "accepted") this.details = verdict.details;
        return verdict;
      },
    });
  }
}
