export type Scalar = "string" | "bool" | "int32" | "float" | "duration" | "timestamp" | "struct";

/**
 * Reads a value that is no list. `refusal` is what the transcoder says of a value that is none of this type; numbers
 * and flags may be written as strings.
 */
export function readScalar(
  type: Scalar,
  value: unknown,
  json_name: string,
): { value?: unknown; refusal?: string } {
  const wrong = { refusal: JSON.stringify(value) };
  switch (type) {
    case "string":
      return typeof value === "string" ? { value } : wrong;
    case "bool":
      return /^(true|false)$/.test(String(value)) ? { value: String(value) === "true" } : wrong;
    case "int32": {
      const number = readNumber(value);
      return number === (Number(number) | 0) ? { value: number } : wrong;
    }
    case "float": {
      const number = readNumber(value);
      return number === undefined ? wrong : { value: number };
    }
    case "struct":
      return typeof value === "object" ? { value } : wrong;
    case "duration":
      if (typeof value !== "string") return wrong;
      if (/^-?\d{1,12}(\.\d{1,9})?s$/.test(value)) return { value };
      return { refusal: `Field '${json_name}', Illegal duration format; duration must end with 's'` };
    case "timestamp":
      if (typeof value !== "string") return wrong;
      if (RFC_3339.test(value) && !Number.isNaN(Date.parse(value))) return { value };
      return {
        refusal: `Field '${json_name}', Illegal timestamp format; timestamps must end with 'Z' or have a valid timezone offset.`,
      };
  }
}

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;

function readNumber(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  return typeof value === "string" && /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(value) ? Number(value) : undefined;
}
