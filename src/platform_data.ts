import { isRejection, type Rejection, reject } from "./codec.js";
import { warning } from "./codec_tools.js";
import type { ObjectSchemaLike, SchemaIssue } from "./definition.js";
import { deepMerge, isPlain } from "./merge.js";
import type { ResultWarning } from "./result.js";
import { hint } from "./suggest.js";

/** Which names may stand in `platform_data`, as seen by the provider that sends. */
export interface Vocabulary {
  readonly platform: string;
  /** This provider's own options; absent: it has none, or checks them itself. */
  readonly options?: ObjectSchemaLike | undefined;
  /** The canonical platform of a namespace's name or alias. */
  namespace(name: string): string | undefined;
  /** Is this flat key some other platform's? */
  isForeign(key: string): boolean;
  namespaces(): readonly string[];
}

export interface ResolvedOptions {
  readonly options: Record<string, unknown>;
  readonly warnings: readonly ResultWarning[];
}

/**
 * This provider's options out of `platform_data`: its flat keys, and over them its namespace. A flat key that is
 * only another platform's becomes a warning; one that is nobody's is a mistake.
 */
export function resolveOptions(
  platform_data: Readonly<Record<string, unknown>>,
  vocabulary: Vocabulary,
): ResolvedOptions | Rejection {
  const warnings: ResultWarning[] = [];
  const flat: Record<string, unknown> = {};
  const named: object[] = [];
  for (const [key, value] of Object.entries(platform_data)) {
    if (value === undefined || value === null) continue;
    const platform = vocabulary.namespace(key);
    if (platform === vocabulary.platform) {
      const options = checkNamespace(key, value, vocabulary.options);
      if (isRejection(options)) return options;
      named.push(options);
    } else if (platform === undefined) {
      const problem = takeFlat(key, value, vocabulary, flat);
      if (isRejection(problem)) return problem;
      if (problem) warnings.push(problem);
    }
  }
  return { options: deepMerge(flat, ...named), warnings };
}

function checkNamespace(
  name: string,
  value: unknown,
  schema: ObjectSchemaLike | undefined,
): object | Rejection {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return reject("PAYLOAD_INVALID", `platform_data.${name}: expected an object`);
  }
  if (!schema) return value;
  const parsed = schema.safeParse(isPlain(value) ? withoutNulls(value) : value);
  if (parsed.success) return parsed.data as object;
  const problems = parsed.error.issues.map((issue) => describe(issue, `platform_data.${name}`, schema));
  return reject("PAYLOAD_INVALID", problems.join("; "));
}

/** An instance of somebody's class is not taken apart: its methods are not among its entries. */
function withoutNulls(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry != null));
}

function takeFlat(
  key: string,
  value: unknown,
  { options, isForeign, namespaces, platform }: Vocabulary,
  flat: Record<string, unknown>,
): Rejection | ResultWarning | undefined {
  const own = options && Object.hasOwn(options.shape, key) ? options.shape[key] : undefined;
  const parsed = own?.safeParse(value);
  if (parsed?.success) {
    flat[key] = parsed.data;
    return undefined;
  }
  const field = `platform_data.${key}`;
  if (isForeign(key)) {
    const details = own ? `not of the type that ${platform} takes` : `${platform} has no ${key}`;
    return warning("unsupported_field", field, `${details}; it was left out`);
  }
  const issue = parsed?.error.issues[0];
  if (issue) return reject("PAYLOAD_INVALID", describe(issue, field));
  return reject(
    "PAYLOAD_INVALID",
    `${field}: unknown key; ${hint(key, [...Object.keys(options?.shape ?? {}), ...namespaces()])}`,
  );
}

function describe(issue: SchemaIssue, prefix: string, schema?: ObjectSchemaLike): string {
  const path = [prefix, ...issue.path.map(String)].join(".");
  if (!issue.keys) return `${path}: ${issue.message}`;
  const valid = schema && issue.path.length === 0 ? Object.keys(schema.shape) : [];
  return issue.keys
    .map((key) => `${path}.${key}: unknown key${valid.length > 0 ? `; ${hint(key, valid)}` : ""}`)
    .join("; ");
}
