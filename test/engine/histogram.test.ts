import { describe, expect, it } from "vitest";
import { Histogram, type LatencyStats } from "../../src/engine/histogram.js";

function of(...durations: number[]): LatencyStats {
  const histogram = new Histogram();
  for (const duration of durations) histogram.record(duration);
  return histogram.snapshot();
}
const upTo = (stats: LatencyStats, le_ms: number) =>
  stats.buckets.find((bucket) => bucket.le_ms === le_ms)?.count;

describe("the latency histogram", () => {
  it("has buckets from 1 ms to two minutes, and nothing in them at first", () => {
    const { buckets, ...rest } = of();
    expect(rest).toEqual({ count: 0, sum_ms: 0, max_ms: 0, p50_ms: null, p95_ms: null, p99_ms: null });
    expect(buckets.map(({ le_ms }) => le_ms)).toEqual(Array.from({ length: 18 }, (_, i) => 2 ** i));
    expect(buckets.every(({ count }) => count === 0)).toBe(true);
  });

  it.each([
    0, 0.2, 1, 2, 3, 4, 5, 7.5, 8, 8.1, 9, 15, 16, 17, 100, 128, 129, 1023.5, 1024, 1025, 65_537, 131_072,
  ])("%d ms counts for every bound that is not below it, and for no other", (duration) => {
    for (const { le_ms, count } of of(duration).buckets)
      expect([le_ms, count]).toEqual([le_ms, duration <= le_ms ? 1 : 0]);
  });

  it("buckets are cumulative", () => {
    const stats = of(1, 2, 2, 30, 30, 31, 5000);
    expect([1, 2, 4, 16, 32, 4096, 8192, 131_072].map((le_ms) => upTo(stats, le_ms))).toEqual([
      1, 3, 3, 3, 6, 6, 7, 7,
    ]);
  });

  it("percentiles are never below the true value, and at most an eighth above", () => {
    // A fixed sequence that spreads over all magnitudes.
    const durations = Array.from({ length: 10_000 }, (_, i) =>
      Math.round(2 ** (((i * 7919) % 10_000) / 625)),
    );
    const sorted = durations.toSorted((a, b) => a - b);
    const stats = of(...durations);
    for (const [said, share] of [
      [stats.p50_ms, 0.5],
      [stats.p95_ms, 0.95],
      [stats.p99_ms, 0.99],
    ] as const) {
      const truth = sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
      expect(said).toBeGreaterThanOrEqual(truth);
      expect(said).toBeLessThanOrEqual(truth * 1.125);
    }
    expect(stats.count).toBe(10_000);
    expect(stats.sum_ms).toBe(durations.reduce((sum, duration) => sum + duration, 0));
  });

  it("of one duration every percentile is that duration", () => {
    for (const duration of [0, 1, 5, 137, 40_001]) {
      expect(of(duration, duration)).toMatchObject({ p50_ms: duration, p99_ms: duration, max_ms: duration });
    }
  });

  it("what took longer than all bounds is counted, and known by the longest", () => {
    const stats = of(10, 200_000, 2 ** 32 + 6);
    expect(upTo(stats, 131_072)).toBe(1);
    expect(stats).toMatchObject({ count: 3, max_ms: 2 ** 32 + 6, p50_ms: 2 ** 32 + 6 });
  });

  it("a clock that was set back counts as no time", () => {
    expect(of(-5000)).toMatchObject({ count: 1, sum_ms: 0, p50_ms: 0 });
  });

  it("a snapshot does not change", () => {
    const histogram = new Histogram();
    const before = histogram.snapshot();
    histogram.record(1);
    expect(before).toMatchObject({
      count: 0,
      buckets: [{ le_ms: 1, count: 0 }, ...Array(17).fill({ count: 0 })],
    });
  });
});
