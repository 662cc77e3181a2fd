import type { TargetKind } from "../codec.js";
import type { BulkOptions } from "../options.js";
import { Roster } from "../roster.js";
import type { Bell } from "./bell.js";
import type { Lease } from "./lease.js";
import type { LifetimeLimits } from "./lifetime.js";
import { Limiter } from "./limiter.js";
import { Payloads } from "./payloads.js";
import type { Task } from "./task.js";
import type { StopReason } from "./waits.js";

/** One call of a user: a single send or a bulk run. What its tasks have in common. */
export class Call {
  readonly timeout_ms: number;
  readonly deadline_ms: number;
  readonly lifetime_limits: LifetimeLimits;
  readonly dry_run: boolean;
  readonly payloads: Payloads;
  /** The call's own, lower limit. */
  readonly limiter: Limiter | undefined;
  readonly tasks = new Roster<Task>();
  /** Of this call's notifications, how many wait to be tried again. */
  parked = 0;
  /** Why no further item is taken. */
  stopped: StopReason | undefined;
  /** Rung when this call's bulk run should look again. */
  bell: Bell | undefined;
  private readonly signal: AbortSignal | undefined;

  constructor(
    readonly lease: Lease,
    readonly kind: TargetKind,
    options: BulkOptions = {},
  ) {
    const { engine } = lease;
    this.timeout_ms = (options.timeout_seconds ?? engine.config.timeout_seconds) * 1000;
    this.deadline_ms = (options.deadline_seconds ?? engine.config.deadline_seconds) * 1000;
    this.lifetime_limits = {
      ttl_seconds: engine.config.ttl_seconds,
      max_ttl_seconds: engine.codec.limits.max_ttl_seconds,
      deadline_ms: this.deadline_ms,
    };
    this.dry_run = options.dry_run ?? false;
    this.payloads = new Payloads(engine, kind, this.dry_run);
    if (options.max_concurrency !== undefined && options.max_concurrency < engine.limiter.max) {
      this.limiter = new Limiter(options.max_concurrency);
    }
    this.signal = options.signal;
    if (this.signal?.aborted) this.stopped = "aborted";
    else if (this.signal) engine.aborts.add(this.signal, this);
    lease.begin(this);
  }

  /** Nothing more is taken; everything under way is told. */
  stop(reason: StopReason): void {
    this.stopped ??= reason;
    for (const task of this.tasks.all()) task.stop(reason);
    this.bell?.ring();
  }

  hasRoom(): boolean {
    if (!this.lease.engine.hasRoom()) return false;
    return !this.limiter || (this.limiter.load < this.limiter.max && this.parked < this.limiter.max);
  }

  end(): void {
    if (this.signal) this.lease.engine.aborts.remove(this.signal, this);
    this.lease.end(this);
  }
}
