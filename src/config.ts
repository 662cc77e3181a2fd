import { X509Certificate } from "node:crypto";
import { z } from "zod";
import type { ObjectSchemaLike, SchemaIssue } from "./definition.js";
import { PushError, type PushErrorIssue } from "./errors.js";
import { hint } from "./suggest.js";

/** When and how often to send again. Waits are full jitter: random between 0 and base * 2^n, at most `max_delay_ms`. */
export interface RetryConfig {
  /** First attempt included; default 4. */
  max_attempts?: number | undefined;
  /** Default 500. */
  base_delay_ms?: number | undefined;
  /** Default 60,000. A time that the service names is kept even when it is longer. */
  max_delay_ms?: number | undefined;
  /** Repeat an attempt that left and was not answered; it may arrive twice. Default false. */
  resend_ambiguous?: boolean | undefined;
  /** Limit retries to a tenth of the traffic once a reserve of 50 per origin is used up. Default true. */
  budget?: boolean | undefined;
}

/** Config keys that every provider takes. A key whose value is `undefined` counts as absent. */
export interface SharedConfigInput {
  /** Lifetime of a notification whose payload names none, in seconds; default 300. */
  ttl_seconds?: number | undefined;
  /** One attempt, in seconds; default 30. */
  timeout_seconds?: number | undefined;
  /** One notification with all its attempts and waits, in seconds; default 60. */
  deadline_seconds?: number | undefined;
  /** Attempts in flight over all calls of this provider. */
  max_concurrency?: number | undefined;
  /** At most this many attempts per second; default none. `burst` defaults to `per_second`. */
  rate_limit?: { per_second: number; burst?: number | undefined } | undefined;
  retry?: RetryConfig | undefined;
  /** URL of a CONNECT proxy, or `"env"` to follow HTTPS_PROXY and NO_PROXY. */
  proxy?: string | undefined;
  /** Extra trusted certificates, PEM. Verification cannot be switched off. */
  ca?: string | readonly string[] | undefined;
}

const PROXY_HELP = 'expected "env" or an http(s) URL';
const certificate = z.string().refine(isCertificate, "expected trusted certificates as PEM text");

const sharedShape = {
  ttl_seconds: z.int().nonnegative().default(300),
  timeout_seconds: z.number().positive().max(3600).default(30),
  deadline_seconds: z.number().positive().max(86_400).default(60),
  max_concurrency: z.int().positive().max(100_000).optional(),
  rate_limit: z
    .strictObject({ per_second: z.number().positive(), burst: z.number().min(1).optional() })
    .optional(),
  retry: z
    .strictObject({
      max_attempts: z.int().min(1).max(100).default(4),
      base_delay_ms: z.number().nonnegative().default(500),
      max_delay_ms: z.number().nonnegative().default(60_000),
      resend_ambiguous: z.boolean().default(false),
      budget: z.boolean().default(true),
    })
    .prefault({}),
  proxy: z
    .union([z.literal("env"), z.url({ protocol: /^https?$/, error: PROXY_HELP })], { error: PROXY_HELP })
    .optional(),
  ca: z.union([certificate, z.array(certificate).min(1)]).optional(),
};
const sharedSchema = z.object(sharedShape);

/** The shared keys after the check, defaults filled in. */
export type SharedConfig = z.output<typeof sharedSchema>;

/** Keys of older systems and what took their place. */
const RENAMED: Record<string, string> = {
  batch_size: "it is max_concurrency now",
  timeout: "it is timeout_seconds now",
  ttl: "it is ttl_seconds now",
  max_retries: "it is retry.max_attempts now",
};

/**
 * Checks a whole config: the provider's own keys and the shared ones. All problems come in one `CONFIG_INVALID`;
 * none of its words are values from the config, because those may be secrets.
 */
export function checkConfig<Config>(
  platform: string,
  schema: ObjectSchemaLike<Config>,
  value: unknown,
): Config & SharedConfig {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new PushError("CONFIG_INVALID", `${platform}: expected a config object`);
  }
  const own: Record<string, unknown> = {};
  const shared: Record<string, unknown> = {};
  const issues: PushErrorIssue[] = [];
  const valid = [...new Set([...Object.keys(schema.shape), ...Object.keys(sharedShape)])];
  for (const [key, entry] of Object.entries(value)) {
    if (entry === undefined) continue;
    if (Object.hasOwn(schema.shape, key)) own[key] = entry;
    else if (Object.hasOwn(sharedShape, key)) shared[key] = entry;
    else issues.push({ path: key, message: `unknown key; ${RENAMED[key] ?? hint(key, valid)}` });
  }
  const own_parsed = schema.safeParse(own);
  const shared_parsed = sharedSchema.safeParse(shared);
  if (!own_parsed.success) issues.push(...own_parsed.error.issues.map((issue) => toIssue(issue, own)));
  if (!shared_parsed.success)
    issues.push(...shared_parsed.error.issues.map((issue) => toIssue(issue, shared)));
  if (issues.length > 0 || !own_parsed.success || !shared_parsed.success) {
    throw configInvalid(platform, issues, own_parsed.success ? shared_parsed.error : own_parsed.error);
  }
  return { ...shared_parsed.data, ...own_parsed.data };
}

/** One `CONFIG_INVALID` for all problems. */
export function configInvalid(
  platform: string,
  issues: readonly PushErrorIssue[],
  cause?: unknown,
): PushError {
  const text = issues.map((issue) => `${issue.path || "config"}: ${issue.message}`).join("; ");
  return new PushError("CONFIG_INVALID", `${platform}: ${text}`, {
    issues,
    ...(cause === undefined ? {} : { cause }),
  });
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem) !== undefined;
  } catch {
    return false;
  }
}

function toIssue(issue: SchemaIssue, given: Readonly<Record<string, unknown>>): PushErrorIssue {
  const path = issue.path.map(String).join(".");
  if (issue.path.length === 1 && !(path in given)) return { path, message: `missing; ${issue.message}` };
  if (issue.keys) return { path, message: `unknown key ${issue.keys.join(", ")}` };
  return { path, message: issue.message };
}
