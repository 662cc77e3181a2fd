/**
 * From slot to decision, attempt by attempt, until there is nothing more to try.
 */
import type { Connection, HttpRequest, HttpResponse, Rejection, Verdict } from "../codec.js";
import { isRejection } from "../codec.js";
import { attempt, type Route } from "./attempt.js";
import type { Call } from "./call.js";
import type { AnyTarget, Engine } from "./engine.js";
import type { Lifetime } from "./lifetime.js";
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
    const { waits } = this;
    const { key } = freight.connection;
    let request: HttpRequest | undefined;
    for (;;) {
      if (!(await this.acquire(key, freight.lifetime.deadline_ms))) return this.unsent(freight.lifetime);
      let decision: Decision;
      try {
        const made = await freight.request(request);
        if (!made) return this.unsent(freight.lifetime);
        if (isRejection(made)) return made;
        request = made;
        const end = await this.attempt(freight, request);
        if (!end) return this.unsent(freight.lifetime);
        decision = this.decide(end, freight);
      } finally {
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

  private async attempt(freight: Freight, request: HttpRequest): Promise<AttemptEnd | undefined> {
    const { engine, waits, call } = this;
    const { target, connection, lifetime } = freight;
    const route: Route = {
      engine,
      waits,
      target,
      connection,
      timeout_ms: call.timeout_ms,
      deadline_ms: lifetime.deadline_ms,
      decode: (response) => freight.decode(response, request.url, this.attempts + 1),
    };
    const made = await attempt(route, request);
    if (!made) return undefined;
    if (made.started) {
      if (this.attempts === 0) engine.budget.firstAttempt(connection.key);
      this.attempts++;
    }
    if (made.not_renewable) this.reauthorized = true;
    if (isUnanswered(made.end)) this.may_have_been_sent = true;
    this.last_end = made.end;
    return made.end;
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
    engine.parked++;
    call.parked++;
    engine.ring();
    await this.waits.until(decision.until_ms);
    engine.parked--;
    call.parked--;
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
