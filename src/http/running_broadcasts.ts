import { PushError, type PushRouter } from "../index.js";
import {
  type Broadcast,
  type BroadcastProgress,
  type SubscriptionStore,
  sendBroadcast,
} from "../store/index.js";

export type ProgressListener = (progress: BroadcastProgress) => void;

/** A broadcast that this process sends. */
export interface Run {
  readonly listeners: Set<ProgressListener>;
  /** The last that was told. */
  progress: BroadcastProgress | undefined;
  /** Resolves when it is finished, or was stopped; rejects when the store failed. */
  readonly ended: Promise<Broadcast | undefined>;
  stop(): void;
}

/** The broadcasts that run here. Whoever asked for one may leave: it goes on without them. */
export class Broadcasts {
  readonly #runs = new Map<string, Run>();
  #is_closed = false;

  /** The run of this broadcast; a new one, unless it runs already. */
  start(id: string, { store, router }: { store: SubscriptionStore; router: PushRouter }): Run {
    if (this.#is_closed) throw new PushError("PROVIDER_CLOSED", "broadcast: these handlers were closed");
    const running = this.#runs.get(id);
    if (running) return running;
    const stopper = new AbortController();
    const send = async () => {
      const results = sendBroadcast({
        ...{ store, router, id, signal: stopper.signal },
        on_progress: (progress) => {
          run.progress = progress;
          for (const listener of run.listeners) listener(progress);
        },
      });
      try {
        for (;;) {
          const { done, value } = await results.next();
          if (done) return value;
        }
      } finally {
        this.#runs.delete(id);
      }
    };
    const run: Run = {
      listeners: new Set(),
      progress: undefined,
      ended: Promise.resolve().then(send),
      stop: () => stopper.abort(),
    };
    this.#runs.set(id, run);
    // Its listeners hear of it; without one it is nobody's unhandled rejection.
    run.ended.catch(() => {});
    return run;
  }

  find(id: string): Run | undefined {
    return this.#runs.get(id);
  }

  /** Stops all; resolves when what was under way is written down. */
  async close(): Promise<void> {
    this.#is_closed = true;
    const runs = [...this.#runs.values()];
    for (const run of runs) run.stop();
    await Promise.allSettled(runs.map(({ ended }) => ended));
  }
}
