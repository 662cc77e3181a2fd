import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { PushNotificationResult } from "../../src/index.js";
import { type BroadcastProgress, openMemoryStore } from "../../src/store/index.js";
import { broadcastProgress } from "../../src/store/progress.js";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }));
afterEach(() => void vi.useRealTimers());

async function progress() {
  await using store = openMemoryStore();
  const seen: BroadcastProgress[] = [];
  const broadcast = await store.createBroadcast({ payload: { title: "To all" } });
  const { count, end } = broadcastProgress(broadcast, (now) => seen.push(now));
  const accepted = (number: number) => {
    const results = Array.from({ length: number }, () => ({}) as PushNotificationResult);
    count({ results, removed: 0 });
  };
  return { accepted, end, done: () => seen.map(({ done }) => done) };
}

it("what comes in the first moment is told a tenth of a second later, also when nothing follows for long", async () => {
  const { accepted, done } = await progress();
  accepted(20);
  accepted(9);
  expect(done()).toEqual([]);
  vi.advanceTimersByTime(100);
  expect(done()).toEqual([29]);
  vi.advanceTimersByTime(60_000);
  expect(done()).toEqual([29]);
});

it("tells at most ten times a second, the newest, and nothing after its end", async () => {
  const { accepted, end, done } = await progress();
  for (let i = 0; i < 50; i++) {
    vi.advanceTimersByTime(10);
    accepted(1);
  }
  expect(done()).toEqual([9, 19, 29, 39, 49]);
  accepted(1);
  end();
  expect(done().at(-1)).toBe(51);
  vi.advanceTimersByTime(1000);
  expect(done()).toHaveLength(6);
});
