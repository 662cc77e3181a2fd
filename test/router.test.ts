import { inspect } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import {
  type BulkProgress,
  closeAllProviders,
  createPushRouter,
  getPlatformStatus,
  getPushProvider,
  PushError,
  type PushNotificationResult,
} from "../src/index.js";
import { settle } from "./engine/support.js";
import { on, openRouter, payload } from "./router_support.js";

afterEach(() => closeAllProviders({ timeout_seconds: 0 }));

describe("createPushRouter", () => {
  it("opens what it is given as configs, and closes that and only that", async () => {
    const given = await getPushProvider("simulation", { success_rate: 1, delivery_delay_ms: 0 });
    const router = await createPushRouter({ simulation: given, router_a: { key: "x" } });
    expect(await router.healthCheck()).toMatchObject({
      status: "healthy",
      platforms: { simulation: { status: "healthy" }, router_a: { status: "healthy" } },
    });
    await Promise.all([router.close(), router.close()]);
    await expect(router.send(on("simulation", "x"), payload)).rejects.toMatchObject({
      code: "PROVIDER_CLOSED",
    });
    expect((await given.sendNotification("x", payload)).success).toBe(true);
  });

  it("says what is configured, and hands out each provider by name or alias", async () => {
    const provider = await getPushProvider("simulation", {});
    const router = await createPushRouter({ router_a: {}, simulation: provider });
    expect(router.platforms).toEqual(["router_a", "simulation"]);
    expect(router.provider("simulation")).toBe(provider);
    expect(router.provider("router_a")?.platform).toBe("router_a");
    expect(["router_b", "toString", ""].map((name) => router.provider(name))).toEqual(
      Array(3).fill(undefined),
    );
    await router.close();
  });

  it("is unhealthy as soon as one of its services is", async () => {
    const { router, provider_b } = await openRouter();
    await provider_b.close();
    expect(await router.healthCheck()).toMatchObject({
      status: "unhealthy",
      platforms: { router_a: { status: "healthy" }, router_b: { status: "unhealthy" } },
    });
  });

  it("rejects when one cannot be opened, naming it, and leaves nothing open", async () => {
    const opening = createPushRouter({ router_a: {}, web_push: { vapid_subject: "mailto:a@example.org" } });
    const error = await opening.catch((thrown: unknown) => thrown);
    expect(PushError.is(error) && error.code).toBe("CONFIG_INVALID");
    expect((error as PushError).message).toContain("web_push");
    expect(getPlatformStatus().router_a).toMatchObject({ open: 0, leases: 0 });
  });

  it.each([
    [{}, "at least one platform"],
    [{ web_psuh: {} }, "did you mean web_push?"],
    [
      { simulation: { success_rate: 1 }, router_a: undefined, webpush: undefined, simulaton: {} },
      "did you mean simulation?",
    ],
  ])("refuses %j", async (configs, words) => {
    await expect(createPushRouter(configs as never)).rejects.toThrow(words);
  });

  it("refuses one platform under two names", async () => {
    const vapid = {
      vapid_subject: "mailto:a@example.org",
      ...(await import("../providers/web_push/index.js")).generateVapidKeys(),
    };
    await expect(createPushRouter({ web_push: vapid, webpush: vapid })).rejects.toThrow(
      "web_push was given twice",
    );
  });

  it("refuses options that it does not know", async () => {
    await expect(createPushRouter({ simulation: {} }, { on_dead: 1 } as never)).rejects.toMatchObject({
      code: "OPTIONS_INVALID",
    });
  });
});

describe("send", () => {
  it("goes to the target's service; the result carries its canonical name", async () => {
    const { router, wire_a, wire_b } = await openRouter();
    expect(await router.send(on("router_b", "x"), payload)).toMatchObject({
      success: true,
      platform: "router_b",
      device_token: "h/x",
    });
    expect([wire_a.sent.length, wire_b.sent.length]).toEqual([0, 1]);
  });

  it("takes aliases", async () => {
    const { generateVapidKeys } = await import("../providers/web_push/index.js");
    const router = await createPushRouter({
      webpush: { ...generateVapidKeys(), vapid_subject: "a@example.org" },
    });
    const result = await router.send({ platform: "webpush", device_token: "x" }, payload);
    expect(result).toMatchObject({ error_code: "INVALID_TOKEN", platform: "web_push" });
    await router.close();
  });

  it.each([
    [{ platform: "fcm", device_token: "x" }, "fcm"],
    [{ platform: "nowhere", device_token: "x" }, "nowhere"],
    [{ device_token: "x" }, ""],
    [undefined, ""],
  ])("answers %j with PLATFORM_NOT_CONFIGURED", async (target, platform) => {
    const { router } = await openRouter();
    const result = await router.send(target as never, payload);
    expect(result).toMatchObject({
      error_code: "PLATFORM_NOT_CONFIGURED",
      platform,
      attempts: 0,
      retryable: false,
    });
    expect(result.message).toContain("configured: router_a, router_b");
  });
});

