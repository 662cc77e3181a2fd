import {
  type Answer,
  EVERYONE,
  type HttpServiceRules,
  ReceivedLog,
  type RequestHead,
  type ServedRequest,
  sendsStatus,
} from "../../src/testing/kit.js";
import {
  EmulatedDevice,
  type WebPushDevice,
  type WebPushDeviceOptions,
  type WebPushReceived,
  type WebPushSubscriptionJson,
} from "./emulator_device.js";
import { judge } from "./emulator_judge.js";
import { vapidClaims, vapidToken } from "./emulator_vapid.js";
import { newMessageId, VENDORS, vendorOf, wordingFor } from "./emulator_vendors.js";
import { WORDS, type Wording } from "./emulator_words.js";

/** The service behind the socket: its devices, the messages it took, and what it says to each request. */
export class PushOffice implements HttpServiceRules {
  readonly log = new ReceivedLog<WebPushReceived>();
  /** By endpoint. */
  readonly #devices = new Map<string, EmulatedDevice>();
  /** By the URL of the message, for senders that take one back. */
  readonly #messages = new Map<string, { id: string; device: EmulatedDevice }>();
  readonly #now: () => number;
  readonly #refuse_undecryptable: boolean;

  constructor(now: () => number, refuse_undecryptable: boolean) {
    this.#now = now;
    this.#refuse_undecryptable = refuse_undecryptable;
  }

  createDevice(origin: string, own_key: string, options: WebPushDeviceOptions = {}): WebPushDevice {
    const { vendor = "mozilla", vapid_public_key = own_key, max_body_bytes = 4096 } = options;
    const { content_encodings = ["aes128gcm", "aesgcm"] } = options;
    const settings = { vendor, vapid_public_key, max_body_bytes, content_encodings };
    const device = new EmulatedDevice(origin + VENDORS[vendor].newPath(), settings, this.#now);
    this.#devices.set(device.endpoint, device);
    return device;
  }

  /** The name by which scripts and faults know a device. */
  nameOf(device_token: string | WebPushSubscriptionJson): string {
    if (device_token === EVERYONE) return EVERYONE;
    const device = this.#devices.get(endpointOf(device_token) ?? "");
    if (device) return device.device_token;
    throw new Error(
      `not a token of this service: take one from createDevice(), or "${EVERYONE}" for all devices`,
    );
  }

  identify(head: RequestHead) {
    return { device: this.#deviceOf(head)?.device_token, credential: vapidToken(head.headers) };
  }

  serve(request: ServedRequest): Answer {
    const device = this.#deviceOf(request);
    const entry = readEntry(request, device, new Date(this.#now()).toISOString());
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

  #answer(request: ServedRequest, entry: WebPushReceived, device: EmulatedDevice | undefined): Answer {
    const { scripted } = request;
    const wording = this.#verdict(request, entry, device);
    if (wording && scripted?.body === undefined) entry.reason = wording[1];
    const answer = wording ? VENDORS[entry.vendor].refuse(wording) : this.#accept(request, entry, device);
    if (!scripted) return answer;
    return {
      status: scripted.status ?? answer.status,
      headers: { ...answer.headers, ...lowerCase(scripted.headers) },
      body: scripted.body ?? answer.body,
    };
  }

  /** Why not; `undefined` when the request is accepted. */
  #verdict(
    request: ServedRequest,
    entry: WebPushReceived,
    device: EmulatedDevice | undefined,
  ): Wording | undefined {
    const { vendor } = entry;
    const { status, reason } = request.scripted ?? {};
    if (status !== undefined) return status < 300 ? undefined : wordingFor(vendor, status, reason);
    if (request.method === "DELETE" && !device) {
      return this.#messages.has(request.origin + request.path) ? undefined : WORDS[vendor].message_unknown;
    }
    const unreadable = this.#refuse_undecryptable && entry.undecryptable;
    return judge({ request, vendor, now_ms: this.#now(), device, unreadable });
  }

  #accept(request: ServedRequest, entry: WebPushReceived, device: EmulatedDevice | undefined): Answer {
    const { origin, path } = request;
    const message = this.#messages.get(origin + path);
    if (message) {
      this.#messages.delete(origin + path);
      message.device.withdraw(message.id);
      return { status: 204 };
    }
    const id = newMessageId(entry.vendor);
    const ttl_seconds = Math.min(entry.ttl ?? 0, VENDORS[entry.vendor].max_ttl_seconds);
    const answer = VENDORS[entry.vendor].accept({ id, origin, ttl_seconds });
    const location = answer.headers?.location;
    if (device && location !== undefined) this.#messages.set(location, { id, device });
    device?.take(id, entry, ttl_seconds);
    return answer;
  }
}

function readEntry(
  request: ServedRequest,
  device: EmulatedDevice | undefined,
  timestamp: string,
): WebPushReceived {
  const { method, path, headers, body } = request;
  const { ttl = "", urgency, topic } = headers;
  const fault = request.fault ?? (request.credential_expired ? "expired_credentials" : undefined);
  const message = body.length > 0 ? readMessage(device, body, headers) : {};
  return {
    device_token: device?.device_token,
    vendor: device?.vendor ?? vendorOf(path),
    method,
    path,
    headers,
    ttl: /^-?\d+$/.test(ttl) ? Number(ttl) : undefined,
    urgency,
    topic,
    content_encoding: headers["content-encoding"],
    body,
    claims: vapidClaims(headers),
    undecryptable: message.error !== undefined,
    ...message,
    fault,
    timestamp,
  };
}

function readMessage(
  device: EmulatedDevice | undefined,
  body: Buffer,
  headers: Readonly<Record<string, string>>,
): Pick<WebPushReceived, "text" | "json" | "error"> {
  if (!device) return {};
  try {
    const text = device.decrypt(body, headers).toString();
    return { text, json: parse(text) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function endpointOf(device_token: string | WebPushSubscriptionJson): string | undefined {
  const value = typeof device_token === "string" ? parse(device_token) : device_token;
  return (value as { endpoint?: string } | undefined)?.endpoint;
}

function lowerCase(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
