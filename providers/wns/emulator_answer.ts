/** The form of the service's answers. */
import { randomBytes } from "node:crypto";
import type { Answer, ScriptedAnswer } from "../../src/testing/kit.js";
import type { WnsConnectionStatus } from "./emulator_device.js";
import type { Wording } from "./emulator_words.js";

/** What the headers of an answer tell. */
export interface Tidings {
  readonly wns_status: string;
  readonly refusal: Wording | undefined;
  /** The client's correlation vector, which WNS goes on using. */
  readonly correlation_vector: string | undefined;
  /** When it was asked for. */
  readonly connection_status: WnsConnectionStatus | undefined;
  /** Whether the request came with an access token, right or wrong. */
  readonly has_token: boolean;
  /** Until the channel takes notifications again. */
  readonly channel_wait_seconds: number;
  /** Until the sender may send again. */
  readonly sender_wait_seconds: number;
}

/** Everything that WNS says stands in headers; the body is empty. */
export function answerOf({ wns_status, refusal, ...more }: Tidings): Answer {
  const [status, description = ""] = refusal ?? [200];
  const said: Record<string, string | number | undefined | false> = {
    "x-wns-status": wns_status,
    "x-wns-notificationstatus": wns_status,
    // Nothing but ASCII fits into a header.
    "x-wns-error-description": description.replaceAll(/[^ -~]/g, "?"),
    "x-wns-deviceconnectionstatus": more.connection_status,
    "x-wns-msg-id": newId(8),
    "x-wns-debug-trace": `DB3PEPF${newId(4)}`,
    "ms-cv": more.correlation_vector ?? `${randomBytes(16).toString("base64").slice(0, 22)}.0`,
    "strict-transport-security": "max-age=31536000; includeSubDomains",
    "www-authenticate": status === 401 && (more.has_token ? 'Bearer error="invalid_token"' : "Bearer"),
    allow: status === 405 && "POST",
    "retry-after": status === 406 && more.sender_wait_seconds,
    "x-wns-continue-after": wns_status === "channelthrottled" && more.channel_wait_seconds,
  };
  const headers = Object.entries(said).flatMap(([name, value]) => (value ? [[name, String(value)]] : []));
  return { status, headers: Object.fromEntries(headers) };
}

/** What a script says goes before what the service would. */
export function withScript(answer: Answer, scripted: ScriptedAnswer | undefined): Answer {
  if (!scripted) return answer;
  const headers = Object.entries(scripted.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]);
  return {
    status: scripted.status ?? answer.status,
    headers: { ...answer.headers, ...Object.fromEntries(headers) },
    body: scripted.body ?? answer.body,
  };
}

function newId(bytes: number): string {
  return randomBytes(bytes).toString("hex").toUpperCase();
}
