import { describe, expect, it } from "vitest";
import { attempt, ManualClock, open, request, START_MS, transmit } from "./support.js";

async function attempts(codec: ReturnType<typeof open>, token: string, count: number): Promise<string[]> {
  const sent = request(codec, token);
  const words: string[] = [];
  for (let i = 0; i < count; i++) words.push(await attempt(codec, sent));
  return words;
}

describe("the simulated service", () => {
  it("S1 1.13 accepts, and keeps what it accepted", async () => {
    const clock = new ManualClock();
    const codec = open({ success_rate: 1 }, clock);
    clock.advance(1000);
    expect(await attempt(codec, request(codec, "device-1", { sequence: 3 }))).toBe("success");
    await attempt(codec, request(codec, "news", { sequence: 4, topic: true }));
    const payload = { title: "Hello", body: "World", data: {}, priority: "normal" };
    const timestamp = new Date(START_MS + 1000).toISOString();
    expect(codec.deliveries.list()).toEqual([
      { device_token: "device-1", payload, message_id: "m-3", timestamp },
      { topic: "news", payload, message_id: "m-4", timestamp },
    ]);
  });

  it("1.13 names what it accepted", async () => {
    const codec = open({ success_rate: 1 });
    const outcome = await transmit(codec, request(codec, "a", { sequence: 41 }));
    const decoded =
      outcome.outcome === "response" && JSON.parse(new TextDecoder().decode(outcome.response.body));
    expect(decoded).toEqual({ service_message_id: "sim-000041" });
  });

  it("a drawn failure is the same on each attempt, so success_rate is the rate in the end", async () => {
    const codec = open({ success_rate: 0, seed: 1 });
    for (let sequence = 0; sequence < 50; sequence++) {
      const sent = request(codec, "t", { sequence });
      const words = [await attempt(codec, sent), await attempt(codec, sent), await attempt(codec, sent)];
      expect(words[0]).not.toBe("success");
      expect(new Set(words).size).toBe(1);
    }
    expect(codec.deliveries.list()).toEqual([]);
  });

  it("a list is followed attempt by attempt, its last entry repeats, and each notification begins anew", async () => {
    const codec = open({ outcomes: { a: ["DEVICE_OFFLINE", { error_code: "QUOTA_EXCEEDED" }, "success"] } });
    const words = ["retry SERVICE_UNAVAILABLE", "retry RATE_LIMITED", "success", "success"];
    expect(await attempts(codec, "a", 4)).toEqual(words);
    expect(await attempts(codec, "a", 4)).toEqual(words);
  });

  it.each([
    ["UNREGISTERED", 410, "rejected UNREGISTERED"],
    ["RATE_LIMITED", 429, "retry RATE_LIMITED"],
    ["SERVICE_UNAVAILABLE", 503, "retry SERVICE_UNAVAILABLE"],
    ["PAYLOAD_TOO_LARGE", 413, "rejected PAYLOAD_TOO_LARGE"],
    ["DROPPED", 200, "rejected DROPPED"],
    ["INVALID_TOKEN", 400, "rejected INVALID_TOKEN"],
    ["UNKNOWN_RESPONSE", 400, "rejected UNKNOWN_RESPONSE"],
  ] as const)("%s is answered with %d", async (code, status, word) => {
    const codec = open({ outcomes: { a: code } });
    expect(await transmit(codec, request(codec, "a"))).toMatchObject({
      outcome: "response",
      response: { status },
    });
    expect(await attempts(codec, "a", 1)).toEqual([word]);
  });

  it("NETWORK_ERROR does not get through, so nothing can have been sent", async () => {
    const codec = open({ outcomes: { a: { error_code: "NETWORK_ERROR", reason: "cable" } } });
    expect(await transmit(codec, request(codec, "a"))).toEqual({
      outcome: "failure",
      reach: "connect_failed",
      reason: "cable",
    });
  });

  it("TIMEOUT is silent until the engine gives up", async () => {
    const clock = new ManualClock();
    const codec = open({ outcomes: { a: "TIMEOUT" } }, clock);
    const controller = new AbortController();
    let settled = false;
    const outcome = transmit(codec, request(codec, "a"), controller.signal).finally(() => {
      settled = true;
    });
    clock.advance(1_000_000_000);
    await new Promise(setImmediate);
    expect(settled).toBe(false);
    controller.abort();
    expect(await outcome).toEqual({ outcome: "failure", reach: "maybe_sent", reason: "TIMEOUT" });
  });

  it("1.13 takes its time, on the clock that it was given", async () => {
    const clock = new ManualClock();
    const codec = open({ success_rate: 1, delivery_delay_ms: [100, 500], seed: 5 }, clock);
    const outcome = transmit(codec, request(codec, "a"));
    const [delay = 0] = clock.pending;
    expect(delay).toBeGreaterThanOrEqual(100);
    expect(delay).toBeLessThan(500);
    clock.advance(delay / 2);
    expect(codec.deliveries.list()).toEqual([]);
    clock.advance(delay);
    expect(await outcome).toMatchObject({ outcome: "response" });
    expect(codec.deliveries.list()).toHaveLength(1);
  });

  it.each<[string, "maybe_sent" | "connect_failed", "success" | "INVALID_TOKEN" | "NETWORK_ERROR"]>([
    ["a delivery", "maybe_sent", "success"],
    ["a refusal", "maybe_sent", "INVALID_TOKEN"],
    ["a connection that would fail", "connect_failed", "NETWORK_ERROR"],
  ])("an abort ends the wait for %s at once and leaves no timer", async (_, reach, outcome) => {
    const clock = new ManualClock();
    const codec = open({ delivery_delay_ms: 60_000, outcomes: { a: outcome } }, clock);
    const controller = new AbortController();
    const sent = transmit(codec, request(codec, "a"), controller.signal);
    controller.abort();
    expect(await sent).toEqual({ outcome: "failure", reach, reason: "aborted" });
    expect(clock.pending).toEqual([]);
    expect(codec.deliveries.list()).toEqual([]);
  });

  it("what is aborted before it begins was not sent", async () => {
    const codec = open({ success_rate: 1 });
    expect(await transmit(codec, request(codec, "a"), AbortSignal.abort())).toMatchObject({
      reach: "not_sent",
    });
    expect(codec.deliveries.list()).toEqual([]);
  });

  it("close ends every wait", async () => {
    const clock = new ManualClock();
    const codec = open({ delivery_delay_ms: 60_000, outcomes: { silent: "TIMEOUT" } }, clock);
    const sent = ["slow", "silent"].map((token) => transmit(codec, request(codec, token)));
    await codec.transport?.close();
    expect(await Promise.all(sent)).toMatchObject([{ reach: "maybe_sent" }, { reach: "maybe_sent" }]);
    expect(clock.pending).toEqual([]);
  });
});

