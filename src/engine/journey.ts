/**
 * From slot to decision, attempt by attempt, until there is nothing more to try.
 */
import type { Connection, HttpRequest, HttpResponse, Rejection, Verdict } from "../codec.js";
import { isRejection } from "../codec.js";
import { attempt, type Route } from "./attempt.js";
import type { Call } from "./call.js";
import type { AnyTarget, Engine } from "./engine.js";
import type { Closed, Gate, Pass } from "./gate.js";
import type { Lifetime } from "./lifetime.js";
import type { Limiter } from "./limiter.js";
import type { OriginState } from "./origins.js";
import type { Ending } from "./result_draft.js";
import {
  type AttemptEnd,
  type Decision,
  decide,
  failureCode,
  isFinal,
  isUnanswered,
  SETTLE,
} from "./retry.js";
import { acquireSlot } from "./slots.js";
import { noAnswer, tidings } from "./tidings.js";
import type { Waits } from "./waits.js";

/** What is brought to a service: a notification, or an operation. */
export interface Freight {
  readonly message_id: string;
  readonly target: AnyTarget;
  readonly connection: Connection;
  readonly lifetime: Lifetime;
  /** Would a second copy do no harm? Then an attempt that got no answer may be repeated. */
  repeatable(): boolean;
  /** The request of the next attempt. Undefined: stopped, or out of time, while it was being made. */
  request(
    previous: HttpRequest | undefined,
    now_ms: number,
  ): HttpRequest | Rejection | undefined | Promise<HttpRequest | Rejection | undefined>;
  /** `attempt` is 1 for the first. */
  decode(response: HttpResponse, url: string, attempt: number, now_ms: number): Verdict;
}

/** Told of each attempt: how it ended, what is done next, where it went, and when that was decided. */
export interface AttemptWatcher {
  attempted(end: AttemptEnd, decision: Decision, origin: string, now_ms: number): void;
}

type Tried = AttemptEnd | Rejection | undefined;

export class Journey implements Route {
  attempts = 0;
  may_have_been_sent = false;
  readonly engine: Engine;
  readonly timeout_ms: number;
  started_ms = 0;
  ended_ms = 0;
  private tries = 1;
  private resends = 0;
  private reauthorized = false;
  private last_end: AttemptEnd | undefined;
  private request: HttpRequest | undefined;

  constructor(
    private readonly call: Call,
    readonly waits: Waits,
    private readonly watcher: AttemptWatcher,
  ) {
    this.engine = call.lease.engine;
    this.timeout_ms = call.timeout_ms;
  }

  /** Always ends. What can go at once is not awaited: each await costs every notification. */
  async run(freight: Freight): Promise<Ending> {
    const { key } = freight.connection;
    const origin = this.engine.origins.of(key);
    for (;;) {
      const pass = this.enterAtOnce(freight, origin) ?? (await this.enter(freight, origin));
      if (typeof pass !== "string") return pass;
      let end: AttemptEnd | undefined;
      let decision: Decision;
      try {
        // It may have closed while this one waited for its slot.
        if (pass === "open" && !origin.gate.open) continue;
        const trying = this.try(freight);
        const tried = trying instanceof Promise ? await trying : trying;
        if (!tried) return this.unsent(freight.lifetime);
        if (!("kind" in tried)) return tried;
        end = tried;
        decision = this.decide(tried, freight);
      } finally {
        this.learn(freight, origin, end, pass === "probe");
        this.release(key);
      }
      if (decision.action === "settle") return this.settled();
      if (decision.action === "resend") this.resends++;
      else if (decision.action === "reauthorize") this.reauthorized = true;
      else {
        await this.park(decision, key);
        if (this.waits.stopped) return this.unsent(freight.lifetime);
        this.tries++;
      }
    }
  }

  /** Takes a slot where nothing has to be waited for, which is nearly always. Undefined: something has. */
  private enterAtOnce({ connection, lifetime }: Freight, { gate }: OriginState): Pass | undefined {
    const { engine, waits } = this;
    const own = this.call.limiter;
    const now_ms = engine.clock.now();
    this.started_ms = now_ms;
    if (waits.stopped || now_ms > lifetime.deadline_ms || !gate.open || engine.resting.any(now_ms)) return;
    if (own && !own.tryAcquire("")) return;
    if (engine.limiter.tryAcquire(connection.key)) return "open";
    own?.release("");
  }

  /** Waits until the token, the origin and a slot are free; or how the notification ends because it cannot wait so long. */
  private async enter(freight: Freight, { gate }: OriginState): Promise<Pass | Ending> {
    const { engine } = this;
    const { connection, lifetime } = freight;
    const stopped = engine.resting.any(engine.clock.now()) && (await this.waitForToken(freight));
    if (stopped) return stopped;
    const entered = gate.enter(engine.clock.now());
    const pass = typeof entered === "string" ? entered : await this.waitAt(gate, entered, lifetime);
    if (typeof pass !== "string") return pass;
    if (!(await this.acquire(connection.key, lifetime.deadline_ms))) {
      if (pass === "probe") gate.withdrawn();
      return this.unsent(lifetime);
    }
    this.started_ms = engine.clock.now();
    return pass;
  }

  /** One attempt, in the slot that was taken for it. Undefined: stopped, or out of time, before it could start. */
  private try(freight: Freight): Tried | Promise<Tried> {
    const making = freight.request(this.request, this.started_ms);
    return making instanceof Promise
      ? making.then((made) => this.send(freight, made))
      : this.send(freight, making);
  }

