import { PushError } from "../errors.js";
import type { BulkOptions } from "../options.js";
import type { PushNotificationResult } from "../result.js";
import { type BulkEnd, runBulk } from "./bulk.js";
import type { Call } from "./call.js";
import type { Input } from "./input.js";
import type { Lease } from "./lease.js";
import { type Progress, startProgress } from "./progress.js";

type Next = IteratorResult<PushNotificationResult, void>;

/**
 * Results as they come. A reader that is slow, or stops, stops the reading of the input; one that leaves ends the
 * run. When the input throws, everything that was taken is yielded first, then `INPUT_FAILED` is thrown.
 */
export function streamResults(
  lease: Lease,
  open: () => Input,
  options?: BulkOptions,
): AsyncGenerator<PushNotificationResult, void, undefined> {
  return new ResultStream(lease, open, options);
}

/** By hand, since an async generator makes four promises for what it yields where one does. */
class ResultStream implements AsyncGenerator<PushNotificationResult, void, undefined> {
  private readonly unread: PushNotificationResult[] = [];
  private readonly readers: { resolve(next: Next): void; reject(error: unknown): void }[] = [];
  private call: Call | undefined;
  private run: Promise<void> | undefined;
  private progress: Progress | undefined;
  private over = false;
  private failure: PushError | undefined;

  constructor(
    private readonly lease: Lease,
    private readonly open: () => Input,
    private readonly options: BulkOptions | undefined,
  ) {}

  next(): Promise<Next> {
    try {
      if (!this.run && !this.over) this.begin();
    } catch (error) {
      this.over = true;
      return Promise.reject(error);
    }
    const had_room = this.hasRoom();
    const value = this.unread.shift();
    if (value) {
      if (!had_room) this.call?.bell?.ring();
      return Promise.resolve({ done: false, value });
    }
    if (this.over) return this.last();
    return new Promise((resolve, reject) => this.readers.push({ resolve, reject }));
  }

  async return(): Promise<Next> {
    await this.leave();
    return { done: true, value: undefined };
  }

  async throw(error: unknown): Promise<Next> {
    await this.leave();
    throw error;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.leave();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  private begin(): void {
    const { lease, options } = this;
    const input = this.open();
    const call = lease.open("token", options);
    call.payloads.multicast = input.multicast === true && input.total !== 1;
    this.call = call;
    this.progress = startProgress(options?.on_progress, input.total, lease.engine.clock);
    const deliver = (result: PushNotificationResult) => this.deliver(result);
    const readerHasRoom = () => this.hasRoom();
    this.run = runBulk({ call, input, deliver, readerHasRoom }).then((end) => this.finish(end));
  }

  private hasRoom(): boolean {
    return this.unread.length < this.lease.engine.limiter.max;
  }

  private deliver(value: PushNotificationResult): void {
    this.progress?.count(value);
    const reader = this.readers.shift();
    if (reader) reader.resolve({ done: false, value });
    else this.unread.push(value);
  }

  private finish({ taken, thrown }: BulkEnd): void {
    this.progress?.end();
    if (thrown && !this.over) {
      const message = `the input threw after ${taken} items; its own error is the cause`;
      this.failure = new PushError("INPUT_FAILED", message, { cause: thrown.error });
    }
    this.over = true;
    for (const { resolve, reject } of this.readers.splice(0)) this.last().then(resolve, reject);
  }

  /** A failure is told once. */
  private last(): Promise<Next> {
    const { failure } = this;
    this.failure = undefined;
    return failure ? Promise.reject(failure) : Promise.resolve({ done: true, value: undefined });
  }

  /** Nobody reads on. */
  private async leave(): Promise<void> {
    this.over = true;
    this.failure = undefined;
    this.call?.stop("aborted");
    await this.run;
    this.unread.length = 0;
  }
}
