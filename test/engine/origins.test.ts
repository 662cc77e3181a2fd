import { afterEach, describe, expect, it } from "vitest";
import type { Verdict } from "../../src/codec.js";
import { Origins } from "../../src/engine/origins.js";
import { Resting } from "../../src/engine/resting.js";
import { closeAllProviders } from "../../src/index.js";
import { openPlain, settle } from "./support.js";

afterEach(() => closeAllProviders({ timeout_seconds: 0 }));

const payload = { title: "t" };
const tokens = (count: number, host = "h") => Array.from({ length: count }, (_, i) => `${host}/${i}`);

/** 429 is about the whole sender here. */
const quota = {
  decode: ({ status, headers }: { status: number; headers: Readonly<Record<string, string>> }): Verdict =>
    status === 200
      ? { verdict: "accepted" }
      : {
          verdict: "retry",
          code: "RATE_LIMITED",
          reason: "QUOTA",
          scope: "sender",
          retry_after_ms: Number(headers["retry-after"]) * 1000,
        },
};

describe("an origin under load", () => {
  it("gets a modest number at first, and more as it answers", async () => {
    const { provider, transport } = await openPlain({ max_concurrency: 100 });
    transport.hold = true;
    const sending = provider.sendMulticastNotification(tokens(300), payload);
    await settle();
    expect(transport.in_flight).toBe(32);
    transport.release(32);
    await settle();
    expect(transport.in_flight).toBe(64);
    transport.hold = false;
    transport.release();
    expect((await sending).every(({ success }) => success)).toBe(true);
    expect(transport.max_in_flight).toBeLessThanOrEqual(100);
  });

  it("gets half after it was overloaded", async () => {
    const { provider, transport, clock } = await openPlain({ max_concurrency: 32 });
    transport.answer("0", { status: 503 }, { status: 200 });
    await clock.advance(1);
    const first = provider.sendNotification("h/0", payload);
    await settle();
    transport.hold = true;
    const sending = provider.sendMulticastNotification(tokens(100).slice(1), payload);
    await settle();
    expect(transport.in_flight).toBe(16);
    transport.hold = false;
    transport.release();
    await sending;
    await clock.advance(10_000);
    expect((await first).success).toBe(true);
  });

  it("one that asked this sender to wait is left alone until its time; what waits goes then", async () => {
    const { provider, transport, clock } = await openPlain({}, quota);
    transport.answer("0", { status: 429, headers: { "retry-after": "5" } }, { status: 200 });
    const first = provider.sendNotification("h/0", payload);
    await settle();
    const others = provider.sendMulticastNotification(tokens(5).slice(1), payload);
    const elsewhere = await provider.sendNotification("other/1", payload);
    expect(elsewhere.success).toBe(true);
    await clock.advance(4999);
    expect(transport.sent.filter(({ token }) => token !== "1")).toHaveLength(1);
    await clock.advance(1);
    expect((await others).map(({ success, attempts }) => [success, attempts])).toEqual(
      Array.from({ length: 4 }, () => [true, 1]),
    );
    expect(await first).toMatchObject({ success: true, attempts: 2 });
  });

  it("a notification that cannot wait so long is told at once what the service said", async () => {
    const { provider, transport, clock } = await openPlain({}, quota);
    transport.answer("0", { status: 429, headers: { "retry-after": "3600" } });
    await provider.sendNotification("h/0", payload);
    await clock.advance(600_000);
    const result = await provider.sendNotification("h/1", payload);
    expect(result).toMatchObject({
      error_code: "RATE_LIMITED",
      reason: "QUOTA",
      retry_after: 3000,
      attempts: 0,
    });
  });

  it("what waits at a closed gate is stopped by an abort and by close", async () => {
    const { provider, transport, clock } = await openPlain({}, quota);
    transport.answer("0", { status: 429, headers: { "retry-after": "30" } }, { status: 200 });
    const first = provider.sendNotification("h/0", payload);
    await settle();
    const controller = new AbortController();
    const aborted = provider.sendNotification("h/1", payload, { signal: controller.signal });
    const closed = provider.sendNotification("h/2", payload);
    await settle();
    controller.abort();
    expect(await aborted).toMatchObject({ error_code: "ABORTED", attempts: 0 });
    await provider.close();
    expect(await closed).toMatchObject({ error_code: "ABORTED", attempts: 0 });
    expect(await first).toMatchObject({ error_code: "ABORTED", status_code: 429 });
    expect(clock.pending).toBe(0);
  });

  it("one that is down is probed by one request at a time, and all go when it is back", async () => {
    const { provider, transport, clock } = await openPlain({ max_concurrency: 50, retry: { budget: false } });
    let up = false;
    transport.decide = () => (up ? { status: 200 } : { reach: "connect_failed" });
    const sending = provider.sendMulticastNotification(tokens(40), payload);
    await clock.advance(200);
    const before = transport.sent.length;
    await clock.advance(50);
    await clock.advance(500);
    expect(transport.sent.length - before).toBeLessThanOrEqual(2);
    up = true;
    await clock.advance(10_000);
    expect((await sending).every(({ success }) => success)).toBe(true);
  });

  it.each([
    ["connect_failed", "NETWORK_ERROR", 10_000],
    ["never", "TIMEOUT", 40_000],
  ] as const)(
    "one that stays down (%s) is told to everybody in seconds, with its code",
    async (how, code, within_ms) => {
      const { provider, transport, clock } = await openPlain({ max_concurrency: 50, timeout_seconds: 2 });
      transport.decide = () => (how === "never" ? "never" : { reach: how });
      const sending = provider.sendMulticastNotification(tokens(300), payload);
      await clock.advance(within_ms);
      const results = await sending;
      expect(new Set(results.map(({ error_code }) => error_code))).toEqual(new Set([code]));
      expect(results.every(({ success }) => !success)).toBe(true);
      expect(transport.sent.length).toBeLessThan(200);
      // A new one does not wait for it, and finds it when it is back.
      transport.decide = () => ({ status: 200 });
      await clock.advance(10_000);
      expect((await provider.sendNotification("h/new", payload)).success).toBe(true);
    },
  );

  it("a dead one holds up nobody else, and costs a few requests, not one for each of its notifications", async () => {
    const { provider, transport, clock } = await openPlain({ max_concurrency: 10, deadline_seconds: 30 });
    transport.decide = ({ url }) => (url.includes("dead") ? { reach: "connect_failed" } : { status: 200 });
    const mixed = Array.from({ length: 1000 }, (_, i) => (i % 2 ? `dead/${i}` : `alive/${i}`));
    let last_good_ms = 0;
    const started = clock.now();
    const sending = (async () => {
      const results = [];
      for await (const result of provider.streamNotifications(mixed.map((token) => [token, payload]))) {
        if (result.success) last_good_ms = clock.now() - started;
        results.push(result);
      }
      return results;
    })();
    for (let i = 0; i < 40; i++) await clock.advance(1000);
    const results = await sending;
    expect(results).toHaveLength(1000);
    expect(results.filter(({ success }) => success)).toHaveLength(500);
    const codes = new Set(results.filter(({ success }) => !success).map(({ error_code }) => error_code));
    expect([...codes]).toEqual(["NETWORK_ERROR"]);
    expect(last_good_ms).toBeLessThan(5000);
    expect(transport.sent.filter(({ request }) => request.url.includes("dead")).length).toBeLessThan(150);
  });

  it("a few tokens that never get through do not close it, also when only they are left", async () => {
    const { provider, transport, clock } = await openPlain({ max_concurrency: 100 });
    transport.decide = ({ url }) => (url.endsWith("7") ? { reach: "connect_failed" } : { status: 200 });
    const sending = provider.sendMulticastNotification(tokens(500), payload);
    await clock.advance(10_000);
    const results = await sending;
    const unlucky = results.filter(({ success }) => !success);
    expect(unlucky).toHaveLength(50);
    expect(
      unlucky.every(({ error_code, attempts }) => error_code === "NETWORK_ERROR" && attempts === 4),
    ).toBe(true);
  });

  it("now or never does not wait at a closed gate", async () => {
    const { provider, transport } = await openPlain({}, quota);
    transport.answer("0", { status: 429, headers: { "retry-after": "5" } });
    void provider.sendNotification("h/0", payload);
    await settle();
    const result = await provider.sendNotification("h/1", { ...payload, ttl_seconds: 0 });
    expect(result).toMatchObject({ error_code: "RATE_LIMITED", attempts: 0 });
  });

  it("a probe that is aborted leaves the way free for the next", async () => {
    const { provider, transport, clock } = await openPlain({ max_concurrency: 50 });
    transport.decide = () => ({ reach: "connect_failed" });
    const sending = provider.sendMulticastNotification(tokens(30), payload, { deadline_seconds: 0.2 });
    await clock.advance(200);
    await sending;
    await clock.advance(50);
    transport.decide = () => ({ status: 200 });
    transport.hold = true;
    const controller = new AbortController();
    const probe = provider.sendNotification("h/0", payload, { signal: controller.signal });
    await settle();
    expect(transport.in_flight).toBe(1);
    const next = provider.sendNotification("h/1", payload);
    await settle();
    expect(transport.in_flight).toBe(1);
    transport.hold = false;
    controller.abort();
    expect((await probe).error_code).toBe("ABORTED");
    expect((await next).success).toBe(true);
  });
});

