/**
 * Opens one verified TLS connection: resolve, check and pin the address, through a proxy or not, then TLS.
 *
 * A host that came from a stranger is resolved once, all of its addresses must be public, and the connection goes to
 * exactly those addresses: a name that answers differently the next time it is asked gains nothing.
 */
import { promises as dns, type LookupAddress } from "node:dns";
import { isIP, connect as openSocket, type Socket } from "node:net";
import { connect as openTls, type SecureContext, type TLSSocket } from "node:tls";
import { proxyAuthorization, proxyFor } from "./proxy.js";
import { isPublicAddress } from "./public_address.js";

/** Answers with every address of a name. */
export type Lookup = (name: string) => Promise<readonly LookupAddress[]>;

export interface DialOptions {
  /** A name or an address, IPv6 without brackets. It is also what the certificate must be for. */
  readonly host: string;
  readonly port: number;
  /** `public`: only public addresses are dialled. `fixed`: the operator chose the host. */
  readonly guard: "public" | "fixed";
  /** Which certificates count, see `trust.ts`. */
  readonly secure_context: SecureContext;
  /** The same with a certificate of our own. The host is shown it, a proxy never is. */
  readonly own_context?: SecureContext | undefined;
  /** Offered protocols (RFC 7301), the preferred one first; the socket's `alpnProtocol` tells. Default `["http/1.1"]`. */
  readonly alpn?: readonly string[] | undefined;
  /** URL of a CONNECT proxy, http or https, with credentials or not; or `"env"`. */
  readonly proxy?: string | undefined;
  /** Default: `dns.lookup`, which knows /etc/hosts as well. */
  readonly lookup?: Lookup | undefined;
  /** A TLS session of the same host, to be resumed. */
  readonly session?: Buffer | undefined;
  /** For everything from the question for the name to the end of the handshake. */
  readonly timeout_ms: number;
  readonly signal: AbortSignal;
}

/**
 * Why there is no connection. `reason` is a short code: the system's (`ECONNREFUSED`), one of TLS (`CERT_HAS_EXPIRED`),
 * or `CONNECT_TIMEOUT`, `ABORTED`, `ADDRESS_NOT_PUBLIC`, `PROXY_…`. It has no `code`: HTTP clients act on some of those.
 */
export class DialError extends Error {
  override readonly name = "DialError";

  constructor(
    readonly reason: string,
    /** The guard said no; nothing was dialled. */
    readonly forbidden = false,
  ) {
    super(reason);
  }
}

/** Rejects with a {@link DialError}, soon after the signal aborts at the latest, and then leaves no socket behind. */
export async function dial(options: DialOptions): Promise<TLSSocket> {
  const end = new AbortController();
  const abort = () => end.abort(new DialError("ABORTED"));
  const timer = setTimeout(() => end.abort(new DialError("CONNECT_TIMEOUT")), options.timeout_ms);
  options.signal.addEventListener("abort", abort);
  try {
    if (options.signal.aborted) abort();
    return await open(options, end.signal);
  } catch (error) {
    throw error instanceof DialError ? error : new DialError(reasonOf(error));
  } finally {
    clearTimeout(timer);
    options.signal.removeEventListener("abort", abort);
  }
}

/** An error as a short code, or its class. Never its text, which may quote a URL. */
export function reasonOf(error: unknown): string {
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown };
  const short = [code, name].find(
    (text) => typeof text === "string" && /^\w{1,64}$/.test(text) && text !== "Error",
  );
  return typeof short === "string" ? short : "NETWORK_ERROR";
}

async function open(options: DialOptions, signal: AbortSignal): Promise<TLSSocket> {
  const { host, port } = options;
  const proxy = proxyFor(new URL(`https://${authority(host, port)}`), options.proxy, process.env);
  const addresses = options.guard === "public" || !proxy ? await resolve(options, signal) : [];
  if (options.guard === "public" && !addresses.every(({ address }) => isPublicAddress(address))) {
    throw new DialError("ADDRESS_NOT_PUBLIC", true);
  }
  const target = { ...options, secure_context: options.own_context ?? options.secure_context };
  if (!proxy) return openVerified(await openTcp(host, port, addresses, signal), target, signal);
  // A proxy gets one address, IPv4 if there is one: IPv6 is what proxies lack.
  const { address } = addresses.find(({ family }) => family === 4) ?? addresses[0] ?? { address: host };
  return openVerified(await openTunnel(proxy, address, options, signal), target, signal);
}

