import { afterEach, describe, expect, it } from "vitest";
import { closeAllProviders } from "../../src/index.js";
import { openPlain } from "./support.js";

afterEach(() => closeAllProviders({ timeout_seconds: 0 }));

import { RetryBudget } from "../../src/engine/budget.js";
import { Limiter } from "../../src/engine/limiter.js";
import { acquireSlot } from "../../src/engine/slots.js";
import { Waits } from "../../src/engine/waits.js";
import { FakeClock, settle } from "./support.js";

describe("slots", () => {
  it("never has more attempts in flight than max_concurrency, and counts what waits", async () => {
    const { provider, transport } = await openPlain({ max_concurrency: 3 });
    transport.hold = true;
    const sending = Array.from({ length: 8 }, (_, i) => provider.sendNotification(`h/${i}`, { title: "t" }));
    await settle();
    expect(transport.in_flight).toBe(3);
    expect(provider.getPlatformInfo().counters).toMatchObject({
      taken: 8,
      in_flight: 3,
      queued: 5,
      accepted: 0,
    });
    transport.hold = false;
    transport.release();
    expect((await Promise.all(sending)).every((result) => result.success)).toBe(true);
    expect(transport.max_in_flight).toBe(3);
  });

  it("deadline while queued: TIMEOUT with no attempt; ttl while queued: EXPIRED", async () => {
    const { provider, clock, transport } = await openPlain({ max_concurrency: 1, deadline_seconds: 10 });
    transport.hold = true;
    const first = provider.sendNotification(
      "h/a",
      { title: "t" },
      { deadline_seconds: 100, timeout_seconds: 100 },
    );
    const queued = provider.sendNotification("h/b", { title: "t" });
    const expiring = provider.sendNotification("h/c", { title: "t", ttl_seconds: 4 });
    await clock.advance(10_000);
    expect(await queued).toMatchObject({ error_code: "TIMEOUT", attempts: 0 });
    expect(await expiring).toMatchObject({ error_code: "EXPIRED", attempts: 0, duration_ms: 4000 });
    transport.release();
    expect((await first).success).toBe(true);
  });

  it("one that waits to be retried holds no slot", async () => {
    const { provider, clock, transport } = await openPlain({ max_concurrency: 1 });
    transport.answer("slow", { status: 429, headers: { "retry-after": "20" } }, { status: 200 });
    const slow = provider.sendNotification("h/slow", { title: "t" });
    await settle();
    expect((await provider.sendNotification("h/quick", { title: "t" })).success).toBe(true);
    await clock.advance(20_000);
    expect((await slow).success).toBe(true);
  });

  it("one origin holds at most half of the slots while another has work", async () => {
    const { provider, transport } = await openPlain({ max_concurrency: 4 });
    transport.hold = true;
    const all = ["a", "a", "a", "a", "a", "a", "b", "b", "b"].map((host, i) =>
      provider.sendNotification(`${host}/${host}${i}`, { title: "t" }),
    );
    await settle();
    expect(transport.sent.map(({ token }) => token)).toEqual(["a0", "a1", "a2", "a3"]);
    transport.release(4);
    await settle();
    const hosts = transport.sent.slice(4).map(({ token }) => token[0]);
    expect(hosts.filter((host) => host === "b")).toHaveLength(2);
    expect(hosts.filter((host) => host === "a")).toHaveLength(2);
    transport.hold = false;
    for (let i = 0; i < 5; i++) {
      transport.release();
      await settle();
    }
    expect((await Promise.all(all)).every((result) => result.success)).toBe(true);
  });

  it("F8 rate_limit spreads attempts over time", async () => {
    const { provider, clock, transport } = await openPlain({ rate_limit: { per_second: 2, burst: 1 } });
    const sending = Array.from({ length: 4 }, (_, i) => provider.sendNotification(`h/${i}`, { title: "t" }));
    await clock.advance(3000);
    await Promise.all(sending);
    const first = transport.sent[0]?.at ?? 0;
    expect(transport.sent.map(({ at }) => at - first)).toEqual([0, 500, 1000, 1500]);
  });

  it("a rate limit leaves no timer behind on close", async () => {
    const { provider, clock } = await openPlain({ rate_limit: { per_second: 1, burst: 1 } });
    const sending = provider.sendMulticastNotification(["h/a", "h/b"], { title: "t" });
    await settle();
    await provider.close();
    expect((await sending).map((result) => result.error_code)).toEqual([undefined, "ABORTED"]);
    expect(clock.pending).toBe(0);
  });

  it("one that got a slot in the moment in which it was stopped gives it back", async () => {
    const clock = new FakeClock();
    const limiter = new Limiter(1);
    const waits = new Waits(clock);
    limiter.tryAcquire("h");
    const acquiring = acquireSlot(limiter, "h", waits, clock.now() + 1000, clock);
    limiter.release("h");
    waits.stop("aborted");
    expect(await acquiring).toBe(false);
    expect(limiter.load).toBe(0);
  });

  it("one that has the call's own slot and gets none of the engine's lets the next of its call try", async () => {
    const { provider, clock, transport } = await openPlain({ max_concurrency: 4 });
    transport.hold = true;
    const others = ["a/1", "a/2", "b/1"].map((token) =>
      provider.sendNotification(token, { title: "t" }, { deadline_seconds: 100, timeout_seconds: 100 }),
    );
    await settle();
    // Origin a has its half, so these wait although a slot is free.
    const waiting = provider.sendMulticastNotification(
      ["a/3", "a/4"],
      { title: "t" },
      { max_concurrency: 1, deadline_seconds: 1 },
    );
    await clock.advance(3000);
    expect((await waiting).map((result) => [result.error_code, result.attempts])).toEqual([
      ["TIMEOUT", 0],
      ["TIMEOUT", 0],
    ]);
    transport.release();
    await Promise.all(others);
  });
});

