/** How long something took, counted since the provider was opened. JSON-safe. */
export interface LatencyStats {
  count: number;
  sum_ms: number;
  max_ms: number;
  /** Half took at most so long; at most an eighth above the true value. `null` before the first. */
  p50_ms: number | null;
  p95_ms: number | null;
  p99_ms: number | null;
  /**
   * How many took at most `le_ms`: 1, 2, 4, … 131072. Cumulative, as Prometheus wants them; what took longer is in
   * `count` only.
   */
  buckets: { le_ms: number; count: number }[];
}

/** Equal steps in each doubling: a percentile is at most one of them too high. */
const STEPS = 8;
const STEP_BITS = Math.log2(STEPS);
const LAST_DOUBLING = 17;
const LONGEST_MS = 2 ** LAST_DOUBLING;

/**
 * Counts durations in buckets whose width grows with the duration (as HdrHistogram does): 1 KB for any number of
 * them, and to count one is a few additions.
 */
export class Histogram {
  private count = 0;
  private sum_ms = 0;
  private max_ms = 0;
  private readonly counts = new Float64Array(indexBelow(LAST_DOUBLING));

  record(duration_ms: number): void {
    // A clock may be set back.
    const ms = Math.max(0, duration_ms);
    this.count++;
    this.sum_ms += ms;
    if (ms > this.max_ms) this.max_ms = ms;
    if (ms > LONGEST_MS) return;
    const index = indexOf(ms);
    this.counts[index] = (this.counts[index] ?? 0) + 1;
  }

  snapshot(): LatencyStats {
    const { count, sum_ms, max_ms } = this;
    return {
      count,
      sum_ms,
      max_ms,
      p50_ms: this.percentile(0.5),
      p95_ms: this.percentile(0.95),
      p99_ms: this.percentile(0.99),
      buckets: this.buckets(),
    };
  }

  private percentile(share: number): number | null {
    if (this.count === 0) return null;
    let left = Math.ceil(share * this.count);
    const index = this.counts.findIndex((counted) => {
      left -= counted;
      return left <= 0;
    });
    return index < 0 ? this.max_ms : Math.min(this.max_ms, upperBound(index));
  }

  private buckets(): LatencyStats["buckets"] {
    const buckets: LatencyStats["buckets"] = [];
    let count = 0;
    let next = 0;
    for (let doubling = 0; doubling <= LAST_DOUBLING; doubling++) {
      for (; next < indexBelow(doubling); next++) count += this.counts[next] ?? 0;
      buckets.push({ le_ms: 2 ** doubling, count });
    }
    return buckets;
  }
}

/** The bucket of a duration. A bucket holds its upper bound and not its lower one, as `le` says. */
function indexOf(ms: number): number {
  const below = Math.max(0, Math.ceil(ms) - 1);
  if (below < STEPS) return below;
  const doubling = 31 - Math.clz32(below);
  return (doubling - STEP_BITS) * STEPS + (below >> (doubling - STEP_BITS));
}

function upperBound(index: number): number {
  if (index < STEPS) return index + 1;
  const shift = Math.floor(index / STEPS) - 1;
  return (STEPS + (index % STEPS) + 1) * 2 ** shift;
}

/** How many buckets there are up to two to the power of `doubling`. */
function indexBelow(doubling: number): number {
  return doubling <= STEP_BITS ? 2 ** doubling : (doubling - STEP_BITS + 1) * STEPS;
}
