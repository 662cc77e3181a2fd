import {
  EVERYONE,
  type Http2FaultOptions,
  type IssuedCertificate,
  type ScriptedAnswer,
  startHttpService,
} from "../../src/testing/kit.js";
import {
  type ApnsCertificateOptions,
  type ApnsEnvironment,
  issuePushCertificate,
} from "./emulator_certificates.js";
import type {
  ApnsChannel,
  ApnsChannelOptions,
  ApnsDevice,
  ApnsDeviceOptions,
  ApnsFaultKind,
  ApnsReceived,
} from "./emulator_device.js";
import { PushOffice } from "./emulator_office.js";
import { type ApnsKey, type ApnsKeyOptions, FULL_STREAMS } from "./emulator_senders.js";

/** Options of {@link startApnsService}. */
export interface ApnsServiceOptions {
  /** Default 0: a free one. */
  port?: number | undefined;
  /** The time by which provider tokens age, in milliseconds since the epoch; default the real one. */
  clock?: { now(): number } | undefined;
  /** Which of the two services it is; default `production`. */
  environment?: ApnsEnvironment | undefined;
  /** The team's apps; the first is the one in `config`. Default `org.example.app`. */
  bundle_ids?: readonly [string, ...string[]] | undefined;
  /** Whether the apps have the broadcast capability; default true. */
  broadcasts?: boolean | undefined;
  /** How many channels an app may have; default 10 000, as APNs. */
  max_channels?: number | undefined;
}

/** `fault` with what only APNs has. */
export interface ApnsFaultOptions extends Omit<Http2FaultOptions, "debug_data"> {
  /** `goaway`, `goaway_unprocessed`: the reason in the frame's JSON; default `Shutdown`. */
  reason?: string | undefined;
}

/** What all configs for this service have in common. */
interface ApnsServiceAddress {
  readonly bundle_id: string;
  readonly environment: ApnsEnvironment;
  readonly endpoint: string;
  readonly manage_endpoint: string;
  readonly broadcast_endpoint: string;
  readonly ca: string;
}

/** APNs in this process, with its devices and channels. */
export interface ApnsService {
  /** Hand it to `getPushProvider("apns", …)` as it is. The key is fresh, the team's, and for all of its apps. */
  readonly config: ApnsKey & ApnsServiceAddress;
  /** The same for a provider that shows a certificate instead. It lists the app, its `.voip` and its `.complication`. */
  readonly certificate_config: IssuedCertificate & ApnsServiceAddress;
  /** `https://localhost:PORT`. */
  readonly origin: string;
  readonly port: number;
  /** PEM of the authority that a client has to trust. */
  readonly ca: string;
  /** Every request so far, refused ones included, in order. It is one array for the service's whole life. */
  readonly received: readonly ApnsReceived[];
  /** Empties `received`, of the service, its devices and its channels. */
  clearReceived(): void;
  /** Resolves with `received` once it holds `count` requests; rejects after `timeout_ms` (default 5000). */
  waitForRequests(count: number, options?: { timeout_ms?: number }): Promise<readonly ApnsReceived[]>;
  /** A new device with the app. */
  createDevice(options?: ApnsDeviceOptions): ApnsDevice;
  /** A new broadcast channel, as if a provider had created it. */
  createChannel(options?: ApnsChannelOptions): ApnsChannel;
  /** A further signing key of the team. */
  createKey(options?: ApnsKeyOptions): ApnsKey;
  /** A further certificate; all share one private key. */
  createCertificate(options?: ApnsCertificateOptions): Promise<IssuedCertificate>;
  /**
   * Answers for one device or channel, or for all that have none of their own (`"*"`), in place of the service's verdict.
   * One answer stays in force; several, or an array, are given one per request, then the service judges again; none ends
   * the script. A scripted success delivers the message.
   */
  respond(token: string, ...answers: (ScriptedAnswer | readonly ScriptedAnswer[])[]): void;
  /**
   * Something goes wrong on the wire: `close`, `reset`, `half_response`, `stall`, `split`, `garbage`, `huge_body`, `goaway`,
   * `goaway_unprocessed`, `refused_stream`, `rst`, `stream_limit`; or `expired_credentials`: every provider token seen so
   * far counts as expired. Returns the function that ends it.
   */
  fault(kind: ApnsFaultKind, options?: ApnsFaultOptions): () => void;
  /** Ends all faults. */
  clearFaults(): void;
  /** Idempotent. Cuts every connection; afterwards nothing keeps the process alive. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Starts an Apple Push Notification service on 127.0.0.1, over HTTP/2 and real TLS, that refuses what Apple's refuses, in
 * its words: devices, provider tokens and certificates, channels and broadcasts, on one port. For tests: what it receives
 * is kept in memory.
 *
 * ```ts
 * const service = await startApnsService();
 * const device = service.createDevice();
 * const provider = await getPushProvider("apns", service.config);
 * await provider.sendNotification(device.device_token, { title: "Hello", body: "World" });
 * device.received[0].aps; // { alert: { title: "Hello", body: "World" }, … }
 * await service.close();
 * ```
 */
export async function startApnsService(options: ApnsServiceOptions = {}): Promise<ApnsService> {
  const { port = 0, clock = Date, environment = "production", broadcasts = true } = options;
  const { bundle_ids = ["org.example.app"], max_channels = 10_000 } = options;
  const [bundle_id] = bundle_ids;
  const office = new PushOffice({
    environment,
    bundle_ids,
    broadcasts,
    max_channels,
    now: () => clock.now(),
  });
  const certificate = await issuePushCertificate(bundle_id, {});
  const http = await startHttpService(port, office, {
    protocols: ["h2"],
    client_certificates: true,
    max_concurrent_streams: (shown) => (shown ? FULL_STREAMS : 1),
  });
  const { origin, ca } = http;
  const address = {
    bundle_id,
    environment,
    endpoint: origin,
    manage_endpoint: origin,
    broadcast_endpoint: origin,
    ca,
  };
  const close = async () => {
    office.end();
    await http.close();
  };
  return {
    config: { ...office.doorkeeper.createKey(), ...address },
    certificate_config: { ...certificate, ...address },
    origin,
    port: http.port,
    ca,
    received: office.log.entries,
    clearReceived: () => office.clearReceived(),
    waitForRequests: (count, { timeout_ms = 5000 } = {}) => office.log.waitFor(count, timeout_ms),
    createDevice: (device_options) => office.createDevice(device_options),
    createChannel: ({ bundle_id: app = bundle_id, message_storage_policy = 1 } = {}) =>
      office.channels.create(app, message_storage_policy),
    createKey: (key_options) => office.doorkeeper.createKey(key_options),
    createCertificate: (certificate_options = {}) =>
      issuePushCertificate(certificate_options.bundle_id ?? bundle_id, certificate_options),
    respond: (token, ...answers) => http.script.set(office.nameOf(token), answers),
    fault: (kind, { device_token = EVERYONE, reason = "Shutdown", ...rest } = {}) => {
      const debug_data = JSON.stringify({ reason });
      return http.fault(kind, { ...rest, debug_data, device_token: office.nameOf(device_token) });
    },
    clearFaults: () => http.clearFaults(),
    close,
    [Symbol.asyncDispose]: close,
  };
}