describe("deliveries", () => {
  async function deliver(max_deliveries: number, count: number) {
    const codec = open({ success_rate: 1, max_deliveries });
    for (let sequence = 0; sequence < count; sequence++)
      await attempt(codec, request(codec, "t", { sequence }));
    return codec;
  }
  const ids = (codec: ReturnType<typeof open>) => codec.deliveries.list().map(({ message_id }) => message_id);

  it.each([
    [3, 2, ["m-0", "m-1"]],
    [3, 3, ["m-0", "m-1", "m-2"]],
    [3, 4, ["m-1", "m-2", "m-3"]],
    [3, 8, ["m-5", "m-6", "m-7"]],
    [1, 5, ["m-4"]],
    [0, 5, []],
  ])("at most %d of %d are kept, the newest, in order", async (max_deliveries, count, kept) => {
    expect(ids(await deliver(max_deliveries, count))).toEqual(kept);
  });

  it("each list is a copy", async () => {
    const codec = await deliver(10, 2);
    codec.deliveries.list().length = 0;
    expect(ids(codec)).toEqual(["m-0", "m-1"]);
  });

  it("clear forgets them, and the next ones are kept again", async () => {
    const codec = await deliver(2, 5);
    codec.deliveries.clear();
    expect(ids(codec)).toEqual([]);
    for (const sequence of [5, 6, 7]) await attempt(codec, request(codec, "t", { sequence }));
    expect(ids(codec)).toEqual(["m-6", "m-7"]);
  });

  it("a payload that is changed afterwards stays as it was sent", async () => {
    const codec = open({ success_rate: 1 });
    const payload = { title: "before", data: { list: [1] } };
    await attempt(codec, request(codec, "t", { payload }));
    payload.data.list.push(2);
    expect(codec.deliveries.list()[0]?.payload).toMatchObject({ title: "before", data: { list: [1] } });
  });
});
