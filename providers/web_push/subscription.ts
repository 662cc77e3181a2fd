import {
  checkEndpoint,
  type EndpointPolicy,
  isRejection,
  type Rejection,
  reject,
} from "../../src/provider_kit.js";
import { isOnCurve } from "./p256.js";

/** A push subscription after the check: where to post, and with whose keys to encrypt. */
export interface Recipient {
  /** As it was given: services put percent escapes into it and mean them. */
  readonly endpoint: string;
  /** `https://host[:port]`. */
  readonly origin: string;
  /** Services that want something of their own: WNS (Edge on Windows) a header, Apple another form of Topic. */
  readonly vendor: "wns" | "apple" | undefined;
  /** 65 bytes, on the curve P-256. */
  readonly p256dh: Buffer;
  /** 16 bytes. */
  readonly auth: Buffer;
}

const MAX_TEXT = 10_000;

/**
 * Reads a subscription (https://www.w3.org/TR/push-api/#pushsubscription-interface), an object or its JSON text. Unknown
 * members are ignored, and so is `expirationTime`: whether a subscription is over is for its service to say. Never throws.
 */
export function parseSubscription(value: unknown, policy: EndpointPolicy): Recipient | Rejection {
  try {
    return read(typeof value === "string" ? fromJson(value) : value, policy);
  } catch {
    // A getter or a proxy of the caller's that throws.
    return invalid("the subscription could not be read");
  }
}

function read(subscription: unknown, policy: EndpointPolicy): Recipient | Rejection {
  if (!isObject(subscription)) {
    return invalid(
      "expected a subscription { endpoint, keys: { p256dh, auth } }, as an object or as its JSON text",
    );
  }
  const { endpoint, keys } = subscription;
  if (typeof endpoint !== "string") return invalid("endpoint: expected an https URL");
  const url = checkEndpoint(endpoint, policy);
  if (isRejection(url)) return url;
  if (!isObject(keys)) return invalid("keys: expected { p256dh, auth }");
  const p256dh = base64(keys.p256dh);
  if (!p256dh || !isOnCurve(p256dh)) {
    return invalid("keys.p256dh: expected a point of the curve P-256, 65 bytes as base64url");
  }
  const auth = base64(keys.auth);
  if (auth?.length !== 16) return invalid("keys.auth: expected 16 bytes as base64url");
  return { endpoint, origin: url.origin, vendor: vendorOf(url), p256dh, auth };
}

/** By its host; or by its paths, when it is reached under another name. */
function vendorOf(url: URL): Recipient["vendor"] {
  const { hostname, pathname } = url;
  if (hostname.endsWith(".notify.windows.com")) return "wns";
  if (hostname.endsWith(".push.apple.com")) return "apple";
  // Parsed when it is asked for.
  if (pathname === "/w/" && url.searchParams.has("token")) return "wns";
  return /^\/Q[\w-]+$/.test(pathname) ? "apple" : undefined;
}

function fromJson(text: string): unknown {
  if (text.length > MAX_TEXT) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Both alphabets, padded or not. Node alone would skip over what is not base64. */
function base64(value: unknown): Buffer | undefined {
  if (typeof value !== "string" || value.length > 100 || !/^[A-Za-z0-9+/_-]+={0,2}$/.test(value))
    return undefined;
  return Buffer.from(value, "base64url");
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function invalid(message: string): Rejection {
  return reject("INVALID_TOKEN", `device_token: ${message}`);
}
