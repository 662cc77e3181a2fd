import { z } from "zod";
import { PushErrorCode, type SharedConfigInput } from "../../src/provider_kit.js";
import { IMITATED, type ImitatedPlatform } from "./imitate.js";

/** Names that older simulations used, and the code that stands for them now; the old name comes back as `reason`. */
export const OLD_NAMES = { DEVICE_OFFLINE: "SERVICE_UNAVAILABLE", QUOTA_EXCEEDED: "RATE_LIMITED" } as const;

/** What a simulated failure may be called: any code of a result, or one of the two older names. */
export type SimulatedErrorName = PushErrorCode | keyof typeof OLD_NAMES;

/** A failure in full. */
export interface SimulatedError {
  error_code: SimulatedErrorName;
  /** What the result says in `reason`; default: the name in `error_code`. */
  reason?: string | undefined;
  /** Seconds, as if the service had named a time: the engine waits at least that long before it sends again. */
  retry_after?: number | undefined;
}

/** How one attempt ends. `TIMEOUT` never answers, `NETWORK_ERROR` does not connect, any other code is an answer. */
export type SimulatedOutcome = "success" | SimulatedErrorName | SimulatedError;

/** How a notification ends: the same on each attempt, or a list with one entry per attempt whose last one repeats. */
export type SimulatedScript = SimulatedOutcome | readonly SimulatedOutcome[];

/** Options in `platform_data.simulation`. */
export interface SimulationOptions {
  /** How this notification ends, whatever the config says about its token. */
  outcome?: SimulatedScript | undefined;
}

/**
 * Config of `getPushProvider("simulation", config)`; every key has a default.
 *
 * A simulated failure is retried like a real one. It ends the same on each attempt, so a test that wants it
 * quickly sets `retry: { max_attempts: 1 }` (or a small `base_delay_ms`).
 */
export interface SimulationConfig extends SharedConfigInput {
  /** The same seed and the same input give the same outcomes; default: a random one, shown by `getPlatformInfo()`. */
  seed?: string | number | undefined;
  /** Share of notifications that succeed in the end, 0 to 1; default 0.95. */
  success_rate?: number | undefined;
  /** How long each answer takes: milliseconds, or the two ends of an even spread; default `[100, 500]`. */
  delivery_delay_ms?: number | readonly [number, number] | undefined;
  /** False: no failure is drawn, whatever `success_rate` says; `outcomes` are still followed. Default true. */
  enable_error_scenarios?: boolean | undefined;
  /**
   * How often a drawn failure is which; takes the place of the default whole. Default: DEVICE_OFFLINE 0.40,
   * INVALID_TOKEN 0.20, NETWORK_ERROR 0.20, SERVICE_UNAVAILABLE 0.10, QUOTA_EXCEEDED 0.05, PAYLOAD_TOO_LARGE 0.05.
   */
  error_weights?: { readonly [Name in SimulatedErrorName]?: number | undefined } | undefined;
  /** Fixed ends by token or topic; a token that is an object goes by its JSON text. */
  outcomes?: Readonly<Record<string, SimulatedScript>> | undefined;
  /** Keep another platform's payload and lifetime limits and its token rules. */
  imitate?: ImitatedPlatform | undefined;
  /** How many `deliveries` are kept, the newest ones; default 10,000. */
  max_deliveries?: number | undefined;
}

const ERROR_NAMES = [...Object.keys(PushErrorCode), ...Object.keys(OLD_NAMES)] as [
  SimulatedErrorName,
  ...SimulatedErrorName[],
];
const DEFAULT_WEIGHTS = {
  DEVICE_OFFLINE: 0.4,
  INVALID_TOKEN: 0.2,
  NETWORK_ERROR: 0.2,
  SERVICE_UNAVAILABLE: 0.1,
  QUOTA_EXCEEDED: 0.05,
  PAYLOAD_TOO_LARGE: 0.05,
};
const ONE_HOUR_MS = 3_600_000;

const OUTCOME_HELP =
  `expected "success", an error code, { error_code, reason?, retry_after? (seconds) } or a list of these, ` +
  `one per attempt; error codes: ${ERROR_NAMES.join(", ")}`;
const error_name = z.enum(ERROR_NAMES);
const outcome = z.union([
  z.literal("success"),
  error_name,
  z.strictObject({
    error_code: error_name,
    reason: z.string().min(1).optional(),
    retry_after: z.number().nonnegative().optional(),
  }),
]);
const script = z.union([outcome, z.array(outcome).min(1)], { error: OUTCOME_HELP });

/** The keys are tokens, so a wrong entry is named by its position. */
const outcomes = z.record(z.string(), z.unknown()).transform((entries, context) => {
  const wrong = Object.values(entries).flatMap((value, i) =>
    script.safeParse(value).success ? [] : [i + 1],
  );
  if (wrong.length > 0) {
    const positions = wrong.length > 5 ? [...wrong.slice(0, 5), "…"] : wrong;
    context.addIssue({ code: "custom", message: `entry ${positions.join(", ")}: ${OUTCOME_HELP}` });
  }
  return entries as Record<string, SimulatedScript>;
});

const error_weights = z
  .record(z.string(), z.number().nonnegative().optional())
  .superRefine((weights, context) => {
    for (const name of Object.keys(weights)) {
      if (error_name.safeParse(name).success) continue;
      context.addIssue({
        code: "custom",
        path: [name],
        message: `unknown name; valid: ${ERROR_NAMES.join(", ")}`,
      });
    }
    if (!Object.values(weights).some((weight = 0) => weight > 0)) {
      context.addIssue({ code: "custom", message: "expected at least one weight above 0" });
    }
  });

const delay = z.number().nonnegative().max(ONE_HOUR_MS);
const DELAY_HELP = `expected milliseconds, or [least, most] with least <= most, from 0 to ${ONE_HOUR_MS}`;

export const configSchema = z.strictObject({
  seed: z.union([z.string().min(1), z.int()], { error: "expected a text or a whole number" }).optional(),
  success_rate: z.number().min(0).max(1).default(0.95),
  delivery_delay_ms: z
    .union([delay, z.tuple([delay, delay]).refine(([least, most]) => least <= most, DELAY_HELP)], {
      error: DELAY_HELP,
    })
    .default([100, 500]),
  enable_error_scenarios: z.boolean().default(true),
  error_weights: error_weights.default(DEFAULT_WEIGHTS),
  outcomes: outcomes.default({}),
  imitate: z.enum(Object.keys(IMITATED) as [ImitatedPlatform, ...ImitatedPlatform[]]).optional(),
  max_deliveries: z.int().nonnegative().default(10_000),
});

/** The provider's own keys after the check, defaults filled in. */
export type CheckedConfig = z.output<typeof configSchema>;

export const optionsSchema = z.strictObject({ outcome: script.optional() });
