import {
  EVERYONE,
  type FaultOptions,
  type ScriptedAnswer,
  startHttp1Service,
} from "../../src/testing/kit.js";
import type { WnsDevice, WnsDeviceOptions, WnsFaultKind, WnsFlow, WnsReceived } from "./emulator_device.js";
import { LEGACY_PATH } from "./emulator_grant.js";
import { SenderLimit, type WnsSenderLimit } from "./emulator_limit.js";
import { ChannelOffice } from "./emulator_office.js";
import { TokenOffice, type WnsTokenRequest } from "./emulator_tokens.js";

/** What scripts and faults call the token endpoints. `"*"` does not mean them. */
const TOKEN_ENDPOINT = "token_endpoint";

/** Options of {@link startWnsService}. */
export interface WnsServiceOptions {
  /** Of the channels; default 0: a free one. The token endpoints, on a host of their own with Microsoft too, take a free one. */
  port?: number | undefined;
  /** The time by which tokens, channels and kept notifications expire, in milliseconds since the epoch; default the real one. */
  clock?: { now(): number } | undefined;
  /** How long an access token is valid; default a day. */
  access_token_seconds?: number | undefined;
  /** More notifications than this are answered with 406 and Retry-After; default no limit. */
  sender_limit?: WnsSenderLimit | undefined;
}

/** Where every `config` of an emulator leads. */
interface Reach {
  readonly token_endpoint: string;
  readonly allowed_hosts: string[];
  readonly allow_private_endpoints: true;
  readonly ca: string;
}

/** WNS in this process, with its token endpoints and devices. */
export interface WnsService {
  /** Hand it to `getPushProvider("wns", …)` as it is: an application of Microsoft Entra ID. */
  readonly config: Reach & {
    readonly tenant_id: string;
    readonly client_id: string;
    readonly client_secret: string;
  };
  /** The same app as login.live.com knows it. */
  readonly legacy_config: Reach & { readonly package_sid: string; readonly client_secret: string };
  /** `https://localhost:PORT`: where the channels are. */
  readonly origin: string;
  readonly port: number;
  /** PEM of the authority that a client has to trust. */
  readonly ca: string;
  /** Every request to a channel so far, refused ones included, in order. It is one array for the service's whole life. */
  readonly received: readonly WnsReceived[];
  /** Every request for an access token so far; likewise one array. */
  readonly received_token_requests: readonly WnsTokenRequest[];
  /** How many those are. */
  readonly token_requests: number;
  /** Empties what was received, by the service and by its devices. */
  clearReceived(): void;
  /** Resolves with `received` once it holds `count` requests; rejects after `timeout_ms` (default 5000). */
  waitForRequests(count: number, options?: { timeout_ms?: number }): Promise<readonly WnsReceived[]>;
  /** A new device with an app and its channel. */
  createDevice(options?: WnsDeviceOptions): WnsDevice;
  /** An access token as the token endpoint of that flow (default `entra`) would give it; for `get_access_token`. */
  createAccessToken(flow?: WnsFlow): string;
  /**
   * Answers for one device, for all that have none of their own (`"*"`), or of the token endpoints (`"token_endpoint"`),
   * in place of the service's verdict. One answer stays in force; several, or an array, are given one per request, then
   * the service judges again; none ends the script. `reason` is X-WNS-Error-Description, of a success X-WNS-Status; of a
   * token endpoint it is OAuth's `error`. A scripted success delivers the notification, unless `reason` is another
   * status than `received`.
   */
  respond(device_token: string, ...answers: (ScriptedAnswer | readonly ScriptedAnswer[])[]): void;
  /**
   * Something goes wrong on the wire: `close`, `reset`, `half_response`, `stall`, `split`, `garbage`, `huge_body`; or
   * `expired_credentials`: every access token seen so far counts as expired. `device_token` as for `respond`. Returns
   * the function that ends it.
   */
  fault(kind: WnsFaultKind, options?: FaultOptions): () => void;
  /** Ends all faults. */
  clearFaults(): void;
  /** Idempotent. Cuts every connection; afterwards nothing keeps the process alive. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Starts WNS on 127.0.0.1, over real TLS, with both of its token endpoints, that refuses what Microsoft documents as
 * wrong (learn.microsoft.com, "Push notification service request and response headers"), with its statuses, its headers
 * and its words. For tests: what it receives is kept in memory, decoded.
 *
 * ```ts
 * const service = await startWnsService();
 * const device = service.createDevice();
 * const provider = await getPushProvider("wns", service.config);
 * await provider.sendNotification(device.device_token, { title: "Hello", body: "World" });
 * device.received[0].lines; // ["Hello", "World"]
 * await service.close();
 * ```
 */
export async function startWnsService(options: WnsServiceOptions = {}): Promise<WnsService> {
  const { port = 0, clock = Date, access_token_seconds, sender_limit } = options;
  const now = () => clock.now();
  const tokens = new TokenOffice(now, access_token_seconds);
  const office = new ChannelOffice({
    now,
    senderOf: (token) => tokens.senderOf(token),
    limit: new SenderLimit(sender_limit),
  });
  const http = await startHttp1Service(port, office);
  const token_http = await startHttp1Service(0, tokens);
  const { origin, ca } = http;
  const { tenant_id, client_id, client_secret, package_sid, package_secret } = tokens.app;
  const reach = { allowed_hosts: [`localhost:${http.port}`], allow_private_endpoints: true as const, ca };
  const close = async () => {
    office.end();
    tokens.log.end();
    await Promise.all([http.close(), token_http.close()]);
  };
  return {
    config: {
      tenant_id,
      client_id,
      client_secret,
      token_endpoint: `${token_http.origin}/${tenant_id}/oauth2/v2.0/token`,
      ...reach,
    },
    legacy_config: {
      package_sid,
      client_secret: package_secret,
      token_endpoint: token_http.origin + LEGACY_PATH,
      ...reach,
    },
    origin,
    port: http.port,
    ca,
    received: office.log.entries,
    received_token_requests: tokens.log.entries,
    get token_requests() {
      return tokens.log.entries.length;
    },
    clearReceived: () => {
      office.clearReceived();
      tokens.log.clear();
    },
    waitForRequests: (count, { timeout_ms = 5000 } = {}) => office.log.waitFor(count, timeout_ms),
    createDevice: (device_options) => office.createDevice(origin, device_options),
    createAccessToken: (flow = "entra") => tokens.issue(flow),
    respond: (device_token, ...answers) => {
      if (device_token === TOKEN_ENDPOINT) token_http.script.set(EVERYONE, answers);
      else http.script.set(office.nameOf(device_token), answers);
    },
    fault: (kind, { device_token = EVERYONE, ...rest } = {}) =>
      device_token === TOKEN_ENDPOINT
        ? token_http.fault(kind, rest)
        : http.fault(kind, { ...rest, device_token: office.nameOf(device_token) }),
    clearFaults: () => {
      http.clearFaults();
      token_http.clearFaults();
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
