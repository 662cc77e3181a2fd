/**
 * After an attempt: settle, send again at once, wait, or renew the credential? A pure decision.
 *
 * How far the attempt got decides. What was provably not processed may be sent again freely. What may have been
 * processed is repeated only when the caller accepts duplicates, or when a second copy would replace the first.
 */
import type { Reach, Verdict } from "../codec.js";
import type { SharedConfig } from "../config.js";
import type { PushErrorCode } from "../error_codes.js";

/** How one attempt ended. */
export type AttemptEnd =
  | {
      readonly kind: "verdict";
      readonly verdict: Verdict;
      /** Absent: it ended before anything could leave, for want of a credential. */
      readonly status_code?: number | undefined;
      /** The credential was refused and cannot be renewed yet. */
      readonly not_renewable?: boolean | undefined;
    }
  | { readonly kind: "failure"; readonly reach: Reach; readonly reason: string; readonly timed_out: boolean }
  | { readonly kind: "forbidden"; readonly reason: string };

export interface Situation {
  readonly end: AttemptEnd;
  /** The first attempt and the timed retries so far; resends of what was not sent do not count. */
  readonly tries: number;
  /** Immediate resends so far. */
  readonly resends: number;
  readonly reauthorized: boolean;
  readonly now_ms: number;
  readonly deadline_ms: number;
  /** "Now or never": no timed retry. */
  readonly once: boolean;
  /** A second copy would do no harm: it replaces the first, or says the same. */
  readonly repeatable: boolean;
  readonly budget_left: boolean;
  readonly retry: SharedConfig["retry"];
  readonly random: () => number;
}

export type Decision =
  | { readonly action: "settle" }
  | { readonly action: "resend" }
  | { readonly action: "reauthorize" }
  | { readonly action: "wait"; readonly until_ms: number; readonly costs_budget: boolean };

export const SETTLE: Decision = { action: "settle" };
const MAX_RESENDS = 5;

/** Is there nothing to decide? */
export function isFinal(end: AttemptEnd): boolean {
  if (end.kind !== "verdict") return end.kind === "forbidden";
  return end.verdict.verdict === "accepted" || end.verdict.verdict === "rejected";
}

export function decide(situation: Situation): Decision {
  const { end } = situation;
  if (end.kind === "forbidden") return SETTLE;
  if (end.kind === "failure") return decideFailure(situation, end.reach, end.timed_out);
  const { verdict } = end;
  if (verdict.verdict === "reauthorize") return situation.reauthorized ? SETTLE : { action: "reauthorize" };
  if (verdict.verdict !== "retry") return SETTLE;
  if (isUnanswered(end) && !mayRepeat(situation)) return SETTLE;
  return timedRetry(situation, true, {
    floor_ms: Math.max(verdict.retry_after_ms ?? 0, verdict.min_delay_ms ?? 0),
    max_attempts: verdict.max_attempts,
  });
}

function decideFailure(situation: Situation, reach: Reach, timed_out: boolean): Decision {
  if (reach === "maybe_sent") return mayRepeat(situation) ? timedRetry(situation, true) : SETTLE;
  // What sat unsent for a whole timeout would sit again: it waits like a failed connect.
  const may_go_again = reach === "not_sent" || reach === "refused";
  if (may_go_again && !timed_out && situation.resends < MAX_RESENDS) return { action: "resend" };
  return timedRetry(situation, false);
}

function timedRetry(
  situation: Situation,
  costs_budget: boolean,
  wish: { floor_ms: number; max_attempts?: number | undefined } = { floor_ms: 0 },
): Decision {
  const { retry, tries, now_ms } = situation;
  if (situation.once) return SETTLE;
  if (tries >= Math.min(retry.max_attempts, wish.max_attempts ?? Number.POSITIVE_INFINITY)) return SETTLE;
  if (costs_budget && retry.budget && !situation.budget_left) return SETTLE;
  const ceiling = Math.min(retry.max_delay_ms, retry.base_delay_ms * 2 ** (tries - 1));
  const until_ms = now_ms + Math.max(wish.floor_ms, Math.round(situation.random() * ceiling));
  if (until_ms >= situation.deadline_ms) return SETTLE;
  return { action: "wait", until_ms, costs_budget: costs_budget && retry.budget };
}

function mayRepeat(situation: Situation): boolean {
  return situation.retry.resend_ambiguous || situation.repeatable;
}

/** Did the attempt leave without an answer by the service itself? 502 and 504 are a gateway's words, not the service's. */
export function isUnanswered(end: AttemptEnd): boolean {
  if (end.kind === "failure") return end.reach === "maybe_sent";
  return end.kind === "verdict" && (end.status_code === 502 || end.status_code === 504);
}

/** The code of a result that settles on this end. */
export function failureCode(end: AttemptEnd): PushErrorCode {
  if (end.kind === "forbidden") return "ENDPOINT_REFUSED";
  if (end.kind === "failure") return end.timed_out ? "TIMEOUT" : "NETWORK_ERROR";
  return end.verdict.verdict === "accepted" ? "INTERNAL_ERROR" : end.verdict.code;
}
