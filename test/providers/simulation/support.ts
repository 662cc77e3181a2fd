import { configSchema, type SimulationConfig } from "../../../providers/simulation/config.js";
import type { Order, Token } from "../../../providers/simulation/encode.js";
import { createCodec } from "../../../providers/simulation/provider.js";
import {
  type Clock,
  type HttpRequest,
  isRejection,
  type Target,
  type TransportOutcome,
} from "../../../src/codec.js";
import { checkConfig } from "../../../src/config.js";
import { checkPayload } from "../../../src/payload.js";

export const START_MS = Date.parse("2026-01-02T03:04:05.678Z");

/** Time that moves only when it is told to. */
export class ManualClock implements Clock {
  private now_ms = START_MS;
  private timers = new Map<number, { at_ms: number; callback: () => void }>();
  private next_id = 1;

  now(): number {
    return this.now_ms;
  }

  setTimer(callback: () => void, delay_ms: number): unknown {
    this.timers.set(this.next_id, { at_ms: this.now_ms + delay_ms, callback });
    return this.next_id++;
  }

  clearTimer(timer: unknown): void {
    this.timers.delete(timer as number);
  }

  advance(ms: number): void {
    this.now_ms += ms;
    for (const [id, { at_ms, callback }] of this.timers) {
      if (at_ms > this.now_ms) continue;
      this.timers.delete(id);
      callback();
    }
  }

  get pending(): number[] {
    return [...this.timers.values()].map(({ at_ms }) => at_ms - this.now_ms);
  }
}

export type SimulationCodec = ReturnType<typeof createCodec>;

/** A codec without delays and with its own clock, from a config as a user writes it. */
export function open(config: SimulationConfig = {}, clock: Clock = new ManualClock()): SimulationCodec {
  const checked = checkConfig("simulation", configSchema, { delivery_delay_ms: 0, ...config });
  return createCodec(checked, { clock, random: () => 0.5 });
}

/** What is asked of the simulated service for one notification. Throws when it is refused before. */
export function request(
  codec: SimulationCodec,
  token: unknown,
  { sequence = 0, payload = { title: "Hello", body: "World" } as object, options = {}, topic = false } = {},
): HttpRequest {
  const target = topic ? codec.parseTopic?.(String(token)) : tokenTarget(codec.parseToken(token));
  const unified = checkPayload(payload);
  if (target === undefined || isRejection(target) || isRejection(unified)) throw new Error("refused");
  const { platform_data: _, ...fields } = unified;
  const prepared = codec.prepare({ ...fields, options }, { kind: target.kind, dry_run: false });
  if (isRejection(prepared)) throw new Error(prepared.message);
  const now_ms = START_MS;
  const context = { message_id: `m-${sequence}`, now_ms, expires_at_ms: now_ms + 300_000, sequence };
  return codec.encode(prepared, target, context) as HttpRequest;
}

export function order(codec: SimulationCodec, token: unknown, sequence = 0): Order {
  return JSON.parse(String(request(codec, token, { sequence }).body));
}

/** One attempt, over the codec's own transport. */
export function transmit(
  codec: SimulationCodec,
  sent: HttpRequest,
  signal: AbortSignal = new AbortController().signal,
): Promise<TransportOutcome> {
  if (!codec.transport) throw new Error("the codec has no transport");
  return codec.transport.send(sent, {
    signal,
    connection: codec.connection({ kind: "topic", value: "any" }),
  });
}

/** One attempt, as a short word: `success`, `retry CODE`, `rejected CODE`, or how far it got without an answer. */
export async function attempt(codec: SimulationCodec, sent: HttpRequest): Promise<string> {
  const outcome = await transmit(codec, sent);
  if (outcome.outcome !== "response") return outcome.outcome === "failure" ? outcome.reach : outcome.outcome;
  const verdict = codec.decode(outcome.response, {
    target: ANY,
    url: sent.url,
    attempt: 1,
    now_ms: START_MS,
  });
  return verdict.verdict === "accepted" ? "success" : `${verdict.verdict} ${verdict.code}`;
}

export const ANY: Target<Token> = { kind: "topic", value: "any" };

function tokenTarget(token: ReturnType<SimulationCodec["parseToken"]>): Target<Token> | undefined {
  return isRejection(token) ? undefined : { kind: "token", token };
}
