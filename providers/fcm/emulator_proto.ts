/**
 * How Google's front ends read JSON into a protocol buffer, and what they say when they cannot.
 * The mapping: protobuf.dev/programming-guides/json. The words are those of their transcoder.
 */
import { readScalar, type Scalar } from "./emulator_proto_scalars.js";

/** Its names stand at their numbers. */
export interface EnumType {
  readonly enum: string;
  readonly values: readonly string[];
}

export interface MessageType {
  readonly message: string;
  /** By their names in the `.proto` file, snake_case; camelCase is read as well. */
  readonly fields: Readonly<Record<string, Field>>;
  /** Of each group at most one may be set. */
  readonly oneofs?: Readonly<Record<string, readonly string[]>>;
}

export type Type = Scalar | EnumType | MessageType;
/** `string_map`: keys and values are strings. */
export type Field = Type | { readonly repeated: Type } | "string_map";

/** One thing that could not be read, as in `google.rpc.BadRequest`. */
export interface Violation {
  readonly field?: string | undefined;
  readonly description: string;
}

/** What was understood: names in snake_case, enums by their names, `null` left out. */
export type Read = { readonly [name: string]: unknown };

/** Reads a whole body; with any violation the service refuses it. */
export function readProto(
  type: MessageType,
  json: unknown,
): { read: Read; violations: readonly Violation[] } {
  const reader = new Reader();
  if (!isObject(json)) {
    return {
      read: {},
      violations: [{ description: unknownName("", "", "Root element must be a message.") }],
    };
  }
  return { read: reader.message(type, json, ""), violations: reader.violations };
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A part of what was read, empty when it was not given. */
export function part(of: Read, ...names: readonly string[]): Read {
  return names.reduce<Read>((read, name) => (read[name] ?? {}) as Read, of);
}

/** The field that is meant, in either spelling. */
export function fieldName(fields: MessageType["fields"], spelled: string): string | undefined {
  let names = NAMES.get(fields);
  if (!names) {
    names = new Map(
      Object.keys(fields).flatMap((name) => [[name, name] as const, [camelCase(name), name] as const]),
    );
    NAMES.set(fields, names);
  }
  return names.get(spelled);
}

const NAMES = new WeakMap<MessageType["fields"], ReadonlyMap<string, string>>();

/** Where a value stands: `parent.name`. */
interface Place {
  readonly parent: string;
  readonly name: string;
}

class Reader {
  readonly violations: Violation[] = [];

  message({ fields, oneofs = {} }: MessageType, json: Record<string, unknown>, path: string): Read {
    const read: Record<string, unknown> = {};
    const taken = new Set<string>();
    for (const [spelled, value] of Object.entries(json)) {
      const name = fieldName(fields, spelled);
      const field = name === undefined ? undefined : fields[name];
      if (name === undefined || field === undefined) {
        this.#unknown(spelled, path, "Cannot find field.");
        continue;
      }
      if (value === null) continue;
      const oneof = Object.keys(oneofs).find((group) => oneofs[group]?.includes(name));
      if (oneof !== undefined && taken.has(oneof)) {
        this.#invalid(path, "oneof", `oneof field '${oneof}' is already set. Cannot set '${spelled}'`);
        continue;
      }
      if (oneof !== undefined) taken.add(oneof);
      read[name] = this.#field(field, value, { parent: path, name });
    }
    return read;
  }

  #field(field: Field, value: unknown, place: Place): unknown {
    if (field === "string_map") return this.#map(value, place);
    if (typeof field === "string" || !("repeated" in field)) return this.#value(field, value, place);
    if (!Array.isArray(value)) return this.#wrong(field.repeated, value, place);
    return value.map((item, index) =>
      this.#value(field.repeated, item, { parent: place.parent, name: `${place.name}[${index}]` }),
    );
  }

  #map(value: unknown, place: Place): unknown {
    const path = join(place);
    if (Array.isArray(value)) {
      return this.#invalid(path, "Map", `Cannot bind a list to map for field '${place.name}'.`);
    }
    if (!isObject(value)) return this.#invalid(path, "Map", JSON.stringify(value));
    Object.values(value).forEach((item, index) => {
      this.#value("string", item, { parent: `${path}[${index}]`, name: "value" });
    });
    return value;
  }

  #value(type: Type, value: unknown, place: Place): unknown {
    if (Array.isArray(value)) {
      return this.#unknown(place.name, place.parent, "Proto field is not repeating, cannot start list.");
    }
    if (type !== "struct" && isObject(value) && !(typeof type === "object" && "message" in type)) {
      return this.#invalid(place.parent, place.name, "Starting an object on a scalar field");
    }
    if (typeof type === "object" && "message" in type) {
      return isObject(value) ? this.message(type, value, join(place)) : this.#wrong(type, value, place);
    }
    if (typeof type === "object") {
      const name = enumName(type, value);
      return name ?? this.#wrong(type, value, place);
    }
    const { value: read, refusal } = readScalar(type, value, camelCase(place.name));
    return refusal === undefined ? read : this.#invalid(join(place), typeName(type), refusal);
  }

  #wrong(type: Type, value: unknown, place: Place): undefined {
    return this.#invalid(join(place), typeName(type), JSON.stringify(value));
  }

  #invalid(path: string, type: string, what: string): undefined {
    this.violations.push({ field: path, description: `Invalid value at '${path}' (${type}), ${what}` });
  }

  #unknown(name: string, parent: string, what: string): undefined {
    const field = parent === "" ? undefined : parent;
    this.violations.push({ field, description: unknownName(name, parent, what) });
  }
}

function unknownName(name: string, parent: string, what: string): string {
  const where = parent === "" ? "" : ` at '${parent}'`;
  return `Invalid JSON payload received. Unknown name "${name}"${where}: ${what}`;
}

/** By name, whatever its case, or by number. */
function enumName({ values }: EnumType, value: unknown): string | undefined {
  if (typeof value === "number") return values[value];
  if (typeof value !== "string") return undefined;
  const name = value.toUpperCase().replaceAll("-", "_");
  return values.includes(name) ? name : undefined;
}

function typeName(type: Type): string {
  if (typeof type === "object") {
    return `type.googleapis.com/${"message" in type ? type.message : type.enum}`;
  }
  const well_known = { duration: "Duration", timestamp: "Timestamp", struct: "Struct" }[type as string];
  return well_known ? `type.googleapis.com/google.protobuf.${well_known}` : `TYPE_${type.toUpperCase()}`;
}

function camelCase(name: string): string {
  return name.replaceAll(/_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());
}

function join({ parent, name }: Place): string {
  return parent === "" ? name : `${parent}.${name}`;
}
