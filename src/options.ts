import type { Clock, Transport } from "./codec.js";
import type { PushEvent, PushLogger } from "./engine/events.js";
import type { PushErrorCode } from "./error_codes.js";
import { PushError } from "./errors.js";
import type { PushNotificationFailure } from "./result.js";
import { hint } from "./suggest.js";

/** Options of one send. */
export interface SendOptions {
  /** Ends the send: what is queued or waits settles as `ABORTED`, what is on the wire is cut. */
  signal?: AbortSignal | undefined;
  /** One attempt, in seconds; default: the provider's config. */
  timeout_seconds?: number | undefined;
  /** One notification with all its attempts and waits, in seconds; default: the provider's config. */
  deadline_seconds?: number | undefined;
  /** Sends nothing to a device; the result carries the request that would have been sent. Default false. */
  dry_run?: boolean | undefined;
}

/** Options of a send to many. */
export interface BulkOptions extends SendOptions {
  /** Attempts of this call in flight; only lowers the provider's own. */
  max_concurrency?: number | undefined;
  /** At most ten times a second, and once at the end. */
  on_progress?: ((progress: BulkProgress) => void) | undefined;
}

/** How far a send to many has come. */
export interface BulkProgress {
  /** Results so far. */
  done: number;
  /** How many there will be, when the input says so (arrays). */
  total?: number | undefined;
  succeeded: number;
  failed: number;
  /** How often each error code came. */
  codes: Partial<Record<PushErrorCode, number>>;
  /** Results per second since the start. */
  per_second: number;
}

/** What `getPushProvider` takes that is not data. Compared by identity when leases are shared. */
export interface ProviderOptions {
  /** An engine of its own, never shared. Default false. */
  force_new?: boolean | undefined;
  logger?: PushLogger | undefined;
  on_event?: ((event: PushEvent) => void) | undefined;
  /** For tests: time, chance and the wire. */
  clock?: Clock | undefined;
  random?: (() => number) | undefined;
  transport?: Transport | undefined;
}

/** A token that its service calls gone. */
export interface DeadToken {
  platform: string;
  device_token: unknown;
  result: PushNotificationFailure;
}

/** Options of a router; those of a provider hold for all that it opens. */
export interface RouterOptions extends ProviderOptions {
  /**
   * Called once for each result with `remove_token`, and awaited (30 s at the most) before that result is handed over:
   * delete the token here. What it throws is logged.
   */
  on_dead_token?: ((dead: DeadToken) => unknown) | undefined;
}

/** Options of a router's send with fallback. */
export interface FallbackOptions extends SendOptions {
  /** Go on to the next target also where this one may have been reached: it may arrive twice. Default false. */
  fallback_on_ambiguous?: boolean | undefined;
}

type Check = (value: unknown) => string | undefined;

const positive: Check = (value) =>
  typeof value === "number" && Number.isFinite(value) && value > 0 && value <= 86_400
    ? undefined
    : "expected a number of seconds above 0, at most 86400";
const notNegative: Check = (value) => (value === 0 ? undefined : positive(value));
const aFunction: Check = (value) => (typeof value === "function" ? undefined : "expected a function");
const aBoolean: Check = (value) => (typeof value === "boolean" ? undefined : "expected true or false");
const withMethods =
  (...methods: string[]): Check =>
  (value) =>
    typeof value === "object" &&
    value !== null &&
    methods.every((name) => typeof (value as Record<string, unknown>)[name] === "function")
      ? undefined
      : `expected an object with ${methods.join(", ")}`;

const SEND: Record<string, Check> = {
  signal: (value) => (value instanceof AbortSignal ? undefined : "expected an AbortSignal"),
  timeout_seconds: positive,
  deadline_seconds: positive,
  dry_run: aBoolean,
};
const BULK: Record<string, Check> = {
  ...SEND,
  max_concurrency: (value) =>
    Number.isSafeInteger(value) && Number(value) > 0 ? undefined : "expected an integer above 0",
  on_progress: aFunction,
};
const PROVIDER: Record<string, Check> = {
  force_new: aBoolean,
  logger: (value) =>
    typeof value === "object" && value !== null ? undefined : "expected a logger such as console",
  on_event: aFunction,
  clock: withMethods("now", "setTimer", "clearTimer"),
  random: aFunction,
  transport: withMethods("send", "close"),
};

export const checkSendOptions = (options: unknown) => check(options, SEND);
export const checkBulkOptions = (options: unknown) => check(options, BULK);
export const checkRouterOptions = (options: unknown) =>
  check(options, { ...PROVIDER, on_dead_token: aFunction });
export const checkFallbackOptions = (options: unknown) =>
  check(options, { ...SEND, fallback_on_ambiguous: aBoolean });
export const checkCloseOptions = (options: unknown) => check(options, { timeout_seconds: notNegative });
export const checkProviderOptions = (options: unknown) => check(options, PROVIDER);

/** Throws `OPTIONS_INVALID` with every problem. */
function check(options: unknown, checks: Record<string, Check>): void {
  if (options === undefined) return;
  if (typeof options !== "object" || options === null) {
    throw new PushError("OPTIONS_INVALID", "options: expected an object");
  }
  const problems: string[] = [];
  for (const [key, value] of Object.entries(options)) {
    if (value === undefined) continue;
    const problem = Object.hasOwn(checks, key)
      ? checks[key]?.(value)
      : `unknown option; ${hint(key, Object.keys(checks))}`;
    if (problem) problems.push(`options.${key}: ${problem}`);
  }
  if (problems.length > 0) throw new PushError("OPTIONS_INVALID", problems.join("; "));
}
