/** A request as a service received it, made comparable: what is different each time is named instead of shown. */

export interface WireRequest {
  readonly method: string;
  readonly path: string;
  /** Lower-case names; all but `authorization`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly authorization?: Authorization | undefined;
  /** What the service said to it: `accepted`, or status and reason. */
  readonly answer: string;
  /** What the body says: JSON, an XML element, a decrypted message; absent when there is none. */
  readonly body?: unknown;
  /** The body as a reviewer wants to read it. */
  readonly text?: string | undefined;
}

/** A token that the sender signed is opened; another is opaque. */
export interface Authorization {
  readonly scheme: string;
  readonly head?: unknown;
  readonly claims?: unknown;
  /** The public key beside it. */
  readonly key?: string;
}

type Content = Pick<WireRequest, "body" | "text">;

/** What all emulators keep of a request. */
interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly status?: number | undefined;
  readonly reason?: string | undefined;
}

/** The one request that came since the last one was taken; `read` makes of its body what can be compared. */
export function takeRequest<Entry extends Received>(
  service: { readonly received: readonly Entry[]; clearReceived(): void },
  read: (entry: Entry) => Content,
): WireRequest {
  const [entry, ...more] = service.received;
  if (!entry || more.length > 0) throw new Error(`expected one request, not ${service.received.length}`);
  service.clearReceived();
  const { method, path, body, status = 0, reason = "" } = entry;
  const { authorization, ...headers } = entry.headers;
  return {
    method,
    path,
    headers: nameVolatile(headers, body.length),
    ...(authorization === undefined ? {} : { authorization: readAuthorization(authorization) }),
    answer: status >= 200 && status < 300 ? "accepted" : `${status} ${reason}`,
    ...read(entry),
  };
}

export function readJson({ body }: { readonly body: Uint8Array }): Content {
  if (body.length === 0) return {};
  const json: unknown = JSON.parse(Buffer.from(body).toString());
  return { body: json, text: JSON.stringify(json, null, 2) };
}

function nameVolatile(headers: Received["headers"], length: number): Record<string, string> {
  const named = Object.entries(headers).map(([name, value]) => {
    if (name === "content-length" && value === String(length)) return [name, "{bytes of the body}"];
    // The reference clients have the services' hosts built in and are led to the emulator.
    return [name, name === "host" ? "{host}" : value];
  });
  return Object.fromEntries(named);
}

const SIGNED = /^(\w+) (?:t=)?(eyJ[\w-]+)\.(eyJ[\w-]+)\.[\w-]+(?:, ?k=([\w-]+))?$/;

function readAuthorization(value: string): Authorization {
  const [, scheme, head, claims, key] = SIGNED.exec(value) ?? [];
  if (scheme === undefined || head === undefined || claims === undefined) {
    return { scheme: value.slice(0, value.indexOf(" ")) };
  }
  const open = (part: string): unknown => JSON.parse(Buffer.from(part, "base64url").toString());
  return { scheme, head: open(head), claims: open(claims), ...(key === undefined ? {} : { key }) };
}
