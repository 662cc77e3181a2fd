import { Gate } from "./gate.js";
import { Window } from "./window.js";

/** What is known of one origin: whether it takes requests, and how many at a time. */
export interface OriginState {
  readonly gate: Gate;
  readonly window: Window;
}

const MAX_ORIGINS = 1000;

/** What is known of every origin. Origins can come from strangers: the oldest is forgotten rather than memory spent. */
export class Origins {
  private readonly states = new Map<string, OriginState>();

  private first: OriginState | undefined;

  constructor(private readonly max_concurrency: number) {}

  get size(): number {
    return this.states.size;
  }

  /** The one that there is, when there is one only. */
  get only(): OriginState | undefined {
    return this.states.size === 1 ? this.first : undefined;
  }

  of(key: string): OriginState {
    let state = this.states.get(key);
    if (!state) {
      if (this.states.size >= MAX_ORIGINS) this.forgetOne();
      state = { gate: new Gate(), window: new Window(this.max_concurrency) };
      this.states.set(key, state);
      this.first ??= state;
    }
    return state;
  }

  private forgetOne(): void {
    const keys = [...this.states.keys()];
    const forgotten = keys.find((key) => this.states.get(key)?.gate.open) ?? keys[0];
    if (forgotten !== undefined) this.states.delete(forgotten);
  }
}
