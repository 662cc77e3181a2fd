import { setTimeout as delay } from "node:timers/promises";
import {
  PushError,
  type PushNotificationFailure,
  type PushNotificationResult,
  type PushRouter,
  type RoutedPayload,
} from "../index.js";
import type { Input } from "./bulk_input.js";
import type { Item, Problem } from "./bulk_lines.js";
import type { Ledger, Row } from "./ledger.js";
import type { Tally } from "./tally.js";

/** What a bulk run is made of. */
export interface BulkPlan {
  readonly router: PushRouter;
  readonly input: Input;
  /** Of lines that cannot be read. */
  readonly platform: string;
  readonly readItem: (line: string) => Item | Problem | undefined;
  /** What earlier runs did; absent: there were none. */
  readonly ledger: Ledger | undefined;
  readonly record: (row: Row) => Promise<void>;
  readonly tally: Tally;
  readonly max_in_flight: number;
  readonly per_second: number | undefined;
  /** Also what may have been sent when an earlier run was killed. */
  readonly resend: boolean;
  readonly dry_run: boolean;
}

/** After a pause so much may be made up for. */
const MOST_LATE_MS = 100;

/** Sends the lines of an input, so many at a time, each at most once. */
export class BulkRun {
  /** Every line was taken. */
  complete = false;
  /** Lines that were under way when an earlier run was killed. */
  readonly maybe_sent: number[] = [];
  /** By the position in the router's stream. */
  readonly #under_way = new Map<number, number>();
  readonly #stopping = new AbortController();
  readonly #aborting = new AbortController();
  #taken = 0;
  #due_ms = 0;
  #wake: () => void = () => {};

  constructor(private readonly plan: BulkPlan) {}

  get in_flight(): number {
    return this.#under_way.size;
  }

  /** No line is begun any more; what is under way is finished. */
  stop(): void {
    this.#stopping.abort();
    this.plan.input.close();
    this.#wake();
  }

  /** What is under way is cut, too. */
  abort(): void {
    this.stop();
    this.#aborting.abort();
  }

  /** Resolves when everything that was begun is answered and recorded. */
  async run(): Promise<void> {
    const { router, dry_run } = this.plan;
    let failure: { readonly error: unknown } | undefined;
    const stream = router.stream(this.#items(), { signal: this.#aborting.signal, dry_run });
    try {
      for await (const result of stream) {
        const line = this.#under_way.get(result.index) ?? 0;
        this.#under_way.delete(result.index);
        this.#wake();
        // Results that cannot be kept are a reason to stop, but not to cut what is under way.
        await this.#record(line, result).catch((error: unknown) => {
          failure ??= { error };
          this.stop();
        });
      }
    } catch (error) {
      failure ??= { error: PushError.is(error) && error.code === "INPUT_FAILED" ? error.cause : error };
    }
    if (failure) throw failure.error;
  }

  async *#items(): AsyncGenerator<[{ platform: string; device_token: unknown }, RoutedPayload]> {
    const { input, readItem, ledger } = this.plan;
    let number = 0;
    for await (const text of input.lines) {
      if (this.#stopped) return;
      number++;
      const item = readItem(text);
      if (!item) continue;
      if ("problem" in item) {
        const { platform } = this.plan;
        await this.#record(number, unsent(platform, "INVALID_TOKEN", `line ${number}: ${item.problem}`));
        continue;
      }
      const { platform, device_token, payload } = item;
      const earlier = ledger?.earlier(number, device_token);
      if (earlier === "answered") continue;
      if (earlier === "maybe_sent") {
        this.maybe_sent.push(number);
        if (!this.plan.resend) {
          const message = "The run was killed while this one was under way: it may have been sent.";
          const failure = { ...unsent(platform, "ABORTED", message), attempts: 1, device_token };
          await this.#record(number, { ...failure, retryable: true, may_have_been_sent: true });
          continue;
        }
      }
      await this.#room();
      await this.#pace();
      if (this.#stopped) return;
      ledger?.begin(number);
      this.#under_way.set(this.#taken++, number);
      yield [{ platform, device_token }, payload as RoutedPayload];
    }
    this.complete = !this.#stopped;
  }

  get #stopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  async #record(line: number, result: PushNotificationResult): Promise<void> {
    await this.plan.record({ line, ...result, index: line - 1 });
    this.plan.tally.count(result);
  }

  async #room(): Promise<void> {
    while (this.#under_way.size >= this.plan.max_in_flight && !this.#stopped) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async #pace(): Promise<void> {
    const { per_second } = this.plan;
    if (per_second === undefined) return;
    const now_ms = performance.now();
    const wait_ms = this.#due_ms - now_ms;
    this.#due_ms = Math.max(this.#due_ms, now_ms - MOST_LATE_MS) + 1000 / per_second;
    if (wait_ms > 0) await delay(wait_ms, undefined, { signal: this.#stopping.signal }).catch(() => {});
  }
}

/** The result of a line that no service was asked about. */
function unsent(
  platform: string,
  error_code: PushNotificationFailure["error_code"],
  message: string,
): PushNotificationFailure {
  return {
    success: false,
    platform,
    index: 0,
    message,
    message_id: "",
    attempts: 0,
    duration_ms: 0,
    timestamp: new Date().toISOString(),
    warnings: [],
    error_code,
    retryable: false,
    remove_token: false,
    may_have_been_sent: false,
  };
}
