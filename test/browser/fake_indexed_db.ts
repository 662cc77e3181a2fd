/**
 * As much of IndexedDB as a key-value shelf needs, and as strict: a transaction ends by itself when nothing more is asked
 * of it, and writing transactions of one database run one after the other (https://www.w3.org/TR/IndexedDB/#transaction-concept).
 */
export class FakeIndexedDb {
  readonly values = new Map<string, unknown>();
  /** `"closed"`: every request fails, as in some private windows. `"silent"`: nothing is ever answered. */
  mood: "open" | "closed" | "silent" = "open";
  #has_store = false;
  #last: Promise<void> = Promise.resolve();

  open(_name: string, _version: number) {
    const opening: Opening = { ...request(), result: this.#database() };
    if (this.mood === "silent") return opening;
    setImmediate(() => {
      if (this.mood === "closed") return fail(opening, "InvalidStateError");
      if (!this.#has_store) opening.onupgradeneeded?.();
      this.#has_store = true;
      opening.onsuccess?.();
    });
    return opening;
  }

  #database() {
    return {
      createObjectStore: () => undefined,
      transaction: (_store: string, mode: string) => {
        const transaction = new FakeTransaction(this.values, mode, this.#last);
        this.#last = transaction.done;
        return { objectStore: () => transaction };
      },
      close: () => undefined,
    };
  }
}

class FakeTransaction {
  readonly done: Promise<void>;
  #end: () => void = () => {};
  #pending: (() => void)[] = [];
  #has_ended = false;

  constructor(
    private readonly values: Map<string, unknown>,
    private readonly mode: string,
    before: Promise<void>,
  ) {
    this.done = new Promise((resolve) => {
      this.#end = resolve;
    });
    before.then(() => setImmediate(() => this.#run()));
  }

  get(key: string) {
    return this.#ask(() => this.values.get(key));
  }

  put(value: unknown, key: string) {
    if (this.mode !== "readwrite") throw new DOMException("read only", "ReadOnlyError");
    return this.#ask(() => {
      this.values.set(key, structuredClone(value));
      return key;
    });
  }

  #ask(work: () => unknown) {
    if (this.#has_ended) throw new DOMException("the transaction has ended", "TransactionInactiveError");
    const asked = request();
    this.#pending.push(() => {
      asked.result = work();
      asked.onsuccess?.();
    });
    return asked;
  }

  #run(): void {
    const next = this.#pending.shift();
    if (next) {
      next();
      setImmediate(() => this.#run());
    } else {
      this.#has_ended = true;
      this.#end();
    }
  }
}

interface FakeRequest {
  result: unknown;
  error: DOMException | null;
  onsuccess?: () => void;
  onerror?: () => void;
}

interface Opening extends FakeRequest {
  onupgradeneeded?: () => void;
}

function request(): FakeRequest {
  return { result: undefined, error: null };
}

function fail(asked: FakeRequest, name: string): void {
  asked.error = new DOMException("no storage here", name);
  asked.onerror?.();
}
