/**
 * The account of a call: every notification has one result, each result is one of the fates that may befall it, and
 * what the service processed agrees with what the results say.
 */
import { expect } from "vitest";
import type { PushErrorCode, PushNotificationResult } from "../../src/index.js";
import type { World } from "./world.js";

/** What became of one notification. A list: one of these. */
export interface Fate {
  /** Absent: success. */
  readonly error_code?: PushErrorCode;
  readonly status_code?: number | undefined;
  readonly reason?: string | RegExp;
  readonly retry_after?: number;
  readonly may_have_been_sent?: true;
  /** Default 1. A pair: at least, at most. */
  readonly attempts?: number | readonly [number, number];
  /** How often the service processed it; default once when accepted, never when not, either when it may have been sent. */
  readonly processed?: number;
  readonly warnings?: readonly string[];
}

/** What an account is made from. */
export interface Accountable extends Pick<World, "provider" | "devices" | "tokens"> {
  readonly service: Pick<World["service"], "received">;
}

/** Codes with which the same may succeed later. */
export const RETRYABLE: readonly PushErrorCode[] = [
  "RATE_LIMITED",
  "SERVICE_UNAVAILABLE",
  "TIMEOUT",
  "NETWORK_ERROR",
  "ABORTED",
];
/** The only code after which a token is to be forgotten. */
export const DEAD: readonly PushErrorCode[] = ["UNREGISTERED"];

/**
 * Checks every result against the fates that `expected` names for its index, and returns how many met each. A result
 * that meets none of them is shown with what it should have been.
 */
export function account<Names extends string>(
  world: Accountable,
  results: readonly PushNotificationResult[],
  fates: Readonly<Record<Names, Fate>>,
  expected: (index: number) => readonly NoInfer<Names>[],
): Partial<Record<Names, number>> {
  const { tokens, devices } = world;
  expect(results).toHaveLength(tokens.length);
  const by_index = new Map(results.map((result) => [result.index ?? -1, result]));
  expect(by_index.size).toBe(tokens.length);
  const requests = countRequests(world);
  const tally: Partial<Record<Names, number>> = {};
  const strangers: string[] = [];
  for (const [index, token] of tokens.entries()) {
    const result = by_index.get(index);
    // Behind a gate the service knows a device by another token than the caller.
    const { device_token: known_as = "", received = [] } = devices[index] ?? {};
    const processed = received.length;
    const names = expected(index);
    const name = names.find((one) => result && meets(result, processed, fates[one]));
    const asked = requests.get(known_as) ?? 0;
    if (!result || !name || result.device_token !== token || asked > result.attempts || processed > asked) {
      const seen = `${asked} requests, ${processed} processed, ${result ? describeResult(result) : "no result"}`;
      strangers.push(`${index} should be ${names.join(" or ")}: ${seen}`);
    } else tally[name] = (tally[name] ?? 0) + 1;
  }
  expect(strangers.slice(0, 3), `${strangers.length} results are not what they should be`).toEqual([]);
  sharesNothing(results);
  addsUp(world, results);
  return tally;
}

/** The provider's own counters say the same as its results, and nothing is under way any more. */
export function addsUp(
  { provider }: Pick<Accountable, "provider">,
  results: readonly PushNotificationResult[],
): void {
  const accepted = results.filter(({ success }) => success).length;
  expect(provider.getPlatformInfo().counters).toMatchObject({
    taken: results.length,
    accepted,
    failed: results.length - accepted,
    attempts: results.reduce((sum, { attempts }) => sum + attempts, 0),
    in_flight: 0,
    queued: 0,
    parked: 0,
  });
}

/** No two notifications have been given the same answer. */
export function sharesNothing(results: readonly PushNotificationResult[]): void {
  const ids = results.flatMap(({ service_message_id }) => service_message_id ?? []);
  expect(new Set(ids).size).toBe(results.filter(({ success }) => success).length);
}

function countRequests({ service }: Accountable): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { device_token = "" } of service.received)
    counts.set(device_token, (counts.get(device_token) ?? 0) + 1);
  return counts;
}

function meets(result: PushNotificationResult, processed: number, fate: Fate): boolean {
  const { error_code, attempts = 1, may_have_been_sent = false, warnings = [] } = fate;
  const [least, most] = typeof attempts === "number" ? [attempts, attempts] : attempts;
  const counted =
    fate.processed ?? (error_code === undefined ? 1 : may_have_been_sent ? Math.min(processed, 1) : 0);
  if (result.attempts < least || result.attempts > most || processed !== counted) return false;
  if (`${result.warnings.map(({ type }) => type)}` !== `${warnings}`) return false;
  if (result.success) return error_code === undefined;
  return (
    result.error_code === error_code &&
    result.status_code === fate.status_code &&
    result.retry_after === fate.retry_after &&
    saysSo(result.reason, fate.reason) &&
    result.retryable === RETRYABLE.includes(result.error_code) &&
    result.remove_token === DEAD.includes(result.error_code) &&
    result.may_have_been_sent === may_have_been_sent
  );
}

function describeResult(result: PushNotificationResult): string {
  const { success, error_code, status_code, reason, attempts, retry_after, may_have_been_sent } = result;
  const warnings = result.warnings.map(({ type }) => type);
  const told = {
    success,
    error_code,
    status_code,
    reason,
    attempts,
    retry_after,
    may_have_been_sent,
    warnings,
  };
  return JSON.stringify(told);
}

function saysSo(reason: string | undefined, expected: string | RegExp | undefined): boolean {
  return expected instanceof RegExp ? expected.test(reason ?? "") : reason === expected;
}
