import {
  bodyText,
  type HttpResponse,
  type PushErrorCode,
  type ResultWarning,
  type Retry,
  rawReason,
  retryAfterMs,
  type Verdict,
  warning,
} from "../../src/provider_kit.js";

/** What one documented answer means. */
type Meaning =
  | { readonly verdict: "rejected" | "reauthorize"; readonly code: PushErrorCode; readonly message: string }
  | {
      readonly verdict: "retry";
      readonly code: PushErrorCode;
      readonly scope: Retry["scope"];
      readonly message: string;
    };

const GONE = rejected("UNREGISTERED", "The channel has expired or is unknown; remove it.");
const THROTTLED = retry("RATE_LIMITED", "origin", "WNS asked the sender to slow down.");
const UNAVAILABLE = retry("SERVICE_UNAVAILABLE", "origin", "WNS is not available.");
const UNDOCUMENTED = rejected("UNKNOWN_RESPONSE", "WNS gave an answer that it does not document.");

/**
 * https://learn.microsoft.com/windows/apps/develop/notifications/push-notifications/push-request-response-headers#response-codes
 * (429 is not there, but was seen since 2026). Other 5xx: below.
 */
export const STATUS: Readonly<Record<number, Meaning>> = {
  400: rejected("PAYLOAD_INVALID", "WNS refused the headers or the content."),
  401: { verdict: "reauthorize", code: "AUTHENTICATION_FAILED", message: "WNS refused the access token." },
  403: rejected("SENDER_MISMATCH", "The channel belongs to another app than the access token."),
  404: GONE,
  405: rejected("PAYLOAD_INVALID", "WNS refused the method for this channel."),
  406: THROTTLED,
  410: GONE,
  413: rejected("PAYLOAD_TOO_LARGE", "WNS found the notification larger than 5000 bytes."),
  429: THROTTLED,
  500: UNAVAILABLE,
  503: UNAVAILABLE,
};

/** 410 too, but about the sender: the channels live on. */
const BLOCKED = rejected("AUTHENTICATION_FAILED", "WNS has blocked the sender for abuse.");

/** X-WNS-Status with a 200: what was taken and not delivered. `appthrottled` is not documented, but was seen. */
export const TAKEN: Readonly<Record<string, Meaning>> = {
  dropped: rejected("DROPPED", "WNS took the notification and dropped it."),
  channelthrottled: retry("RATE_LIMITED", "token", "Too many notifications went to this channel."),
  appthrottled: THROTTLED,
};

/** What WNS's answer means: status, X-WNS-Status and X-WNS-Error-Description. Never throws. */
export function decode(response: HttpResponse, { now_ms }: { readonly now_ms: number }): Verdict {
  const { status, headers } = response;
  const state = lower(headers["x-wns-status"] ?? headers["x-wns-notificationstatus"]);
  const meaning = meaningOf(response, state);
  if (!meaning) {
    return {
      verdict: "accepted",
      service_message_id: headers["x-wns-msg-id"],
      warnings: warningsOf(headers, state),
    };
  }
  const words =
    headers["x-wns-error-description"]?.trim() || (state !== "received" && state) || bodyText(response);
  const verdict = {
    ...meaning,
    message: `${meaning.message}${traces(headers)}`,
    reason: rawReason(words) || `HTTP ${status}`,
  };
  if (verdict.verdict !== "retry") return verdict;
  return { ...verdict, retry_after_ms: waitOf(headers, now_ms) };
}

/** Undefined: accepted. */
function meaningOf(response: HttpResponse, state: string | undefined): Meaning | undefined {
  const { status, headers } = response;
  if (status === 200 || (status > 200 && status < 300 && state !== undefined)) {
    return state !== undefined && Object.hasOwn(TAKEN, state) ? TAKEN[state] : undefined;
  }
  const by_status = STATUS[status] ?? (status >= 500 ? UNAVAILABLE : UNDOCUMENTED);
  const words = headers["x-wns-error-description"] ?? bodyText(response);
  if (status >= 400 && status < 500 && /domain blocked/i.test(words)) return BLOCKED;
  return by_status === THROTTLED && state === "channelthrottled" ? TAKEN.channelthrottled : by_status;
}

/** An accepted notification may wait for a device that is away. Asked for by X-WNS-RequestForStatus. */
function warningsOf(headers: HttpResponse["headers"], state: string | undefined): ResultWarning[] {
  const connection = lower(headers["x-wns-deviceconnectionstatus"]);
  const warnings: ResultWarning[] = [];
  if (connection !== undefined && connection !== "connected") {
    warnings.push(
      warning("device_not_connected", null, `WNS says that the device is ${rawReason(connection)}`),
    );
  }
  if (state !== undefined && state !== "received") {
    warnings.push(warning("unknown_status", null, `WNS calls the notification ${rawReason(state)}`));
  }
  return warnings;
}

/** Both are floors. X-WNS-CONTINUE-AFTER comes with a throttled channel: whole seconds. */
function waitOf(headers: HttpResponse["headers"], now_ms: number): number | undefined {
  const waits = [headers["retry-after"], headers["x-wns-continue-after"]].flatMap(
    (header) => retryAfterMs(header, now_ms) ?? [],
  );
  return waits.length > 0 ? Math.max(...waits) : undefined;
}

/** What Microsoft asks for in a report. */
function traces(headers: HttpResponse["headers"]): string {
  const found = ["X-WNS-Msg-ID", "X-WNS-Debug-Trace", "MS-CV"].flatMap((name) => {
    const value = headers[name.toLowerCase()]?.trim() ?? "";
    return /^[\w.+/=:-]{1,64}$/.test(value) ? [`${name} ${value}`] : [];
  });
  return found.length > 0 ? ` For Microsoft's support: ${found.join(", ")}.` : "";
}

function lower(header: string | undefined): string | undefined {
  return header?.trim().toLowerCase() || undefined;
}

function rejected(code: PushErrorCode, message: string): Meaning {
  return { verdict: "rejected", code, message };
}

function retry(code: PushErrorCode, scope: Retry["scope"], message: string): Meaning {
  return { verdict: "retry", code, scope, message };
}
