/**
 * Deep merge of plain objects, later wins; arrays and everything else are replaced whole. `undefined` in a later
 * object leaves the earlier value. Neither input is changed.
 */
export function deepMerge<T extends object>(base: T, ...over: readonly object[]): T {
  let result: Record<string, unknown> = { ...(base as Record<string, unknown>) };
  for (const layer of over) {
    result = { ...result };
    for (const [key, value] of Object.entries(layer)) {
      if (value === undefined || key === "__proto__") continue;
      const existing = result[key];
      result[key] = isPlain(existing) && isPlain(value) ? deepMerge(existing, value) : value;
    }
  }
  return result as T;
}

/** `{}` and its like, not an instance of somebody's class. */
export function isPlain(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
