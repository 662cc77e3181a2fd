import type { Codec, TargetKind } from "../codec.js";
import { PushError } from "../errors.js";
import type { BulkOptions } from "../options.js";
import type { PushNotificationResult } from "../result.js";
import { Call } from "./call.js";
import type { Engine } from "./engine.js";
import { Errand, type OperationRequest, type OperationResult } from "./errand.js";
import { Job } from "./job.js";

/** Whoever keeps the engine: told when a lease begins to close, and when it is closed. */
export interface LeaseHolder {
  leave(): void;
  left(): Promise<void>;
}

/**
 * One user's hold on an engine. Several leases may share one engine; closing a lease ends what was sent through it,
 * and the engine goes with the last.
 */
export class Lease {
  private readonly calls = new Set<Call>();
  private closing: Promise<void> | undefined;
  private idle: (() => void) | undefined;

  constructor(
    readonly engine: Engine,
    private readonly holder: LeaseHolder,
  ) {}

  get platform(): string {
    return this.engine.platform;
  }

  get codec(): Codec {
    return this.engine.codec;
  }

  get closed(): boolean {
    return this.closing !== undefined;
  }

  /** Throws `PROVIDER_CLOSED` after `close()`. */
  open(kind: TargetKind, options?: BulkOptions): Call {
    if (this.closed) {
      throw new PushError(
        "PROVIDER_CLOSED",
        `${this.platform}: this provider was closed; get a new one with getPushProvider`,
      );
    }
    return new Call(this, kind, options);
  }

  async sendOne(
    kind: TargetKind,
    device_token: unknown,
    payload: unknown,
    options?: BulkOptions,
  ): Promise<PushNotificationResult> {
    const call = this.open(kind, options);
    try {
      return await new Job(call, device_token, payload, 0).run();
    } finally {
      call.end();
    }
  }

  /** What is not a notification. One result each, in the order of `requests`. */
  async operate(requests: readonly OperationRequest[], options?: BulkOptions): Promise<OperationResult[]> {
    const call = this.open("token", options);
    try {
      return await Promise.all(requests.map((request, index) => new Errand(call, request, index).complete()));
    } finally {
      call.end();
    }
  }

  begin(call: Call): void {
    this.calls.add(call);
  }

  end(call: Call): void {
    this.calls.delete(call);
    if (this.calls.size === 0) this.idle?.();
  }

  /** Idempotent. Attempts on the wire get `timeout_ms` to finish; everything else settles at once. */
  close(timeout_ms: number): Promise<void> {
    if (!this.closing) {
      this.holder.leave();
      this.closing = this.drain(timeout_ms);
    }
    return this.closing;
  }

  private async drain(timeout_ms: number): Promise<void> {
    if (this.calls.size > 0) {
      const { clock } = this.engine;
      const idle = new Promise<void>((resolve) => {
        this.idle = resolve;
      });
      for (const call of this.calls) call.stop("closing");
      const timer = clock.setTimer(() => {
        for (const call of this.calls) call.stop("cut");
      }, timeout_ms);
      await idle;
      clock.clearTimer(timer);
    }
    await this.holder.left();
  }
}
