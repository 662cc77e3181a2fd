/**
 * One notification: check, lifetime, encoding, journey.
 */
import type { HttpRequest, Rejection } from "../codec.js";
import { isRejection } from "../codec.js";
import { warning } from "../codec_tools.js";
import type { PushNotificationResult } from "../result.js";
import type { Call } from "./call.js";
import type { AnyTarget } from "./engine.js";
import { type Lifetime, lifetime } from "./lifetime.js";
import type { ReadyPayload } from "./payloads.js";
import type { Ending } from "./result_draft.js";
import { Task } from "./task.js";

export class Job extends Task {
  private readonly sequence: number;
  /** Asked at the end: the other recipients of a payload may come later. */
  private shares_message_id: () => boolean = () => false;

  constructor(
    call: Call,
    private readonly device_token: unknown,
    private readonly payload: unknown,
    index: number,
  ) {
    super(call, { device_token, is_topic: call.kind !== "token", index });
    this.sequence = this.engine.take();
  }

  protected override travel(): Ending | Promise<Ending> {
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
    const { codec } = this.engine;
    const life = lifetime(payload, this.call.lifetime_limits, this.started_ms);
    if (life.warning) this.draft.addWarnings([life.warning]);
    if (life.expired) return { code: "EXPIRED" };
    if (this.call.dry_run && !codec.dry_run_asks_service) return this.dryRun(target, ready, life);
    this.draft.asks_only = this.call.dry_run;
    return this.send(target, ready, life);
  }

  protected override beforeResult(): void {
    if (this.shares_message_id()) this.draft.addWarnings([SHARED_MESSAGE_ID]);
  }

  protected override afterResult(result: PushNotificationResult): void {
    this.engine.settled(result);
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
    if (!request) return this.journey.unsent(life);
    if (isRejection(request)) return request;
    return { dry_run: request, authorized: this.engine.credentials !== undefined };
  }

  private send(target: AnyTarget, ready: ReadyPayload, life: Lifetime): Promise<Ending> {
    const { codec, clock } = this.engine;
    return this.journey.run({
      target,
      connection: codec.connection(target),
      lifetime: life,
      repeatable: () => codec.replacesDelivered?.(ready.prepared) ?? false,
      request: (previous) =>
        previous ? this.withLifetime(previous, life) : this.encode(target, ready, life),
      decode: (response, url, attempt) =>
        codec.decode(response, { target, url, attempt, now_ms: clock.now() }),
    });
  }

  /** Undefined when it was stopped, or its time ended, while a codec was still making it. */
  private encode(target: AnyTarget, ready: ReadyPayload, life: Lifetime) {
    const now_ms = this.engine.clock.now();
    const encoded = this.engine.codec.encode(ready.prepared, target, {
      message_id: this.draft.message_id,
      now_ms,
      expires_at_ms: life.once ? now_ms : life.expires_at_ms,
      sequence: this.sequence,
    });
    return encoded instanceof Promise ? this.waits.value(encoded, life.deadline_ms) : encoded;
  }

  private withLifetime(request: HttpRequest, life: Lifetime): HttpRequest {
    const { codec, clock } = this.engine;
    if (life.once || !codec.withLifetime) return request;
    return codec.withLifetime(request, { now_ms: clock.now(), expires_at_ms: life.expires_at_ms });
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