describe("the retry budget", () => {
  it("ends timed retries once its reserve is used up: a failing service costs little more than without", async () => {
    const { provider, clock, transport } = await openPlain({ max_concurrency: 100 });
    for (let i = 0; i < 100; i++) transport.answer(String(i), { status: 503 });
    const sending = Array.from({ length: 100 }, (_, i) =>
      provider.sendNotification(`h/${i}`, { title: "t" }),
    );
    await clock.advance(20_000);
    const results = await Promise.all(sending);
    expect(results.every((result) => !result.success && result.error_code === "SERVICE_UNAVAILABLE")).toBe(
      true,
    );
    expect(transport.sent.length).toBeGreaterThan(140);
    expect(transport.sent.length).toBeLessThanOrEqual(100 + 50 + 10);
  });

  it("can be switched off", async () => {
    const { provider, clock, transport } = await openPlain({
      max_concurrency: 100,
      retry: { budget: false },
    });
    for (let i = 0; i < 100; i++) transport.answer(String(i), { status: 503 });
    const sending = Array.from({ length: 100 }, (_, i) =>
      provider.sendNotification(`h/${i}`, { title: "t" }),
    );
    await clock.advance(20_000);
    await Promise.all(sending);
    expect(transport.sent).toHaveLength(400);
  });

  it("holds 200 at the most, and starts with 50", () => {
    const retries = new RetryBudget();
    const spend = (origin: string) => {
      let spent = 0;
      for (; retries.left(origin); spent++) retries.take(origin);
      return spent;
    };
    expect(spend("new")).toBe(50);
    for (let i = 0; i < 10_000; i++) retries.firstAttempt("busy");
    expect(spend("busy")).toBe(200);
  });

  it("remembers a thousand origins: strangers can name as many as they like", () => {
    const retries = new RetryBudget();
    retries.firstAttempt("first");
    while (retries.left("first")) retries.take("first");
    for (let i = 0; i < 999; i++) retries.firstAttempt(`origin-${i}`);
    expect(retries.left("first")).toBe(false);
    retries.firstAttempt("one more");
    expect(retries.left("first")).toBe(true);
  });
});
