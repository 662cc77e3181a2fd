/** What WNS says to everything that can be wrong with a notification. Every reason is in a header, every body is empty. */
import { STATUS_CODES } from "node:http";

/** The status and the text of X-WNS-Error-Description. */
export type Wording = readonly [status: number, description: string];

// learn.microsoft.com, "Push notification service request and response headers", response codes.
const NO_TICKET: Wording = [
  401,
  "The cloud service did not present a valid authentication ticket. The OAuth ticket may be invalid.",
];

/** Microsoft documents the text per status; a more exact one stands here where it was observed, or invented for 400. */
export const WORDS = {
  method: [
    405,
    "Invalid method (GET, CREATE); only POST (Windows or Windows Phone) or DELETE (Windows Phone only) is allowed.",
  ],
  chunked: [400, "Transfer-Encoding is not supported"],
  length_missing: [411, "Content-Length is missing"],
  ticket_missing: NO_TICKET,
  ticket_invalid: NO_TICKET,
  channel_unknown: [404, "The channel URI is not valid or is not recognized by WNS."],
  // Observed (github.com/tjanczuk/wns/issues/4).
  channel_of_other_app: [403, "Channel URL incompatible with caller app"],
  channel_expired: [410, "The channel expired."],
  // Observed with 429 (github.com/MicrosoftDocs/windows-dev-docs/issues/5238).
  sender_throttled: [
    406,
    "App is throttled. Wait for the seconds of the value in Retry-After header and try again",
  ],
  too_large: [413, "The notification payload exceeds the 5000 byte size limit."],
  type_missing: [400, "X-WNS-Type is missing"],
  type_unknown: [400, "X-WNS-Type should be wns/toast, wns/badge, wns/tile or wns/raw"],
  content_type_of_xml: [400, "Content-Type should be text/xml"],
  // Observed (github.com/gregberge/push-notify/issues/10).
  content_type_of_raw: [400, "Content-Type should be application/octet-stream"],
  cache_policy: [400, "X-WNS-Cache-Policy should be cache or no-cache"],
  ttl: [400, "X-WNS-TTL should be a number of seconds"],
  // Observed (github.com/web-push-libs/pywebpush/issues/162).
  ttl_conflict: [400, "Ttl value conflicts with X-WNS-Cache-Policy."],
  request_for_status: [400, "X-WNS-RequestForStatus should be true or false"],
  tag: [400, "X-WNS-Tag should be at most 16 alphanumeric characters"],
  group: [400, "X-WNS-Group should be at most 16 alphanumeric characters"],
  priority: [400, "X-WNS-PRIORITY should be 1, 2, 3 or 4"],
  suppress_popup: [400, "X-WNS-SuppressPopup should be true or false"],
  suppress_popup_on_windows: [400, "X-WNS-SuppressPopup is for Windows Phone channels only"],
  match_missing: [400, "X-WNS-Match is missing"],
  match: [400, "X-WNS-Match should be type:wns/toast with group, tag or all"],
  match_with_post: [400, "X-WNS-Match is for DELETE only"],
  raw_empty: [400, "The notification payload is empty"],
} satisfies Record<string, Wording>;

/** What is wrong with the content is said in the words of the check that found it. */
export function payloadWording(problem: string): Wording {
  return [400, `The notification payload is not valid: ${problem}`];
}

/** Statuses that only a script provokes. */
const TROUBLE: readonly Wording[] = [
  [429, WORDS.sender_throttled[1]],
  [500, "An internal failure caused notification delivery to fail."],
  [503, "The server is currently unavailable."],
];

/** A scripted status with `reason` for words, or else with those that Microsoft has for that status. */
export function wordingFor(status: number, reason: string | undefined): Wording {
  const documented: Wording = [
    400,
    "One or more headers were specified incorrectly or conflict with another header.",
  ];
  const usual = [documented, ...Object.values(WORDS), ...TROUBLE].find(([one]) => one === status);
  return [status, reason ?? usual?.[1] ?? STATUS_CODES[status] ?? ""];
}
