import { afterEach, describe, expect, it } from "vitest";
import type { Credential } from "../../src/codec.js";
import {
  closeAllProviders,
  createPushRouter,
  getPushProvider,
  PushNotificationProvider,
  type PushNotificationResult,
  registerProvider,
} from "../../src/index.js";
import { openPlain, settle } from "./support.js";

afterEach(() => closeAllProviders({ timeout_seconds: 0 }));

const payload = { title: "t" };

describe("stats()", () => {
  it("of a provider that has sent nothing is all zeros, and says since when", async () => {
    const { provider } = await openPlain();
    expect(provider.stats()).toMatchObject({
      platform: provider.platform,
      since: "2026-01-01T00:00:00.000Z",
      taken: 0,
      attempts: 0,
      retries: 0,
      codes: {},
      last_settled: null,
      attempt_latency: { count: 0, p50_ms: null },
      notification_latency: { count: 0, p50_ms: null },
      connections: 0,
      origins: { known: 0, paused: 0, down: 0, smallest_window: null, largest_window: null },
      credentials: null,
    });
  });

  it("counts attempts, retries and codes, and how long both attempts and notifications took", async () => {
    const { provider, clock, transport } = await openPlain();
    transport.hold = true;
    transport.answer("busy", { status: 503 }, { status: 200 });
    transport.answer("gone", { status: 410 });
    const sending = provider.sendMulticastNotification(["h/busy", "h/gone", "not a token"], payload);
    await clock.advance(40);
    transport.release();
    await clock.advance(250); // Half of base_delay_ms, as chance will have it.
    await clock.advance(60);
    transport.release();
    await sending;
    const stats = provider.stats();
    expect(stats).toMatchObject({ taken: 3, accepted: 1, failed: 2, attempts: 3, retries: 1 });
    expect(stats.codes).toEqual({ UNREGISTERED: 1, INVALID_TOKEN: 1 });
    expect(stats.attempt_latency).toMatchObject({ count: 3, sum_ms: 40 + 40 + 60, max_ms: 60, p50_ms: 40 });
    expect(stats.notification_latency).toMatchObject({ count: 3, sum_ms: 0 + 40 + 350, max_ms: 350 });
  });

  it("shows what is on the wire, queued and parked now", async () => {
    const { provider, clock, transport } = await openPlain({ max_concurrency: 2 });
    transport.hold = true;
    transport.answer("busy", { status: 500 }, { status: 200 });
    const sending = ["busy", "b", "c", "d", "e"].map((name) =>
      provider.sendNotification(`h/${name}`, payload),
    );
    await settle();
    expect(provider.stats()).toMatchObject({ taken: 5, in_flight: 2, queued: 3, parked: 0, attempts: 2 });
    transport.release(1);
    await settle();
    expect(provider.stats()).toMatchObject({ in_flight: 2, queued: 2, parked: 1 });
    transport.hold = false;
    transport.release();
    await clock.advance(1000);
    transport.release();
    await Promise.all(sending);
    expect(provider.stats()).toMatchObject({ in_flight: 0, queued: 0, parked: 0, accepted: 5 });
  });

  it("an attempt that a transport's bug ended is counted as one that ended", async () => {
    const { provider, transport } = await openPlain();
    transport.answer("a", "throws");
    expect((await provider.sendNotification("h/a", payload)).error_code).toBe("INTERNAL_ERROR");
    const { attempts, attempt_latency, codes } = provider.stats();
    expect([attempts, attempt_latency.count, codes]).toEqual([1, 1, { INTERNAL_ERROR: 1 }]);
  });

  it("tells how many origins are paused or down, and how wide they are", async () => {
    const retry = { max_attempts: 1 };
    const { provider, clock, transport } = await openPlain(
      { max_concurrency: 40, retry },
      {
        decode: ({ status }) =>
          status === 200
            ? { verdict: "accepted" }
            : {
                verdict: "retry",
                code: "RATE_LIMITED",
                reason: "Quota",
                scope: "sender",
                retry_after_ms: 5000,
              },
      },
    );
    transport.decide = ({ url }) => {
      if (url.startsWith("https://dead/")) return { reach: "connect_failed" };
      return { status: url.startsWith("https://throttled/") ? 429 : 200 };
    };
    await provider.sendNotification("well/0", payload);
    await provider.sendNotification("throttled/0", payload);
    for (let i = 0; i < 20; i++) await provider.sendNotification(`dead/${i}`, payload);
    expect(provider.stats().origins).toEqual({
      known: 3,
      paused: 1,
      down: 1,
      smallest_window: 16,
      largest_window: 33,
    });
    // The time that was named has come, whether or not anybody has asked again.
    await clock.advance(5000);
    expect(provider.stats().origins).toMatchObject({ known: 3, paused: 0, down: 1 });
    transport.decide = () => ({ status: 200 });
    await provider.sendNotification("dead/again", payload);
    expect(provider.stats().origins).toMatchObject({ known: 3, paused: 0, down: 0 });
  });

  it("asks the transport how many connections are open", async () => {
    const { provider, transport } = await openPlain();
    Object.assign(transport, { connections: () => 7 });
    expect(provider.stats().connections).toBe(7);
  });

  it("is one for all handles on an engine, is JSON, and can be had after close()", async () => {
    const provider = await getPushProvider("simulation", { success_rate: 1, delivery_delay_ms: 0 });
    const second = await getPushProvider("simulation", { success_rate: 1, delivery_delay_ms: 0 });
    await provider.sendNotification("canary-token", { title: "canary-title" });
    await Promise.all([provider.close(), second.close()]);
    const stats = second.stats();
    expect(stats).toMatchObject({ platform: "simulation", accepted: 1, attempt_latency: { count: 1 } });
    expect(JSON.parse(JSON.stringify(stats))).toEqual(stats);
    expect(JSON.stringify(stats)).not.toMatch(/canary|simulation\.invalid/);
  });

  it("does not grow with use", async () => {
    const { provider } = await openPlain();
    const size = () => JSON.stringify(provider.stats()).length;
    await provider.sendNotification("h0/a", payload);
    const before = size();
    const tokens = Array.from({ length: 500 }, (_, i) => `h${i}/a`);
    await provider.sendMulticastNotification(tokens, payload);
    expect(provider.stats().origins.known).toBe(500);
    expect(size() - before).toBeLessThan(100);
  });
});

