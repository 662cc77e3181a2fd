const WINDOW_MS = 15 * 60_000;
/** Names or addresses remembered; beyond that the longest known is forgotten. */
const MOST = 10_000;

/** Attempts to sign in, so many per quarter of an hour; counted before the password is looked at. */
export class Attempts {
  /** @type {Map<string, number[]>} */
  #times = new Map();
  #most;
  #now;

  /**
   * @param {number} most
   * @param {() => number} now
   */
  constructor(most, now) {
    this.#most = most;
    this.#now = now;
  }

  /**
   * 0, or the seconds to wait.
   *
   * @param {string} key
   */
  take(key) {
    const now_ms = this.#now();
    const recent = (this.#times.get(key) ?? []).filter((time_ms) => now_ms - time_ms < WINDOW_MS);
    const [oldest = now_ms] = recent;
    const is_free = recent.length < this.#most;
    this.#times.delete(key);
    this.#times.set(key, is_free ? [...recent, now_ms] : recent);
    const [first] = this.#times.keys();
    if (this.#times.size > MOST && first !== undefined) this.#times.delete(first);
    return is_free ? 0 : Math.ceil((oldest + WINDOW_MS - now_ms) / 1000);
  }

  /**
   * After a success: it was no guess.
   *
   * @param {string} key
   */
  forget(key) {
    this.#times.delete(key);
  }
}
