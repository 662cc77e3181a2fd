import { generateKeyPairSync, type KeyObject } from "node:crypto";
import type { FcmOptions } from "../../../providers/fcm/index.js";
import { FcmProvider, fcm } from "../../../providers/fcm/index.js";
import type { FcmPayload } from "../../../providers/fcm/layout.js";
import { type Message, optionsSchema } from "../../../providers/fcm/message_schema.js";
import type { FcmCodec } from "../../../providers/fcm/provider.js";
import type { Recipient } from "../../../providers/fcm/token.js";
import type {
  Credential,
  HttpRequest,
  HttpResponse,
  MintContext,
  Rejection,
  Retry,
  Target,
  TargetKind,
  Verdict,
} from "../../../src/codec.js";
import { isRejection } from "../../../src/codec.js";
import { checkConfig } from "../../../src/config.js";
import { leaseEngine } from "../../../src/leases.js";
import type { ProviderOptions } from "../../../src/options.js";

export const NOW_MS = Date.UTC(2026, 10, 20, 12, 0, 0);

const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });

/** Checks what the account of these tests signed. */
export const PUBLIC_KEY: KeyObject = publicKey;

/** A service account that exists only here. */
export const ACCOUNT = Object.freeze({
  type: "service_account",
  project_id: "demo-project",
  private_key_id: "0123456789abcdef",
  private_key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  client_email: "sender@demo-project.iam.gserviceaccount.com",
  token_uri: "https://tokens.example.org/token",
});

export const TOKEN = `bk3RNwTe3H0:CI2k_${"x".repeat(130)}`;
export const SEND_URL = "https://fcm.googleapis.com/v1/projects/demo-project/messages:send";

export async function openCodec(config: object = { service_account: ACCOUNT }): Promise<FcmCodec> {
  const clock = { now: () => NOW_MS, setTimer: () => undefined, clearTimer: () => undefined };
  return (await fcm.codec(checkConfig("fcm", fcm.config, config), { clock, random: () => 0 })) as FcmCodec;
}

/** A provider of its own, over whatever transport the options bring. */
export async function openProvider(config: object = {}, options: ProviderOptions = {}): Promise<FcmProvider> {
  const checked = checkConfig("fcm", fcm.config, { service_account: ACCOUNT, ...config });
  return new FcmProvider(await leaseEngine(fcm as never, checked, { force_new: true, ...options }));
}

/** `platform_data.fcm` as it is after its check. */
export function options(given: FcmOptions = {}): Message {
  const parsed = optionsSchema.safeParse(given);
  if (!parsed.success) throw new Error(JSON.stringify(parsed.error.issues));
  return parsed.data;
}

/** What the check says about it, as `path: message`. */
export function problems(given: unknown): string[] {
  const parsed = optionsSchema.safeParse(given);
  if (parsed.success) return [];
  return parsed.error.issues.map(({ path, message }) => `${path.map(String).join(".")}: ${message}`);
}

export function payload(fields: Partial<FcmPayload> = {}, given: FcmOptions = {}): FcmPayload {
  return { title: "Hello", data: {}, priority: "normal", options: options(given), ...fields };
}

export function context(ttl_seconds = 300, now_ms = NOW_MS) {
  return {
    message_id: "6f0c1b9e-6c1f-4d9e-8a6c-0a4f9a3b1c2d",
    now_ms,
    expires_at_ms: now_ms + ttl_seconds * 1000,
    sequence: 0,
  };
}

export const toToken: Target<Recipient> = { kind: "token", token: { field: "token", value: TOKEN } };

export function bodyOf(request: HttpRequest) {
  return JSON.parse(String(request.body));
}

/** Fails the test when it was refused. */
export function accepted<T>(value: T | Rejection): T {
  if (isRejection(value)) throw new Error(`${value.code}: ${value.message}`);
  return value;
}

export function refused(value: unknown): Rejection {
  if (!isRejection(value)) throw new Error("was not refused");
  return value;
}

export const sending = (kind: TargetKind = "token", dry_run = false) => ({ kind, dry_run });

export function response(
  status: number,
  body: unknown = "",
  headers: Record<string, string> = {},
): HttpResponse {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return { status, headers, body: Buffer.from(text), truncated: false };
}

/** A token endpoint: answers one after the other (the last again and again), and what it was asked. */
export function tokenOffice(...answers: (HttpResponse | Retry)[]) {
  const asked: HttpRequest[] = [];
  const fetch = async (request: HttpRequest) => {
    asked.push(request);
    const answer = answers[Math.min(asked.length, answers.length) - 1];
    if (!answer) throw new Error("nothing is fetched here");
    return answer;
  };
  return { asked, fetch };
}

export function mintContext(over: Partial<MintContext> = {}): MintContext {
  return {
    now_ms: NOW_MS,
    signal: new AbortController().signal,
    fetch: () => Promise.reject(new Error("nothing is fetched here")),
    ...over,
  };
}

export function credential(minted: Credential | Verdict): Credential {
  if ("verdict" in minted) throw new Error(JSON.stringify(minted));
  return minted;
}
