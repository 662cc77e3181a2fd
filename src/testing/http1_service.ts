import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { type CredentialFault, type FaultOptions, Faults } from "./faults.js";
import { type Http1FaultKind, sendAnswer, sendsStatus, strike } from "./http1_faults.js";
import { Script, type ScriptedAnswer } from "./scripting.js";
import { startTlsServer, type TlsServer } from "./tls_server.js";

export interface RequestHead {
  readonly method: string;
  /** The emulator's own: `origin + path` is the URL that was asked for. */
  readonly origin: string;
  /** As it came, query and percent-encoding included. */
  readonly path: string;
  /** Lower-case names; a repeated header's values are joined with `, `. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface ServedRequest extends RequestHead {
  readonly body: Buffer;
  /** Takes the place of the emulator's own verdict. */
  readonly scripted: ScriptedAnswer | undefined;
  readonly fault: Http1FaultKind | undefined;
  /** The credential that came with it counts as expired. */
  readonly credential_expired: boolean;
  /** Struck by a fault before its body was read: to be recorded, not processed; the answer is not sent. */
  readonly unread: boolean;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | Uint8Array | undefined;
}

/** What makes an emulator this service and no other. */
export interface Http1ServiceRules {
  /** The device that a request is for and the credential it came with, as far as its head tells. */
  identify(head: RequestHead): { device?: string | undefined; credential?: string | undefined };
  /** Judges and records a request; the answer honours `scripted`. Its status counts also when a fault loses it. */
  serve(request: ServedRequest): Answer;
}

export interface Http1Service extends Pick<TlsServer, "port" | "origin" | "ca" | "close"> {
  readonly script: Script;
  fault(kind: Http1FaultKind | CredentialFault, options?: FaultOptions): () => void;
  clearFaults(): void;
}

/** Runs an emulator over HTTP/1.1: faults, scripts and delays are dealt with here, the verdicts are the emulator's. */
export async function startHttp1Service(port: number, rules: Http1ServiceRules): Promise<Http1Service> {
  const script = new Script();
  const faults = new Faults<Http1FaultKind>();
  const server = await startTlsServer(port, (request, response) => void serve(request, response));

  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const head = readHead(incoming, server.origin);
    const { device, credential } = rules.identify(head);
    const drawn = faults.draw(device, credential);
    const credential_expired = drawn?.kind === "expired_credentials";
    const fault = drawn?.kind === "expired_credentials" ? undefined : drawn?.kind;
    const unread = drawn?.before_reading === true && fault !== undefined && !sendsStatus(fault);
    const body = unread ? Buffer.alloc(0) : await readBody(incoming);
    if (!body) return;
    const scripted = unread ? undefined : script.next(device);
    const answer = rules.serve({ ...head, body, scripted, fault, credential_expired, unread });
    if (scripted?.delay_ms)
      await delay(scripted.delay_ms, undefined, { signal: server.closing }).catch(() => {});
    if (fault) await strike(fault, response, answer, () => server.reset(incoming));
    else sendAnswer(response, answer);
  }

  const { port: bound, origin, ca, close } = server;
  return {
    port: bound,
    origin,
    ca,
    close,
    script,
    fault: (kind, options) => faults.add(kind, options),
    clearFaults: () => faults.clear(),
  };
}

function readHead({ method = "", url = "", headersDistinct }: IncomingMessage, origin: string): RequestHead {
  const headers = Object.entries(headersDistinct).map(([name, values]) => [name, (values ?? []).join(", ")]);
  return { method, origin, path: url, headers: Object.fromEntries(headers) };
}

/** `undefined` when the client went away half way: then there was no request. */
async function readBody(incoming: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of incoming) chunks.push(chunk);
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks);
}