describe("timers that fire a millisecond early, as Node's may", () => {
  it.each(["token", "sender"] as const)("lose no retry when many wait (scope %s)", async (scope) => {
    const { provider, transport, clock } = await openPlain(
      { max_concurrency: 4 },
      {
        decode: ({ status }): Verdict =>
          status === 200
            ? { verdict: "accepted" }
            : { verdict: "retry", code: "RATE_LIMITED", reason: "SLOW", scope, retry_after_ms: 5000 },
      },
    );
    const setTimer = clock.setTimer.bind(clock);
    clock.setTimer = (callback, delay_ms) => setTimer(callback, delay_ms > 10 ? delay_ms - 1 : delay_ms);
    const list = ["a/0", "b/1", "c/2"];
    for (const i of list.keys()) transport.answer(`${i}`, { status: 429 }, { status: 200 });
    const sending = provider.sendMulticastNotification(list, payload);
    await clock.advance(6000);
    expect((await sending).map(({ success, attempts }) => [success, attempts])).toEqual(
      Array(3).fill([true, 2]),
    );
  });
});

describe("a token under load", () => {
  it("for which the service named a time rests until then; others go on", async () => {
    const { provider, transport, clock } = await openPlain();
    transport.answer("a", { status: 429, headers: { "retry-after": "5" } }, { status: 200 });
    const first = provider.sendNotification("h/a", payload);
    await settle();
    const second = provider.sendNotification("h/a", payload);
    expect((await provider.sendNotification("h/b", payload)).success).toBe(true);
    await clock.advance(4999);
    expect(transport.countFor("a")).toBe(1);
    await clock.advance(1);
    expect(await second).toMatchObject({ success: true, attempts: 1 });
    expect(await first).toMatchObject({ success: true, attempts: 2 });
  });

  it("that cannot go before the deadline is told so at once, until its time has come", async () => {
    const { provider, transport, clock } = await openPlain();
    transport.answer("a", { status: 429, headers: { "retry-after": "100" } }, { status: 200 });
    await provider.sendNotification("h/a", payload);
    await clock.advance(10_000);
    expect(await provider.sendNotification("h/a", payload)).toMatchObject({
      error_code: "RATE_LIMITED",
      retry_after: 90,
      attempts: 0,
    });
    await clock.advance(90_000);
    expect((await provider.sendNotification("h/a", payload)).success).toBe(true);
  });

  it("rests in a memory of bounded size, which is empty when all have rested", () => {
    const resting = new Resting();
    const verdict = { verdict: "retry", code: "RATE_LIMITED", reason: "x", scope: "token" } as const;
    for (let i = 0; i < 10_001; i++) resting.pauseUntil({ kind: "token", token: `${i}` }, 1000 + i, verdict);
    expect(resting.of({ kind: "token", token: "0" })).toBeUndefined();
    expect(resting.of({ kind: "token", token: "1" })).toBeDefined();
    expect(resting.of({ kind: "topic", value: "1" })).toBeUndefined();
    expect(resting.any(10_999)).toBe(true);
    expect(resting.any(11_000)).toBe(false);
    expect(resting.of({ kind: "token", token: "1" })).toBeUndefined();
  });
});

describe("what is known of origins", () => {
  it("is kept for a thousand: the closed ones longest", () => {
    const origins = new Origins(10);
    const closed = origins.of("closed");
    for (let i = 0; i < 20; i++)
      closed.gate.unanswered({ code: "NETWORK_ERROR", reason: "ECONNREFUSED" }, 0, "first");
    for (let i = 0; i < 2000; i++) origins.of(`https://${i}.example`);
    expect(origins.size).toBe(1000);
    expect(origins.of("closed")).toBe(closed);
  });
});
