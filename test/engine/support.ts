import { z } from "zod";
import type {
  Clock,
  Codec,
  HttpRequest,
  Reach,
  Transport,
  TransportOptions,
  TransportOutcome,
  Verdict,
} from "../../src/codec.js";
import { reject } from "../../src/codec.js";
import type { SharedConfigInput } from "../../src/config.js";
import { defineProvider } from "../../src/definition.js";
import { retryAfterMs } from "../../src/engine/retry_after.js";
import { getPushProvider, type PushEvent, registerProvider } from "../../src/index.js";

/** A clock that stands still until a test moves it. Timers fire in order, with promises settled in between. */
export class FakeClock implements Clock {
  time = Date.parse("2026-01-01T00:00:00Z");
  private next_id = 1;
  private readonly timers = new Map<number, { at: number; callback: () => void }>();

  now(): number {
    return this.time;
  }

  setTimer(callback: () => void, delay_ms: number): unknown {
    const id = this.next_id++;
    this.timers.set(id, { at: this.time + delay_ms, callback });
    return id;
  }

  clearTimer(timer: unknown): void {
    this.timers.delete(timer as number);
  }

  get pending(): number {
    return this.timers.size;
  }

  async advance(ms: number): Promise<void> {
    const end = this.time + ms;
    await settle();
    for (;;) {
      const due = [...this.timers]
        .filter(([, timer]) => timer.at <= end)
        .sort((a, b) => a[1].at - b[1].at)[0];
      if (!due) break;
      this.timers.delete(due[0]);
      this.time = Math.max(this.time, due[1].at);
      due[1].callback();
      await settle();
    }
    this.time = end;
  }
}

/** Lets everything that is ready run. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
}

export type Answer =
  | { status: number; headers?: Record<string, string>; body?: string }
  | { reach: Reach }
  | { forbidden: true }
  | "never"
  /** Waits for a connection that does not come, and is given up unsent. */
  | "stuck"
  | "throws";

export const ok: Answer = { status: 200 };

/** A transport that answers from a script; without one, 200. Records what was sent. */
export class ScriptedTransport implements Transport {
  readonly sent: { request: HttpRequest; at: number; token: string }[] = [];
  readonly script = new Map<string, Answer[]>();
  /** Decides instead of the script when it returns something. */
  decide: (request: HttpRequest) => Answer | undefined = () => undefined;
  closed = 0;
  in_flight = 0;
  max_in_flight = 0;
  /** Held requests wait until `release` is called. */
  hold = false;
  private held: (() => void)[] = [];

  constructor(private readonly clock: Clock) {}

  answer(token: string, ...answers: Answer[]): void {
    this.script.set(token, answers);
  }

  countFor(token: string): number {
    return this.sent.filter((entry) => entry.token === token).length;
  }

  release(count = Number.POSITIVE_INFINITY): void {
    for (const resolve of this.held.splice(0, count)) resolve();
  }

  async send(request: HttpRequest, { signal }: TransportOptions): Promise<TransportOutcome> {
    const token = new URL(request.url).pathname.slice(1);
    this.sent.push({ request, at: this.clock.now(), token });
    const answers = this.script.get(token);
    const answer =
      this.decide(request) ?? (answers && answers.length > 1 ? answers.shift() : (answers?.[0] ?? ok));
    this.in_flight++;
    this.max_in_flight = Math.max(this.max_in_flight, this.in_flight);
    try {
      if (this.hold) await aborted(signal, new Promise<void>((resolve) => this.held.push(resolve)));
      if (answer === "throws" || answer === undefined) throw new Error("a bug in a transport");
      if (answer === "never" || answer === "stuck") await aborted(signal);
      if (answer === "stuck") return { outcome: "failure", reach: "not_sent", reason: "ABORTED" };
      if (signal.aborted) return { outcome: "failure", reach: "maybe_sent", reason: "aborted" };
      if (typeof answer === "string") throw new Error("unreachable");
      if ("forbidden" in answer) return { outcome: "forbidden", reason: "private address" };
      if ("reach" in answer) return { outcome: "failure", reach: answer.reach, reason: "ECONNRESET" };
      const body = new TextEncoder().encode(answer.body ?? "");
      return {
        outcome: "response",
        response: { status: answer.status, headers: answer.headers ?? {}, body, truncated: false },
      };
    } finally {
      this.in_flight--;
    }
  }

  async close(): Promise<void> {
    this.closed++;
  }
}

function aborted(signal: AbortSignal, or?: Promise<void>): Promise<void> {
  const abort = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
  return or ? Promise.race([abort, or]) : abort;
}

/** A service of few words: tokens are `host/name`, a POST goes to `https://host/name`, the status is the verdict. */
export function plainCodec(
  over: Partial<Codec<string, Record<string, unknown>>> = {},
): Codec<string, Record<string, unknown>> {
  return {
    limits: { max_payload_bytes: 100, max_ttl_seconds: 1000, max_concurrency: 10 },
    parseToken: (value) =>
      typeof value === "string" && value.includes("/")
        ? value
        : reject("INVALID_TOKEN", "token: expected host/name"),
    prepare: (payload) =>
      payload.title === undefined
        ? reject("PAYLOAD_INVALID", "title: expected text")
        : { title: payload.title },
    encode: (prepared, target, context) => ({
      method: "POST",
      url: `https://${target.kind === "token" ? target.token : target.value}`,
      headers: {
        ttl: String(Math.ceil((context.expires_at_ms - context.now_ms) / 1000)),
        "message-id": context.message_id,
      },
      body: (prepared as { title: string }).title,
    }),
    decode: ({ status, headers }, { now_ms }): Verdict => {
      const retry_after_ms = retryAfterMs(headers["retry-after"], now_ms);
      if (status === 200) return { verdict: "accepted", service_message_id: headers.id };
      if (status === 401) return { verdict: "reauthorize", code: "AUTHENTICATION_FAILED", reason: "Expired" };
      if (status === 410) return { verdict: "rejected", code: "UNREGISTERED", reason: "Gone" };
      if (status === 429)
        return { verdict: "retry", code: "RATE_LIMITED", reason: "Slow", scope: "token", retry_after_ms };
      if (status >= 500)
        return {
          verdict: "retry",
          code: "SERVICE_UNAVAILABLE",
          reason: "Down",
          scope: "origin",
          retry_after_ms,
        };
      return { verdict: "rejected", code: "UNKNOWN_RESPONSE", reason: "?" };
    },
    connection: (target) => ({
      key: `https://${(target.kind === "token" ? target.token : target.value).split("/")[0]}`,
      protocol: "h1",
      guard: "fixed",
    }),
    ...over,
  };
}

export function plainDefinition(
  platform: string,
  over: Partial<Codec<string, Record<string, unknown>>> = {},
) {
  return defineProvider({
    platform,
    config: z.object({ key: z.string().optional() }),
    codec: () => plainCodec(over),
  });
}

let serial = 0;

/** A provider of its own platform over a scripted transport, and everything to move it with. */
export async function openPlain(
  config: SharedConfigInput = {},
  codec: Parameters<typeof plainDefinition>[1] = {},
) {
  const platform = `plain_${serial++}`;
  registerProvider(plainDefinition(platform, codec));
  const clock = new FakeClock();
  const transport = new ScriptedTransport(clock);
  const events: PushEvent[] = [];
  const provider = await getPushProvider(
    platform,
    { ...config },
    { clock, transport, random: () => 0.5, on_event: (event) => events.push(event) },
  );
  return { provider, clock, transport, events };
}
