import { createHash } from "node:crypto";
import type { PushErrorCode } from "../../src/provider_kit.js";
import {
  type CheckedConfig,
  OLD_NAMES,
  type SimulatedErrorName,
  type SimulatedOutcome,
  type SimulatedScript,
} from "./config.js";

/** How one attempt ends, names resolved. */
export type Step = "success" | Failure;

export interface Failure {
  readonly error_code: PushErrorCode;
  readonly reason: string;
  /** Seconds. */
  readonly retry_after?: number | undefined;
}

/** What the simulated service will do with one notification. */
export interface Plan {
  /** One per attempt, the last one repeats; never empty. */
  readonly steps: readonly Step[];
  readonly delay_ms: number;
}

/** Plans the notification to `target` (the text of a token or topic) that is the `sequence`-th of this instance. */
export type Planner = (target: string, sequence: number, scripted?: SimulatedScript) => Plan;

/**
 * Everything is drawn from hash(seed, target, sequence): nothing depends on when or beside what an attempt runs, and
 * nothing is remembered. All draws are made for each notification, so a script for one changes none of the others.
 */
export function createPlanner(config: CheckedConfig, seed: string | number): Planner {
  const scripts = new Map(Object.entries(config.outcomes));
  const pickFailure = weighted(config.error_weights);
  const delay = config.delivery_delay_ms;
  const [least, most] = typeof delay === "number" ? [delay, delay] : delay;
  const success_rate = config.enable_error_scenarios ? config.success_rate : 1;

  return (target, sequence, scripted = scripts.get(target)) => {
    const digest = createHash("sha256").update(`${seed}\0${target}\0${sequence}`).digest();
    const drawn = lane(digest, 0) < success_rate ? "success" : pickFailure(lane(digest, 1));
    const script = scripted ?? drawn;
    const outcomes: readonly SimulatedOutcome[] = isList(script) ? script : [script];
    return { steps: outcomes.map(toStep), delay_ms: least + lane(digest, 2) * (most - least) };
  };
}

/** One of the digest's independent numbers: 48 bits, in [0, 1). */
function lane(digest: Buffer, index: number): number {
  return digest.readUIntBE(index * 6, 6) / 2 ** 48;
}

/** Sorted by name: the order in which a config lists its weights means nothing. */
function weighted(weights: CheckedConfig["error_weights"]): (at: number) => SimulatedErrorName {
  const table: { readonly name: SimulatedErrorName; readonly bound: number }[] = [];
  let total = 0;
  for (const name of Object.keys(weights).sort() as SimulatedErrorName[]) {
    total += weights[name] ?? 0;
    table.push({ name, bound: total });
  }
  return (at) => table.find(({ bound }) => at * total < bound)?.name ?? "INTERNAL_ERROR";
}

function toStep(outcome: SimulatedOutcome): Step {
  if (outcome === "success") return "success";
  const {
    error_code: name,
    reason = name,
    retry_after,
  } = typeof outcome === "string" ? { error_code: outcome } : outcome;
  const error_code = name in OLD_NAMES ? OLD_NAMES[name as keyof typeof OLD_NAMES] : (name as PushErrorCode);
  return { error_code, reason, retry_after };
}

function isList(script: SimulatedScript): script is readonly SimulatedOutcome[] {
  return Array.isArray(script);
}
