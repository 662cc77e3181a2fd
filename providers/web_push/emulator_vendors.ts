/** How each vendor's push service differs: its endpoints, limits, and the form of its answers. */
import { randomBytes, randomUUID } from "node:crypto";
import { STATUS_CODES } from "node:http";
import type { Answer } from "../../src/testing/kit.js";
import { type WebPushVendor, WORDS, type Wording } from "./emulator_words.js";

export interface Vendor {
  readonly max_ttl_seconds: number;
  /** Authorization schemes, lower case. All but `vapid` carry the key in Crypto-Key. */
  readonly schemes: readonly string[];
  /** Which paths are this vendor's. */
  readonly paths: RegExp;
  /** The path of a new endpoint. */
  newPath(): string;
  accept(message: { id: string; origin: string; ttl_seconds: number }): Answer;
  refuse(wording: Wording): Answer;
}

const DAY = 86_400;

export const VENDORS: Readonly<Record<WebPushVendor, Vendor>> = {
  mozilla: {
    max_ttl_seconds: 30 * DAY,
    schemes: ["vapid", "webpush", "bearer"],
    paths: /^\/(wpush|m)\//,
    newPath: () => `/wpush/v2/gAAAAA${token(130)}`,
    accept: ({ id, origin, ttl_seconds }) => ({
      status: 201,
      headers: { location: `${origin}/m/${id}`, ttl: String(ttl_seconds) },
    }),
    refuse: ([status, reason, errno]) => ({
      status,
      headers: {
        "content-type": "application/json",
        ...(status === 410 ? { "cache-control": "max-age=86400" } : {}),
      },
      body: JSON.stringify({
        code: status,
        errno: errno ?? null,
        error: STATUS_CODES[status] ?? "",
        message: reason,
        more_info: "http://autopush.readthedocs.io/en/latest/http.html#error-codes",
      }),
    }),
  },
  fcm: {
    max_ttl_seconds: 28 * DAY,
    // Since 2023 `WebPush` is answered with 403 (github.com/tpeczek/Lib.Net.Http.WebPush/issues/29).
    schemes: ["vapid"],
    paths: /^\/(fcm\/send|wp|0:)/,
    newPath: () => `/fcm/send/${token(8)}:APA91b${token(100)}`,
    accept: ({ id, origin, ttl_seconds }) => ({
      status: 201,
      headers: { location: `${origin}/0:${id}`, ttl: String(ttl_seconds) },
    }),
    // A few answers are as old as GCM, and HTML.
    refuse: ([status, reason]) =>
      /^(InvalidTtlParameter|UnauthorizedRegistration|NotRegistered)$/.test(reason)
        ? { status, headers: { "content-type": "text/html; charset=UTF-8" }, body: gcmPage(status, reason) }
        : { status, headers: { "content-type": "text/plain; charset=utf-8" }, body: `${reason}\n` },
  },
  apple: {
    max_ttl_seconds: 30 * DAY,
    schemes: ["vapid"],
    paths: /^\/Q/,
    newPath: () => `/Q${token(120)}`,
    accept: ({ id }) => ({ status: 201, headers: { "apns-id": id } }),
    refuse: ([status, reason]) => ({
      status,
      headers: { "content-type": "application/json", "apns-id": randomUUID() },
      body: JSON.stringify({ reason }),
    }),
  },
  wns: {
    max_ttl_seconds: 30 * DAY,
    schemes: ["vapid", "webpush"],
    paths: /^\/w\/\?token=/,
    // Base64 with percent-encoded `+` and `=`: who parses and prints this URL again breaks it.
    newPath: () => `/w/?token=BQYAAAB${token(60)}%2b${token(60)}%2f${token(30)}%3d`,
    accept: ({ id }) => ({
      status: 201,
      headers: { "x-wns-status": "received", "x-wns-notificationstatus": "received", "x-wns-msg-id": id },
    }),
    refuse: ([status, reason]) => {
      const wns_status = status === 406 || status === 429 ? "appthrottled" : "dropped";
      return {
        status,
        headers: {
          // Nothing but ASCII fits into a header.
          "x-wns-error-description": reason.replaceAll(/[^ -~]/g, "?"),
          "x-wns-status": wns_status,
          "x-wns-notificationstatus": wns_status,
          "mise-correlation-id": randomUUID(),
        },
      };
    },
  },
};

/** The vendor whose endpoints look like this path; Mozilla when none do. */
export function vendorOf(path: string): WebPushVendor {
  const names = Object.keys(VENDORS) as WebPushVendor[];
  return names.find((name) => VENDORS[name].paths.test(path)) ?? "mozilla";
}

/** A message id as this vendor makes them. */
export function newMessageId(vendor: WebPushVendor): string {
  if (vendor === "apple") return randomUUID();
  if (vendor === "wns") return randomBytes(8).toString("hex").toUpperCase();
  if (vendor === "fcm") return `${Date.now()}%${randomBytes(8).toString("hex")}`;
  return `gAAAAA${token(60)}`;
}

/** Statuses that only a script provokes. (Mozilla sends `Retry-After: 120` with 503; here the script decides.) */
const TROUBLE: Partial<Record<WebPushVendor, readonly Wording[]>> = {
  mozilla: [
    [502, "Bad Gateway", 902],
    [503, "Service Unavailable", 201],
  ],
};

/** A scripted status with `reason` for words, or else with those the vendor itself uses for that status. */
export function wordingFor(vendor: WebPushVendor, status: number, reason: string | undefined): Wording {
  const all = [...Object.values(WORDS[vendor]), ...(TROUBLE[vendor] ?? [])];
  const same = all.filter((wording) => wording?.[0] === status);
  const usual = same.find((wording) => wording?.[1] === reason) ?? same[0];
  const standard = STATUS_CODES[status] ?? "";
  const fallback = vendor === "apple" ? standard.replaceAll(/[^A-Za-z]/g, "") : standard;
  return [status, reason ?? usual?.[1] ?? fallback, usual?.[2]];
}

function token(bytes: number): string {
  return randomBytes(bytes).toString("base64url");
}

function gcmPage(status: number, title: string): string {
  return `<HTML>\n<HEAD>\n<TITLE>${title}</TITLE>\n</HEAD>\n<BODY BGCOLOR="#FFFFFF" TEXT="#000000">\n<H1>${title}</H1>\n<H2>Error ${status}</H2>\n</BODY>\n</HTML>\n`;
}
