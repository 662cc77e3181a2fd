/**
 * What can go wrong on the page:
 *
 * - `UNSUPPORTED`, `INSECURE_CONTEXT`, `NEEDS_HOME_SCREEN`: the state of that name
 * - `PERMISSION_DENIED`: the user said no; `PERMISSION_DISMISSED`: the user said nothing, and may be asked again
 * - `NOT_SUBSCRIBED`: there is no subscription to send to
 * - `WORKER_FAILED`: the worker's script could not be loaded or installed
 * - `KEY_INVALID`: what should be the VAPID public key is none
 * - `PUSH_SERVICE_FAILED`: the browser could not subscribe or unsubscribe, often because its push service is out of reach
 * - `SERVER_FAILED`: your server could not be reached or refused; `status` when it answered
 * - `TIMEOUT`: one of them did not answer in time
 */
export type PushClientErrorCode =
  | "UNSUPPORTED"
  | "INSECURE_CONTEXT"
  | "NEEDS_HOME_SCREEN"
  | "PERMISSION_DENIED"
  | "PERMISSION_DISMISSED"
  | "NOT_SUBSCRIBED"
  | "WORKER_FAILED"
  | "KEY_INVALID"
  | "PUSH_SERVICE_FAILED"
  | "SERVER_FAILED"
  | "TIMEOUT";

/** Why a call of the push client failed: a stable `code`, a plain sentence, and the browser's own error as `cause`. */
export class PushClientError extends Error {
  override readonly name = "PushClientError";
  readonly code: PushClientErrorCode;
  /** The HTTP status of your server's answer, if that is what failed. */
  readonly status: number | undefined;

  constructor(
    code: PushClientErrorCode,
    message: string,
    details: { cause?: unknown; status?: number } = {},
  ) {
    super(message, details);
    this.code = code;
    this.status = details.status;
  }
}

/** One of ours as it is; anything else becomes the cause of one of ours. */
export function explain(code: PushClientErrorCode, message: string) {
  return (cause: unknown): never => {
    throw cause instanceof PushClientError ? cause : new PushClientError(code, message, { cause });
  };
}
