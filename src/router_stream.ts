/**
 * A bulk send over several services: one input, a lane for each service, one stream of results. What is next for a lane
 * that is full waits in that lane, so the others go on.
 */
import { Bell } from "./engine/bell.js";
import { systemClock } from "./engine/clock.js";
import type { Input } from "./engine/input.js";
import { startProgress } from "./engine/progress.js";
import { PushError } from "./errors.js";
import type { BulkOptions } from "./options.js";
import type { PushNotificationResult } from "./result.js";

/** What the lanes need to know; `Item` is one of the input, whatever it is. */
export interface Routing<Item> {
  toItem(value: unknown): Item;
  laneOf(item: Item): string;
  /** How many notifications of a lane may be under way. */
  widthOf(lane: string): number;
  send(item: Item, index: number, signal: AbortSignal): Promise<PushNotificationResult>;
}

/** So many wait in a full lane before an iterator is not pulled further. An array is in memory anyway. */
const MAX_WAITING = 1000;
/** After so many items without a pause, timers and sockets get a turn. */
const BREATHE_EVERY = 256;

interface Lane<Item> {
  readonly width: number;
  running: number;
  readonly waiting: { readonly item: Item; readonly index: number }[];
}

export async function* streamRouted<Item>(
  input: Input,
  options: BulkOptions,
  routing: Routing<Item>,
): AsyncGenerator<PushNotificationResult, void, undefined> {
  const progress = startProgress(options.on_progress, input.total, systemClock);
  const run = new RoutedRun(input, routing);
  const abort = () => run.stop();
  options.signal?.addEventListener("abort", abort, { once: true });
  if (options.signal?.aborted) abort();
  const pulling = run.pull();
  try {
    for (let result = await run.next(); result; result = await run.next()) {
      progress?.count(result);
      yield result;
    }
  } finally {
    // The reader left early; or all is done, and this changes nothing.
    run.stop();
    await pulling;
    while (await run.next());
    options.signal?.removeEventListener("abort", abort);
    progress?.end();
  }
  if (run.thrown) throw run.thrown;
}

class RoutedRun<Item> {
  /** What ends the stream once everything that was taken is answered. */
  thrown: unknown;
  readonly #lanes = new Map<string, Lane<Item>>();
  readonly #results: PushNotificationResult[] = [];
  readonly #stopping = new AbortController();
  readonly #reader = new Bell();
  readonly #puller = new Bell();
  #taken = 0;
  #under_way = 0;
  #pulled = false;

  constructor(
    private readonly input: Input,
    private readonly routing: Routing<Item>,
  ) {}

  /** Nothing more is pulled, and everything under way is aborted. */
  stop(): void {
    this.#stopping.abort();
    this.#puller.ring();
  }

  /** The next result, or undefined when there will be none. */
  async next(): Promise<PushNotificationResult | undefined> {
    for (;;) {
      const result = this.#results.shift();
      if (result) {
        this.#puller.ring();
        return result;
      }
      if (this.#pulled && this.#under_way === 0) return undefined;
      await this.#reader.wait();
    }
  }

  /** Takes the input to its end. Stopped, an array is still answered item by item; an iterator is not pulled further. */
  async pull(): Promise<void> {
    const { input } = this;
    const { signal } = this.#stopping;
    try {
      while (!signal.aborted || input.total !== undefined) {
        if (!this.#hasRoom()) {
          await this.#puller.wait();
          continue;
        }
        const next = await this.#nextItem();
        if (!next || next.done) break;
        this.#take(next.value);
        if (this.#taken % BREATHE_EVERY === 0) await new Promise((resolve) => setImmediate(resolve));
      }
    } catch (cause) {
      const message = `the input threw after ${this.#taken} items; its own error is the cause`;
      this.thrown ??= new PushError("INPUT_FAILED", message, { cause });
    }
    if (signal.aborted) input.end();
    this.#pulled = true;
    this.#reader.ring();
  }

  #hasRoom(): boolean {
    if (this.#stopping.signal.aborted) return true;
    if (this.#results.length >= MAX_WAITING) return false;
    return (
      this.input.total !== undefined ||
      [...this.#lanes.values()].every((lane) => lane.waiting.length < MAX_WAITING)
    );
  }

  /** Undefined when stopped while the input kept us waiting. */
  async #nextItem(): Promise<IteratorResult<unknown> | undefined> {
    const next = this.input.next();
    if (!("then" in next)) return next;
    const { signal } = this.#stopping;
    let abort = () => {};
    const aborted = new Promise<undefined>((resolve) => {
      abort = () => resolve(undefined);
      signal.addEventListener("abort", abort, { once: true });
    });
    try {
      return await Promise.race([next, aborted]);
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }

  #take(value: unknown): void {
    const item = this.routing.toItem(value);
    const lane = this.#lane(this.routing.laneOf(item));
    const index = this.#taken++;
    this.#under_way++;
    if (lane.running < lane.width) this.#start(lane, item, index);
    else lane.waiting.push({ item, index });
  }

  #start(lane: Lane<Item>, item: Item, index: number): void {
    lane.running++;
    this.routing
      .send(item, index, this.#stopping.signal)
      .then(
        (result) => this.#results.push(result),
        // The provider was closed under us: that is the caller's to know.
        (error: unknown) => {
          this.thrown ??= error;
          this.stop();
        },
      )
      .finally(() => this.#finish(lane));
  }

  #finish(lane: Lane<Item>): void {
    lane.running--;
    this.#under_way--;
    const next = lane.waiting.shift();
    if (next) this.#start(lane, next.item, next.index);
    this.#reader.ring();
    this.#puller.ring();
  }

  #lane(name: string): Lane<Item> {
    let lane = this.#lanes.get(name);
    if (!lane) {
      lane = { width: this.routing.widthOf(name), running: 0, waiting: [] };
      this.#lanes.set(name, lane);
    }
    return lane;
  }
}
