/** Starts are kept for so many notifications; none is overtaken by more. A power of two. */
const RING = 1 << 17;
/** Buckets of the latency histogram: each is 1 % wider than the one before; the first ends at a microsecond. */
const WIDTH = Math.log(1.01);
const BUCKETS = 2048;

/**
 * The notifications of one round: hands them out until there were enough, or the time is over, and takes what became
 * of each. Its memory does not grow with their number.
 */
export class Load {
  /** Handed out. */
  taken = 0;
  settled = 0;
  failed = 0;
  /** @type {string | undefined} */
  first_failure;
  #started = new Float64Array(RING);
  #histogram = new Uint32Array(BUCKETS);
  #first;
  #last;
  #ends_at;

  /** @param {{ first: number, messages: number, seconds: number, in_flight: number }} limits `first`: number of its first notification */
  constructor({ first, messages, seconds, in_flight }) {
    this.in_flight = in_flight;
    this.#first = first;
    this.#last = first + messages;
    this.#ends_at = performance.now() + seconds * 1000;
  }

  /** Number of the next notification, or -1: no more. */
  take() {
    const number = this.#first + this.taken;
    if (number >= this.#last) return -1;
    const now = performance.now();
    if (now >= this.#ends_at) return -1;
    this.#started[number & (RING - 1)] = now;
    this.taken++;
    return number;
  }

  /**
   * @param {number} number
   * @param {unknown} failure undefined: the service accepted it
   */
  settle(number, failure) {
    const duration_us = (performance.now() - (this.#started[number & (RING - 1)] ?? 0)) * 1000;
    const bucket = Math.min(BUCKETS - 1, Math.max(0, Math.ceil(Math.log(duration_us) / WIDTH)));
    this.#histogram[bucket] = (this.#histogram[bucket] ?? 0) + 1;
    this.settled++;
    if (failure === undefined) return;
    this.failed++;
    this.first_failure ??= describe(failure);
  }

  /**
   * The latency that this share of the notifications did not exceed, in milliseconds.
   *
   * @param {number} share
   */
  quantile(share) {
    let left = this.settled * share;
    const bucket = this.#histogram.findIndex((amount) => {
      left -= amount;
      return left <= 0;
    });
    return Math.exp(bucket * WIDTH) / 1000;
  }
}

/** @param {unknown} failure */
function describe(failure) {
  if (failure instanceof Error) return failure.message;
  return typeof failure === "string" ? failure : JSON.stringify(failure);
}
