import { EVERYONE, type FaultOptions, type ScriptedAnswer, startHttpService } from "../../src/testing/kit.js";
import type {
  WebPushDevice,
  WebPushDeviceOptions,
  WebPushFaultKind,
  WebPushReceived,
  WebPushSubscriptionJson,
} from "./emulator_device.js";
import { PushOffice } from "./emulator_office.js";
import { generateVapidKeys } from "./vapid_keys.js";

/** Options of {@link startWebPushService}. */
export interface WebPushServiceOptions {
  /** Default 0: a free one. */
  port?: number | undefined;
  /**
   * The name by which senders know it, such as `fcm.googleapis.com`: endpoints, certificate and VAPID audience are those of
   * `https://HOST`. Its port stays its own, so a sender needs a CONNECT proxy (`proxy` in its config) that leads the one to
   * the other. Default: localhost, at its own port.
   */
  host?: string | undefined;
  /**
   * What a client is offered, the server's favourite first. Default HTTP/1.1 only: there a fault strikes one request. Over
   * HTTP/2, which the vendors' services speak too, a fault of the connection strikes everything on it.
   */
  protocols?: readonly ("h2" | "http/1.1")[] | undefined;
  /** The time by which tokens and kept messages expire, in milliseconds since the epoch; default the real one. */
  clock?: { now(): number } | undefined;
  /**
   * Also refuse (400) what the device will not be able to decrypt. Default false: no real service can see that, so the
   * push is accepted, and its entry in `received` says `undecryptable` and why.
   */
  refuse_undecryptable?: boolean | undefined;
}

/** A push service of this process, with its devices. */
export interface WebPushService {
  /** Hand it to `getPushProvider("web_push", …)` as it is. The keys are fresh. */
  readonly config: {
    readonly vapid_public_key: string;
    readonly vapid_private_key: string;
    readonly vapid_subject: string;
    readonly allowed_hosts: string[];
    readonly allow_private_endpoints: true;
    readonly ca: string;
  };
  /** `https://localhost:PORT`, or `https://HOST`: what a VAPID token must name as `aud`. */
  readonly origin: string;
  readonly port: number;
  /** PEM of the authority that a client has to trust. */
  readonly ca: string;
  /** Every request so far, refused ones included, in order. It is one array for the service's whole life. */
  readonly received: readonly WebPushReceived[];
  /** Empties `received`, of the service and of its devices. */
  clearReceived(): void;
  /** Resolves with `received` once it holds `count` requests; rejects after `timeout_ms` (default 5000). */
  waitForRequests(count: number, options?: { timeout_ms?: number }): Promise<readonly WebPushReceived[]>;
  /** A new browser with a subscription. */
  createDevice(options?: WebPushDeviceOptions): WebPushDevice;
  /**
   * Answers for one device, or for all that have none of their own (`"*"`), in place of the service's verdict. One answer
   * stays in force; several, or an array, are given one per request, then the service judges again; none ends the script.
   * A scripted success delivers the message.
   */
  respond(
    device_token: string | WebPushSubscriptionJson,
    ...answers: (ScriptedAnswer | readonly ScriptedAnswer[])[]
  ): void;
  /**
   * Something goes wrong on the wire: `close`, `reset`, `half_response`, `stall`, `split`, `garbage`, `huge_body`; or
   * `expired_credentials`: every VAPID token seen so far counts as expired. Returns the function that ends it.
   */
  fault(
    kind: WebPushFaultKind,
    options?: Omit<FaultOptions, "device_token"> & { device_token?: string | WebPushSubscriptionJson },
  ): () => void;
  /** Ends all faults. */
  clearFaults(): void;
  /** Idempotent. Cuts every connection; afterwards nothing keeps the process alive. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Starts a push service on 127.0.0.1, over real TLS, that refuses what Mozilla's, Google's, Apple's and Microsoft's
 * services refuse (RFC 8030, 8188, 8291, 8292), with their statuses and in their words. For tests: what it receives
 * is kept in memory, decrypted.
 *
 * ```ts
 * const service = await startWebPushService();
 * const device = service.createDevice();
 * const provider = await getPushProvider("web_push", service.config);
 * await provider.sendNotification(device.device_token, { title: "Hello", body: "World" });
 * device.received[0].json; // { notification: { title: "Hello", … } }
 * await service.close();
 * ```
 */
export async function startWebPushService(options: WebPushServiceOptions = {}): Promise<WebPushService> {
  const { port = 0, host, protocols = ["http/1.1"], clock = Date, refuse_undecryptable = false } = options;
  const keys = generateVapidKeys();
  const office = new PushOffice(() => clock.now(), refuse_undecryptable);
  const http = await startHttpService(port, office, { protocols, host });
  const { origin, ca } = http;
  const close = async () => {
    office.end();
    await http.close();
  };
  return {
    config: {
      ...keys,
      vapid_subject: "mailto:ops@example.org",
      allowed_hosts: [new URL(origin).host],
      allow_private_endpoints: true,
      ca,
    },
    origin,
    port: http.port,
    ca,
    received: office.log.entries,
    clearReceived: () => office.clearReceived(),
    waitForRequests: (count, { timeout_ms = 5000 } = {}) => office.log.waitFor(count, timeout_ms),
    createDevice: (device_options) => office.createDevice(origin, keys.vapid_public_key, device_options),
    respond: (device_token, ...answers) => http.script.set(office.nameOf(device_token), answers),
    fault: (kind, { device_token = EVERYONE, ...rest } = {}) =>
      http.fault(kind, { ...rest, device_token: office.nameOf(device_token) }),
    clearFaults: () => http.clearFaults(),
    close,
    [Symbol.asyncDispose]: close,
  };
}
