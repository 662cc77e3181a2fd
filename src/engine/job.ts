/**
 * One notification's journey: check, slot, encode, attempt, decision, result.
 */
import type { HttpRequest, Rejection } from "../codec.js";
import { isRejection } from "../codec.js";
import { warning } from "../codec_tools.js";
import { fingerprint, type PushNotificationResult } from "../result.js";
import { attempt, type Route } from "./attempt.js";
import type { Call } from "./call.js";
import type { AnyTarget, Engine } from "./engine.js";
import { type Lifetime, lifetime } from "./lifetime.js";
import type { ReadyPayload } from "./payloads.js";
import { type Ending, ResultDraft } from "./result_draft.js";
import { type AttemptEnd, type Decision, decide, failureCode, isUnanswered } from "./retry.js";
import { acquireSlot } from "./slots.js";
import { type StopReason, Waits } from "./waits.js";

export class Job {
  private readonly engine: Engine;
  private readonly waits: Waits;
  private readonly draft: ResultDraft;
  private readonly started_ms: number;
  private readonly sequence: number;
  private attempts = 0;
  private tries = 1;
  private resends = 0;
  private reauthorized = false;
  private may_have_been_sent = false;
  private last_end: AttemptEnd | undefined;
  /** Asked at the end: the other recipients of a payload may come later. */
  private shares_message_id: () => boolean = () => false;

  constructor(
    private readonly call: Call,
    private readonly device_token: unknown,
    private readonly payload: unknown,
    index: number,
  ) {
    this.engine = call.lease.engine;
    this.waits = new Waits(this.engine.clock);
    this.waits.stop_reason = call.stopped;
    this.started_ms = this.engine.clock.now();
    this.sequence = this.engine.take();
    this.draft = new ResultDraft({
      platform: this.engine.platform,
      device_token,
      is_topic: call.kind !== "token",
      index,
    });
    call.jobs.add(this);
  }

  stop(reason: StopReason): void {
    this.waits.stop(reason);
  }

  /** Always resolves, and always to a result. */
  async run(): Promise<PushNotificationResult> {
    let ending: Ending;
    try {
      ending = await this.travel();
    } catch (error) {
      this.engine.reporter.internalError(this.engine.platform, error);
      ending = { code: "INTERNAL_ERROR" };
    }
    if (this.shares_message_id()) this.draft.addWarnings([SHARED_MESSAGE_ID]);
    const result = this.draft.finish(ending, {
      attempts: this.attempts,
      may_have_been_sent: this.may_have_been_sent,
      started_ms: this.started_ms,
      now_ms: this.engine.clock.now(),
    });
    this.call.jobs.delete(this);
    this.engine.settled(result);
    this.reportSettled(result);
    this.engine.ring();
    return result;
  }

  private async travel(): Promise<Ending> {
    if (this.waits.stopped) return { code: "ABORTED" };
    const target = this.parseTarget();
    if (isRejection(target)) return target;
    const entry = this.call.payloads.get(this.payload);
    const { ready } = entry;
    if (isRejection(ready)) return ready;
    const { payload } = ready;
    this.draft.addWarnings(ready.warnings);
    if (payload.message_id !== undefined) {
      this.draft.message_id = payload.message_id;
      this.shares_message_id = () => entry.recipients > 1 || this.call.payloads.multicast;
    }
    const { codec, config } = this.engine;
    const limits = { ...codec.limits, ttl_seconds: config.ttl_seconds, deadline_ms: this.call.deadline_ms };
    const life = lifetime(payload, limits, this.started_ms);
    if (life.warning) this.draft.addWarnings([life.warning]);
    if (life.expired) return { code: "EXPIRED" };
    if (this.call.dry_run && !codec.dry_run_asks_service) return this.dryRun(target, ready, life);
    return this.send(target, ready, life);
  }

  private parseTarget(): AnyTarget | Rejection {
    const { codec } = this.engine;
    const { kind } = this.call;
    if (kind === "token") {
      const token = codec.parseToken(this.device_token);
      return isRejection(token) ? token : { kind, token };
    }
    return codec.parseTopic?.(String(this.device_token)) ?? TOPICS_NOT_SUPPORTED;
  }

  private async dryRun(target: AnyTarget, ready: ReadyPayload, life: Lifetime): Promise<Ending> {
    const request = await this.encode(target, ready, life);
    if (!request) return this.unsent(life);
    if (isRejection(request)) return request;
    return { dry_run: request, authorized: this.engine.credentials !== undefined };
  }

  /** Undefined when it was stopped, or its time ended, while a codec was still making it. */
  private async encode(target: AnyTarget, ready: ReadyPayload, life: Lifetime) {
    const now_ms = this.engine.clock.now();
    const encoded = this.engine.codec.encode(ready.prepared, target, {
      message_id: this.draft.message_id,
      now_ms,
      expires_at_ms: life.once ? now_ms : life.expires_at_ms,
      sequence: this.sequence,
    });
    return encoded instanceof Promise ? this.waits.value(encoded, life.deadline_ms) : encoded;
  }

