import { Duplex } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { TLSSocket } from "node:tls";

/** The bytes between a TLS socket and its HTTP/2 session, where a fault can say what the session never would. */
export class Http2Wire extends Duplex {
  /** Above 0: every byte in a TLS record of its own. */
  dribbling = 0;
  readonly #socket: TLSSocket;
  #first_words: Buffer | undefined;
  #last_words: Buffer | undefined;
  #silent = false;

  /** `first_words` take the place of the session's own first frame, its SETTINGS. */
  constructor(socket: TLSSocket, first_words: Buffer) {
    super();
    this.#socket = socket;
    this.#first_words = first_words;
    // Otherwise answers wait 40 ms for the client's delayed acknowledgements.
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => {
      if (!this.push(chunk)) socket.pause();
    });
    socket.on("end", () => this.push(null));
    socket.on("close", () => this.destroy());
    socket.on("error", () => {});
  }

  /** Sends these bytes after those that the session has written so far, then FIN. The session is not heard any more. */
  hangUp(last_words: Buffer = Buffer.alloc(0)): void {
    if (this.#last_words || this.destroyed) return;
    this.#last_words = last_words;
    this.write(last_words);
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    if (this.#silent) {
      done();
      return;
    }
    const bytes = chunks.map(({ chunk }) => chunk);
    const last = this.#last_words ? bytes.indexOf(this.#last_words) : -1;
    this.#silent = last >= 0;
    const spoken = Buffer.concat(this.#silent ? bytes.slice(0, last + 1) : bytes);
    void this.#speak(this.#first_words ? this.#replaceFirst(spoken) : spoken).then(done);
  }

  override _final(done: () => void): void {
    this.#socket.end(done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#socket.destroySoon();
    done(error);
  }

  #replaceFirst(bytes: Buffer): Buffer {
    const rest = bytes.subarray(9 + bytes.readUIntBE(0, 3));
    const first_words = this.#first_words ?? Buffer.alloc(0);
    this.#first_words = undefined;
    return Buffer.concat([first_words, rest]);
  }

  async #speak(bytes: Buffer): Promise<void> {
    const dribbling = this.dribbling > 0;
    const step = dribbling ? 1 : bytes.length;
    for (let at = 0; at < bytes.length && this.#socket.writable; at += step) {
      this.#socket.write(bytes.subarray(at, at + step));
      if (dribbling) await nextTurn();
    }
    if (this.#silent) this.#socket.end();
  }
}
