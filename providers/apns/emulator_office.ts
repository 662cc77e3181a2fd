import { randomUUID } from "node:crypto";
import {
  type Answer,
  EVERYONE,
  type Http2FaultKind,
  type HttpServiceRules,
  ReceivedLog,
  type RequestHead,
  type ScriptedAnswer,
  type ServedRequest,
  sendsStatus,
} from "../../src/testing/kit.js";
import type { ApnsEnvironment } from "./emulator_certificates.js";
import { type ChannelCase, Channels } from "./emulator_channels.js";
import {
  type ApnsDevice,
  type ApnsDeviceOptions,
  type ApnsReceived,
  EmulatedDevice,
} from "./emulator_device.js";
import { checkId, judge, notesOn } from "./emulator_judge.js";
import { bearerToken, readProviderToken } from "./emulator_provider_token.js";
import { Doorkeeper } from "./emulator_senders.js";
import { type ApnsReason, REASONS, usualReason } from "./emulator_words.js";

export interface OfficeSettings {
  readonly environment: ApnsEnvironment;
  /** The team's apps; the first is the one that nothing else is said about. */
  readonly bundle_ids: readonly [string, ...string[]];
  readonly broadcasts: boolean;
  readonly max_channels: number;
  readonly now: () => number;
}

/** The service behind the socket: its devices and channels, and what it says to each request. */
export class PushOffice implements HttpServiceRules {
  readonly log = new ReceivedLog<ApnsReceived>();
  readonly doorkeeper: Doorkeeper;
  readonly channels: Channels;
  /** By token. */
  readonly #devices = new Map<string, EmulatedDevice>();
  readonly #settings: OfficeSettings;

  constructor(settings: OfficeSettings) {
    const { bundle_ids, environment, now, broadcasts, max_channels } = settings;
    this.#settings = settings;
    this.doorkeeper = new Doorkeeper(bundle_ids, environment, now);
    this.channels = new Channels({ bundle_ids, is_enabled: broadcasts, max_channels });
  }

