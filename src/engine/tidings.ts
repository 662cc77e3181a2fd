import type { NoAnswer } from "./gate.js";
import type { AttemptEnd } from "./retry.js";

/** What the end of an attempt tells about whoever is at the other end. Of some ends nothing can be told. */
export function tidings(
  end: AttemptEnd | undefined,
  cut: boolean,
): "answered" | "overloaded" | "unanswered" | undefined {
  if (!end || end.kind === "forbidden") return undefined;
  if (end.kind === "failure") {
    if (end.reach === "refused") return "overloaded";
    if (end.timed_out) return "unanswered";
    return cut || end.reach === "not_sent" ? undefined : "unanswered";
  }
  const { verdict, status_code } = end;
  // A credential that could not be had is no word of this origin.
  if (status_code === undefined) return undefined;
  if (verdict.verdict !== "retry" || verdict.scope === "token") return "answered";
  return verdict.code === "RATE_LIMITED" || status_code === 503 ? "overloaded" : "answered";
}

export function noAnswer(end: AttemptEnd | undefined): NoAnswer {
  if (end?.kind !== "failure") return { code: "NETWORK_ERROR", reason: "no answer" };
  return { code: end.timed_out ? "TIMEOUT" : "NETWORK_ERROR", reason: end.reason };
}
