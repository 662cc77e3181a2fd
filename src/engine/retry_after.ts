/**
 * How long a service asks to wait, in milliseconds: `Retry-After` as whole seconds or as an HTTP date
 * (RFC 9110, section 10.2.3). Anything else, and a time in the past, is no wish at all.
 */
export function retryAfterMs(header: string | undefined, now_ms: number): number | undefined {
  const value = header?.trim();
  if (!value) return undefined;
  if (/^\d+$/.test(value)) {
    const seconds = Number(value);
    return Number.isSafeInteger(seconds * 1000) ? seconds * 1000 : undefined;
  }
  // Date.parse takes much more than dates; an HTTP date starts with the name of a day.
  if (!/^(mon|tue|wed|thu|fri|sat|sun)/i.test(value)) return undefined;
  const at = Date.parse(value);
  return Number.isNaN(at) || at <= now_ms ? undefined : at - now_ms;
}
