/** How results and requests are shown: nothing that is shown holds a token or a secret. */
import { type PushNotificationResult, type ResultRequest, redactResult } from "../index.js";
import type { Destination } from "./notification.js";

const MASK = "[device token]";

/** A result for `--json`: the token as a fingerprint, everything else as it is. */
export function shownResult(
  result: PushNotificationResult,
  destination: Destination,
): Record<string, unknown> {
  const { device_token, ...rest } = result;
  const { reason, request } = rest;
  return {
    ...rest,
    ...(device_token === undefined ? {} : { device_token: redactResult(result).device_token }),
    ...(reason === undefined ? {} : { reason: maskText(reason, destination) }),
    ...(request === undefined ? {} : { request: maskRequest(request, destination) }),
  };
}

/** A request for people: like it goes over the wire, but readable. */
export function requestText({ method, url, headers, body, body_encoding, plaintext }: ResultRequest): string {
  const head = [`${method} ${url}`, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)];
  if (body === "") return head.join("\n");
  if (body_encoding === "utf8") return [...head, "", pretty(body)].join("\n");
  const size = Buffer.from(body, "base64").length;
  if (plaintext === undefined) return [...head, "", `(${size} bytes)`].join("\n");
  return [...head, "", `(${size} bytes, encrypted; decrypted by the device:)`, pretty(plaintext)].join("\n");
}

export function maskRequest(request: ResultRequest, destination: Destination): ResultRequest {
  return { ...request, url: maskText(request.url, destination), body: maskText(request.body, destination) };
}

/** A token that is a URL, or a subscription, keeps its origin: that is no secret, and tells whose service it is. */
export function maskText(text: string, destination: Destination): string {
  if (destination.kind !== "token") return text;
  const { token } = destination;
  const secret = typeof token === "string" ? token : (token as { endpoint?: unknown } | undefined)?.endpoint;
  if (typeof secret !== "string" || secret === "") return text;
  const masked = URL.canParse(secret) ? `${new URL(secret).origin}/${MASK}` : MASK;
  return text.replaceAll(secret, masked);
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