  private async send(target: AnyTarget, ready: ReadyPayload, life: Lifetime): Promise<Ending> {
    const { engine, waits, call } = this;
    const connection = engine.codec.connection(target);
    const { deadline_ms } = life;
    const route: Route = { engine, waits, target, connection, timeout_ms: call.timeout_ms, deadline_ms };
    let request: HttpRequest | undefined;
    for (;;) {
      if (!(await this.acquire(connection.key, deadline_ms))) return this.unsent(life);
      let decision: Decision;
      try {
        if (request) request = this.withLifetime(request, life);
        else {
          const encoded = await this.encode(target, ready, life);
          if (!encoded) return this.unsent(life);
          if (isRejection(encoded)) return encoded;
          request = encoded;
        }
        const end = await this.attempt(route, request);
        if (!end) return this.unsent(life);
        decision = this.decide(end, ready, life, connection.key);
      } finally {
        this.release(connection.key);
      }
      if (decision.action === "settle") return this.settled();
      if (decision.action === "resend") this.resends++;
      else if (decision.action === "reauthorize") this.reauthorized = true;
      else {
        await this.park(decision, connection.key);
        if (waits.stopped) return this.unsent(life);
        this.tries++;
      }
    }
  }

  private async acquire(key: string, deadline_ms: number): Promise<boolean> {
    const { waits, engine } = this;
    const own = this.call.limiter;
    if (own && !(await acquireSlot(own, "", waits, deadline_ms, engine.clock))) return false;
    if (await acquireSlot(engine.limiter, key, waits, deadline_ms, engine.clock)) return true;
    own?.release("");
    return false;
  }

  private release(key: string): void {
    this.engine.limiter.release(key);
    this.call.limiter?.release("");
  }

  private withLifetime(request: HttpRequest, life: Lifetime): HttpRequest {
    const { codec, clock } = this.engine;
    if (life.once || !codec.withLifetime) return request;
    return codec.withLifetime(request, { now_ms: clock.now(), expires_at_ms: life.expires_at_ms });
  }

  private async attempt(route: Route, request: HttpRequest): Promise<AttemptEnd | undefined> {
    const made = await attempt(route, request, this.attempts + 1);
    if (!made) return undefined;
    if (made.started) {
      if (this.attempts === 0) this.engine.budget.firstAttempt(route.connection.key);
      this.attempts++;
    }
    if (made.not_renewable) this.reauthorized = true;
    if (isUnanswered(made.end)) this.may_have_been_sent = true;
    this.last_end = made.end;
    return made.end;
  }

  private decide(end: AttemptEnd, ready: ReadyPayload, life: Lifetime, origin: string): Decision {
    const { engine } = this;
    const now_ms = engine.clock.now();
    const decision = decide({
      end,
      tries: this.tries,
      resends: this.resends,
      reauthorized: this.reauthorized,
      now_ms,
      deadline_ms: life.deadline_ms,
      once: life.once,
      replaces_delivered: engine.codec.replacesDelivered?.(ready.prepared) ?? false,
      budget_left: engine.budget.left(origin),
      retry: engine.config.retry,
      random: engine.random,
    });
    this.reportAttempt(end, decision, origin, now_ms);
    return decision;
  }

  private async park(decision: Decision & { action: "wait" }, origin: string): Promise<void> {
    const { engine, call } = this;
    if (decision.costs_budget) engine.budget.take(origin);
    engine.parked++;
    call.parked++;
    engine.ring();
    await this.waits.until(decision.until_ms);
    engine.parked--;
    call.parked--;
  }

  /** Stopped, or out of time, with nothing on the wire. What the last attempt was told is kept. */
  private unsent(life: Lifetime): Ending {
    if (this.waits.stopped) return { code: "ABORTED", ...lastWords(this.last_end) };
    if (this.last_end) return this.settled();
    return { code: life.expires_first ? "EXPIRED" : "TIMEOUT" };
  }

  private settled(): Ending {
    const end = this.last_end;
    if (end?.kind === "verdict") return end;
    if (end?.kind === "failure" && !end.timed_out && this.waits.cut) return { code: "ABORTED" };
    return { code: end ? failureCode(end) : "INTERNAL_ERROR", ...lastWords(end) };
  }

  private reportAttempt(end: AttemptEnd, decision: Decision, origin: string, now_ms: number): void {
    const { reporter, platform } = this.engine;
    if (!reporter.active) return;
    const accepted = end.kind === "verdict" && end.verdict.verdict === "accepted";
    reporter.event({
      type: "attempt",
      platform,
      message_id: this.draft.message_id,
      device: fingerprint(this.device_token),
      attempt: this.attempts,
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
    const device = fingerprint(this.device_token);
    reporter.event({
      type: "settled",
      platform,
      message_id,
      device,
      success,
      ...(error_code === undefined ? {} : { error_code }),
      ...(status_code === undefined ? {} : { status_code }),
      attempts,
      duration_ms,
    });
  }
}

const SHARED_MESSAGE_ID = warning(
  "shared_message_id",
  "message_id",
  "the payload's message_id was used for several recipients; an acknowledgement cannot tell them apart",
);

const TOPICS_NOT_SUPPORTED: Rejection = {
  rejection: true,
  code: "TOPICS_NOT_SUPPORTED",
  message: "This service has no topics; send to device tokens instead.",
};

function lastWords(end: AttemptEnd | undefined): { reason?: string; status_code?: number } {
  if (!end) return {};
  if (end.kind !== "verdict") return { reason: end.reason };
  return {
    ...(end.verdict.verdict === "accepted" ? {} : { reason: end.verdict.reason }),
    ...(end.status_code === undefined ? {} : { status_code: end.status_code }),
  };
}
