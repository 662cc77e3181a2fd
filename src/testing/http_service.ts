import { setTimeout as delay } from "node:timers/promises";
import type { Answer, Exchange, RequestHead } from "./exchange.js";
import { type CredentialFault, type Fault, type FaultOptions, Faults } from "./faults.js";
import { Http1Exchange } from "./http1_exchange.js";
import type { Http1FaultKind } from "./http1_faults.js";
import { Http2Exchange } from "./http2_exchange.js";
import {
  checkHttp2FaultOptions,
  HTTP2_ONLY,
  type Http2FaultKind,
  type Http2FaultOptions,
  isRefusal,
  sendsStatus,
} from "./http2_faults.js";
import { Script, type ScriptedAnswer } from "./scripting.js";
import { type StreamLimit, startTlsServer, type TlsServer } from "./tls_server.js";

export interface ServedRequest<Kind extends string = Http1FaultKind> extends RequestHead {
  readonly body: Buffer;
  /** Takes the place of the emulator's own verdict. */
  readonly scripted: ScriptedAnswer | undefined;
  readonly fault: Kind | undefined;
  /** The credential that came with it counts as expired. */
  readonly credential_expired: boolean;
  /** Struck by a fault before its body was read: to be recorded, not processed; the answer is not sent. */
  readonly unread: boolean;
}

/** What makes an emulator this service and no other. */
export interface HttpServiceRules<Kind extends string = Http2FaultKind> {
  /** The body says which device a request is for: `identify` is asked when it is there, and no fault strikes earlier. */
  readonly identifies_by_body?: boolean | undefined;
  /** The device that a request is for and the credential it came with, as far as its head tells. */
  identify(
    head: RequestHead,
    body?: Buffer,
  ): { device?: string | undefined; credential?: string | undefined };
  /** Judges and records a request; the answer honours `scripted`. Its status counts also when a fault loses it. */
  serve(request: ServedRequest<Kind>): Answer;
}

export interface HttpServiceOptions {
  /** In the order in which the server prefers them; default both. A client that offers none of them is cut off. */
  readonly protocols?: readonly ("h2" | "http/1.1")[] | undefined;
  /**
   * How many streams a client may have open over HTTP/2, until `limitStreams` changes it; default 100. A function tells
   * it by the client's certificate.
   */
  readonly max_concurrent_streams?: StreamLimit | undefined;
  /** Ask clients for a certificate. They may have none, or one of another authority: the rules decide. Default false. */
  readonly client_certificates?: boolean | undefined;
  /** The name by which clients know it, at port 443. Default: localhost, at its own port. */
  readonly host?: string | undefined;
}

export interface HttpService<
  Kind extends string = Http2FaultKind,
  Options extends FaultOptions = Http2FaultOptions,
> extends Pick<TlsServer, "port" | "origin" | "ca" | "close"> {
  readonly script: Script;
  /** Faults that only HTTP/2 can have pass HTTP/1.1 requests by. Returns the function that ends this one. */
  fault(kind: Kind | CredentialFault, options?: Options): () => void;
  clearFaults(): void;
}

type Struck = Fault<Http2FaultKind, Http2FaultOptions>;

/** Runs an emulator: faults, scripts and delays are dealt with here, the verdicts are the emulator's. */
export async function startHttpService(
  port: number,
  rules: HttpServiceRules,
  options: HttpServiceOptions = {},
): Promise<HttpService> {
  const {
    protocols = ["h2", "http/1.1"],
    max_concurrent_streams = 100,
    client_certificates = false,
    host,
  } = options;
  const script = new Script();
  const faults = new Faults<Http2FaultKind, Http2FaultOptions>();
  const server: TlsServer = await startTlsServer(port, {
    protocols,
    max_concurrent_streams,
    client_certificates,
    host,
    onRequest: (request, response, connection) => {
      const reset = () => server.reset(request.socket);
      void serve(new Http1Exchange(request, response, connection, server.origin, reset), HTTP2_ONLY);
    },
    onStream: (stream, opening, connection) => {
      void serve(new Http2Exchange(stream, opening, connection, server.origin), []);
    },
  });

  async function serve(exchange: Exchange<Struck>, immune: readonly Http2FaultKind[]): Promise<void> {
    const { head } = exchange;
    const early = rules.identifies_by_body ? await exchange.readBody() : undefined;
    if (rules.identifies_by_body && !early) return;
    // Another request's fault may have struck since its body came.
    if (!exchange.isHeard()) return;
    const { device, credential } = rules.identify(head, early);
    const drawn = faults.draw(device, credential, immune);
    const credential_expired = drawn?.kind === "expired_credentials";
    const fault = drawn?.kind === "expired_credentials" ? undefined : drawn?.kind;
    const unread = fault !== undefined && skipsBody(fault, drawn?.options);
    if (drawn) exchange.forewarn(drawn);
    const body = early ?? (unread ? Buffer.alloc(0) : await exchange.readBody());
    if (!body) return;
    if (!unread) exchange.commit();
    const scripted = unread ? undefined : script.next(device);
    const answer = rules.serve({ ...head, body, scripted, fault, credential_expired, unread });
    if (scripted?.delay_ms)
      await delay(scripted.delay_ms, undefined, { signal: server.closing }).catch(() => {});
    if (drawn && fault) await exchange.strike(drawn, answer);
    else exchange.send(answer);
  }

  const { port: bound, origin, ca, close } = server;
  return {
    port: bound,
    origin,
    ca,
    close,
    script,
    fault: (kind, fault_options = {}) => {
      checkHttp2FaultOptions(fault_options);
      return faults.add(kind, fault_options);
    },
    clearFaults: () => faults.clear(),
  };
}

function skipsBody(kind: Http2FaultKind, options: FaultOptions = {}): boolean {
  return isRefusal(kind) || (options.before_reading === true && !sendsStatus(kind));
}