describe("the credentials in stats()", () => {
  async function open(mint: () => Partial<Credential> | undefined = () => ({})) {
    let serial = 0;
    return openPlain(
      {},
      {
        credential: {
          scope: (target) => (target.kind === "token" ? (target.token.split("/")[0] ?? "") : ""),
          mint: (_scope, { now_ms }) => {
            const over = mint();
            if (!over) return { verdict: "rejected", code: "AUTHENTICATION_FAILED", reason: "canary" };
            const times = { expires_at_ms: now_ms + 3_600_000, renew_at_ms: now_ms + 3_000_000 };
            return { id: `canary-${serial++}`, value: "canary", ...times, ...over };
          },
          apply: (request) => request,
        },
      },
    );
  }

  it("tell the age of the oldest, the end of the first, and how many were made and renewed", async () => {
    const { provider, clock } = await open();
    expect(provider.stats().credentials).toEqual({
      held: 0,
      age_seconds: null,
      expires_in_seconds: null,
      minted: 0,
      renewals: 0,
      refused: 0,
      failed: 0,
    });
    await provider.sendNotification("a/1", payload);
    await clock.advance(1_000_000);
    await provider.sendNotification("b/1", payload);
    await clock.advance(10_000);
    expect(provider.stats().credentials).toMatchObject({
      held: 2,
      age_seconds: 1010,
      expires_in_seconds: 2590,
      minted: 2,
      renewals: 0,
    });
    await clock.advance(2_000_000);
    await provider.sendNotification("a/2", payload);
    expect(provider.stats().credentials).toMatchObject({
      held: 2,
      age_seconds: 2010,
      expires_in_seconds: 1590,
      minted: 3,
      renewals: 1,
    });
    // What has ended unused is held no more.
    await clock.advance(1_590_000);
    expect(provider.stats().credentials).toMatchObject({
      held: 1,
      age_seconds: 1590,
      expires_in_seconds: 2010,
    });
    expect(JSON.stringify(provider.stats())).not.toContain("canary");
  });

  it("count a refusal once, however many requests went with what was refused, and the renewal", async () => {
    const { provider, transport } = await open();
    let refusals = 10;
    transport.decide = () => ({ status: refusals-- > 0 ? 401 : 200 });
    transport.hold = true;
    const sending = provider.sendMulticastNotification(
      Array.from({ length: 10 }, (_, i) => `a/${i}`),
      payload,
    );
    await settle();
    transport.release();
    await settle();
    transport.hold = false;
    transport.release();
    expect((await sending).every(({ success }) => success)).toBe(true);
    expect(provider.stats().credentials).toMatchObject({ minted: 2, renewals: 1, refused: 1, failed: 0 });
  });

  it("count what could not be had, and what was the same again", async () => {
    let minted: Partial<Credential> | undefined;
    const { provider, clock, transport } = await open(() => minted);
    await provider.sendNotification("a/1", payload);
    expect(provider.stats().credentials).toMatchObject({ held: 0, minted: 0, failed: 1 });
    await clock.advance(30_000);
    minted = { id: "canary-same" };
    transport.answer("2", { status: 401 });
    await provider.sendNotification("a/2", payload);
    expect(provider.stats().credentials).toMatchObject({ minted: 1, renewals: 0, refused: 1, failed: 2 });
  });
});

describe("stats() beyond one engine", () => {
  class ByHand extends PushNotificationProvider {
    static readonly platform = "by_hand";
    readonly platform = "by_hand";
    sendNotification(): Promise<PushNotificationResult> {
      throw new Error("not asked for");
    }
    validateDeviceToken() {
      return true;
    }
    getPlatformInfo() {
      const limits = { max_payload_bytes: 1, max_ttl_seconds: 1, max_concurrency: 1 };
      const counters = { taken: 3, accepted: 2, failed: 1, attempts: 3, in_flight: 0, queued: 0, parked: 0 };
      return {
        platform: "by_hand",
        limits,
        capabilities: {},
        sender: {},
        counters: { ...counters, codes: { TIMEOUT: 1 }, last_settled: null },
      };
    }
  }

  it("a provider written by hand gives its counters; a router gives everybody's, by platform", async () => {
    registerProvider(ByHand);
    const router = await createPushRouter({
      by_hand: {},
      simulation: { success_rate: 1, delivery_delay_ms: 0 },
    });
    await router.send({ platform: "simulation", device_token: "a" }, payload);
    const { by_hand, simulation, ...others } = router.stats();
    expect(others).toEqual({});
    expect(simulation).toMatchObject({ platform: "simulation", accepted: 1 });
    expect(by_hand).toMatchObject({
      ...{ platform: "by_hand", since: null, taken: 3, codes: { TIMEOUT: 1 }, retries: 0, connections: 0 },
      ...{ attempt_latency: { count: 0 }, origins: { known: 0 }, credentials: null },
    });
    expect(Object.keys(by_hand ?? {}).sort()).toEqual(Object.keys(simulation ?? {}).sort());
  });
});
