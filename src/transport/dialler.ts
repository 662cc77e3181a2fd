import type { TLSSocket } from "node:tls";
import type { Connection } from "../codec.js";
import { DialError, dial, type Lookup } from "./dial.js";
import { originOf } from "./origin.js";
import { Trust } from "./trust.js";

/** How hosts are reached. */
export interface DiallerOptions {
  /** URL of a CONNECT proxy, or `"env"` to follow HTTPS_PROXY and NO_PROXY. Default: none. */
  readonly proxy?: string | undefined;
  /** Extra trusted certificates, PEM. The default ones stay, and verification cannot be switched off. */
  readonly ca?: string | readonly string[] | undefined;
  /** Answers with all addresses of a name. Default: `dns.lookup`. */
  readonly lookup?: Lookup | undefined;
  /** From the question for the name to the end of the TLS handshake. Default 10,000. */
  readonly connect_timeout_ms?: number | undefined;
}

type Protocol = "h2" | "http/1.1";

/** Opens one connection of one pool. Rejects with a `DialError`. */
export type Connect = (signal: AbortSignal) => Promise<TLSSocket>;

/** Why there is no connection although the host answered: it speaks another protocol. */
export const WRONG_PROTOCOL = { h2: "H2_NOT_OFFERED", "http/1.1": "H1_NOT_OFFERED" } as const;

/** A connection that nobody came for is closed after this long: who comes, comes at once. */
const SPARE_MS = 100;

/**
 * Opens the connections of a transport. Where the host is to choose the protocol, a connection that speaks the other one
 * is kept for whoever speaks it: finding out costs no connection.
 */
export class Dialler {
  readonly #options: DiallerOptions;
  readonly #offers_both: boolean;
  readonly #trust: Trust;
  readonly #spares = new Map<string, TLSSocket>();
  #closed = false;

  /** `offers_both`: there is somebody to take what speaks the other protocol. */
  constructor(options: DiallerOptions, { offers_both = false } = {}) {
    this.#options = options;
    this.#offers_both = offers_both;
    this.#trust = new Trust(options.ca);
  }

  /** The way to one origin for the pool with this name. Throws a `DialError` when the client certificate is unfit. */
  to(connection: Connection, name: string, speaks: Protocol): Connect {
    const { key, guard, protocol, client_certificate } = connection;
    const { proxy, lookup, connect_timeout_ms = 10_000 } = this.#options;
    const both = this.#offers_both && protocol === "alpn";
    const origin = originOf(key);
    const target = {
      host: origin.hostname.replace(/^\[|\]$/g, ""),
      port: Number(origin.port || 443),
      guard,
      secure_context: this.#trust.context,
      own_context: client_certificate && this.#trust.contextWith(client_certificate),
      alpn: both ? ["h2", "http/1.1"] : [speaks],
      proxy,
      lookup,
      timeout_ms: connect_timeout_ms,
    };
    let session: Buffer | undefined;
    return async (signal) => {
      const spare = both ? this.#takeSpare(`${speaks} ${name}`) : undefined;
      if (spare) return spare;
      const socket = await dial({ ...target, signal, session }).catch((error: DialError) => {
        // Of hosts that speak none of what is offered some break the handshake off, others go on without a choice.
        const none = error.reason.includes("NO_APPLICATION_PROTOCOL");
        throw none && !both ? new DialError(WRONG_PROTOCOL[speaks]) : error;
      });
      socket.on("session", (ticket) => {
        session = ticket;
      });
      const picked = socket.alpnProtocol === "h2" ? "h2" : "http/1.1";
      if (picked === speaks) return socket;
      if (both) this.#keepSpare(`${picked} ${name}`, socket);
      else socket.destroy();
      throw new DialError(WRONG_PROTOCOL[speaks]);
    };
  }

  /** Connections that nobody came for yet. */
  get spares(): number {
    return this.#spares.size;
  }

  /** Closes what nobody came for. */
  close(): void {
    this.#closed = true;
    for (const socket of this.#spares.values()) socket.destroy();
  }

  #keepSpare(key: string, socket: TLSSocket): void {
    if (this.#closed || this.#spares.has(key)) {
      socket.destroy();
      return;
    }
    this.#spares.set(key, socket);
    const unwanted = () => {
      if (this.#spares.get(key) !== socket) return;
      this.#spares.delete(key);
      socket.destroy();
    };
    setTimeout(unwanted, SPARE_MS).unref();
    socket.once("close", unwanted);
  }

  #takeSpare(key: string): TLSSocket | undefined {
    const socket = this.#spares.get(key);
    this.#spares.delete(key);
    return socket?.destroyed ? undefined : socket;
  }
}
