/** What callers hand to a store, checked. */
import { z } from "zod";
import { PushError, payloadSchema } from "../index.js";

const id = z
  .string()
  .min(1)
  .max(200)
  .regex(/^\P{Cc}*$/u, "expected no control characters");
const time = z.int().nonnegative();
const limitOf = (max: number, standard: number) => z.int().min(1).max(max).default(standard);

const tag = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[^"\p{Cc}]*$/u, 'expected no " and no control characters')
  .refine((text) => text === text.trim(), "expected no white space around it");

export const inputs = {
  store: z.looseObject({
    keep_payloads: z.boolean().default(true),
    default_ttl_seconds: z.int().nonnegative().default(300),
    now: z.custom<() => number>((value) => typeof value === "function").optional(),
  }),
  subscription: z.object({
    user_id: id.nullish(),
    device_id: id.nullish(),
    device_info: z.record(z.string(), z.unknown()).nullish(),
    tags: z.array(tag).max(100).nullish(),
    expires_at_ms: time.nullish(),
  }),
  segment: z.strictObject({
    tags: z.union([z.string(), z.array(z.string()).max(100)]).optional(),
    user_ids: z.array(id).max(10_000).optional(),
    device_ids: z.array(id).max(10_000).optional(),
    platforms: z.array(z.string()).max(100).optional(),
  }),
  page: z.strictObject({
    segment: z.unknown().optional(),
    after: id.optional(),
    limit: limitOf(10_000, 500),
    unsettled_in: id.optional(),
  }),
  acknowledgement: z.strictObject({
    message_id: id,
    device_id: id,
    status: z.enum(["delivered", "failed", "opened", "dismissed"]).default("delivered"),
    received_at_ms: time.optional(),
    error_message: z.string().max(500).optional(),
  }),
  pending: z.strictObject({ device_id: id, device_key: z.string().max(200), limit: limitOf(50, 50) }),
  deliveries: z.strictObject({
    device_id: id.optional(),
    user_id: id.optional(),
    broadcast_id: id.optional(),
    limit: limitOf(1000, 50),
  }),
  statistics: z.strictObject({
    days: z.int().min(1).max(90).default(7),
    platform: z.string().optional(),
    device_id: id.optional(),
  }),
  prune: z.strictObject({ older_than_days: z.number().nonnegative().max(36_500).default(90) }),
  broadcast: z.strictObject({
    id: id.optional(),
    title: z.string().max(500).optional(),
    segment: z.unknown().optional(),
    payload: payloadSchema,
  }),
  list: z.strictObject({ limit: limitOf(200, 50), before: id.optional() }),
};

/** @throws PushError `OPTIONS_INVALID` with every problem by its path; no value is quoted. */
export function checkInput<Output>(schema: z.ZodType<Output>, value: unknown, name?: string): Output {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => {
    const unknown_keys = issue.code === "unrecognized_keys" ? issue.keys : [];
    const path = [...(name ? [name] : []), ...issue.path, ...unknown_keys.slice(0, 1)].join(".");
    return `${path || "options"}: ${unknown_keys.length > 0 ? "unknown option" : issue.message}`;
  });
  throw new PushError("OPTIONS_INVALID", problems.join("; "));
}
