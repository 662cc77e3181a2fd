import { Gate } from "./gate.js";
import { Window } from "./window.js";

/** What is known of one origin: whether it takes requests, and how many at a time. */
export interface OriginState {
  readonly gate: Gate;
  readonly window: Window;
}

/** How the hosts do that are sent to. A summary: there may be thousands of them. */
export interface OriginStats {
  /** Seen lately, at most 1000. */
  known: number;
  /** Of these: asked for silence until a time that has not come yet. */
  paused: number;
  /** Of these: did not answer; one request at a time finds out whether they are back. */
  down: number;
  /** The least and the most that one of them gets at a time. `null` before the first. */
  smallest_window: number | null;
  largest_window: number | null;
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

  stats(now_ms: number): OriginStats {
    const states = [...this.states.values()];
    const gates = states.map(({ gate }) => gate.state(now_ms));
    const windows = states.map(({ window }) => window.size);
    return {
      known: states.length,
      paused: gates.filter((gate) => gate === "paused").length,
      down: gates.filter((gate) => gate === "down").length,
      smallest_window: windows.length > 0 ? Math.min(...windows) : null,
      largest_window: windows.length > 0 ? Math.max(...windows) : null,
    };
  }

  private forgetOne(): void {
    const keys = [...this.states.keys()];
    const forgotten = keys.find((key) => this.states.get(key)?.gate.open) ?? keys[0];
    if (forgotten !== undefined) this.states.delete(forgotten);
  }
}
