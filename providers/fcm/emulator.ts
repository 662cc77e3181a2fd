import { EVERYONE, type Http2FaultOptions, startHttpService } from "../../src/testing/kit.js";
import { MESSAGING_SCOPE } from "./emulator_access.js";
import { AccessTokens, createProject, type FcmServiceAccount, serviceAccount } from "./emulator_account.js";
import {
  DeviceRegistry,
  type FcmDevice,
  type FcmDeviceOptions,
  type FcmFaultKind,
  type FcmReceived,
} from "./emulator_device.js";
import { MessageOffice } from "./emulator_office.js";
import type { FcmScriptedAnswer } from "./emulator_reasons.js";
import { type FcmTokenRequest, TokenOffice } from "./emulator_token_office.js";

/** What scripts and faults call the token endpoint. `"*"` does not mean it. */
const TOKEN_ENDPOINT = "token_endpoint";

/** Options of {@link startFcmService}. */
export interface FcmServiceOptions {
  /** Of `endpoint`; default 0: a free one. The token endpoint always takes a free one. */
  port?: number | undefined;
  /** The time by which assertions and access tokens expire, in milliseconds since the epoch; default the real one. */
  clock?: { now(): number } | undefined;
  /** How long an access token lives; default 3599. */
  access_token_seconds?: number | undefined;
}

/** Firebase Cloud Messaging and Google's token endpoint in this process, with devices. */
export interface FcmService {
  /** Hand it to `getPushProvider("fcm", …)` as it is. Project and key are fresh. */
  readonly config: {
    readonly project_id: string;
    readonly service_account: FcmServiceAccount;
    readonly endpoint: string;
    readonly token_endpoint: string;
    readonly iid_endpoint: string;
    readonly ca: string;
  };
  /** `https://localhost:PORT`, of messages, topic subscriptions and the Instance ID API. */
  readonly origin: string;
  readonly port: number;
  /** PEM of the authority that a client has to trust. */
  readonly ca: string;
  /** The project's number, which may stand for its id in URLs. */
  readonly project_number: string;
  /** Every request to `endpoint` so far, refused ones included, in order. It is one array for the service's whole life. */
  readonly received: readonly FcmReceived[];
  /** Every request to the token endpoint so far; likewise one array. */
  readonly received_token_requests: readonly FcmTokenRequest[];
  /** How many those are. */
  readonly token_requests: number;
  /** Empties what was received, by the service and by its devices. */
  clearReceived(): void;
  /** Resolves with `received` once it holds `count` requests; rejects after `timeout_ms` (default 5000). */
  waitForRequests(count: number, options?: { timeout_ms?: number }): Promise<readonly FcmReceived[]>;
  /** A new installation of an app. */
  createDevice(options?: FcmDeviceOptions): FcmDevice;
  /** An access token as the token endpoint gives them; default scope `firebase.messaging`, default life that of all. */
  createAccessToken(options?: { scopes?: readonly string[]; expires_in?: number }): string;
  /**
   * Answers in place of the service's verdict: for a device (its token or installation id), a topic (`/topics/NAME`), a
   * condition, all requests to `endpoint` that have none of their own (`"*"`), or the token endpoint
   * (`"token_endpoint"`). One answer stays in force; several, or an array, are given one per request, then the service
   * judges again; none ends the script. A scripted success delivers the message, or gives out a token.
   */
  respond(target: string, ...answers: (FcmScriptedAnswer | readonly FcmScriptedAnswer[])[]): void;
  /**
   * Something goes wrong on the wire, for the same targets (`device_token`): `close`, `reset`, `half_response`, `stall`,
   * `split`, `garbage`, `huge_body`; over HTTP/2 also `goaway`, `goaway_unprocessed`, `refused_stream`, `rst`,
   * `stream_limit`; or `expired_credentials`: every access token seen so far counts as expired. Returns the function
   * that ends it.
   */
  fault(kind: FcmFaultKind, options?: Http2FaultOptions): () => void;
  /** Ends all faults. */
  clearFaults(): void;
  /** Idempotent. Cuts every connection; afterwards nothing keeps the process alive. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Starts Firebase Cloud Messaging on 127.0.0.1, over real TLS, HTTP/2 and HTTP/1.1: Google's token endpoint, the v1 API
 * for messages and topic subscriptions, and the Instance ID API for topics. It refuses what Google's refuse, with their
 * envelopes and words (firebase.google.com/docs/reference/fcm/rest). For tests: what it receives is kept in memory.
 *
 * ```ts
 * const service = await startFcmService();
 * const device = service.createDevice();
 * const provider = await getPushProvider("fcm", service.config);
 * await provider.sendNotification(device.device_token, { title: "Hello", body: "World" });
 * device.received[0].message.notification; // { title: "Hello", body: "World" }
 * await service.close();
 * ```
 */
export async function startFcmService(options: FcmServiceOptions = {}): Promise<FcmService> {
  const { port = 0, clock = Date, access_token_seconds = 3599 } = options;
  const now = () => clock.now();
  const tokens = new AccessTokens(now);
  const project = await createProject();
  const office = new MessageOffice({ project, tokens, registry: new DeviceRegistry() }, now);
  const token_office = new TokenOffice({ project, tokens, access_token_seconds, now });
  const http = await startHttpService(port, office);
  const token_http = await startHttpService(0, token_office);
  const { origin, ca } = http;
  const token_endpoint = `${token_http.origin}/token`;
  const close = async () => {
    office.end();
    token_office.log.end();
    await Promise.all([http.close(), token_http.close()]);
  };
  return {
    config: {
      project_id: project.id,
      service_account: serviceAccount(project, token_endpoint),
      endpoint: origin,
      token_endpoint,
      iid_endpoint: origin,
      ca,
    },
    origin,
    port: http.port,
    ca,
    project_number: project.number,
    received: office.log.entries,
    received_token_requests: token_office.log.entries,
    get token_requests() {
      return token_office.log.entries.length;
    },
    clearReceived: () => {
      office.clearReceived();
      token_office.log.clear();
    },
    waitForRequests: (count, { timeout_ms = 5000 } = {}) => office.log.waitFor(count, timeout_ms),
    createDevice: (device_options) => office.createDevice(device_options),
    createAccessToken: ({ scopes = [MESSAGING_SCOPE], expires_in = access_token_seconds } = {}) =>
      tokens.issue(scopes, expires_in),
    respond: (target, ...answers) =>
      target === TOKEN_ENDPOINT
        ? token_http.script.set(EVERYONE, answers)
        : http.script.set(office.nameOf(target), answers),
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
