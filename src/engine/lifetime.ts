import { warning } from "../codec_tools.js";
import type { CheckedPayload } from "../payload.js";
import type { ResultWarning } from "../result.js";

/** How long a notification may live, and how long we may work on it. */
export interface Lifetime {
  /** The end of the notification itself; equal to the start when it is "now or never". */
  readonly expires_at_ms: number;
  /** The end of our work: the deadline, or the notification's own end if that is earlier. */
  readonly deadline_ms: number;
  /** "Now or never" (`ttl_seconds: 0`): one attempt, no timed retry. */
  readonly once: boolean;
  /** Its time was over before it began. */
  readonly expired: boolean;
  /** The notification's own end comes before the deadline. */
  readonly expires_first: boolean;
  readonly warning?: ResultWarning | undefined;
}

export interface LifetimeLimits {
  readonly ttl_seconds: number;
  readonly max_ttl_seconds: number;
  readonly deadline_ms: number;
}

/** `expires_at` wins over `ttl_seconds`, and both are cut to what the service allows. */
export function lifetime(payload: CheckedPayload, limits: LifetimeLimits, start_ms: number): Lifetime {
  const { expires_at_ms: wished_end, ttl_seconds = limits.ttl_seconds } = payload;
  const longest = start_ms + limits.max_ttl_seconds * 1000;
  const wished = wished_end ?? start_ms + ttl_seconds * 1000;
  const expires_at_ms = Math.min(wished, longest);
  const once = wished_end === undefined && ttl_seconds === 0;
  const deadline_ms = start_ms + limits.deadline_ms;
  const expires_first = !once && expires_at_ms < deadline_ms;
  return {
    expires_at_ms,
    deadline_ms: expires_first ? expires_at_ms : deadline_ms,
    once,
    expired: !once && expires_at_ms <= start_ms,
    expires_first,
    warning: wished > longest ? clamped(wished_end === undefined, limits) : undefined,
  };
}

function clamped(by_ttl: boolean, { max_ttl_seconds }: LifetimeLimits): ResultWarning {
  return warning(
    "ttl_clamped",
    by_ttl ? "ttl_seconds" : "expires_at",
    `the service keeps a notification for at most ${max_ttl_seconds} s; it was asked for that`,
  );
}
