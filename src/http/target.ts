import { timingSafeEqual } from "node:crypto";
import { type PushNotificationProvider, type PushRouter, subscriptionSchema } from "../index.js";
import { refuse } from "./answers.js";
import { checkValue } from "./body.js";
import { check } from "./check.js";

type Body = Readonly<Record<string, unknown>>;

/** A device as a body names it. */
export interface Target {
  readonly platform: string;
  readonly device_token: unknown;
  /** The member that held the token. */
  readonly field: string;
  /** The token without what may be said of it in several ways. */
  readonly name: string;
}

/** The members of a body that hold a token; none of them belongs into a URL, which ends in logs. */
export const TOKEN_FIELDS = ["subscription", "subscription_json", "device_token", "endpoint"] as const;

const SHAPES = "{ subscription }, { platform, device_token } or { subscription_json }";

/**
 * The three shapes: `{ subscription }`, `{ platform, device_token }`, `{ subscription_json }`. A subscription may be an
 * object or its JSON text; without `platform` it is web push. Whether it is a token of its service is not asked here.
 */
export function readTarget(body: Body, fields: readonly string[] = TOKEN_FIELDS.slice(0, 3)): Target {
  const [field, other] = fields.filter((name) => body[name] !== undefined && body[name] !== null);
  if (field === undefined || other !== undefined) {
    refuse(400, `expected one of ${SHAPES}`, { field: other ?? fields[0] });
  }
  const { platform = "web_push" } = body;
  if (typeof platform !== "string") refuse(400, "platform: expected its name", { field: "platform" });
  const device_token = readToken(body[field], field);
  return { platform, device_token, field, name: nameOf(device_token) };
}

/** The same, of a platform that is configured here, and with a token of it. */
export function readRecipient(body: Body, router: PushRouter): Target {
  const target = readTarget(body);
  const provider = providerOf(router, target.platform);
  const { device_token, field } = target;
  const token =
    typeof device_token === "object" ? check(subscriptionSchema, device_token, field) : device_token;
  if (!provider.validateDeviceToken(token)) {
    const message = `${field}: not a valid token of ${provider.platform}`;
    refuse(400, message, { field, error_code: "INVALID_TOKEN", platform: provider.platform });
  }
  return { ...target, platform: provider.platform, device_token: token };
}

/** @throws Refusal 400 that lists what is configured. */
export function providerOf(router: PushRouter, platform: string): PushNotificationProvider {
  const provider = router.provider(platform);
  if (provider) return provider;
  const message = `platform: not configured here; configured: ${router.platforms.join(", ")}`;
  refuse(400, message, { field: "platform", error_code: "PLATFORM_NOT_CONFIGURED" });
}

/** `auth` of a web push subscription. A token of another service is a secret as a whole, by which it was found. */
export function hasSameSecret(stored: string, given: unknown): boolean {
  const secret = authOf(parse(stored));
  if (secret === undefined) return true;
  const claimed = authOf(typeof given === "string" ? parse(given) : given) ?? "";
  const [one, other] = [Buffer.from(secret), Buffer.from(claimed)];
  return one.length === other.length && timingSafeEqual(one, other);
}

function authOf(subscription: unknown): string | undefined {
  const { keys } = (subscription ?? {}) as { keys?: { auth?: unknown } };
  return typeof keys?.auth === "string" ? keys.auth : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function nameOf(device_token: unknown): string {
  if (typeof device_token === "string") return device_token;
  return String((device_token as { endpoint?: unknown } | null)?.endpoint);
}

function readToken(value: unknown, field: string): unknown {
  if (typeof value === "object") return value;
  if (typeof value !== "string" || value.trim() === "") {
    refuse(400, `${field}: expected a token, or a subscription`, { field });
  }
  if (!value.trimStart().startsWith("{")) return value;
  const parsed = parse(value) ?? refuse(400, `${field}: not the JSON text of a subscription`, { field });
  checkValue(parsed);
  return parsed;
}
