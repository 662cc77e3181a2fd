import type { Codec, Connection, EncodeContext, HttpRequest, HttpResponse, Verdict } from "../codec.js";
import type { AnyTarget } from "./engine.js";
import type { Freight } from "./journey.js";
import type { Lifetime } from "./lifetime.js";
import type { ReadyPayload } from "./payloads.js";
import type { Waits } from "./waits.js";

/**
 * A notification as a journey carries it: encoded once, and on a retry told how much of its lifetime is left. A class, since
 * closures for each notification would cost more than all that they do.
 */
export class Shipment implements Freight {
  readonly connection: Connection;

  constructor(
    private readonly codec: Codec,
    private readonly waits: Waits,
    readonly target: AnyTarget,
    readonly ready: ReadyPayload,
    readonly lifetime: Lifetime,
    readonly message_id: string,
    readonly sequence: number,
  ) {
    this.connection = codec.connection(target);
  }

  repeatable(): boolean {
    return this.codec.replacesDelivered?.(this.ready.prepared) ?? false;
  }

  request(previous: HttpRequest | undefined, now_ms: number) {
    const { codec, lifetime } = this;
    if (!previous) return this.encode(now_ms);
    if (lifetime.once || !codec.withLifetime) return previous;
    return codec.withLifetime(previous, { now_ms, expires_at_ms: lifetime.expires_at_ms });
  }

  decode(response: HttpResponse, url: string, attempt: number, now_ms: number): Verdict {
    return this.codec.decode(response, { target: this.target, url, attempt, now_ms });
  }

  /** Undefined when it was stopped, or its time ended, while a codec was still making it. */
  private encode(now_ms: number) {
    const { codec, target, ready, lifetime, message_id, sequence } = this;
    const expires_at_ms = lifetime.once ? now_ms : lifetime.expires_at_ms;
    const context: EncodeContext = { message_id, now_ms, expires_at_ms, sequence };
    const encoded = codec.encode(ready.prepared, target, context);
    return encoded instanceof Promise ? this.waits.value(encoded, lifetime.deadline_ms) : encoded;
  }
}
