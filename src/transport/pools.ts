import type {
  ClientCertificate,
  Connection,
  HttpRequest,
  TransportOptions,
  TransportOutcome,
} from "../codec.js";
import { DialError, reasonOf } from "./dial.js";
import { isAt } from "./origin.js";

/** The connections to one origin. */
export interface Pool {
  /** Open ones. */
  readonly connections: number;
  /** Nothing runs, nothing waits. */
  readonly idle: boolean;
  send(request: HttpRequest, signal: AbortSignal): Promise<TransportOutcome>;
  close(): Promise<void>;
}

interface Entry {
  readonly connection: Connection;
  readonly name: string;
  readonly pool: Pool;
  /** The number of the last send over it. */
  used: number;
}

/** Pools beyond this are closed when they are idle, the least recently used one first. */
const MAX_POOLS = 256;

/** The pools of one transport, by what keeps connections apart. */
export class Pools {
  readonly #pools = new Map<string, Entry>();
  #last: Entry | undefined;
  #sends = 0;
  #closed: Promise<void> | undefined;

  constructor(private readonly create: (connection: Connection, name: string) => Pool) {}

  /** Sends over the right pool. Never rejects. */
  send(request: HttpRequest, { signal, connection }: TransportOptions): Promise<TransportOutcome> {
    try {
      if (this.#closed) return notSent("CLOSED");
      if (signal.aborted) return notSent("ABORTED");
      if (!connection.key.startsWith("https:")) return notSent("HTTPS_REQUIRED");
      if (!isAt(connection.key, request.url)) return notSent("ORIGIN_MISMATCH");
      return this.#pool(connection).send(request, signal);
    } catch (error) {
      return Promise.resolve(failed(error));
    }
  }

  close(): Promise<void> {
    this.#closed ??= Promise.all([...this.#pools.values()].map(({ pool }) => pool.close())).then(
      () => undefined,
    );
    return this.#closed;
  }

  get connections(): number {
    return [...this.#pools.values()].reduce((sum, { pool }) => sum + pool.connections, 0);
  }

  #pool(connection: Connection): Pool {
    // Nearly always it is the same as the last time, and that is quicker seen than its name is made.
    const entry =
      this.#last && mayShare(this.#last.connection, connection) ? this.#last : this.#entry(connection);
    this.#sends += 1;
    entry.used = this.#sends;
    this.#last = entry;
    return entry.pool;
  }

  #entry(connection: Connection): Entry {
    const name = poolName(connection);
    const known = this.#pools.get(name);
    if (known) return known;
    if (this.#pools.size >= MAX_POOLS) this.#makeRoom();
    const entry = { connection, name, pool: this.create(connection, name), used: 0 };
    this.#pools.set(name, entry);
    return entry;
  }

  #makeRoom(): void {
    this.#last = undefined;
    const idle = [...this.#pools.values()].filter(({ pool }) => pool.idle).sort((a, b) => a.used - b.used);
    for (const { name, pool } of idle.slice(0, this.#pools.size - MAX_POOLS + 1)) {
      this.#pools.delete(name);
      void pool.close();
    }
  }
}

/**
 * Equal for requests that may share a connection: one to a host that the operator chose is never lent to a stranger,
 * and nobody speaks under a certificate that is not theirs.
 */
export function poolName({ protocol, guard, key, client_certificate }: Connection): string {
  return `${protocol} ${guard} ${client_certificate ? numberOf(client_certificate) : 0} ${key}`;
}

function mayShare(a: Connection, b: Connection): boolean {
  if (a === b) return true;
  const { protocol, guard, key, client_certificate } = a;
  return (
    key === b.key &&
    protocol === b.protocol &&
    guard === b.guard &&
    client_certificate === b.client_certificate
  );
}

const numbers = new WeakMap<ClientCertificate, number>();
let last_number = 0;

/** Certificates are told apart as objects: their contents are no fit key. */
function numberOf(certificate: ClientCertificate): number {
  let number = numbers.get(certificate);
  if (number === undefined) {
    last_number += 1;
    number = last_number;
    numbers.set(certificate, number);
  }
  return number;
}

function failed(error: unknown): TransportOutcome {
  const reach = error instanceof DialError ? "connect_failed" : "not_sent";
  return { outcome: "failure", reach, reason: error instanceof DialError ? error.reason : reasonOf(error) };
}

function notSent(reason: string): Promise<TransportOutcome> {
  return Promise.resolve({ outcome: "failure", reach: "not_sent", reason });
}
