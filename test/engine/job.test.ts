import { afterEach, describe, expect, it } from "vitest";
import { closeAllProviders } from "../../src/index.js";
import { openPlain, settle } from "./support.js";

afterEach(() => closeAllProviders({ timeout_seconds: 0 }));

describe("one notification", () => {
  it("is sent once when the service accepts it", async () => {
    const { provider, transport } = await openPlain();
    transport.answer("ann", { status: 200, headers: { id: "s-1" } });
    const result = await provider.sendNotification("h/ann", { title: "hello" });
    expect(result).toMatchObject({
      success: true,
      device_token: "h/ann",
      index: 0,
      attempts: 1,
      status_code: 200,
      service_message_id: "s-1",
    });
    expect(transport.sent[0]?.request.headers["message-id"]).toBe(result.message_id);
  });

  it("1.6 F8 waits half of the doubling ceiling when chance says one half, then settles with the service's code", async () => {
    const { provider, clock, transport } = await openPlain();
    transport.answer("ann", { status: 503 });
    const sending = provider.sendNotification("h/ann", { title: "hello" });
    await clock.advance(5000);
    const result = await sending;
    expect(transport.sent.map(({ at }) => at - (transport.sent[0]?.at ?? 0))).toEqual([0, 250, 750, 1750]);
    expect(result).toMatchObject({
      success: false,
      error_code: "SERVICE_UNAVAILABLE",
      attempts: 4,
      retryable: true,
    });
    expect(new Set(transport.sent.map(({ request }) => request.headers["message-id"])).size).toBe(1);
  });

  it.each([
    ["seconds", "7", 7000],
    ["a date", new Date(Date.parse("2026-01-01T00:00:09Z")).toUTCString(), 9000],
  ])("never undercuts a Retry-After in %s", async (_form, header, floor_ms) => {
    const { provider, clock, transport } = await openPlain();
    transport.answer("ann", { status: 429, headers: { "retry-after": header } }, { status: 200 });
    const sending = provider.sendNotification("h/ann", { title: "hello" });
    await clock.advance(20_000);
    expect((await sending).success).toBe(true);
    expect((transport.sent[1]?.at ?? 0) - (transport.sent[0]?.at ?? 0)).toBe(floor_ms);
  });

  it("settles now when the service asks for more time than there is, and says how long", async () => {
    const { provider, transport } = await openPlain({ deadline_seconds: 10 });
    transport.answer("ann", { status: 429, headers: { "retry-after": "120" } });
    const result = await provider.sendNotification("h/ann", { title: "hello" });
    expect(result).toMatchObject({
      error_code: "RATE_LIMITED",
      attempts: 1,
      retry_after: 120,
      duration_ms: 0,
    });
  });

  it("ttl 0 is one attempt without a timed retry", async () => {
    const { provider, transport } = await openPlain();
    transport.answer("ann", { status: 503 });
    const result = await provider.sendNotification("h/ann", { title: "hello", ttl_seconds: 0 });
    expect(result).toMatchObject({ error_code: "SERVICE_UNAVAILABLE", attempts: 1 });
    expect(transport.sent[0]?.request.headers.ttl).toBe("0");
  });

  it("ttl 0 still resends what was provably not processed", async () => {
    const { provider, transport } = await openPlain();
    transport.answer("ann", { reach: "not_sent" }, { reach: "not_sent" }, { status: 200 });
    expect(await provider.sendNotification("h/ann", { title: "t", ttl_seconds: 0 })).toMatchObject({
      success: true,
      attempts: 3,
    });
  });

  it("resends what was not processed five times at once, then in time", async () => {
    const { provider, clock, transport } = await openPlain();
    transport.answer("ann", { reach: "not_sent" });
    const sending = provider.sendNotification("h/ann", { title: "hello" });
    await clock.advance(10_000);
    expect(await sending).toMatchObject({
      error_code: "NETWORK_ERROR",
      attempts: 9,
      may_have_been_sent: false,
    });
    const first = transport.sent[0]?.at ?? 0;
    expect(transport.sent.map(({ at }) => at - first)).toEqual([0, 0, 0, 0, 0, 0, 250, 750, 1750]);
  });

  it("does not repeat what may have been sent", async () => {
    const { provider, transport } = await openPlain();
    transport.answer("ann", { reach: "maybe_sent" });
    const result = await provider.sendNotification("h/ann", { title: "hello" });
    expect(result).toMatchObject({
      error_code: "NETWORK_ERROR",
      attempts: 1,
      may_have_been_sent: true,
      reason: "ECONNRESET",
    });
  });

  it.each([502, 504])("takes a %i for an attempt that was not answered by the service", async (status) => {
    const { provider, transport } = await openPlain();
    transport.answer("ann", { status });
    const result = await provider.sendNotification("h/ann", { title: "hello" });
    expect(result).toMatchObject({
      error_code: "SERVICE_UNAVAILABLE",
      attempts: 1,
      may_have_been_sent: true,
      status_code: status,
    });
  });

  it("repeats it when the caller accepts duplicates, and then warns of a possible one", async () => {
    const { provider, clock, transport } = await openPlain({ retry: { resend_ambiguous: true } });
    transport.answer("ann", { reach: "maybe_sent" }, { status: 200 });
    const sending = provider.sendNotification("h/ann", { title: "hello" });
    await clock.advance(1000);
    const result = await sending;
    expect(result).toMatchObject({ success: true, attempts: 2 });
    expect(result.warnings).toMatchObject([{ type: "possible_duplicate", field: null }]);
  });

  it("repeats it when a second copy would replace the first", async () => {
    const { provider, clock, transport } = await openPlain({}, { replacesDelivered: () => true });
    transport.answer("ann", { status: 504 }, { status: 200 });
    const sending = provider.sendNotification("h/ann", { title: "hello" });
    await clock.advance(1000);
    expect(await sending).toMatchObject({ success: true, attempts: 2 });
  });

  it("retries a failed connect in time, and calls it NETWORK_ERROR in the end", async () => {
    const { provider, clock, transport } = await openPlain();
    transport.answer("ann", { reach: "connect_failed" });
    const sending = provider.sendNotification("h/ann", { title: "hello" });
    await clock.advance(10_000);
    expect(await sending).toMatchObject({
      error_code: "NETWORK_ERROR",
      attempts: 4,
      may_have_been_sent: false,
      retryable: true,
    });
  });

  it("cuts an attempt at its timeout: TIMEOUT, and it may have been sent", async () => {
    const { provider, clock, transport } = await openPlain({ timeout_seconds: 3 });
    transport.answer("ann", "never");
    const sending = provider.sendNotification("h/ann", { title: "hello" });
    await clock.advance(3000);
    expect(await sending).toMatchObject({
      error_code: "TIMEOUT",
      attempts: 1,
      duration_ms: 3000,
      may_have_been_sent: true,
    });
    expect(clock.pending).toBe(0);
  });

  it("is refused where the guard refuses the connection", async () => {
    const { provider, transport } = await openPlain();
    transport.answer("ann", { forbidden: true });
    expect(await provider.sendNotification("h/ann", { title: "t" })).toMatchObject({
      error_code: "ENDPOINT_REFUSED",
      attempts: 1,
      retryable: false,
    });
  });

  it.each([
    ["expires_at", { title: "t", expires_at: "2025-12-31T23:59:59Z" }],
    ["expires_at with an offset", { title: "t", expires_at: "2026-01-01T01:00:00+01:00" }],
  ])("W15 past %s sends nothing", async (_title, payload) => {
    const { provider, transport } = await openPlain();
    expect(await provider.sendNotification("h/ann", payload)).toMatchObject({
      error_code: "EXPIRED",
      attempts: 0,
    });
    expect(transport.sent).toHaveLength(0);
  });

  it("clamps a ttl over the service's longest, with a warning", async () => {
    const { provider, transport } = await openPlain();
    const result = await provider.sendNotification("h/ann", { title: "t", ttl_seconds: 5000 });
    expect(result.warnings).toMatchObject([{ type: "ttl_clamped", field: "ttl_seconds" }]);
    expect(transport.sent[0]?.request.headers.ttl).toBe("1000");
  });

  it("a bug in a transport is INTERNAL_ERROR, not a rejection", async () => {
    const { provider, transport } = await openPlain();
    transport.answer("ann", "throws");
    expect(await provider.sendNotification("h/ann", { title: "t" })).toMatchObject({
      error_code: "INTERNAL_ERROR",
      retryable: false,
    });
  });

  it("tells each attempt and the end exactly once", async () => {
    const { provider, clock, transport, events } = await openPlain();
    transport.answer("ann", { status: 503 }, { status: 200 });
    const sending = provider.sendNotification("h/ann", { title: "t" });
    await clock.advance(1000);
    await sending;
    expect(events.map(({ type }) => type)).toEqual(["attempt", "attempt", "settled"]);
    expect(events[0]).toMatchObject({
      status_code: 503,
      error_code: "SERVICE_UNAVAILABLE",
      next: "wait",
      wait_ms: 250,
      attempt: 1,
    });
    expect(events[1]).toMatchObject({ next: "settle", attempt: 2 });
    expect(events[1]).not.toHaveProperty("error_code");
    expect(events[2]).toMatchObject({ success: true, attempts: 2, duration_ms: 250 });
  });
});

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
});
