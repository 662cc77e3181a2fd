import {
  type Answer,
  EVERYONE,
  type Http1ServiceRules,
  ReceivedLog,
  type RequestHead,
  type ServedRequest,
  sendsStatus,
} from "../../src/testing/kit.js";
import { answerOf, withScript } from "./emulator_answer.js";
import { linesOf, readContent } from "./emulator_content.js";
import {
  EmulatedDevice,
  type WnsDevice,
  type WnsDeviceOptions,
  type WnsFlow,
  type WnsReceived,
} from "./emulator_device.js";
import { bearerToken, judge } from "./emulator_judge.js";
import type { SenderLimit } from "./emulator_limit.js";
import { type Wording, wordingFor } from "./emulator_words.js";

/** What the office needs to know about the world around it. */
export interface OfficeSettings {
  now(): number;
  /** Whose this access token is; `undefined` when it is nobody's or has expired. */
  senderOf(token: string): WnsFlow | undefined;
  readonly limit: SenderLimit;
}

/** The service behind the channels: its devices, and what it says to each notification. */
export class ChannelOffice implements Http1ServiceRules {
  readonly log = new ReceivedLog<WnsReceived>();
  /** By channel URI. */
  readonly #devices = new Map<string, EmulatedDevice>();
  readonly #settings: OfficeSettings;

  constructor(settings: OfficeSettings) {
    this.#settings = settings;
  }

  createDevice(origin: string, options: WnsDeviceOptions = {}): WnsDevice {
    const device = new EmulatedDevice(origin, options, this.#settings.now);
    this.#devices.set(device.device_token, device);
    return device;
  }

  /** The name by which scripts and faults know a device. */
  nameOf(device_token: string): string {
    if (device_token === EVERYONE || this.#devices.has(device_token)) return device_token;
    throw new Error(
      `not a token of this service: take one from createDevice(), or "${EVERYONE}" for all devices`,
    );
  }

  identify(head: RequestHead) {
    return { device: this.#deviceOf(head)?.device_token, credential: bearerToken(head.headers) };
  }

  serve(request: ServedRequest): Answer {
    const device = this.#deviceOf(request);
    const entry = this.#readEntry(request, device);
    const answer = request.unread ? { status: 0 } : this.#answer(request, entry, device);
    if (!request.fault || sendsStatus(request.fault)) entry.status = answer.status;
    this.log.add(entry);
    return answer;
  }

  clearReceived(): void {
    this.log.clear();
    for (const device of this.#devices.values()) device.log.clear();
  }

  /** Ends every wait for something to be received. */
  end(): void {
    this.log.end();
    for (const device of this.#devices.values()) device.log.end();
  }

  #deviceOf({ origin, path }: RequestHead): EmulatedDevice | undefined {
    return this.#devices.get(origin + path);
  }

  #answer(request: ServedRequest, entry: WnsReceived, device: EmulatedDevice | undefined): Answer {
    const { headers, scripted } = request;
    const { now, limit } = this.#settings;
    const refusal = this.#refusal(request, entry, device);
    const wns_status = refusal ? statusOf(refusal) : this.#accept(request, entry, device);
    entry.wns_status = wns_status;
    entry.reason = refusal?.[1];
    const answer = answerOf({
      wns_status,
      refusal,
      correlation_vector: headers["ms-cv"],
      connection_status: headers["x-wns-requestforstatus"] === "true" ? device?.connection_status : undefined,
      has_token: bearerToken(headers) !== undefined,
      channel_wait_seconds: device?.throttledFor() ?? 0,
      sender_wait_seconds: limit.waitSeconds(now()),
    });
    return withScript(answer, scripted);
  }

  /** Why not; `undefined` when the request is accepted. */
  #refusal(
    request: ServedRequest,
    entry: WnsReceived,
    device: EmulatedDevice | undefined,
  ): Wording | undefined {
    const { status, reason } = request.scripted ?? {};
    if (status !== undefined) return status < 300 ? undefined : wordingFor(status, reason);
    const { now, limit } = this.#settings;
    return judge({ request, entry, device, now_ms: now(), throttled: limit.exceeds(now()) });
  }

  /** X-WNS-Status of a request that is not refused. A script's `reason` is that, and without one all is well. */
  #accept(request: ServedRequest, entry: WnsReceived, device: EmulatedDevice | undefined): string {
    const { scripted, method } = request;
    const verdict = scripted?.status === undefined && method === "POST" ? device?.verdict(entry) : undefined;
    const wns_status = verdict ?? scripted?.reason ?? "received";
    if (wns_status === "received" && method === "POST") device?.take(entry);
    return wns_status;
  }

  #readEntry(request: ServedRequest, device: EmulatedDevice | undefined): WnsReceived {
    const { method, path, headers, body, credential_expired } = request;
    const content = readContent(headers["x-wns-type"], body);
    const ttl = headers["x-wns-ttl"] ?? "";
    const token = credential_expired ? undefined : bearerToken(headers);
    return {
      device_token: device?.device_token,
      method,
      path,
      headers,
      ttl: /^\d+$/.test(ttl) ? Number(ttl) : undefined,
      tag: headers["x-wns-tag"],
      group: headers["x-wns-group"],
      priority: headers["x-wns-priority"],
      cache_policy: headers["x-wns-cache-policy"],
      body,
      ...content,
      lines: content.xml && linesOf(content.xml),
      sender: token === undefined ? undefined : this.#settings.senderOf(token),
      fault: request.fault ?? (credential_expired ? "expired_credentials" : undefined),
      timestamp: new Date(this.#settings.now()).toISOString(),
    };
  }
}

function statusOf([status]: Wording): string {
  return status === 406 || status === 429 ? "appthrottled" : "dropped";
}
