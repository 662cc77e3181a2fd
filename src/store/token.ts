import { getAvailablePlatforms, getPlatformStatus, PushError, subscriptionSchema } from "../index.js";
import { sha256 } from "./ids.js";

/** A token as it is stored, and what it is recognised by. */
export interface Address {
  /** Canonical name. */
  readonly platform: string;
  /** What goes to the provider. */
  readonly text: string;
  /** By which a row is found: of the endpoint for web push, of platform and token for others. */
  readonly hash: string;
  /** `expirationTime` of a web push subscription, if that says one. */
  readonly expires_at_ms?: number | null | undefined;
}

const MAX_CHARACTERS = 4096;

/** @throws PushError `OPTIONS_INVALID`, which does not quote the token. */
export function addressOf(platform_name: unknown, device_token: unknown): Address {
  const platform = canonicalPlatform(platform_name);
  const subscription = asSubscription(device_token);
  if (subscription) {
    const { endpoint, keys, expirationTime } = subscription;
    const text = checkText(JSON.stringify({ endpoint, ...(keys && { keys }) }));
    return { platform, text, hash: hashOf(platform, endpoint), expires_at_ms: expirationTime };
  }
  if (typeof device_token !== "string" || device_token.trim() === "") {
    fail("expected a token, or a push subscription with its endpoint");
  }
  // The same device, however its app spells the bytes.
  const text = checkText(platform === "apns" ? device_token.toLowerCase() : device_token);
  return { platform, text, hash: hashOf(platform, text) };
}

/** The same, for what is to be stored: an endpoint alone is not enough. */
export function wholeAddressOf(platform: unknown, device_token: unknown): Address {
  const address = addressOf(platform, device_token);
  const { success } = subscriptionSchema.safeParse(asSubscription(address.text));
  if (address.platform === "web_push" && !success) {
    fail("expected a push subscription: { endpoint, keys: { p256dh, auth } }");
  }
  return address;
}

/** By what a token is found, whatever it is: what a result says of nonsense is logged, too. */
export function recognise(platform: string, device_token: unknown): { platform: string; token_hash: string } {
  try {
    const address = addressOf(platform, device_token);
    return { platform: address.platform, token_hash: address.hash };
  } catch {
    return { platform: String(platform), token_hash: sha256(`${platform}\n${safeText(device_token)}`) };
  }
}

function safeText(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return typeof value;
  }
}

/** @throws PushError `OPTIONS_INVALID` */
export function canonicalPlatform(name: unknown): string {
  if (typeof name !== "string" || !/^[a-z][a-z0-9_]{0,49}$/.test(name)) {
    throw new PushError("OPTIONS_INVALID", "platform: expected the name of a platform, such as web_push");
  }
  if (getAvailablePlatforms().includes(name)) return name;
  for (const [platform, { aliases }] of Object.entries(getPlatformStatus())) {
    if (aliases.includes(name)) return platform;
  }
  return name;
}

function hashOf(platform: string, token: string): string {
  return sha256(platform === "web_push" ? token : `${platform}\n${token}`);
}

interface Parsed {
  readonly endpoint: string;
  readonly keys?: { readonly p256dh: unknown; readonly auth: unknown };
  readonly expirationTime: number | null | undefined;
}

/** A push subscription, given as an object or as its JSON text: only what is needed of it, in one order. */
function asSubscription(value: unknown): Parsed | undefined {
  if (typeof value === "string")
    return value.trimStart().startsWith("{") ? asSubscription(parse(value)) : undefined;
  if (typeof value !== "object" || value === null || !("endpoint" in value)) return undefined;
  const { endpoint, keys, expirationTime } = value as Record<string, unknown>;
  if (typeof endpoint !== "string" || endpoint === "") fail("expected an endpoint");
  const { p256dh, auth } = (keys ?? {}) as Record<string, unknown>;
  return {
    endpoint,
    ...(keys ? { keys: { p256dh, auth } } : {}),
    expirationTime: expirationTime === null ? null : wholeNumber(expirationTime),
  };
}

function wholeNumber(value: unknown): number | undefined {
  const whole = typeof value === "number" ? Math.floor(value) : undefined;
  return Number.isSafeInteger(whole) ? whole : undefined;
}

function checkText(text: string): string {
  if (text.length > MAX_CHARACTERS) fail(`expected at most ${MAX_CHARACTERS} characters`);
  if (/\p{Cc}/u.test(text)) fail("expected no control characters");
  return text;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function fail(problem: string): never {
  throw new PushError("OPTIONS_INVALID", `device_token: ${problem}`);
}
