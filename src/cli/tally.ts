import { PushErrorCode, type PushNotificationResult } from "../index.js";
import { hint } from "../suggest.js";
import { CliError } from "./exit.js";

/** Counts what became of the lines of a bulk run, those of earlier runs included. */
export class Tally {
  accepted = 0;
  failed = 0;
  remove_token = 0;
  may_have_been_sent = 0;
  /** Answered by an earlier run. */
  before = 0;
  readonly codes: Partial<Record<PushErrorCode, number>> = {};
  readonly started_ms = Date.now();

  get done(): number {
    return this.accepted + this.failed;
  }

  /** Answered by this run, per second. */
  get per_second(): number {
    return (this.done - this.before) / Math.max(0.001, (Date.now() - this.started_ms) / 1000);
  }

  count(
    result: Pick<PushNotificationResult, "success" | "error_code" | "remove_token" | "may_have_been_sent">,
  ): void {
    if (result.success) this.accepted++;
    else {
      this.failed++;
      if (result.error_code) this.codes[result.error_code] = (this.codes[result.error_code] ?? 0) + 1;
    }
    if (result.remove_token) this.remove_token++;
    if (result.may_have_been_sent) this.may_have_been_sent++;
  }

  summary(): Record<string, unknown> {
    const { accepted, failed, codes, remove_token, may_have_been_sent, before } = this;
    const duration_ms = Date.now() - this.started_ms;
    return {
      accepted,
      failed,
      codes,
      remove_token,
      may_have_been_sent,
      answered_before: before,
      duration_ms,
    };
  }

  /** The same as sentences. */
  sentences(): string[] {
    const codes = Object.entries(this.codes).map(([code, times]) => `${code} ${number(times)}`);
    const failed = this.failed === 0 ? "none failed" : `${number(this.failed)} failed: ${codes.join(", ")}`;
    const more = [
      ["Answered by an earlier run", this.before],
      ["Gone for good, so delete these tokens (remove_token)", this.remove_token],
      ["Failed, but may have been sent (may_have_been_sent)", this.may_have_been_sent],
    ] as const;
    return [
      `${number(this.accepted)} of ${number(this.done)} accepted, ${failed}.`,
      ...more.filter(([, count]) => count > 0).map(([words, count]) => `${words}: ${number(count)}.`),
    ];
  }
}

/** Which failures make the exit code 1: any, none, or these codes. */
export type FailOn = "any" | "none" | readonly PushErrorCode[];

/** Reads `--fail-on`. */
export function readFailOn(text = "any"): FailOn {
  if (text === "any" || text === "none") return text;
  return text.split(",").map((word) => {
    const code = word.trim();
    if (isCode(code)) return code;
    throw new CliError(`--fail-on: ${hint(code, ["any", "none", ...Object.keys(PushErrorCode)])}`);
  });
}

export function hasFailed({ failed, codes }: Pick<Tally, "failed" | "codes">, fail_on: FailOn): boolean {
  if (fail_on === "none") return false;
  return fail_on === "any" ? failed > 0 : fail_on.some((code) => codes[code] !== undefined);
}

export function number(value = 0): string {
  return Math.round(value).toLocaleString("en-US");
}

function isCode(text: string): text is PushErrorCode {
  return Object.hasOwn(PushErrorCode, text);
}
