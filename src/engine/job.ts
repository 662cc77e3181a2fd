/**
 * One notification: check, lifetime, encoding, journey.
 */
import type { Rejection } from "../codec.js";
import { isRejection } from "../codec.js";
import { warning } from "../codec_tools.js";
import type { PushNotificationResult } from "../result.js";
import type { Call } from "./call.js";
import type { AnyTarget } from "./engine.js";
import { lifetime } from "./lifetime.js";
import type { Ending } from "./result_draft.js";
import { Shipment } from "./shipment.js";
import { Task } from "./task.js";
import { SEND, traceSend } from "./tracing.js";

export class Job extends Task {
  private readonly sequence: number;
  /** Asked at the end: the other recipients of a payload may come later. */
  private shares_message_id: () => boolean = () => false;

  constructor(
    call: Call,
    device_token: unknown,
    private readonly payload: unknown,
    index: number,
  ) {
    super(call, device_token, call.kind !== "token", index);
    this.sequence = this.engine.take();
  }

  override run(): Promise<PushNotificationResult> {
    return SEND.hasSubscribers ? traceSend(this.engine.platform, () => super.run()) : super.run();
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
    const { message_id } = this.draft;
    const shipment = new Shipment(codec, this.waits, target, ready, life, message_id, this.sequence);
    if (this.call.dry_run && !codec.dry_run_asks_service) return this.dryRun(shipment);
    this.draft.asks_only = this.call.dry_run;
    return this.journey.run(shipment);
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

  private async dryRun(shipment: Shipment): Promise<Ending> {
    const request = await shipment.request(undefined, this.engine.clock.now());
    if (!request) return this.journey.unsent(shipment.lifetime);
    if (isRejection(request)) return request;
    return { dry_run: request, authorized: this.engine.credentials !== undefined };
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
