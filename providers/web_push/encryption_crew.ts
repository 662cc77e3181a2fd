import { extname } from "node:path";
import { pathToFileURL } from "node:url";
import type { Tinypool } from "tinypool";
import type { Clock } from "../../src/provider_kit.js";
import type { Batch } from "./encryption_thread.js";

export interface CrewOptions {
  readonly threads: number;
  readonly clock: Clock;
  /** The module that runs in the threads; only tests bring another. */
  readonly module?: URL | undefined;
}

/** One at work, and one in the thread's own queue: it goes on while the calling thread is busy. */
const BATCHES_PER_THREAD = 2;
const START_DEADLINE_MS = 30_000;
/** A batch takes milliseconds. */
const BATCH_DEADLINE_MS = 5000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Threads that start together and end together: when one of them dies or hangs, that is the end of all. */
export class EncryptionCrew {
  /** Batches that it takes at a time. */
  readonly capacity: number;
  /** Resolves when they end, whatever the reason. */
  readonly ended: Promise<void>;
  private resolveEnded: () => void = () => {};
  /** All that were started: the pool forgets one that failed before it is gone. */
  private threads: Tinypool["threads"] = [];
  /** Of each batch under way: ends the wait for it. */
  private readonly waits = new Set<(reason: Error) => void>();

  private constructor(
    private readonly pool: Tinypool,
    private readonly options: CrewOptions,
  ) {
    this.capacity = options.threads * BATCHES_PER_THREAD;
    this.ended = new Promise((resolve) => {
      this.resolveEnded = resolve;
    });
  }

  /** Rejects when they do not start. */
  static async start(options: CrewOptions): Promise<EncryptionCrew> {
    const { threads, module = threadModule() } = options;
    const { Tinypool } = await import("tinypool");
    const pool = new Tinypool({
      filename: module.href,
      name: "encryptBatch",
      // Above 0 it starts another for each that dies, also when all are to end.
      minThreads: 0,
      maxThreads: threads,
      idleTimeout: LONGEST_TIMER_MS,
      concurrentTasksPerWorker: BATCHES_PER_THREAD,
      ...(isProgramOnCommandLine() ? { execArgv: [] } : {}),
    });
    const crew = new EncryptionCrew(pool, options);
    const nothing: Batch = { encoding: "aes128gcm", messages: new Uint8Array(0) };
    // Each batch that finds all threads busy starts one.
    const started = Array.from({ length: threads }, () => crew.wait(nothing, START_DEADLINE_MS));
    pool.on("error", (error: Error) => crew.end(error));
    crew.threads = [...pool.threads];
    for (const thread of crew.threads) {
      thread.on("exit", () => crew.end(new Error("an encryption thread ended")));
    }
    await Promise.all(started).catch(async (error: Error) => {
      await crew.end(error);
      throw error;
    });
    return crew;
  }

  /** Rejects when the batch could not be encrypted, or is lost with its thread. */
  run(batch: Batch): Promise<Uint8Array> {
    return this.wait(batch, BATCH_DEADLINE_MS);
  }

  /**
   * Idempotent. Rejects what is under way; resolves when no thread is left. The pool's own end is no help: it waits for
   * the exit of threads that are gone, and throws outside of any promise when one fails meanwhile.
   */
  async end(reason: Error): Promise<void> {
    this.resolveEnded();
    for (const giveUp of this.waits) giveUp(reason);
    await Promise.all(this.threads.map((thread) => thread.terminate()));
  }

  private wait(batch: Batch, deadline_ms: number): Promise<Uint8Array> {
    const { pool, waits, options } = this;
    const { clock } = options;
    return new Promise((resolve, reject) => {
      const timer = clock.setTimer(() => this.end(new Error("an encryption thread hangs")), deadline_ms);
      const over = () => {
        clock.clearTimer(timer);
        waits.delete(giveUp);
      };
      const giveUp = (reason: Error) => {
        over();
        reject(reason);
      };
      waits.add(giveUp);
      pool.run(batch).then((results: Uint8Array) => {
        over();
        resolve(results);
      }, giveUp);
    });
  }
}

/** Beside this file, and of its kind: `.ts` in the sources, `.js` or `.cjs` in the build. */
function threadModule(): URL {
  // CommonJS has only the second, and in `node --eval` an ES module sees the program's instead of its own.
  const here = import.meta.url ?? pathToFileURL(__filename).href;
  return new URL(`./encryption_thread${extname(here)}`, here);
}

/** `node --input-type=module --eval …`: threads inherit the flag, and with it refuse to load a file. */
function isProgramOnCommandLine(): boolean {
  return process.execArgv.some((flag) => flag.startsWith("--input-type"));
}
