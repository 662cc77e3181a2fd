/** When a connection is asked whether it is still there, and when it is given up. */
export interface WatchTimes {
  /** How often it is looked at; the other times are counted in this. Default 1000. */
  readonly beat_ms: number;
  /** Silence for so long while an answer is due: it is asked with a PING. Default 5000. */
  readonly silence_ms: number;
  /** Silence for so long while nothing is due: likewise. Default 300,000: some hosts punish those who ask more often. */
  readonly idle_ping_ms: number;
  /** Silence for so long after the PING: it is dead. Default 10,000. */
  readonly answer_ms: number;
  /** Silence for so long when a request is given up: others go elsewhere until something comes. Default 1000. */
  readonly doubt_ms: number;
}

export const WATCH_TIMES: WatchTimes = {
  beat_ms: 1000,
  silence_ms: 5000,
  idle_ping_ms: 300_000,
  answer_ms: 10_000,
  doubt_ms: 1000,
};

/**
 * Tells a slow connection from a dead one: a peer that is gone without a word shows in nothing but silence.
 *
 * It counts beats instead of reading a clock: when this process itself was stopped for a while there is one beat, and
 * what has come in meanwhile is read before the next.
 */
export class Watch {
  readonly #times: WatchTimes;
  #bytes = 0;
  #silent = 0;
  #asked: number | undefined;

  constructor(times: WatchTimes) {
    this.#times = times;
  }

  /** For how long nothing has come in, as far as the beats tell. */
  get silence_ms(): number {
    return this.#silent * this.#times.beat_ms;
  }

  /** `bytes` came in since the connection was made; `busy`: an answer is due. */
  beat(bytes: number, busy: boolean): "ping" | "dead" | undefined {
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#silent = 0;
      this.#asked = undefined;
      return undefined;
    }
    const { beat_ms, silence_ms, idle_ping_ms, answer_ms } = this.#times;
    this.#silent += 1;
    if (this.#asked !== undefined) {
      return (this.#silent - this.#asked) * beat_ms >= answer_ms ? "dead" : undefined;
    }
    if (this.#silent * beat_ms < (busy ? silence_ms : idle_ping_ms)) return undefined;
    this.#asked = this.#silent;
    return "ping";
  }
}
