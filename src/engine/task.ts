import type { PushNotificationResult } from "../result.js";
import { fingerprint } from "../result.js";
import type { Member } from "../roster.js";
import type { Call } from "./call.js";
import type { Engine } from "./engine.js";
import { type AttemptWatcher, Journey } from "./journey.js";
import { type Ending, ResultDraft } from "./result_draft.js";
import { type AttemptEnd, type Decision, failureCode } from "./retry.js";
import { type StopReason, Waits } from "./waits.js";

/** One piece of work for one recipient. However it ends, it ends in one result. */
export abstract class Task implements AttemptWatcher, Member<Task> {
  before: Task | undefined;
  after: Task | undefined;
  protected readonly engine: Engine;
  protected readonly waits: Waits;
  protected readonly draft: ResultDraft;
  protected readonly journey: Journey;
  protected readonly started_ms: number;

  constructor(
    protected readonly call: Call,
    /** A token as it was given, or a topic. */
    protected readonly device_token: unknown,
    is_topic: boolean,
    index: number,
  ) {
    this.engine = call.lease.engine;
    this.waits = new Waits(this.engine.clock);
    this.waits.stop_reason = call.stopped;
    this.started_ms = this.engine.clock.now();
    this.draft = new ResultDraft({ platform: this.engine.platform, device_token, is_topic, index });
    this.journey = new Journey(call, this.waits, this);
    call.tasks.add(this);
  }

  stop(reason: StopReason): void {
    this.waits.stop(reason);
  }

  /** Always resolves, and always to a result. */
  async run(): Promise<PushNotificationResult> {
    let ending: Ending;
    try {
      ending = this.waits.stopped ? { code: "ABORTED" } : await this.travel();
    } catch (error) {
      this.engine.reporter.internalError(this.engine.platform, error);
      ending = { code: "INTERNAL_ERROR" };
    }
    this.beforeResult();
    const result = this.draft.finish(ending, {
      attempts: this.journey.attempts,
      may_have_been_sent: this.journey.may_have_been_sent,
      started_ms: this.started_ms,
      now_ms: this.engine.clock.now(),
    });
    this.call.tasks.remove(this);
    this.afterResult(result);
    this.reportSettled(result);
    this.engine.ring();
    return result;
  }

  protected abstract travel(): Ending | Promise<Ending>;
  protected beforeResult(): void {}
  protected afterResult(_result: PushNotificationResult): void {}

  attempted(end: AttemptEnd, decision: Decision, origin: string, now_ms: number): void {
    const { reporter, platform } = this.engine;
    if (!reporter.active) return;
    const accepted = end.kind === "verdict" && end.verdict.verdict === "accepted";
    reporter.event({
      type: "attempt",
      platform,
      message_id: this.draft.message_id,
      device: fingerprint(this.device_token),
      attempt: this.journey.attempts,
      origin,
      ...(end.kind === "verdict" && end.status_code !== undefined ? { status_code: end.status_code } : {}),
      ...(accepted ? {} : { error_code: failureCode(end) }),
      duration_ms: now_ms - this.started_ms,
      next: decision.action,
      ...(decision.action === "wait" ? { wait_ms: decision.until_ms - now_ms } : {}),
    });
  }

  private reportSettled(result: PushNotificationResult): void {
    const { reporter, platform } = this.engine;
    if (!reporter.active) return;
    const { message_id, success, error_code, status_code, attempts, duration_ms } = result;
    reporter.event({
      type: "settled",
      platform,
      message_id,
      device: fingerprint(this.device_token),
      success,
      ...(error_code === undefined ? {} : { error_code }),
      ...(status_code === undefined ? {} : { status_code }),
      attempts,
      duration_ms,
    });
  }
}
