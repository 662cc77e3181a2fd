import { z } from "zod";
import { type PushNotificationPayload, payloadSchema } from "../index.js";
import { refuse } from "./answers.js";

/** An id that a client says. */
export const id = z.string().min(1).max(200);

/** @throws Refusal 400 that names the first field that is wrong, and all of them in words; no value is quoted. */
export function check<Output>(schema: z.ZodType<Output>, value: unknown, name?: string): Output {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.flatMap((issue) => {
    const at = (...path: PropertyKey[]) => [...(name ? [name] : []), ...path].map(String).join(".");
    if (issue.code !== "unrecognized_keys") return [{ field: at(...issue.path), message: issue.message }];
    return issue.keys.map((key) => ({ field: at(...issue.path, key), message: "unknown field" }));
  });
  const message = problems.map((problem) => `${problem.field || "body"}: ${problem.message}`).join("; ");
  refuse(400, message, { field: problems[0]?.field });
}

/** Titles and bodies have no length of their own: what a service can carry is for its provider to say. */
export function checkPayload(value: object): PushNotificationPayload {
  if (Object.keys(value).length === 0) refuse(400, "expected a payload: title, body, …", { field: "title" });
  return check(payloadSchema, value);
}

/** A query whose numbers are text. */
export function checkQuery<Shape extends z.ZodRawShape>(shape: Shape, query: URLSearchParams) {
  return check(z.strictObject(shape), Object.fromEntries(query));
}

export const wholeNumber = (least: number, most: number, standard: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, "expected a whole number")
    .transform(Number)
    .pipe(z.int().min(least).max(most))
    .default(standard);
