import type { ServedRequest } from "../../src/testing/kit.js";
import { headerField } from "./decrypt.js";
import type { EmulatedDevice } from "./emulator_device.js";
import { checkVapid } from "./emulator_vapid.js";
import { VENDORS } from "./emulator_vendors.js";
import { type Refusal, type WebPushVendor, WORDS, type Wording } from "./emulator_words.js";

export interface Case {
  readonly request: ServedRequest;
  readonly vendor: WebPushVendor;
  readonly now_ms: number;
  /** Whose endpoint the path is; `undefined` when it is nobody's. */
  readonly device: EmulatedDevice | undefined;
  /** The device could not read it, and that is to be refused. */
  readonly unreadable: boolean;
}

/** The first thing wrong with a push that this vendor refuses, in its words; `undefined` when it takes the push. */
export function judge(one: Case): Wording | undefined {
  for (const refusal of refusals(one)) {
    const wording = refusal && WORDS[one.vendor][refusal];
    if (wording) return refusal === "too_large" ? tooLarge(one, wording) : wording;
  }
  return undefined;
}

/** Autopush's order: the endpoint, who may push to it, whether it lives, then the message. */
function* refusals({ request, vendor, now_ms, device, unreadable }: Case): Generator<Refusal | undefined> {
  const { headers, body } = request;
  if (!device) return yield "endpoint_unknown";
  if (request.method !== "POST") return yield "method";
  yield checkVapid(headers, {
    schemes: VENDORS[vendor].schemes,
    audience: request.origin,
    now_ms,
    bound_key: device.bound_key,
    expired: request.credential_expired,
  });
  if (device.state !== "subscribed") yield device.state;
  if (body.length > device.max_body_bytes) yield "too_large";
  yield checkTtl(headers, vendor);
  if (body.length > 0) yield checkCoding(headers);
  yield checkTopic(headers.topic, vendor);
  if (!/^(very-low|low|normal|high)$/.test(headers.urgency ?? "normal")) yield "urgency";
  if (unreadable) yield "undecryptable";
}

/** RFC 8030 section 5.2: required, digits only. */
function checkTtl(
  { ttl = "", ...headers }: Readonly<Record<string, string>>,
  vendor: WebPushVendor,
): Refusal | undefined {
  if (/^-\d+$/.test(ttl)) return "ttl_negative";
  if (!/^\d+$/.test(ttl)) return "ttl_missing";
  if (vendor !== "wns") return undefined;
  // Without the header WNS assumes `cache`, which a TTL of 0 contradicts.
  const expected = Number(ttl) > 0 ? "cache" : "no-cache";
  return (headers["x-wns-cache-policy"] ?? "cache") === expected ? undefined : "cache_policy";
}

/** RFC 8291 section 4, and the legacy coding whose parameters stand in headers. */
function checkCoding(headers: Readonly<Record<string, string>>): Refusal | undefined {
  const coding = headers["content-encoding"];
  const salt = headerField(headers.encryption, "salt");
  const dh = headerField(headers["crypto-key"], "dh");
  if (coding === undefined) return "encoding_missing";
  if (coding === "aes128gcm")
    return salt !== undefined ? "salt_in_header" : dh !== undefined ? "dh_in_header" : undefined;
  if (coding === "aesgcm") return !salt ? "encryption_missing" : !dh ? "crypto_key_missing" : undefined;
  return "encoding_unknown";
}

/** RFC 8030 section 5.4. */
function checkTopic(topic: string | undefined, vendor: WebPushVendor): Refusal | undefined {
  if (topic === undefined) return undefined;
  if (topic.length > 32) return "topic_too_long";
  if (!/^[A-Za-z0-9_-]+$/.test(topic)) return "topic_alphabet";
  // Apple decodes it: no base64 text has a length of 4n + 1.
  return vendor === "apple" && topic.length % 4 === 1 ? "topic_alphabet" : undefined;
}

/** Mozilla has other words for devices that take less than RFC 8030 promises: those behind FCM. */
function tooLarge({ device, vendor, request }: Case, wording: Wording): Wording {
  const limit = device?.max_body_bytes ?? 4096;
  if (vendor !== "mozilla" || limit >= 4096) return wording;
  const excess = request.body.length - limit;
  const text = `This message is intended for a constrained device and is limited in size. Converted buffer is too long by ${excess} bytes`;
  return [413, text, 104];
}
