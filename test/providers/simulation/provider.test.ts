import { inspect } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { type SimulationConfig, SimulationProvider } from "../../../providers/simulation/index.js";
import { closeAllProviders, getPushProvider } from "../../../src/factory.js";
import type { PushNotificationResult } from "../../../src/result.js";

const payload = { title: "Hello", body: "World" };
const quick: SimulationConfig = { delivery_delay_ms: 0, retry: { base_delay_ms: 0, budget: false } };

function open(config: SimulationConfig = {}): Promise<SimulationProvider> {
  return getPushProvider("simulation", { ...quick, ...config }, { force_new: true });
}

function codes(results: readonly PushNotificationResult[]): string[] {
  return results.map((result) => (result.success ? "success" : result.error_code));
}

function crowd(count: number): [string, typeof payload][] {
  return Array.from({ length: count }, (_, i) => [`device-${i % 50}`, payload]);
}

afterEach(() => closeAllProviders());

describe("simulation through the engine", () => {
  it("1.13 S1 needs no config and nothing beside it", async () => {
    const provider = await getPushProvider("simulation");
    expect(provider).toBeInstanceOf(SimulationProvider);
    const result = await provider.sendNotification("any-token", payload);
    expect(result).toMatchObject({ platform: "simulation", device_token: "any-token", index: 0 });
    expect(provider.deliveries).toHaveLength(result.success ? 1 : 0);
  });

  it("S1 records what was delivered, under the ids of the results", async () => {
    const provider = await open({ success_rate: 1 });
    const results = await provider.sendMulticastNotification(["a", "b"], payload);
    expect(results).toMatchObject([
      { success: true, service_message_id: "sim-000000", status_code: 200, attempts: 1 },
      { success: true, service_message_id: "sim-000001", status_code: 200, attempts: 1 },
    ]);
    expect(provider.deliveries).toMatchObject([
      { device_token: "a", payload, message_id: results[0]?.message_id },
      { device_token: "b", payload, message_id: results[1]?.message_id },
    ]);
    provider.deliveries.length = 0;
    expect(provider.deliveries).toHaveLength(2);
    provider.clearDeliveries();
    expect(provider.deliveries).toEqual([]);
  });

  it("S1 the same seed gives the same outcomes, whatever the concurrency and the delays", async () => {
    const run = async (config: SimulationConfig) => {
      const provider = await open({ seed: "night", success_rate: 0.6, ...config });
      return codes(await provider.sendBulkNotifications(crowd(400)));
    };
    const error_weights = { INVALID_TOKEN: 1, DEVICE_OFFLINE: 1, NETWORK_ERROR: 1, QUOTA_EXCEEDED: 1 };
    const one_by_one = await run({ max_concurrency: 1, error_weights });
    expect(new Set(one_by_one).size).toBe(5);
    for (const max_concurrency of [7, 1000]) {
      expect(await run({ max_concurrency, error_weights, delivery_delay_ms: [0, 8] })).toEqual(one_by_one);
    }
    expect(await run({ seed: "day", error_weights })).not.toEqual(one_by_one);
  });

  it("S1 single sends, bulk and stream count alike, and a check of a token does not count", async () => {
    const config = { seed: 9, success_rate: 0.5, error_weights: { INVALID_TOKEN: 1 } };
    const whole = codes(await (await open(config)).sendBulkNotifications(crowd(60)));
    const provider = await open(config);
    const items = crowd(60);
    const parts: PushNotificationResult[] = [];
    parts.push(
      ...(await Promise.all(items.slice(0, 20).map(([token]) => provider.sendNotification(token, payload)))),
    );
    for (const [token] of items) expect(provider.validateDeviceToken(token)).toBe(true);
    parts.push(...(await provider.sendBulkNotifications(items.slice(20, 40))));
    const streamed: PushNotificationResult[] = [];
    for await (const result of provider.streamNotifications(items.slice(40))) streamed[result.index] = result;
    expect(codes([...parts, ...streamed])).toEqual(whole);
  });

  it("S1 success_rate is the rate in the end: retries change no outcome", async () => {
    const run = async (max_attempts: number) => {
      const provider = await open({
        seed: 3,
        success_rate: 0.7,
        retry: { max_attempts, base_delay_ms: 0, budget: false },
      });
      return provider.sendBulkNotifications(crowd(300));
    };
    const [once, often] = [await run(1), await run(4)];
    expect(codes(often)).toEqual(codes(once));
    for (const result of often) {
      const retried = ["SERVICE_UNAVAILABLE", "RATE_LIMITED", "NETWORK_ERROR"].includes(
        result.error_code ?? "",
      );
      expect(result.attempts).toBe(retried ? 4 : 1);
      expect(result.may_have_been_sent ?? false).toBe(false);
    }
  });

  it.each<[string, SimulationConfig["outcomes"], object]>([
    [
      "a code",
      { t: "UNREGISTERED" },
      {
        error_code: "UNREGISTERED",
        reason: "UNREGISTERED",
        remove_token: true,
        status_code: 410,
        attempts: 1,
      },
    ],
    [
      "an older name",
      { t: "DEVICE_OFFLINE" },
      { error_code: "SERVICE_UNAVAILABLE", reason: "DEVICE_OFFLINE", retryable: true, attempts: 4 },
    ],
    [
      "the other one",
      { t: "QUOTA_EXCEEDED" },
      { error_code: "RATE_LIMITED", reason: "QUOTA_EXCEEDED", retryable: true, attempts: 4 },
    ],
    [
      "a reason",
      { t: { error_code: "SENDER_MISMATCH", reason: "OtherKey" } },
      { error_code: "SENDER_MISMATCH", reason: "OtherKey", attempts: 1 },
    ],
    ["a dropped one", { t: "DROPPED" }, { error_code: "DROPPED", status_code: 200, attempts: 1 }],
    [
      "no connection",
      { t: "NETWORK_ERROR" },
      { error_code: "NETWORK_ERROR", reason: "NETWORK_ERROR", may_have_been_sent: false, attempts: 4 },
    ],
    [
      "trouble that passes",
      { t: ["SERVICE_UNAVAILABLE", "NETWORK_ERROR", "success"] },
      { success: true, attempts: 3 },
    ],
    [
      "a list that ends badly",
      { t: ["SERVICE_UNAVAILABLE", "UNREGISTERED"] },
      { error_code: "UNREGISTERED", attempts: 2 },
    ],
  ])("S1 outcomes: %s", async (_, outcomes, expected) => {
    const provider = await open({ success_rate: 1, ...(outcomes ? { outcomes } : {}) });
    const results = await provider.sendBulkNotifications([
      ["t", payload],
      ["t", payload],
      ["other", payload],
    ]);
    expect(results).toMatchObject([expected, expected, { success: true, attempts: 1 }]);
  });

  it("outcomes: a time that the service names is waited for", async () => {
    const limited = { error_code: "RATE_LIMITED", retry_after: 0.05 } as const;
    const provider = await open({
      outcomes: { soon: [limited, "success"], late: { ...limited, retry_after: 90 } },
    });
    const soon = await provider.sendNotification("soon", payload);
    expect(soon).toMatchObject({ success: true, attempts: 2 });
    expect(soon.duration_ms).toBeGreaterThanOrEqual(49);
    expect(await provider.sendNotification("late", payload)).toMatchObject({ attempts: 1, retry_after: 90 });
  });

  it("outcomes: TIMEOUT ends with the attempt's time, and may have been sent", async () => {
    const provider = await open({ timeout_seconds: 0.02, outcomes: { t: "TIMEOUT" } });
    const result = await provider.sendNotification("t", payload);
    expect(result).toMatchObject({ error_code: "TIMEOUT", may_have_been_sent: true, attempts: 1 });
    expect(provider.deliveries).toEqual([]);
  });

  it("platform_data.simulation.outcome decides for one notification; other keys are refused by name", async () => {
    const provider = await open({ success_rate: 1 });
    const send = (simulation: object) =>
      provider.sendNotification("t", { ...payload, platform_data: { simulation } });
    expect(await send({ outcome: "UNREGISTERED" })).toMatchObject({ error_code: "UNREGISTERED" });
    expect(await send({ outcome: ["SERVICE_UNAVAILABLE", "success"] })).toMatchObject({
      success: true,
      attempts: 2,
    });
    expect(await send({ outcome: "GONE" })).toMatchObject({ error_code: "PAYLOAD_INVALID", attempts: 0 });
    expect(await send({ outcom: "success" })).toMatchObject({
      message: expect.stringContaining("did you mean outcome"),
    });
  });

  it("an abort ends the delay", async () => {
    const provider = await open({ success_rate: 1, delivery_delay_ms: 60_000 });
    const controller = new AbortController();
    const sent = provider.sendNotification("t", payload, { signal: controller.signal });
    await expect.poll(() => provider.getPlatformInfo().counters.in_flight).toBe(1);
    controller.abort();
    expect(await sent).toMatchObject({ error_code: "ABORTED", may_have_been_sent: true, attempts: 1 });
    expect(provider.deliveries).toEqual([]);
  });

  it("1.13 topics are delivered, drawn and scripted like tokens", async () => {
    const provider = await open({ success_rate: 1, outcomes: { closed: "INVALID_TOKEN" } });
    const condition = "'news' in topics && !('old' in topics)";
    expect(await provider.sendTopicNotification("news", payload)).toMatchObject({
      success: true,
      topic: "news",
    });
    expect(await provider.sendTopicNotification(condition, payload)).toMatchObject({ success: true });
    expect(await provider.sendTopicNotification("closed", payload)).toMatchObject({
      error_code: "INVALID_TOKEN",
    });
    expect(await provider.sendTopicNotification(" ", payload)).toMatchObject({
      error_code: "PAYLOAD_INVALID",
      attempts: 0,
    });
    expect(provider.deliveries.map(({ topic }) => topic)).toEqual(["news", condition]);
    expect(provider.deliveries[0]).not.toHaveProperty("device_token");
  });

  it("imitate: another platform's limits reach the result", async () => {
    const provider = await open({ success_rate: 1, imitate: "apns" });
    const token = "ab".repeat(32);
    expect(provider.validateDeviceToken("device-1")).toBe(false);
    expect(await provider.sendNotification("device-1", payload)).toMatchObject({
      error_code: "INVALID_TOKEN",
      attempts: 0,
    });
    const long = await provider.sendNotification(token, { ...payload, ttl_seconds: 3_000_000 });
    expect(long).toMatchObject({ success: true, warnings: [{ type: "ttl_clamped" }] });
    const large = await provider.sendNotification(token, { body: "b".repeat(5000) });
    expect(large).toMatchObject({
      error_code: "PAYLOAD_TOO_LARGE",
      message: expect.stringMatching(/50\d\d bytes.*4096 bytes/),
    });
    expect(provider.getPlatformInfo().limits).toMatchObject({
      max_payload_bytes: 4096,
      max_ttl_seconds: 2_592_000,
    });
  });

  it("a dry run shows what would become of the notification, and delivers nothing", async () => {
    const provider = await open({ outcomes: { t: "UNREGISTERED" } });
    const result = await provider.sendNotification("t", payload, { dry_run: true });
    expect(JSON.parse(result.request?.body ?? "")).toMatchObject({
      device_token: "t",
      plan: { steps: [{ error_code: "UNREGISTERED" }], delay_ms: 0 },
    });
    expect(provider.deliveries).toEqual([]);
  });

  it("equal configs share one simulated service, also when each would draw its own seed", async () => {
    const [first, second] = await Promise.all([
      getPushProvider("simulation", { success_rate: 1, delivery_delay_ms: 0 }),
      getPushProvider("simulation", { success_rate: 1, delivery_delay_ms: 0 }),
    ]);
    await first.sendNotification("t", payload);
    expect(second.deliveries).toHaveLength(1);
    expect(second.getPlatformInfo().sender).toEqual(first.getPlatformInfo().sender);
    await first.close();
    expect(first.deliveries).toHaveLength(1);
  });

  it("1.13 shows its knobs", async () => {
    const provider = await open({ seed: 1, imitate: "wns" });
    expect(provider.getPlatformInfo()).toMatchObject({
      platform: "simulation",
      limits: { max_payload_bytes: 5000, max_concurrency: 1000 },
      capabilities: { topics: true, deliveries: true },
      sender: {
        seed: 1,
        success_rate: 0.95,
        delivery_delay_ms: 0,
        error_scenarios_enabled: true,
        imitate: "wns",
      },
    });
    expect(await provider.healthCheck()).toMatchObject({ status: "healthy", platform: "simulation" });
  });

  it("keeps deliveries for who asks: inspecting the provider shows no token and no payload", async () => {
    const provider = await open({ success_rate: 1, outcomes: { "canary-script": "DROPPED" } });
    await provider.sendNotification("canary-token", { title: "canary-title" });
    expect(provider.deliveries).toHaveLength(1);
    expect(inspect(provider, { depth: 20, showHidden: true })).not.toContain("canary");
  });
});
