import { afterEach, describe, expect, it } from "vitest";
import type { Pacing } from "../../src/codec.js";
import { createPacer, type Pacer } from "../../src/engine/pacer.js";
import { closeAllProviders } from "../../src/index.js";
import { FakeClock, openPlain, settle } from "./support.js";

afterEach(() => closeAllProviders({ timeout_seconds: 0 }));

const payload = { title: "t" };

/** Somebody who takes whenever it may, for so long; at which milliseconds it could. */
async function takeFor(duration_ms: number, pacer: Pacer, clock: FakeClock): Promise<number[]> {
  const start_ms = clock.now();
  const times: number[] = [];
  const takeAll = () => {
    while (pacer.take()) times.push(clock.now() - start_ms);
  };
  pacer.onFree(takeAll);
  takeAll();
  await clock.advance(duration_ms);
  pacer.onFree(() => {});
  return times;
}

function openPacer(pacing: Pacing, rate_limit?: { per_second: number; burst?: number }) {
  const clock = new FakeClock();
  const pacer = createPacer({ rate_limit }, pacing, clock);
  if (!pacer) throw new Error("no pacer");
  return { clock, pacer };
}

/** The most in any span of so many milliseconds. */
function most(times: readonly number[], span_ms: number): number {
  return Math.max(...times.map((end) => times.filter((at) => at > end - span_ms && at <= end).length));
}

const between = (times: readonly number[], from_ms: number, to_ms: number) =>
  times.filter((at) => at >= from_ms && at < to_ms).length;

describe("a quota per minute", () => {
  it("is never exceeded in any minute, wherever that begins", async () => {
    const { clock, pacer } = openPacer({ per_minute: 30 }, { per_second: 1, burst: 20 });
    await clock.advance(12_345);
    const times = await takeFor(400_000, pacer, clock);
    expect(most(times, 60_000)).toBe(30);
    expect(times.length).toBeGreaterThanOrEqual(6 * 30);
  });

  it("lets all of it go at once, and the next a minute later", async () => {
    const { clock, pacer } = openPacer({ per_minute: 5 });
    const times = await takeFor(130_000, pacer, clock);
    expect(times.slice(0, 5)).toEqual([0, 0, 0, 0, 0]);
    expect(times[5]).toBeGreaterThanOrEqual(60_000);
    expect(times[5]).toBeLessThanOrEqual(60_100);
    expect(times).toHaveLength(15);
  });

  it("is whole again after a rest", async () => {
    const { clock, pacer } = openPacer({ per_minute: 3 });
    expect(await takeFor(1000, pacer, clock)).toHaveLength(3);
    await clock.advance(600_000);
    expect(await takeFor(1000, pacer, clock)).toHaveLength(3);
  });

  it("neither forgets nor stands still when the clock is set back an hour", async () => {
    const { clock, pacer } = openPacer({ per_minute: 3 });
    await takeFor(30_000, pacer, clock);
    clock.time -= 3_600_000;
    expect(pacer.take()).toBe(false);
    await clock.advance(61_000);
    expect(await takeFor(1000, pacer, clock)).toHaveLength(3);
  });
});

describe("a ramp", () => {
  const ramp_up = { seconds: 60, full_per_minute: 6000 };

  it("goes from one to the full rate in a straight line", async () => {
    const { clock, pacer } = openPacer({ ramp_up }, { per_second: 100, burst: 1 });
    const times = await takeFor(62_000, pacer, clock);
    expect(times[0]).toBe(0);
    for (const [from_s, rate] of [
      [5, 10],
      [15, 26],
      [29, 49],
      [50, 84],
    ] as const) {
      const count = between(times, from_s * 1000, from_s * 1000 + 1000);
      expect(count).toBeGreaterThanOrEqual(rate - 3);
      expect(count).toBeLessThanOrEqual(rate + 1);
    }
    expect(between(times, 60_000, 61_000)).toBeGreaterThanOrEqual(98);
    // Half of what the full rate would have sent.
    expect(Math.abs(between(times, 0, 60_000) - 3000)).toBeLessThan(60);
  });

  it("is no limit any more once it is over, also for one that had to wait all the time", async () => {
    const { clock, pacer } = openPacer({ ramp_up: { seconds: 1, full_per_minute: 60 } });
    const could: boolean[] = [];
    for (let i = 0; i < 3; i++) {
      could.push(pacer.take(), pacer.take());
      await clock.advance(500);
    }
    expect(could).toEqual([true, false, false, false, true, true]);
  });

  it("who was slower than it does not make up for that in one burst", async () => {
    const { clock, pacer } = openPacer({ ramp_up });
    pacer.take();
    await clock.advance(30_000);
    let burst = 0;
    while (pacer.take()) burst++;
    expect(burst).toBe(50);
  });

  it("begins anew after a rest as long as itself, and not sooner", async () => {
    const { clock, pacer } = openPacer({ ramp_up });
    const takeMany = () => {
      let count = 0;
      while (count < 500 && pacer.take()) count++;
      return count;
    };
    const counts = [takeMany()];
    for (const rest_ms of [30_000, 31_000, 59_999, 60_000]) {
      await clock.advance(rest_ms);
      counts.push(takeMany());
    }
    expect(counts).toEqual([1, 50, 500, 500, 1]);
  });
});

