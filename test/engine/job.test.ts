import { afterEach, describe, expect, it } from "vitest";
import { closeAllProviders } from "../../src/index.js";
import { openPlain } from "./support.js";

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

  it.each(["not_sent", "refused"] as const)(
    "ttl 0 still resends what was provably not processed: %s",
    async (reach) => {
      const { provider, transport } = await openPlain();
      transport.answer("ann", { reach }, { reach }, { status: 200 });
      expect(await provider.sendNotification("h/ann", { title: "t", ttl_seconds: 0 })).toMatchObject({
        success: true,
        attempts: 3,
      });
    },
  );

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

  it("an attempt ends with the deadline when that comes before its timeout", async () => {
    const { provider, clock, transport } = await openPlain({ timeout_seconds: 30, deadline_seconds: 2 });
    transport.answer("ann", "never");
    const sending = provider.sendNotification("h/ann", { title: "hello" });
    await clock.advance(2000);
    expect(await sending).toMatchObject({ error_code: "TIMEOUT", duration_ms: 2000 });
  });

  it("what sat unsent for a whole timeout is tried again in time, not at once", async () => {
    const { provider, clock, transport } = await openPlain({
      timeout_seconds: 1,
      retry: { max_attempts: 2 },
    });
    transport.answer("ann", "stuck");
    const sending = provider.sendNotification("h/ann", { title: "hello" });
    await clock.advance(10_000);
    expect(await sending).toMatchObject({ error_code: "TIMEOUT", attempts: 2, may_have_been_sent: false });
    expect(transport.sent.map(({ at }) => at - (transport.sent[0]?.at ?? 0))).toEqual([0, 1250]);
  });

  it("a codec may know better than UNREGISTERED that a token is not to be removed", async () => {
    const { provider } = await openPlain(
      {},
      { decode: () => ({ verdict: "rejected", code: "UNREGISTERED", reason: "?", remove_token: false }) },
    );
    const result = await provider.sendNotification("h/ann", { title: "hello" });
    expect(result).toMatchObject({ error_code: "UNREGISTERED", remove_token: false });
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

  it("expires_at wins over a ttl of 0: it is no longer now or never", async () => {
    const { provider, clock, transport } = await openPlain();
    transport.answer("ann", { status: 503 }, { status: 200 });
    const payload = { title: "t", ttl_seconds: 0, expires_at: "2026-01-01T00:01:00Z" };
    const sending = provider.sendNotification("h/ann", payload);
    await clock.advance(1000);
    expect(await sending).toMatchObject({ success: true, attempts: 2 });
    expect(transport.sent[0]?.request.headers.ttl).toBe("60");
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

  it.each([true, false])(
    "the connection of an answer is retired when the verdict says so (%s)",
    async (retire) => {
      const retired: string[] = [];
      const { provider, clock, transport } = await openPlain(
        {},
        {
          decode: ({ status }) =>
            status === 200
              ? { verdict: "accepted" }
              : {
                  verdict: "retry",
                  code: "SERVICE_UNAVAILABLE",
                  reason: "Shutdown",
                  scope: "origin",
                  retire_connection: retire,
                },
        },
      );
      transport.answer("a", { status: 503 }, { status: 200 });
      const send = transport.send.bind(transport);
      transport.send = async (request, options) => ({
        ...(await send(request, options)),
        retire: () => retired.push(request.url),
      });
      const sent = provider.sendNotification("h/a", { title: "t" });
      await clock.advance(60_000);
      expect(await sent).toMatchObject({ success: true, attempts: 2 });
      expect(retired).toEqual(retire ? ["https://h/a"] : []);
    },
  );
});
