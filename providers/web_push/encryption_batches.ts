import type { Encrypted, Message } from "./encrypt.js";

/** Fewer are encrypted sooner here than they are sent to a thread and back. */
export const LEAST = 16;
/** More at a time would save no more, and keep the first of them waiting. */
export const MOST = 64;

/** Where batches go. */
export interface Threads {
  /** How many batches it takes at a time; 0 while it cannot take any. */
  readonly capacity: number;
  /** Rejects when the batch was lost. */
  encrypt(messages: readonly Message[]): Promise<Encrypted[]>;
}

interface Waiting {
  readonly message: Message;
  readonly resolve: (encrypted: Encrypted) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Sends messages to threads when that pays. The first of a turn of the event loop is encrypted here and at once: it may be the only
 * one. Those that come in the same turn wait for its end, and if there are many of them they go to threads, in batches.
 */
export class EncryptionBatches {
  private readonly waiting: Waiting[] = [];
  private under_way = 0;
  private in_turn = false;

  constructor(
    private readonly threads: Threads,
    private readonly encryptHere: (message: Message) => Encrypted,
  ) {}

  encrypt(message: Message): Encrypted | Promise<Encrypted> {
    const { waiting, threads } = this;
    // Threads that cannot keep up get help.
    if (waiting.length >= threads.capacity * MOST) return this.encryptHere(message);
    if (!this.in_turn) {
      this.in_turn = true;
      setImmediate(() => {
        this.in_turn = false;
        this.dispatch();
      });
      return this.encryptHere(message);
    }
    return new Promise((resolve, reject) => waiting.push({ message, resolve, reject }));
  }

  private dispatch(): void {
    const { waiting, threads } = this;
    while (waiting.length >= LEAST && this.under_way < threads.capacity) {
      const batches = Math.min(threads.capacity - this.under_way, Math.floor(waiting.length / LEAST));
      const size = Math.min(MOST, Math.ceil(waiting.length / batches));
      void this.send(waiting.splice(0, size));
    }
    // Many that are left wait for a thread; a few are done sooner than that.
    if (waiting.length < LEAST || threads.capacity === 0) {
      for (const one of waiting.splice(0)) this.settleHere(one);
    }
  }

  private async send(batch: readonly Waiting[]): Promise<void> {
    this.under_way++;
    const lost: Encrypted[] = [];
    const results = await this.threads.encrypt(batch.map(({ message }) => message)).catch(() => lost);
    this.under_way--;
    batch.forEach((one, i) => {
      const encrypted = results[i];
      if (encrypted) one.resolve(encrypted);
      else this.settleHere(one);
    });
    if (!this.in_turn) this.dispatch();
  }

  private settleHere({ message, resolve, reject }: Waiting): void {
    try {
      resolve(this.encryptHere(message));
    } catch (error) {
      reject(error);
    }
  }
}
