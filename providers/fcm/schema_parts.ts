/** What the schemas of a message are made of: objects whose keys have two spellings, durations, names in capitals. */
import { z } from "../../src/provider_kit.js";

/** What a schema for an object is made of, and what leads to one of its keys. */
interface Spelling {
  /** Names of firebase-admin that are not just the camel case of the service's own. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** Keys that have no place here, and what to do instead. */
  readonly moved?: Readonly<Record<string, string>>;
}

/**
 * An object of the service: each of its keys may be spelled `collapse_key` or `collapseKey`; any other key is refused
 * by name.
 */
export function block<Shape extends z.ZodRawShape>(
  shape: Shape,
  { aliases = {}, moved = {} }: Spelling = {},
) {
  const names = new Map(Object.entries(aliases));
  for (const name of Object.keys(shape)) names.set(name, name).set(toCamel(name), name);
  return z.preprocess((value, context) => {
    if (!isObject(value)) return value;
    const known = new Map<string, unknown>();
    const refuse = (key: string, message: string) =>
      context.addIssue({ code: "custom", path: [key], message, input: undefined });
    for (const [key, entry] of Object.entries(value)) {
      if (entry === undefined) continue;
      const name = names.get(key);
      if (name === undefined) refuse(key, (Object.hasOwn(moved, key) && moved[key]) || unknownKey(shape));
      else if (known.has(name)) refuse(key, `given twice, as ${name} and in another spelling`);
      else known.set(name, entry);
    }
    return Object.fromEntries(known);
  }, z.object(shape));
}

/**
 * An object of Apple's: its dashed names may also be spelled in camel case or with underscores. Every other key is
 * left as it is, because the service passes the object on and Apple adds to it each year.
 */
export function dashed<Shape extends z.ZodRawShape>(names: readonly string[], shape: Shape) {
  const known = new Map<string, string>();
  for (const name of names) {
    const snake = name.replaceAll("-", "_");
    known.set(snake, name).set(toCamel(snake), name);
  }
  return z.preprocess((value, context) => {
    if (!isObject(value)) return value;
    const renamed = Object.entries(value).map(([key, entry]) => [known.get(key) ?? key, entry] as const);
    for (const [index, [name]] of renamed.entries()) {
      if (renamed.findIndex(([other]) => other === name) === index) continue;
      const message = "given twice, in two spellings";
      context.addIssue({ code: "custom", path: [name], message, input: undefined });
    }
    return Object.fromEntries(renamed);
  }, z.looseObject(shape));
}

const A_DURATION = 'expected a duration: text such as "3.5s", or a number of milliseconds';

/** A protobuf Duration: text such as `"3.5s"` as it is, a number as milliseconds. */
export const duration = z.union(
  [
    z.string().regex(/^\d{1,12}(\.\d{1,9})?s$/, A_DURATION),
    z
      .number()
      .nonnegative()
      .max(1e12)
      .transform((ms) => `${(ms / 1000).toFixed(9).replace(/\.?0+$/, "")}s`),
  ],
  { error: A_DURATION },
);

/** One of these names in any case, with or without their common prefix. */
export function oneOf(names: readonly string[], prefix = "") {
  return z.string().transform((text, context) => {
    const upper = text.toUpperCase();
    const name = names.find((candidate) => candidate === upper || candidate === `${prefix}${upper}`);
    if (name !== undefined) return name;
    context.addIssue({ code: "custom", message: `expected one of ${names.join(", ")}`, input: undefined });
    return z.NEVER;
  });
}

/** Apple's switches are 1 or absent. */
export const appleSwitch = z
  .union([z.boolean(), z.literal(0), z.literal(1)])
  .transform((on) => (on ? 1 : undefined))
  .optional();

export const url = z.string().refine((text) => URL.canParse(text), "expected a URL");

/** Arguments of a localised text are of no use without its key. */
export function needsKey(...texts: readonly (readonly [args: string, key: string])[]) {
  return (value: Readonly<Record<string, unknown>>, context: z.core.$RefinementCtx) => {
    for (const [args, key] of texts) {
      if (value[args] === undefined || value[key] !== undefined) continue;
      context.addIssue({ code: "custom", path: [args], message: `goes with ${key}`, input: undefined });
    }
  };
}

function unknownKey(shape: object): string {
  return `unknown key; valid: ${Object.keys(shape).join(", ")}`;
}

function toCamel(name: string): string {
  return name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
