interface Waiter {
  readonly count: number;
  settle(error?: Error): void;
}

/** What came in, in order. `entries` is one array for the log's whole life: it may be kept. */
export class ReceivedLog<Entry> {
  readonly entries: Entry[] = [];
  readonly #waiting = new Set<Waiter>();
  #ended = false;

  add(entry: Entry): void {
    this.entries.push(entry);
    for (const waiter of this.#waiting) if (waiter.count <= this.entries.length) waiter.settle();
  }

  clear(): void {
    this.entries.length = 0;
  }

  /** Resolves with the entries as soon as there are `count` of them; rejects when that takes longer than `timeout_ms`. */
  waitFor(count: number, timeout_ms: number): Promise<readonly Entry[]> {
    if (this.entries.length >= count) return Promise.resolve(this.entries);
    if (this.#ended) return Promise.reject(this.#missing("before it was closed", count));
    return new Promise((resolve, reject) => {
      const settle = (error?: Error) => {
        clearTimeout(timer);
        this.#waiting.delete(waiter);
        if (error) reject(error);
        else resolve(this.entries);
      };
      const waiter = { count, settle };
      const timer = setTimeout(() => settle(this.#missing(`within ${timeout_ms} ms`, count)), timeout_ms);
      this.#waiting.add(waiter);
    });
  }

  /** Ends every wait: nothing more will come. */
  end(): void {
    this.#ended = true;
    for (const waiter of this.#waiting) waiter.settle(this.#missing("before it was closed", waiter.count));
  }

  #missing(when: string, count: number): Error {
    return new Error(`received ${this.entries.length} of the ${count} awaited ${when}`);
  }
}
