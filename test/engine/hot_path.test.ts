import { afterEach, describe, expect, it } from "vitest";
import { closeAllProviders } from "../../src/index.js";
import { openPlain } from "./support.js";

afterEach(() => closeAllProviders({ timeout_seconds: 0 }));

describe("what each attempt and each result says of itself", () => {
  it("a codec is told which attempt was answered, and the address as it made it", async () => {
    const seen: unknown[] = [];
    const { provider, clock, transport } = await openPlain(
      {},
      {
        decode: ({ status }, { url, attempt }) => {
          seen.push([attempt, url]);
          return status === 200
            ? { verdict: "accepted" }
            : { verdict: "retry", code: "SERVICE_UNAVAILABLE", reason: "Down", scope: "origin" };
        },
        credential: {
          scope: () => "one",
          mint: (_scope, { now_ms }) => ({
            id: "1",
            value: "secret",
            expires_at_ms: now_ms + 3_600_000,
            renew_at_ms: now_ms + 3_000_000,
          }),
          apply: (request, { value }) => ({ ...request, url: `${request.url}?key=${value}` }),
        },
      },
    );
    transport.answer("a", { status: 503 }, { status: 200 });
    const sending = provider.sendNotification("h/a", { title: "t" });
    await clock.advance(60_000);
    expect((await sending).success).toBe(true);
    expect(transport.sent.every(({ request }) => request.url === "https://h/a?key=secret")).toBe(true);
    expect(seen).toEqual([
      [1, "https://h/a"],
      [2, "https://h/a"],
    ]);
  });

  it("a result bears the time at which it was made", async () => {
    const { provider, clock } = await openPlain();
    const send = async () => (await provider.sendNotification("h/a", { title: "t" })).timestamp;
    expect([await send(), await send()]).toEqual(["2026-01-01T00:00:00.000Z", "2026-01-01T00:00:00.000Z"]);
    await clock.advance(1);
    expect([await send(), await send()]).toEqual(["2026-01-01T00:00:00.001Z", "2026-01-01T00:00:00.001Z"]);
  });

  it("a wait after a credential that could not be had begins when that was known", async () => {
    let mints = 0;
    const { provider, clock, transport } = await openPlain(
      {},
      {
        credential: {
          scope: () => "one",
          mint: (_scope, { now_ms }) =>
            mints++ === 0
              ? { verdict: "retry", code: "SERVICE_UNAVAILABLE", reason: "Down", scope: "sender" }
              : { id: "1", value: "v", expires_at_ms: now_ms + 9_000_000, renew_at_ms: now_ms + 8_000_000 },
          apply: (request) => request,
        },
      },
    );
    const start_ms = clock.now();
    const sending = provider.sendNotification("h/a", { title: "t" });
    await clock.advance(249);
    expect(mints).toBe(1);
    await clock.advance(1000);
    expect(await sending).toMatchObject({ success: true, attempts: 1 });
    expect(transport.sent.map(({ at }) => at - start_ms)).toEqual([250]);
  });

  it("nothing more is sent when a wait ends only after the deadline", async () => {
    const { provider, clock, transport } = await openPlain({ deadline_seconds: 5 });
    transport.answer("a", { status: 503 }, { status: 200 });
    const sending = provider.sendNotification("h/a", { title: "t" });
    await clock.advance(100);
    // The process slept.
    clock.time += 10_000;
    await clock.advance(0);
    expect(await sending).toMatchObject({ error_code: "SERVICE_UNAVAILABLE", attempts: 1 });
    expect(transport.sent).toHaveLength(1);
  });

  it("a payload that gets or loses a field between two items of a call is read again", async () => {
    const { provider, transport } = await openPlain({ ttl_seconds: 600 });
    const payload: Record<string, unknown> = { title: "t" };
    function* items(): Generator<[string, Record<string, unknown>]> {
      yield ["h/a", payload];
      payload.ttl_seconds = 7;
      yield ["h/b", payload];
      delete payload.ttl_seconds;
      yield ["h/c", payload];
    }
    for await (const result of provider.streamNotifications(items())) expect(result.success).toBe(true);
    expect(transport.sent.map(({ request }) => request.headers.ttl)).toEqual(["600", "7", "600"]);
  });
});
