import type { TLSSocket } from "node:tls";
import { DialError, reasonOf } from "./dial.js";
import type { Connect } from "./dialler.js";
import type { Http1Exchange } from "./http1_exchange.js";

/** Whom a connection tells what became of it. */
export interface ConnectionOwner {
  /** It takes another request. */
  free(connection: Http1Connection): void;
  /** It takes no more. Called once. */
  left(connection: Http1Connection): void;
  /** The number of open sockets has changed by one. */
  opened(by: 1 | -1): void;
}

/** A connection that is opened for its first request and carries one at a time (RFC 9112, section 9). */
export class Http1Connection {
  exchange: Http1Exchange | undefined;
  /** Its request may finish; then it is closed. */
  retired = false;
  /** When it is too old to be used again, in the time of `performance.now()`. */
  expires_ms = 0;
  /** Resolves once nothing of it is left. */
  readonly closed: Promise<void>;
  #socket: TLSSocket | undefined;
  #reason = "UND_ERR_SOCKET";
  #gone = false;
  #held = true;
  readonly #owner: ConnectionOwner;
  readonly #closing = new AbortController();
  #onClosed: () => void = () => {};

  constructor(connect: Connect, owner: ConnectionOwner) {
    this.#owner = owner;
    this.closed = new Promise((resolve) => {
      this.#onClosed = resolve;
    });
    connect(this.#closing.signal).then(
      (socket) => this.#use(socket),
      (error: unknown) => this.#notConnected(error),
    );
  }

  /** Sends a request: now, or as soon as it is connected. */
  start(exchange: Http1Exchange): void {
    this.exchange = exchange;
    exchange.connection = this;
    if (!this.#socket) return;
    if (!this.#held) this.#socket.ref();
    this.#held = true;
    this.#socket.write(exchange.take());
  }

  /** Nobody waits: it does not keep the process alive. */
  rest(): void {
    if (this.#held) this.#socket?.unref();
    this.#held = false;
  }

  /** Ends it at once, with its request. */
  end(reason: string): void {
    const { exchange } = this;
    this.exchange = undefined;
    this.#leave();
    exchange?.fail(this.#socket ? "not_sent" : "connect_failed", reason);
  }

  readonly retire = (): void => {
    this.retired = true;
    if (!this.exchange) this.end("UND_ERR_SOCKET");
  };

  #use(socket: TLSSocket): void {
    const { exchange } = this;
    if (socket.destroyed) {
      this.#notConnected(new DialError("ECONNRESET"));
      return;
    }
    if (!exchange) {
      socket.once("close", this.#onClosed).destroy();
      return;
    }
    this.#socket = socket;
    this.#owner.opened(1);
    socket
      .on("data", (bytes: Buffer) => this.#onData(bytes))
      .once("end", () => this.#onEnd())
      .on("error", (error) => {
        this.#reason = reasonOf(error);
      })
      .once("close", () => {
        this.end(this.#reason);
        this.#owner.opened(-1);
        this.#onClosed();
      });
    socket.write(exchange.take());
  }

  #notConnected(error: unknown): void {
    const { exchange } = this;
    const { reason, forbidden } = error instanceof DialError ? error : new DialError(reasonOf(error));
    this.exchange = undefined;
    if (forbidden) exchange?.settle({ outcome: "forbidden", reason });
    else exchange?.fail("connect_failed", reason);
    this.#onClosed();
    this.#leave();
  }

  #onData(bytes: Buffer): void {
    const reader = this.exchange?.reader;
    if (!reader) {
      // Whatever comes before it was asked for is the answer to nothing.
      this.#leave();
      return;
    }
    try {
      const is_all = reader.read(bytes) === bytes.length;
      if (reader.ended) this.#answered(is_all ? reader.keep_alive_ms : 0);
    } catch (error) {
      this.end(reasonOf(error));
    }
  }

  #onEnd(): void {
    try {
      this.exchange?.reader.end();
      if (this.exchange) this.#answered(0);
    } catch (error) {
      this.#reason = reasonOf(error);
    }
    this.end(this.#reason);
  }

  #answered(keep_alive_ms: number): void {
    const { exchange } = this;
    this.exchange = undefined;
    exchange?.answer(this.retire);
    // An answer that came before all of a long request was written ends the conversation. A short one is the system's at
    // once; that it is written is heard later than a quick answer.
    if (keep_alive_ms > 0 && !this.retired && !this.#socket?.writableNeedDrain) {
      this.expires_ms = performance.now() + keep_alive_ms;
      this.#owner.free(this);
    } else this.#leave();
  }

  #leave(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#closing.abort();
    this.#socket?.destroy();
    this.#owner.left(this);
  }
}