describe("sendBulk and stream", () => {
  it("answer each item once, in input order, over all services", async () => {
    const { router } = await openRouter();
    const list = [
      [on("router_a", "1"), payload],
      [on("router_b", "2"), payload],
      [on("nowhere", "3"), payload],
      [{ platform: "router_a", device_token: "nonsense" }, payload],
    ];
    const results = await router.sendBulk(list);
    expect(results.map((result) => result.index)).toEqual([0, 1, 2, 3]);
    expect(results.map((result) => result.error_code)).toEqual([
      undefined,
      undefined,
      "PLATFORM_NOT_CONFIGURED",
      "INVALID_TOKEN",
    ]);
    expect(results.map((result) => result.platform)).toEqual(["router_a", "router_b", "nowhere", "router_a"]);
  });

  it("an item that is no pair is answered, and harms no other", async () => {
    const { router } = await openRouter();
    const results = await router.sendBulk([5, [on("router_a", "1"), payload]] as never);
    expect(results.map((result) => result.error_code)).toEqual(["PLATFORM_NOT_CONFIGURED", undefined]);
  });

  it("a service that does not answer holds up no other", async () => {
    const { router, wire_a, wire_b } = await openRouter({}, { max_concurrency: 2 });
    wire_a.decide = () => "never";
    const silent = Array.from({ length: 50 }, (_, i) => [on("router_a", `silent-${i}`), payload] as const);
    const quick = Array.from({ length: 50 }, (_, i) => [on("router_b", `quick-${i}`), payload] as const);
    const seen: PushNotificationResult[] = [];
    const controller = new AbortController();
    const reading = (async () => {
      for await (const result of router.stream([...silent, ...quick], { signal: controller.signal }))
        seen.push(result);
    })();
    await until(() => seen.length === 50);
    expect(seen.every((result) => result.platform === "router_b" && result.success)).toBe(true);
    expect(wire_a.max_in_flight).toBe(2);
    expect(wire_b.sent).toHaveLength(50);
    controller.abort();
    await reading;
    expect(seen).toHaveLength(100);
    expect(seen.slice(50).every((result) => result.error_code === "ABORTED")).toBe(true);
  });

  it("an iterator is pulled no further once a thousand wait for a full service", async () => {
    const { router, wire_a } = await openRouter({}, { max_concurrency: 2 });
    wire_a.decide = () => "never";
    let pulled = 0;
    async function* endless() {
      for (;;) yield [on("router_a", String(pulled++)), payload] as const;
    }
    const controller = new AbortController();
    const sending = router.sendBulk(endless(), { signal: controller.signal });
    await until(() => pulled > 1000);
    await settle();
    expect(pulled).toBeLessThan(1020);
    controller.abort();
    const results = await sending;
    expect(results).toHaveLength(pulled);
    expect(results.every((result) => result.error_code === "ABORTED")).toBe(true);
  });

  it("max_concurrency of a call lowers each service's own", async () => {
    const { router, wire_a, wire_b } = await openRouter();
    wire_a.hold = true;
    wire_b.hold = true;
    const list = Array.from(
      { length: 40 },
      (_, i) => [on(i % 2 ? "router_a" : "router_b", String(i)), payload] as const,
    );
    const sending = router.sendBulk(list, { max_concurrency: 3 });
    await until(() => wire_a.in_flight + wire_b.in_flight === 6);
    await settle();
    expect([wire_a.in_flight, wire_b.in_flight]).toEqual([3, 3]);
    wire_a.hold = false;
    wire_b.hold = false;
    wire_a.release();
    wire_b.release();
    expect((await sending).every((result) => result.success)).toBe(true);
  });

  it("an input that throws half way: INPUT_FAILED with the results of what was taken", async () => {
    const { router } = await openRouter();
    const cause = new Error("half way");
    function* broken() {
      yield [on("router_a", "1"), payload] as const;
      yield [on("router_b", "2"), payload] as const;
      throw cause;
    }
    const error = await router.sendBulk(broken()).catch((thrown: unknown) => thrown as PushError);
    expect(error).toMatchObject({ code: "INPUT_FAILED", cause });
    expect((error as PushError).results?.map((result) => result.success)).toEqual([true, true]);
  });

  it("aborted before: an array is answered item by item, an iterator is not pulled", async () => {
    const { router, wire_a } = await openRouter();
    const signal = AbortSignal.abort();
    const list = [1, 2, 3].map((i) => [on("router_a", String(i)), payload] as const);
    expect((await router.sendBulk(list, { signal })).map((result) => result.error_code)).toEqual(
      Array(3).fill("ABORTED"),
    );
    expect(await router.sendBulk(list.values(), { signal })).toEqual([]);
    expect(wire_a.sent).toHaveLength(0);
  });

  it("leaving the loop ends everything under way", async () => {
    const { router, wire_a, provider_b } = await openRouter();
    wire_a.decide = () => "never";
    const list = Array.from(
      { length: 20 },
      (_, i) => [on(i % 2 ? "router_a" : "router_b", String(i)), payload] as const,
    );
    for await (const _result of router.stream(list)) break;
    expect(wire_a.in_flight).toBe(0);
    expect(provider_b.getPlatformInfo().counters.in_flight).toBe(0);
  });

  it("calls return() on an iterator that it pulls no further", async () => {
    const { router } = await openRouter();
    let returned = false;
    function* input() {
      try {
        for (let i = 0; ; i++) yield [on("router_a", String(i)), payload] as const;
      } finally {
        returned = true;
      }
    }
    for await (const _result of router.stream(input())) break;
    expect(returned).toBe(true);
  });

  it("stops pulling when its reader stops", async () => {
    const { router } = await openRouter();
    let pulled = 0;
    function* endless() {
      for (;;) yield [on("router_a", String(pulled++)), payload] as const;
    }
    const stream = router.stream(endless());
    await stream.next();
    for (let i = 0; i < 20; i++) await settle();
    expect(pulled).toBeLessThan(1100);
    await stream.return();
  });

  it("lets timers and sockets have their turn, even when nothing is ever sent", async () => {
    const { router } = await openRouter();
    let turns = 0;
    const count = () => {
      turns++;
      next = setImmediate(count);
    };
    let next = setImmediate(count);
    await router.sendBulk(Array.from({ length: 5000 }, () => [on("nowhere", "x"), payload] as const));
    clearImmediate(next);
    expect(turns).toBeGreaterThanOrEqual(5);
  });

  it("tells progress with the total of an array", async () => {
    const { router } = await openRouter();
    const told: BulkProgress[] = [];
    await router.sendBulk(
      [
        [on("router_a", "1"), payload],
        [on("nowhere", "2"), payload],
      ],
      { on_progress: (progress) => told.push(progress) },
    );
    expect(told.at(-1)).toMatchObject({
      done: 2,
      total: 2,
      succeeded: 1,
      failed: 1,
      codes: { PLATFORM_NOT_CONFIGURED: 1 },
    });
  });

  it.each([["text"], [5], [null]])("refuses %j as input", async (input) => {
    const { router } = await openRouter();
    await expect(router.sendBulk(input as never)).rejects.toMatchObject({ code: "OPTIONS_INVALID" });
  });

  it("a provider that is closed under the router ends the call with PROVIDER_CLOSED", async () => {
    const { router, provider_b } = await openRouter();
    await provider_b.close();
    await expect(router.sendBulk([[on("router_b", "1"), payload]])).rejects.toMatchObject({
      code: "PROVIDER_CLOSED",
    });
  });
});

describe("secrets", () => {
  it("stand in no inspect of a router", async () => {
    const router = await createPushRouter({ router_a: { key: "canary" } });
    expect(inspect(router, { depth: 20, showHidden: true })).not.toContain("canary");
    await router.close();
  });
});

/** Waits for something that turns of the event loop bring about. */
async function until(holds: () => boolean): Promise<void> {
  for (let turns = 0; !holds(); turns++) {
    if (turns > 10_000) throw new Error("it did not come about");
    await new Promise((resolve) => setImmediate(resolve));
  }
}
