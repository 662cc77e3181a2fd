/**
 * The contract between the engine and a provider.
 *
 * A provider is a codec: a notification in, an HTTP request out; an HTTP response in, a verdict out. It opens no
 * socket, reads no clock, waits for nothing, retries nothing and logs nothing: the engine does all of that, once,
 * for all of them.
 */
import type { PushErrorCode } from "./error_codes.js";
import type { CheckedPayload } from "./payload.js";
import type { ResultWarning } from "./result.js";

/** Where a notification goes: to one token, or to something that the service itself fans out. */
export type Target<Token> =
  | { readonly kind: "token"; readonly token: Token }
  | { readonly kind: TopicKind; readonly value: string };

/** What a service can fan out to by itself; which of them it has is the codec's to say. */
export type TopicKind = "topic" | "condition" | "channel";
/** Every kind of target. */
export type TargetKind = "token" | TopicKind;

/** A notification that is refused before anything is sent. Made by {@link reject}. */
export interface Rejection {
  readonly rejection: true;
  readonly code: PushErrorCode;
  /** One plain sentence that names the field, what was expected and the valid choices. No token, no payload. */
  readonly message: string;
  readonly reason?: string | undefined;
}

/** A {@link Rejection}. `message` is one plain sentence; it names the field and what was expected, never a value. */
export function reject(code: PushErrorCode, message: string, reason?: string): Rejection {
  return { rejection: true, code, message, reason };
}

/** Tells a rejection from whatever else a codec's step may return. */
export function isRejection(value: unknown): value is Rejection {
  return typeof value === "object" && value !== null && (value as { rejection?: unknown }).rejection === true;
}

/** Of a longer answer the rest is cut off, unless the request asks for more. */
export const MAX_ANSWER_BYTES = 65_536;

/** One request, complete but for authorization and what the transport adds. */
export interface HttpRequest {
  readonly method: string;
  /** Sent verbatim, never re-serialised: some services put `%2b` into paths and mean it. */
  readonly url: string;
  /** Lower-case names. `content-length` and `host` are the transport's. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | undefined;
  /** A longer answer is cut off there; default {@link MAX_ANSWER_BYTES}. */
  readonly max_answer_bytes?: number | undefined;
  /** What the device will read, when `body` is encrypted. Shown in dry runs only. */
  readonly plaintext?: string | undefined;
}

/** One answer, its body capped. */
export interface HttpResponse {
  readonly status: number;
  /** Lower-case names; repeated headers joined with `, `. */
  readonly headers: Readonly<Record<string, string>>;
  /** At most as long as the request allows. */
  readonly body: Uint8Array;
  /** The body was longer than what is here. */
  readonly truncated: boolean;
}

/** How a request reaches its service: which pool, limiter and breaker it shares, and how far the host is trusted. */
export interface Connection {
  /** The origin, `https://host[:port]`. Requests with equal keys share connections and slots. */
  readonly key: string;
  readonly protocol: "h1" | "h2" | "alpn";
  /** `public`: the host came from a stranger, only public addresses are dialled. `fixed`: the operator chose it. */
  readonly guard: "public" | "fixed";
  /** What this side proves itself with in TLS. Connections with different ones (by identity) are never shared. */
  readonly client_certificate?: ClientCertificate | undefined;
}

/** A certificate with its private key: PEM, or one PKCS #12 archive. */
export type ClientCertificate =
  | { readonly certificate: string; readonly private_key: string; readonly passphrase?: string | undefined }
  | { readonly pfx: Uint8Array; readonly passphrase?: string | undefined };

/** What a service's answer means. */
export type Verdict = Accepted | Rejected | Retry | Reauthorize;

/** The service took the notification. */
export interface Accepted {
  readonly verdict: "accepted";
  readonly service_message_id?: string | undefined;
  readonly warnings?: readonly ResultWarning[] | undefined;
  /** What an {@link Operation} was asked for. */
  readonly details?: object | undefined;
}

/** Final: sending again cannot help. */
export interface Rejected {
  readonly verdict: "rejected";
  readonly code: PushErrorCode;
  /** The service's own code or text. */
  readonly reason: string;
  readonly message?: string | undefined;
  /** Overrides the code's own answer; only ever to false. */
  readonly remove_token?: false | undefined;
  /** ISO 8601. */
  readonly unregistered_at?: string | undefined;
  /** The time the service named, although sending again is not for the engine to do. */
  readonly retry_after_ms?: number | undefined;
}