describe("a codec's pace", () => {
  it("holds for every attempt, together with the config's rate_limit", async () => {
    const { provider, clock, transport } = await openPlain(
      { rate_limit: { per_second: 10, burst: 10 }, deadline_seconds: 600 },
      { pacing: { per_minute: 12 } },
    );
    transport.answer("0", { status: 503 }, { status: 200 });
    const tokens = Array.from({ length: 24 }, (_, i) => `h/${i}`);
    const sending = provider.sendMulticastNotification(tokens, payload);
    await clock.advance(300_000);
    expect((await sending).every(({ success }) => success)).toBe(true);
    const times = transport.sent.map(({ at }) => at);
    expect(times).toHaveLength(25);
    expect(most(times, 60_000)).toBe(12);
    expect(most(times, 500)).toBeLessThanOrEqual(10 + 5);
  });

  it("whose turn does not come before the deadline settles unsent; what was not taken from the input yet does not wait", async () => {
    const { provider, clock, transport } = await openPlain(
      { deadline_seconds: 20 },
      { pacing: { per_minute: 4 } },
    );
    let pulled = 0;
    function* endless() {
      for (;;) yield [`h/${pulled++}`, payload] as const;
    }
    const codes: unknown[] = [];
    const stream = provider.streamNotifications(endless());
    const reading = (async () => {
      for await (const { attempts, error_code } of stream) codes.push(error_code ?? attempts);
    })();
    await clock.advance(21_000);
    expect([pulled, codes]).toEqual([4, [1, 1, 1, 1]]);
    const alone = provider.sendNotification("h/alone", payload);
    await clock.advance(21_000);
    expect(await alone).toMatchObject({ error_code: "TIMEOUT", attempts: 0, may_have_been_sent: false });
    expect(transport.sent).toHaveLength(4);
    void stream.return();
    await clock.advance(1000);
    await reading;
  });

  it("a bulk run goes on as soon as there is a turn, and none is lost", async () => {
    const { provider, clock, transport } = await openPlain(
      { deadline_seconds: 30, max_concurrency: 1000 },
      { pacing: { per_minute: 600, ramp_up: { seconds: 60, full_per_minute: 600 } } },
    );
    const tokens = Array.from({ length: 2000 }, (_, i) => `h/${i}`);
    const sending = provider.sendMulticastNotification(tokens, payload);
    await clock.advance(360_000);
    const results = await sending;
    expect(results.filter(({ success }) => success)).toHaveLength(2000);
    expect(transport.sent).toHaveLength(2000);
    expect(
      most(
        transport.sent.map(({ at }) => at),
        60_000,
      ),
    ).toBeLessThanOrEqual(600);
  });

  it("abort and close end the wait at once, and leave no timer behind", async () => {
    const { provider, clock } = await openPlain({}, { pacing: { per_minute: 1 } });
    const controller = new AbortController();
    const sent = await provider.sendNotification("h/a", payload);
    const aborted = provider.sendNotification("h/b", payload, { signal: controller.signal });
    const closed = provider.sendNotification("h/c", payload);
    await settle();
    controller.abort();
    expect([sent.success, (await aborted).error_code]).toEqual([true, "ABORTED"]);
    await provider.close();
    expect(await closed).toMatchObject({ error_code: "ABORTED", attempts: 0 });
    expect(clock.pending).toBe(0);
  });
});
