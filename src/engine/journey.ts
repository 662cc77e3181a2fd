/**
 * From slot to decision, attempt by attempt, until there is nothing more to try.
 */
import type { Connection, HttpRequest, HttpResponse, Rejection, Verdict } from "../codec.js";
import { isRejection } from "../codec.js";
import { type Attempt, attempt, type Route } from "./attempt.js";
import type { Call } from "./call.js";
import type { AnyTarget, Engine } from "./engine.js";
import type { Closed, Gate, NoAnswer, Pass } from "./gate.js";
import type { Lifetime } from "./lifetime.js";
import type { Limiter } from "./limiter.js";
import type { Ending } from "./result_draft.js";
import { type AttemptEnd, type Decision, decide, failureCode, isUnanswered } from "./retry.js";
import { acquireSlot } from "./slots.js";
import type { Waits } from "./waits.js";

/** What is brought to a service: a notification, or an operation. */
export interface Freight {
  readonly target: AnyTarget;
  readonly connection: Connection;
  readonly lifetime: Lifetime;
  /** Would a second copy do no harm? Then an attempt that got no answer may be repeated. */
  repeatable(): boolean;
  /** The request of the next attempt. Undefined: stopped, or out of time, while it was being made. */
  request(
    previous: HttpRequest | undefined,
  ): HttpRequest | Rejection | undefined | Promise<HttpRequest | Rejection | undefined>;
  /** `attempt` is 1 for the first. */
  decode(response: HttpResponse, url: string, attempt: number): Verdict;
}

/** Told of each attempt: how it ended, what is done next, where it went, and when that was decided. */
export type AttemptWatcher = (end: AttemptEnd, decision: Decision, origin: string, now_ms: number) => void;

export class Journey {
  attempts = 0;
  may_have_been_sent = false;
  private readonly engine: Engine;
  private tries = 1;
  private resends = 0;
  private reauthorized = false;
  private last_end: AttemptEnd | undefined;

  constructor(
    private readonly call: Call,
    private readonly waits: Waits,
    private readonly watch: AttemptWatcher,
  ) {
    this.engine = call.lease.engine;
  }

  async run(freight: Freight): Promise<Ending> {
    const { waits, engine } = this;
    const { key } = freight.connection;
    const route: Route = { engine, waits, freight, timeout_ms: this.call.timeout_ms };
    const origin = engine.origins.of(key);
    let request: HttpRequest | undefined;
    for (;;) {
      const stopped = engine.resting.any(engine.clock.now()) && (await this.waitForToken(freight));
      if (stopped) return stopped;
      const entered = origin.gate.enter(engine.clock.now());
      const pass =
        typeof entered === "string" ? entered : await this.waitAt(origin.gate, entered, freight.lifetime);
      if (typeof pass !== "string") return pass;
      // Here and below, what is there at once is not awaited: each await costs every notification.
      const acquired = this.acquire(key, freight.lifetime.deadline_ms);
      if (!(typeof acquired === "boolean" ? acquired : await acquired)) {
        if (pass === "probe") origin.gate.withdrawn();
        return this.unsent(freight.lifetime);
      }
      let decision: Decision;
      let end: AttemptEnd | undefined;
      const started_ms = engine.clock.now();
      try {
        // It may have closed while this one waited for its slot.
        if (pass === "open" && !origin.gate.open) continue;
        const making = freight.request(request);
        const made = making && "then" in making ? await making : making;
        if (!made) return this.unsent(freight.lifetime);
        if (isRejection(made)) return made;
        request = made;
        const attempted = await attempt(route, request, this.attempts + 1);
        if (!attempted) return this.unsent(freight.lifetime);
        end = this.note(attempted, key);
        decision = this.decide(end, freight);
      } finally {
        this.learn(freight, end, started_ms, pass === "probe");
        this.release(key);
      }
      if (decision.action === "settle") return this.settled();
      if (decision.action === "resend") this.resends++;
      else if (decision.action === "reauthorize") this.reauthorized = true;
      else {
        await this.park(decision, key);
        if (waits.stopped) return this.unsent(freight.lifetime);
        this.tries++;
      }
    }
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
  private learn(freight: Freight, end: AttemptEnd | undefined, started_ms: number, probe: boolean): void {
    const { gate, window } = this.engine.origins.of(freight.connection.key);
    const now_ms = this.engine.clock.now();
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

  private note({ end, started, not_renewable }: Attempt, origin: string): AttemptEnd {
    if (started) {
      if (this.attempts === 0) this.engine.budget.firstAttempt(origin);
      this.attempts++;
    }
    if (not_renewable) this.reauthorized = true;
    if (isUnanswered(end)) this.may_have_been_sent = true;
    this.last_end = end;
    return end;
  }

  private decide(end: AttemptEnd, freight: Freight): Decision {
    const { lifetime, connection } = freight;
    const { engine } = this;
    const now_ms = engine.clock.now();
    const decision = decide({
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
    this.watch(end, decision, connection.key, now_ms);
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

/** What the end of an attempt tells about whoever is at the other end. Of some ends nothing can be told. */
function tidings(
  end: AttemptEnd | undefined,
  cut: boolean,
): "answered" | "overloaded" | "unanswered" | undefined {
  if (!end || end.kind === "forbidden") return undefined;
  if (end.kind === "failure") {
    if (end.reason === REFUSED) return "overloaded";
    if (end.timed_out) return "unanswered";
    return cut || end.reach === "not_sent" ? undefined : "unanswered";
  }
  const { verdict, status_code } = end;
  // A credential that could not be had is no word of this origin.
  if (status_code === undefined) return undefined;
  if (verdict.verdict !== "retry" || verdict.scope === "token") return "answered";
  return verdict.code === "RATE_LIMITED" || status_code === 503 ? "overloaded" : "answered";
}

/** RFC 9113, section 8.7: the peer takes no more streams than it has. */
const REFUSED = "REFUSED_STREAM";

function noAnswer(end: AttemptEnd | undefined): NoAnswer {
  if (end?.kind !== "failure") return { code: "NETWORK_ERROR", reason: "no answer" };
  return { code: end.timed_out ? "TIMEOUT" : "NETWORK_ERROR", reason: end.reason };
}