  private send(freight: Freight, made: HttpRequest | Rejection | undefined): Tried | Promise<Tried> {
    if (!made || isRejection(made)) return made;
    this.request = made;
    return attempt(this, freight, made, this.attempts + 1);
  }

  /** Waits, parked, until the origin takes requests; or how the notification ends because it cannot wait so long. */
  private async waitAt(gate: Gate, closed: Closed, life: Lifetime): Promise<Pass | Ending> {
    const { engine, call, waits } = this;
    for (let pass: Pass | Closed = closed; ; pass = gate.enter(engine.clock.now())) {
      if (typeof pass === "string") return pass;
      const too_long = life.once || pass.hopeless || (pass.firm && pass.until_ms >= life.deadline_ms);
      // Who has waited for a named time before may be back only because its timer was a millisecond early.
      const surplus = engine.tooManyParked() && !(pass.firm && this.last_end);
      if (too_long || surplus) return this.last_end ? this.settled() : pass.ending;
      engine.park(call);
      let unwatch: (() => void) | undefined;
      await waits.until(Math.min(pass.until_ms, life.deadline_ms), (wake) => {
        unwatch = gate.watch(wake);
      });
      unwatch?.();
      engine.unpark(call);
      if (waits.stopped) return this.unsent(life);
      if (engine.clock.now() >= life.deadline_ms) return this.last_end ? this.settled() : pass.ending;
    }
  }

  /** Undefined: the service has named no time for this token, or it has come. */
  private async waitForToken({ target, lifetime }: Freight): Promise<Ending | undefined> {
    const gate = this.engine.resting.of(target);
    const closed = gate?.enter(this.engine.clock.now());
    if (!gate || typeof closed !== "object") return undefined;
    const pass = await this.waitAt(gate, closed, lifetime);
    return typeof pass === "string" ? undefined : pass;
  }

  /** What an attempt says about its origin, its sender and its token. */
  private learn(
    freight: Freight,
    { gate, window }: OriginState,
    end: AttemptEnd | undefined,
    probe: boolean,
  ): void {
    const { started_ms, ended_ms: now_ms } = this;
    const news = tidings(end, this.waits.cut);
    if (news === "answered") {
      gate.answered();
      window.answered(started_ms, now_ms);
    } else if (news === "overloaded") {
      gate.answered();
      window.overloaded(started_ms, now_ms);
    } else if (news === "unanswered") {
      const attempt = probe ? "probe" : this.attempts === 1 ? "first" : "repeated";
      gate.unanswered(noAnswer(end), now_ms, attempt);
    } else if (probe) gate.withdrawn();
    if (end?.kind !== "verdict" || end.verdict.verdict !== "retry") return;
    const { scope, retry_after_ms } = end.verdict;
    if (retry_after_ms === undefined) return;
    if (scope === "sender") gate.pauseUntil(now_ms + retry_after_ms, end.verdict);
    if (scope === "token")
      this.engine.resting.pauseUntil(freight.target, now_ms + retry_after_ms, end.verdict);
  }

  private acquire(key: string, deadline_ms: number): boolean | Promise<boolean> {
    const { waits, engine } = this;
    return this.call.limiter
      ? this.acquireBoth(this.call.limiter, key, deadline_ms)
      : acquireSlot(engine.limiter, key, waits, deadline_ms, engine.clock);
  }

  private async acquireBoth(own: Limiter, key: string, deadline_ms: number): Promise<boolean> {
    const { waits, engine } = this;
    if (!(await acquireSlot(own, "", waits, deadline_ms, engine.clock))) return false;
    if (await acquireSlot(engine.limiter, key, waits, deadline_ms, engine.clock)) return true;
    own.release("");
    return false;
  }

  private release(key: string): void {
    this.engine.limiter.release(key);
    this.call.limiter?.release("");
  }

  private decide(end: AttemptEnd, freight: Freight): Decision {
    const { lifetime, connection } = freight;
    const { engine, ended_ms: now_ms } = this;
    if (end.kind !== "verdict" || end.status_code !== undefined) {
      if (this.attempts === 0) engine.budget.firstAttempt(connection.key);
      this.attempts++;
    }
    if (end.kind === "verdict" && end.not_renewable) this.reauthorized = true;
    if (isUnanswered(end)) this.may_have_been_sent = true;
    this.last_end = end;
    const decision = isFinal(end)
      ? SETTLE
      : decide({
          end,
          tries: this.tries,
          resends: this.resends,
          reauthorized: this.reauthorized,
          now_ms,
          deadline_ms: lifetime.deadline_ms,
          once: lifetime.once,
          repeatable: freight.repeatable(),
          budget_left: engine.budget.left(connection.key),
          retry: engine.config.retry,
          random: engine.random,
        });
    this.watcher.attempted(end, decision, connection.key, now_ms);
    return decision;
  }

  private async park(decision: Decision & { action: "wait" }, origin: string): Promise<void> {
    const { engine, call } = this;
    if (decision.costs_budget) engine.budget.take(origin);
    engine.park(call);
    await this.waits.until(decision.until_ms);
    engine.unpark(call);
  }

  /** Stopped, or out of time, with nothing on the wire. What the last attempt was told is kept. */
  unsent(life: Lifetime): Ending {
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
}

function lastWords(end: AttemptEnd | undefined): { reason?: string; status_code?: number } {
  if (!end) return {};
  if (end.kind !== "verdict") return { reason: end.reason };
  return {
    ...(end.verdict.verdict === "accepted" ? {} : { reason: end.verdict.reason }),
    ...(end.status_code === undefined ? {} : { status_code: end.status_code }),
  };
}
