import { expect, it } from "vitest";
import { startProgress } from "../../src/engine/progress.js";
import type { BulkProgress } from "../../src/index.js";
import { FakeClock, openPlain } from "./support.js";

const SUCCESS = { success: true } as Parameters<NonNullable<ReturnType<typeof startProgress>>["count"]>[0];

it("progress is told ten times in each second of steady results, with the rate", async () => {
  const clock = new FakeClock();
  const started_ms = clock.now();
  const told: (BulkProgress & { at_ms: number })[] = [];
  const progress = startProgress(
    (one) => told.push({ ...one, at_ms: clock.now() - started_ms }),
    undefined,
    clock,
  );
  for (let i = 0; i < 1000; i++) {
    await clock.advance(5);
    progress?.count(SUCCESS);
  }
  progress?.end();
  expect(told.map(({ at_ms }) => at_ms)).toEqual([
    ...Array.from({ length: 50 }, (_, i) => (i + 1) * 100),
    5000,
  ]);
  // The result of that very moment comes after.
  expect(told[24]).toEqual({
    done: 499,
    succeeded: 499,
    failed: 0,
    codes: {},
    per_second: 199.6,
    at_ms: 2500,
  });
});

it("what came quickly is told a tenth of a second later, also when the rest takes long, and nothing after the end", async () => {
  const clock = new FakeClock();
  const told: number[] = [];
  const progress = startProgress(({ done }) => told.push(done), 4, clock);
  progress?.count(SUCCESS);
  progress?.count(SUCCESS);
  expect(told).toEqual([]);
  await clock.advance(100);
  expect(told).toEqual([2]);
  await clock.advance(60_000);
  expect(told).toEqual([2]);
  progress?.count(SUCCESS);
  progress?.count(SUCCESS);
  progress?.end();
  await clock.advance(60_000);
  expect(told).toEqual([2, 3, 4]);
});

it("a stream of unknown length has progress without a total, and each snapshot keeps its codes", async () => {
  const { provider, clock, transport } = await openPlain({ max_concurrency: 1 });
  transport.hold = true;
  transport.answer("1", { status: 410 });
  transport.answer("2", { status: 410 });
  const told: BulkProgress[] = [];
  const read = async () => {
    const rows = (function* () {
      for (let i = 0; i < 3; i++) yield [`h/${i}`, { title: "t" }] as const;
    })();
    for await (const _result of provider.streamNotifications(rows, { on_progress: (one) => told.push(one) }));
  };
  const reading = read();
  for (let i = 0; i < 3; i++) {
    await clock.advance(200);
    transport.release(1);
    await clock.advance(0);
  }
  await reading;
  expect(told.map(({ done, codes }) => [done, codes])).toEqual([
    [1, {}],
    [2, { UNREGISTERED: 1 }],
    [3, { UNREGISTERED: 2 }],
    [3, { UNREGISTERED: 2 }],
  ]);
  expect(told.some((one) => "total" in one)).toBe(false);
});
