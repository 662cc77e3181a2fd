import { afterEach, describe, expect, it, vi } from "vitest";
import { closeAllProviders, type DeadToken, type PushNotificationResult } from "../src/index.js";
import { settle } from "./engine/support.js";
import { on, openRouter, payload } from "./router_support.js";

afterEach(() => closeAllProviders({ timeout_seconds: 0 }));

describe("sendWithFallback", () => {
  it("goes on after a failure, and stops at the first success", async () => {
    const { router, wire_a, wire_b } = await openRouter();
    wire_a.answer("1", { status: 410 });
    const targets = [on("router_a", "1"), on("nowhere", "2"), on("router_b", "3"), on("router_a", "4")];
    const { success, result, results } = await router.sendWithFallback(targets, payload);
    expect(success).toBe(true);
    expect(result).toBe(results.at(-1));
    expect(results.map(({ error_code, index }) => [index, error_code])).toEqual([
      [0, "UNREGISTERED"],
      [1, "PLATFORM_NOT_CONFIGURED"],
      [2, undefined],
    ]);
    expect([wire_a.sent.length, wire_b.sent.length]).toEqual([1, 1]);
  });

  it("after an unanswered attempt it goes on only when asked to", async () => {
    const { router, wire_a } = await openRouter();
    wire_a.answer("1", { reach: "maybe_sent" });
    const targets = [on("router_a", "1"), on("router_b", "2")];
    expect(await router.sendWithFallback(targets, payload)).toMatchObject({
      success: false,
      results: [{ may_have_been_sent: true }],
    });
    const asked = await router.sendWithFallback(targets, payload, { fallback_on_ambiguous: true });
    expect([asked.success, asked.results.length]).toEqual([true, 2]);
  });

  it("does not go on after an abort", async () => {
    const { router } = await openRouter();
    const { success, results } = await router.sendWithFallback(
      [on("router_a", "1"), on("router_b", "2")],
      payload,
      { signal: AbortSignal.abort() },
    );
    expect(success).toBe(false);
    expect(results.map((result) => result.error_code)).toEqual(["ABORTED"]);
  });

  it("is the last failure when all fail", async () => {
    const { router } = await openRouter();
    const { success, result, results } = await router.sendWithFallback([on("x", "1"), on("y", "2")], payload);
    expect([success, results.length, result.index]).toEqual([false, 2, 1]);
  });

  it.each([[[]], ["text"], [undefined]])("refuses %j as targets", async (targets) => {
    const { router } = await openRouter();
    await expect(router.sendWithFallback(targets as never, payload)).rejects.toMatchObject({
      code: "OPTIONS_INVALID",
    });
  });
});

describe("on_dead_token", () => {
  it("is called once for each dead token, and has ended before its result is handed over", async () => {
    const dead: DeadToken[] = [];
    const { router, wire_a } = await openRouter({
      on_dead_token: async (one) => {
        await settle();
        dead.push(one);
      },
    });
    wire_a.answer("gone", { status: 410 });
    for await (const result of router.stream([
      [on("router_a", "gone"), payload],
      [on("router_b", "x"), payload],
    ])) {
      if (!result.success) expect(dead).toHaveLength(1);
    }
    expect(dead).toMatchObject([
      { platform: "router_a", device_token: "h/gone", result: { error_code: "UNREGISTERED" } },
    ]);
  });

  it("that throws disturbs nothing; its kind is logged, its words are not", async () => {
    const logged: unknown[] = [];
    const { router, wire_a } = await openRouter({
      on_dead_token: ({ device_token }) => {
        throw new TypeError(`cannot delete ${device_token}`);
      },
      logger: { error: (...line) => logged.push(line) },
    });
    wire_a.answer("gone", { status: 410 });
    expect(await router.send(on("router_a", "gone"), payload)).toMatchObject({ error_code: "UNREGISTERED" });
    expect(logged).toEqual([[{ platform: "router_a", error: "TypeError" }, "on_dead_token failed"]]);
  });

  it("that never ends holds its result up for 30 s and no longer", async () => {
    const { router, wire_a } = await openRouter({ on_dead_token: () => new Promise(() => {}) });
    wire_a.answer("gone", { status: 410 });
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      let result: PushNotificationResult | undefined;
      const sending = router.send(on("router_a", "gone"), payload).then((one) => {
        result = one;
      });
      await vi.advanceTimersByTimeAsync(29_000);
      expect(result).toBeUndefined();
      await vi.advanceTimersByTimeAsync(2_000);
      await sending;
      expect(result).toMatchObject({ error_code: "UNREGISTERED" });
    } finally {
      vi.useRealTimers();
    }
  });
});