async function resolve(
  { host, lookup = systemLookup }: Pick<DialOptions, "host" | "lookup">,
  signal: AbortSignal,
): Promise<LookupAddress[]> {
  const family = isIP(host);
  if (family !== 0) return [{ address: host, family }];
  const addresses = await new Promise<readonly LookupAddress[]>((done, fail) => {
    if (signal.aborted) fail(signal.reason);
    signal.addEventListener("abort", () => fail(signal.reason));
    lookup(host).then(done, fail);
  });
  if (addresses.length === 0) throw new DialError("ENOTFOUND");
  return [...addresses];
}

function systemLookup(name: string): Promise<LookupAddress[]> {
  return dns.lookup(name, { all: true });
}

/** Tries the addresses in turn. `lookup` answers with them in place of the name, which is not asked for again. */
function openTcp(
  host: string,
  port: number,
  addresses: LookupAddress[],
  signal: AbortSignal,
): Promise<Socket> {
  const socket = openSocket({
    host,
    port,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: 500,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: 60_000,
    lookup: (_name, _options, answer) => answer(null, addresses),
  });
  return settled(socket, signal, (done) => socket.once("connect", () => done(socket)));
}

/** TLS over an open socket, for `host`. Verification does not depend on NODE_TLS_REJECT_UNAUTHORIZED. */
function openVerified(
  socket: Socket,
  {
    host,
    secure_context,
    alpn = ["http/1.1"],
    session,
  }: Pick<DialOptions, "host" | "secure_context" | "alpn" | "session">,
  signal: AbortSignal,
): Promise<TLSSocket> {
  const secured = openTls({
    socket,
    host,
    secureContext: secure_context,
    ALPNProtocols: [...alpn],
    rejectUnauthorized: true,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(session ? { session } : {}),
  });
  secured.once("close", () => socket.destroy());
  return settled(secured, signal, (done) => secured.once("secureConnect", () => done(secured)));
}

/** A tunnel to `address` (RFC 9110, section 9.3.6). What fails on the way to the proxy or in it is a `PROXY_…`. */
async function openTunnel(
  proxy: URL,
  address: string,
  { port, secure_context }: DialOptions,
  signal: AbortSignal,
): Promise<Socket> {
  try {
    const host = proxy.hostname.replace(/^\[|\]$/g, "");
    const secure = proxy.protocol === "https:";
    const addresses = await resolve({ host }, signal);
    const tcp = await openTcp(host, Number(proxy.port || (secure ? 443 : 80)), addresses, signal);
    const socket = secure ? await openVerified(tcp, { host, secure_context }, signal) : tcp;
    const target = authority(address, port);
    const authorization = proxyAuthorization(proxy);
    socket.write(
      `CONNECT ${target} HTTP/1.1\r\nhost: ${target}\r\n` +
        `${authorization ? `proxy-authorization: ${authorization}\r\n` : ""}\r\n`,
    );
    const status = await settled<string>(socket, signal, (done) => readStatus(socket, done));
    if (status.startsWith("2")) return socket;
    socket.destroy();
    throw new DialError(status === "" ? "BAD_ANSWER" : `STATUS_${status}`);
  } catch (error) {
    if (signal.aborted) throw error;
    throw new DialError(`PROXY_${error instanceof DialError ? error.reason : reasonOf(error)}`);
  }
}

function authority(host: string, port: number): string {
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}

const MAX_PROXY_ANSWER = 16_384;

/** Reads a proxy's answer up to its empty line and calls back with its status; empty when it is none, or is not all. */
function readStatus(socket: Socket, done: (status: string) => void): void {
  let head = "";
  socket.on("data", function read(chunk: Buffer) {
    head += chunk.toString("latin1");
    const end = head.indexOf("\r\n\r\n");
    if (end < 0 && head.length < MAX_PROXY_ANSWER) return;
    socket.off("data", read).pause();
    const status = /^HTTP\/1\.[01] (\d{3})\b/.exec(head)?.[1] ?? "";
    // In TLS it is the client who speaks first: with bytes behind the empty line this is no tunnel.
    done(status.startsWith("2") && end + 4 !== head.length ? "" : status);
  });
}

/** One step of a dial: ends with `done`, or once the socket is closed by an error, by its peer or by the signal. */
function settled<T>(
  socket: Socket,
  signal: AbortSignal,
  begin: (done: (value: T) => void) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    let reason: unknown = new DialError("ECONNRESET");
    const fail = (error: unknown) => {
      reason = error;
      socket.destroy();
    };
    const abort = () => fail(signal.reason);
    signal.addEventListener("abort", abort);
    // These stay: a socket between two owners must not throw.
    socket.on("error", fail).once("close", () => reject(reason));
    begin((value) => {
      signal.removeEventListener("abort", abort);
      resolve(value);
    });
    if (signal.aborted) abort();
  });
}