/** Sending again later may help. */
export interface Retry {
  readonly verdict: "retry";
  readonly code: PushErrorCode;
  readonly reason: string;
  readonly message?: string | undefined;
  /** Whom the answer is about: this token, everything at this origin, or this sender (origin and credential). */
  readonly scope: "token" | "origin" | "sender";
  /** The time the service itself named: a floor that is never undercut. */
  readonly retry_after_ms?: number | undefined;
  /** The least first wait that the service documents when it names none. */
  readonly min_delay_ms?: number | undefined;
  readonly max_attempts?: number | undefined;
  /** The connection that brought this answer takes no more requests. */
  readonly retire_connection?: boolean | undefined;
}

/** The credential was refused in a way that a new one may cure: renewed once, then `code`. */
export interface Reauthorize {
  readonly verdict: "reauthorize";
  readonly code: PushErrorCode;
  readonly reason: string;
  readonly message?: string | undefined;
  readonly retire_connection?: boolean | undefined;
}

/** What authorizes requests for a while: a bearer token, a signed JWT. */
export interface Credential {
  /** Names this generation: two credentials with the same id are the same credential. Not a secret. */
  readonly id: string;
  readonly value: string;
  readonly expires_at_ms: number;
  /** From here on a new one is made before use. */
  readonly renew_at_ms: number;
  /** A refused one is not replaced before this time: some services punish frequent changes. */
  readonly renew_not_before_ms?: number | undefined;
}

/** What a mint may use; it has no clock and no network of its own. */
export interface MintContext {
  readonly now_ms: number;
  readonly signal: AbortSignal;
  /** The id of the credential that the service refused last, when that is why a new one is wanted. */
  readonly refused_id?: string | undefined;
  /** One plain request over the provider's own transport, for token endpoints. Never rejects. */
  fetch(request: HttpRequest): Promise<HttpResponse | Retry>;
}

/** How a service's credentials are made and put into requests. The engine caches and renews them. */
export interface CredentialSource<Token> {
  /** Targets with equal scopes share one credential. */
  scope(target: Target<Token>): string;
  /** A refusal is a verdict, remembered for 30 s. */
  mint(scope: string, context: MintContext): Credential | Verdict | Promise<Credential | Verdict>;
  /** Pure; called for every attempt. */
  apply(request: HttpRequest, credential: Credential): HttpRequest;
}

/** What the service allows, and how much of it is asked for at a time by default. */
export interface CodecLimits {
  /** Bytes of what the limit is about (plaintext, body, …), for people and `getPlatformInfo()`. */
  readonly max_payload_bytes: number;
  readonly max_ttl_seconds: number;
  /** Default of the config key `max_concurrency`. */
  readonly max_concurrency: number;
}

/** How fast a service wants its requests; retries and operations count too. */
export interface Pacing {
  /** In any 60 seconds. */
  readonly per_minute?: number | undefined;
  /** From nothing to the full rate in a straight line; anew after a rest of as many seconds. */
  readonly ramp_up?: { readonly seconds: number; readonly full_per_minute: number } | undefined;
}

/** What {@link Codec.prepare} may know: nothing of time, token or id. */
export interface PrepareContext {
  readonly kind: TargetKind;
  readonly dry_run: boolean;
}

/** What differs from one recipient to the next. */
export interface EncodeContext {
  /** Ours, a UUID unless the payload named one. */
  readonly message_id: string;
  readonly now_ms: number;
  /** Equal to `now_ms` when the notification is "now or never" (`ttl_seconds: 0`). */
  readonly expires_at_ms: number;
  /** How many notifications this instance took before this one: the order of the input, whatever the concurrency. */
  readonly sequence: number;
}

/** Which request an answer belongs to. */
export interface DecodeContext<Token> {
  readonly target: Target<Token>;
  readonly url: string;
  /** 1 for the first. */
  readonly attempt: number;
  readonly now_ms: number;
}

/** What {@link Codec.prepare} returns: any object; `warnings` in it (`ResultWarning[]`) join the result's. */
export type Prepared = object;

