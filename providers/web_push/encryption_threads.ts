import type { ContentEncoding, Encrypted, Message } from "./encrypt.js";
import { type CrewOptions, EncryptionCrew } from "./encryption_crew.js";
import { packMessages, unpackResults } from "./packing.js";

export interface ThreadOptions extends CrewOptions {
  readonly encoding: ContentEncoding;
}

/** Threads that encrypt. When a crew of them ends it is replaced; until the new one runs there is none. */
export class EncryptionThreads {
  private crew: EncryptionCrew | undefined;
  private replacement: Promise<void> | undefined;
  private closed = false;

  private constructor(private readonly options: ThreadOptions) {}

  /** Rejects when they do not start. */
  static async start(options: ThreadOptions): Promise<EncryptionThreads> {
    const threads = new EncryptionThreads(options);
    await threads.hire();
    return threads;
  }

  /** How many batches may be under way at a time. */
  get capacity(): number {
    return this.crew?.capacity ?? 0;
  }

  /** One result for each message, in order. Rejects when the batch was lost, for whatever reason. */
  async encrypt(messages: readonly Message[]): Promise<Encrypted[]> {
    const { crew, options } = this;
    if (!crew) throw new Error("no encryption thread runs");
    const batch = { encoding: options.encoding, messages: packMessages(messages) };
    const results = unpackResults(await crew.run(batch));
    if (results.length !== messages.length) throw new Error("an encryption thread left messages out");
    return results;
  }

  /** Rejects what is under way; resolves when no thread is left. */
  async close(): Promise<void> {
    this.closed = true;
    await this.crew?.end(new Error("the encryption threads were closed"));
    await this.replacement;
  }

  private async hire(): Promise<void> {
    const crew = await EncryptionCrew.start(this.options);
    if (this.closed) return crew.end(new Error("closed meanwhile"));
    this.crew = crew;
    void crew.ended.then(() => this.replace());
  }

  private replace(): void {
    this.crew = undefined;
    if (this.closed) return;
    // If not even that succeeds there are no threads from now on, and nothing else is different.
    this.replacement = this.hire().catch(() => {});
  }
}
