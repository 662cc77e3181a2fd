import type { ServedRequest } from "../../src/testing/kit.js";
import { MAX_PAYLOAD_BYTES } from "./emulator_content.js";
import type { EmulatedDevice, WnsReceived } from "./emulator_device.js";
import { payloadWording, WORDS, type Wording } from "./emulator_words.js";

/** A request to a channel, with what the service knows about it. */
export interface Case {
  readonly request: ServedRequest;
  /** The request, read. */
  readonly entry: WnsReceived;
  /** Whose channel it is; `undefined` when it is nobody's. */
  readonly device: EmulatedDevice | undefined;
  /** The sender sends faster than it may. */
  readonly throttled: boolean;
  readonly now_ms: number;
}

/** The first thing wrong with a request, in the words of WNS; `undefined` when it takes the notification. */
export function judge(one: Case): Wording | undefined {
  for (const wording of refusals(one)) if (wording) return wording;
  return undefined;
}

/** HTTP, who sends, to whom, how much, then the notification itself. */
function* refusals(one: Case): Generator<Wording | undefined> {
  const {
    request,
    device,
    now_ms,
    entry: { sender, type, problem },
  } = one;
  const { method, headers, body } = request;
  const is_removal = method === "DELETE" && device?.is_phone === true;
  if (method !== "POST" && !is_removal) yield WORDS.method;
  if (headers["transfer-encoding"] !== undefined) yield WORDS.chunked;
  if (!is_removal && headers["content-length"] === undefined) yield WORDS.length_missing;

  if (bearerToken(headers) === undefined) yield WORDS.ticket_missing;
  if (sender === undefined) return yield WORDS.ticket_invalid;
  if (!device) return yield WORDS.channel_unknown;
  if (!device.isOf(sender)) yield WORDS.channel_of_other_app;
  if (device.isExpired(now_ms)) yield WORDS.channel_expired;
  if (one.throttled) yield WORDS.sender_throttled;
  if (is_removal) return yield checkMatch(headers["x-wns-match"]);

  if (body.length > MAX_PAYLOAD_BYTES) yield WORDS.too_large;
  yield checkType(headers);
  yield checkOptions(headers);
  if (headers["x-wns-match"] !== undefined) yield WORDS.match_with_post;
  if (headers["x-wns-suppresspopup"] !== undefined && !device.is_phone) yield WORDS.suppress_popup_on_windows;
  if (type === "raw" && body.length === 0) yield WORDS.raw_empty;
  if (problem !== undefined) yield payloadWording(problem);
}

/** The access token of `Authorization: Bearer …`. */
export function bearerToken({ authorization = "" }: Readonly<Record<string, string>>): string | undefined {
  return /^bearer +(\S+)$/i.exec(authorization)?.[1];
}

/** What is sent as XML is `text/xml`; Microsoft's own clients add a charset. */
function checkType(headers: Readonly<Record<string, string>>): Wording | undefined {
  const type = headers["x-wns-type"];
  const content_type = (headers["content-type"] ?? "").toLowerCase();
  if (type === undefined) return WORDS.type_missing;
  if (!/^wns\/(toast|badge|tile|raw)$/.test(type)) return WORDS.type_unknown;
  if (type === "wns/raw")
    return /^application\/octet-stream *(;|$)/.test(content_type) ? undefined : WORDS.content_type_of_raw;
  return /^text\/xml *(; *charset="?utf-8"? *)?$/.test(content_type) ? undefined : WORDS.content_type_of_xml;
}

const FORMS: readonly (readonly [header: string, form: RegExp, wording: Wording])[] = [
  ["x-wns-cache-policy", /^(cache|no-cache)$/, WORDS.cache_policy],
  ["x-wns-ttl", /^\d{1,10}$/, WORDS.ttl],
  ["x-wns-requestforstatus", /^(true|false)$/, WORDS.request_for_status],
  ["x-wns-tag", /^[A-Za-z0-9]{1,16}$/, WORDS.tag],
  ["x-wns-group", /^[A-Za-z0-9]{1,16}$/, WORDS.group],
  ["x-wns-priority", /^[1-4]$/, WORDS.priority],
  ["x-wns-suppresspopup", /^(true|false)$/, WORDS.suppress_popup],
];

function checkOptions(headers: Readonly<Record<string, string>>): Wording | undefined {
  for (const [header, form, wording] of FORMS) {
    const value = headers[header];
    if (value !== undefined && !form.test(value)) return wording;
  }
  // What is to be gone at once cannot be kept.
  const conflict = Number(headers["x-wns-ttl"] ?? 1) === 0 && headers["x-wns-cache-policy"] === "cache";
  return conflict ? WORDS.ttl_conflict : undefined;
}

/** What a DELETE takes out of a phone's action center. */
function checkMatch(match: string | undefined): Wording | undefined {
  const form =
    /^type:wns\/toast;(all|(group=[A-Za-z0-9]{1,16};)?tag=[A-Za-z0-9]{1,16}|group=[A-Za-z0-9]{1,16})$/;
  if (match === undefined) return WORDS.match_missing;
  return form.test(match) ? undefined : WORDS.match;
}