/** A push service. `Options` are its own options in `platform_data`, `P` is a payload after `prepare`. */
export interface Codec<Token = unknown, Options = unknown, P extends Prepared = Prepared> {
  readonly limits: CodecLimits;
  /** How fast this sender may send, beside the config's `rate_limit`; absent: as fast as it goes. */
  readonly pacing?: Pacing | undefined;
  /** Which kinds of topic `sendTopicNotification` takes here; absent or empty: `TOPICS_NOT_SUPPORTED`. */
  readonly topic_kinds?: readonly TopicKind[] | undefined;
  /** A dry run is the service's own business here: the request goes out, and its body asks not to deliver. */
  readonly dry_run_asks_service?: boolean | undefined;
  /** Extra facts for `getPlatformInfo()`: who sends (redacted) and what the service can do. */
  readonly info?: { readonly sender?: object; readonly capabilities?: object } | undefined;
  /** Never throws, for any value. */
  parseToken(value: unknown): Token | Rejection;
  /** Reads a topic given as text. Needed when `topic_kinds` is given. */
  parseTopic?(value: string): Target<Token> | Rejection;
  /** Once per payload: nothing here may depend on time, token or id. */
  prepare(payload: CheckedPayload<Options>, context: PrepareContext): P | Rejection;
  /** Once per target. The result is sent, unchanged but for authorization and lifetime, on every attempt. */
  encode(
    prepared: P,
    target: Target<Token>,
    context: EncodeContext,
  ): HttpRequest | Rejection | Promise<HttpRequest | Rejection>;
  /** Never throws. */
  decode(response: HttpResponse, context: DecodeContext<Token>): Verdict;
  connection(target: Target<Token>): Connection;
  /** Lowers a lifetime that stands in a header before a retry; bodies and ids stay. */
  withLifetime?(request: HttpRequest, context: { now_ms: number; expires_at_ms: number }): HttpRequest;
  /** Would a second copy replace a first one that is already shown? Then an unanswered attempt may be repeated. */
  replacesDelivered?(prepared: P): boolean;
  readonly credential?: CredentialSource<Token> | undefined;
  /** The target whose credential `healthCheck()` proves; absent: the check is skipped. */
  healthTarget?(): Target<Token>;
  /** A transport that belongs to this codec, for a service that is not reached over HTTPS; default: HTTPS. */
  readonly transport?: Transport | undefined;
  /** Ends what the codec keeps open, threads for instance. Called once, when nothing is sent any more. */
  close?(): Promise<void>;
}

/**
 * Something else that a service can be asked for over the same connections, with the same credentials, retries and
 * limits: a topic subscription, a channel.
 */
export interface Operation<Token = unknown> {
  /** Whom the result is about; also decides which credential goes with the request. */
  readonly target: Target<Token>;
  readonly connection: Connection;
  readonly request: HttpRequest;
  /** Never throws. What was asked for is in `details` of an accepted verdict. */
  decode(response: HttpResponse, context: DecodeContext<Token>): Verdict;
  /** Done twice is as good as done once: then a request that got no answer may be repeated. */
  readonly idempotent: boolean;
}

/** How far a request that got no answer came. It decides whether sending again can make a duplicate. */
export type Reach =
  /** No connection was made. */
  | "connect_failed"
  /** Provably not processed: never written, or the peer said that it will not look at it. */
  | "not_sent"
  /** The same, because the peer has as much as it takes (RFC 9113, section 8.7): it wants less at a time. */
  | "refused"
  /** Some of it left. */
  | "maybe_sent";

/** What became of one request on the wire. */
export type TransportOutcome =
  | {
      readonly outcome: "response";
      readonly response: HttpResponse;
      /** Takes the connection that brought the answer out of use; what is on it may finish. */
      readonly retire?: (() => void) | undefined;
    }
  | { readonly outcome: "failure"; readonly reach: Reach; readonly reason: string }
  /** The guard would not let the connection be made. */
  | { readonly outcome: "forbidden"; readonly reason: string };

/** How one request is to be sent. */
export interface TransportOptions {
  readonly signal: AbortSignal;
  readonly connection: Connection;
}

/** The narrow seam below the engine. `send` never rejects and always settles soon after its signal aborts. */
export interface Transport {
  send(request: HttpRequest, options: TransportOptions): Promise<TransportOutcome>;
  /** Ends every connection; afterwards nothing keeps the process alive. */
  close(): Promise<void>;
  /** Open connections, for `stats()`. */
  connections?(): number;
}

/** Time as the engine sees it; tests bring their own. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  setTimer(callback: () => void, delay_ms: number): unknown;
  clearTimer(timer: unknown): void;
}