  createDevice(options: ApnsDeviceOptions = {}): ApnsDevice {
    const { bundle_ids, now } = this.#settings;
    const { bundle_id = bundle_ids[0], push_type } = options;
    const { environment = this.#settings.environment } = options;
    const device = new EmulatedDevice({ bundle_id, push_type, environment }, now);
    this.#devices.set(device.device_token, device);
    return device;
  }

  /** The name by which scripts and faults know a device or a channel. */
  nameOf(token: string): string {
    const name = this.#devices.get(token.toLowerCase())?.device_token ?? this.channels.get(token)?.channel_id;
    if (token === EVERYONE || name !== undefined) return name ?? token;
    throw new Error(
      `not of this service: take a token from createDevice(), a channel from createChannel(), or "${EVERYONE}" for all`,
    );
  }

  identify(head: RequestHead) {
    const channel = this.channels.get(head.headers["apns-channel-id"]);
    const device = this.#deviceOf(head)?.device_token ?? channel?.channel_id;
    return { device, credential: bearerToken(head.headers) };
  }

  serve(request: ServedRequest<Http2FaultKind>): Answer {
    const entry = readEntry(request, new Date(this.#settings.now()).toISOString());
    entry.device_token = this.#deviceOf(request)?.device_token;
    const answer = request.unread ? { status: 0 } : this.#answer(request, entry);
    if (!request.fault || sendsStatus(request.fault)) entry.status = answer.status;
    this.log.add(entry);
    return answer;
  }

  clearReceived(): void {
    for (const log of this.#logs()) log.clear();
  }

  /** Ends every wait for something to be received. */
  end(): void {
    for (const log of this.#logs()) log.end();
  }

  #logs(): ReceivedLog<ApnsReceived>[] {
    return [this.log, ...[...this.#devices.values(), ...this.channels.all].map(({ log }) => log)];
  }

  #deviceOf({ path }: RequestHead): EmulatedDevice | undefined {
    const call = readCall(path);
    return call?.action === "device" ? this.#devices.get(call.device_token) : undefined;
  }

  #answer(request: ServedRequest<Http2FaultKind>, entry: ApnsReceived): Answer {
    const { status, body, headers } = request.scripted ?? {};
    const call = readCall(request.path);
    const desk =
      call?.action === "device" ? this.#push(request, entry, call) : this.#channel(request, entry, call);
    const reason = status === undefined ? desk.verdict() : scriptedReason(request.scripted);
    if (reason === "ExpiredProviderToken") this.doorkeeper.callExpired(request);
    if (body === undefined) entry.reason = reason;
    const answer = reason === undefined ? desk.perform() : refusal(reason, status, desk.gone_since_ms);
    return {
      status: status ?? answer.status,
      headers: { ...desk.headers, ...answer.headers, ...lowerCase(headers) },
      body: body ?? answer.body,
    };
  }

  #push(
    request: ServedRequest<Http2FaultKind>,
    entry: ApnsReceived,
    { device_token }: { device_token: string },
  ): Desk {
    const { bundle_ids, environment, now } = this.#settings;
    const device = this.#devices.get(device_token);
    const sender = this.doorkeeper.admit(request);
    entry.notes = [...entry.notes, ...notesOn(entry)];
    return {
      headers: { "apns-id": givenId(entry.apns_id) ?? randomUUID().toUpperCase() },
      gone_since_ms: device?.gone?.since_ms ?? now(),
      verdict: () => judge({ request, entry, sender, bundle_ids, environment, device_token, device }),
      perform: () => {
        device?.log.add(entry);
        return { status: 200, headers: environment === "sandbox" ? { "apns-unique-id": randomUUID() } : {} };
      },
    };
  }

  #channel(request: ServedRequest<Http2FaultKind>, entry: ApnsReceived, call: ChannelCall | undefined): Desk {
    const sender = this.doorkeeper.admit(request);
    if (call?.action === "broadcasts") entry.notes = [...entry.notes, ...notesOn(entry)];
    const one = call && { ...call, request, entry, sender };
    return {
      headers: { "apns-request-id": givenId(request.headers["apns-request-id"]) ?? randomUUID() },
      gone_since_ms: this.#settings.now(),
      verdict: () => (one ? this.channels.judge(one) : "BadPath"),
      perform: () => (one ? this.channels.perform(one) : { status: 200 }),
    };
  }
}

/** Where a request is dealt with. */
interface Desk {
  /** Of every answer. */
  readonly headers: Readonly<Record<string, string>>;
  /** What a 410 tells. */
  readonly gone_since_ms: number;
  verdict(): ApnsReason | undefined;
  perform(): Answer;
}

type ChannelCall = Pick<ChannelCase, "action" | "bundle_id">;

/** What a path asks for. */
function readCall(path: string): { action: "device"; device_token: string } | ChannelCall | undefined {
  const device = /^\/3\/device(?:\/([^/]*))?$/.exec(path);
  if (device) return { action: "device", device_token: (device[1] ?? "").toLowerCase() };
  const [, managed, list] = /^\/1\/apps\/([^/]+)\/(all-channels|channels)$/.exec(path) ?? [];
  if (managed !== undefined)
    return { action: list === "channels" ? "channels" : "all-channels", bundle_id: managed };
  const [, bundle_id] = /^\/4\/broadcasts\/apps\/([^/]+)$/.exec(path) ?? [];
  return bundle_id === undefined ? undefined : { action: "broadcasts", bundle_id };
}

function readEntry(request: ServedRequest<Http2FaultKind>, timestamp: string): ApnsReceived {
  const { method, path, headers, body, connection, stream_id } = request;
  const payload = asObject(parse(body.toString()));
  return {
    device_token: undefined,
    channel_id: headers["apns-channel-id"],
    method,
    path,
    headers,
    http_version: connection.http_version,
    connection_id: connection.id,
    stream_id,
    apns_id: headers["apns-id"],
    topic: headers["apns-topic"],
    push_type: headers["apns-push-type"],
    priority: readNumber(headers["apns-priority"]),
    expiration: readNumber(headers["apns-expiration"]),
    collapse_id: headers["apns-collapse-id"],
    body,
    payload,
    aps: asObject(payload?.aps),
    claims: readProviderToken(bearerToken(headers) ?? "")?.claims,
    notes: request.exceeds_limit ? ["a stream above the limit, opened before SETTINGS came"] : [],
    fault: request.fault ?? (request.credential_expired ? "expired_credentials" : undefined),
    timestamp,
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function asObject(value: unknown): Record<string, unknown> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

function readNumber(text = ""): number | undefined {
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

function givenId(id: string | undefined): string | undefined {
  return checkId(id) ? undefined : id;
}

function scriptedReason({ status = 200, reason }: ScriptedAnswer = {}): string | undefined {
  return status < 300 ? undefined : (reason ?? usualReason(status));
}

function refusal(reason: string, scripted: number | undefined, gone_since_ms: number): Answer {
  const status = scripted ?? REASONS[reason as ApnsReason];
  const timestamp = status === 410 ? { timestamp: gone_since_ms } : {};
  return {
    status,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ reason, ...timestamp }),
  };
}

function lowerCase(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
