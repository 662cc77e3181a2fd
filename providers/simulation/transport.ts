/** The simulated service: it takes its time, answers as the order in the request says, and keeps what it accepted. */
import type { Clock, HttpRequest, Transport, TransportOutcome } from "../../src/provider_kit.js";
import { type Answer, STATUS } from "./decode.js";
import type { Deliveries } from "./deliveries.js";
import type { Step } from "./draw.js";
import type { Order } from "./encode.js";

type Reach = Extract<TransportOutcome, { outcome: "failure" }>["reach"];
const CUT = "aborted";

export function createTransport(clock: Clock, deliveries: Deliveries): Transport {
  /** A notification's attempts are its one request, sent again; the count goes with the request. */
  const attempts = new WeakMap<HttpRequest, number>();
  const waits = new Set<() => void>();

  async function send(request: HttpRequest, { signal }: { signal: AbortSignal }): Promise<TransportOutcome> {
    if (signal.aborted) return failed("not_sent", CUT);
    const attempt = (attempts.get(request) ?? 0) + 1;
    attempts.set(request, attempt);
    const { plan, sequence, ...sent } = JSON.parse(String(request.body)) as Order;
    const step: Step = plan.steps[Math.min(attempt, plan.steps.length) - 1] ?? "success";
    const failure = step === "success" ? undefined : step;

    if (failure?.error_code === "TIMEOUT") {
      await wait(Number.POSITIVE_INFINITY, signal);
      return failed("maybe_sent", failure.reason);
    }
    const elapsed = await wait(plan.delay_ms, signal);
    if (failure?.error_code === "NETWORK_ERROR")
      return failed("connect_failed", elapsed ? failure.reason : CUT);
    if (!elapsed) return failed("maybe_sent", CUT);
    if (failure) return answered(STATUS[failure.error_code] ?? 400, failure);
    deliveries.add({ ...sent, timestamp: new Date(clock.now()).toISOString() });
    return answered(200, { service_message_id: `sim-${String(sequence).padStart(6, "0")}` });
  }

  /** True when the time has passed, false when the signal or `close()` came first. */
  function wait(delay_ms: number, signal: AbortSignal): Promise<boolean> {
    if (delay_ms === 0) return Promise.resolve(true);
    return new Promise((resolve) => {
      const finish = (elapsed: boolean): void => {
        if (timer !== undefined) clock.clearTimer(timer);
        signal.removeEventListener("abort", cut);
        waits.delete(cut);
        resolve(elapsed);
      };
      const cut = (): void => finish(false);
      const timer =
        delay_ms === Number.POSITIVE_INFINITY ? undefined : clock.setTimer(() => finish(true), delay_ms);
      signal.addEventListener("abort", cut);
      waits.add(cut);
    });
  }

  async function close(): Promise<void> {
    for (const cut of waits) cut();
  }

  return { send, close };
}

function failed(reach: Reach, reason: string): TransportOutcome {
  return { outcome: "failure", reach, reason };
}

function answered(status: number, body: Answer): TransportOutcome {
  return {
    outcome: "response",
    response: { status, headers: {}, body: new TextEncoder().encode(JSON.stringify(body)), truncated: false },
  };
}
