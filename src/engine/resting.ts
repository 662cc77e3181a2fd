import type { Retry } from "../codec.js";
import type { AnyTarget } from "./engine.js";
import { Gate } from "./gate.js";

const MAX_TOKENS = 10_000;

/** Tokens, topics and channels for which the service has named a time. */
export class Resting {
  private readonly gates = new Map<string, Gate>();

  private latest_ms = 0;

  /** False, almost always: then nobody need look. */
  any(now_ms: number): boolean {
    if (this.gates.size > 0 && now_ms >= this.latest_ms) this.gates.clear();
    return this.gates.size > 0;
  }

  of(target: AnyTarget): Gate | undefined {
    return this.gates.get(nameOf(target));
  }

  pauseUntil(target: AnyTarget, until_ms: number, verdict: Retry): void {
    const name = nameOf(target);
    const gate = this.gates.get(name) ?? new Gate();
    gate.pauseUntil(until_ms, verdict);
    this.latest_ms = Math.max(this.latest_ms, until_ms);
    // The last one told goes to the end: a Map keeps the order of insertion.
    this.gates.delete(name);
    this.gates.set(name, gate);
    const [oldest] = this.gates.keys();
    if (this.gates.size > MAX_TOKENS && oldest !== undefined) this.gates.delete(oldest);
  }
}

function nameOf(target: AnyTarget): string {
  const value = target.kind === "token" ? target.token : target.value;
  return typeof value === "string" ? `${target.kind} ${value}` : JSON.stringify(value);
}
