import { afterEach, describe, expect, it } from "vitest";
import type { SharedConfigInput } from "../../src/config.js";
import { closeAllProviders, getPushProvider, PushError, registerProvider } from "../../src/index.js";
import type { BulkProgress } from "../../src/options.js";
import { FakeClock, plainCodec, plainDefinition, ScriptedTransport, settle } from "./support.js";

let serial = 0;

async function open(config: SharedConfigInput = {}, codec: Parameters<typeof plainDefinition>[1] = {}) {
  const platform = `bulk_${serial++}`;
  registerProvider(plainDefinition(platform, codec));
  const clock = new FakeClock();
  const transport = new ScriptedTransport(clock);
  const provider = await getPushProvider(platform, { ...config }, { clock, transport, random: () => 0.5 });
  return { provider, clock, transport };
}

afterEach(() => closeAllProviders({ timeout_seconds: 0 }));

const payload = { title: "t" };
const tokens = (count: number) => Array.from({ length: count }, (_, i) => `h/${i}`);

describe("sendBulkNotifications", () => {
  it("answers each item once, in input order, whatever order the answers come in", async () => {
    const { provider, clock, transport } = await open();
    transport.answer("1", { status: 503 }, { status: 200 });
    transport.answer("3", { status: 410 });
    const list = [
      ["h/0", payload],
      ["h/1", payload],
      ["nonsense", payload],
      { device_token: "h/3", payload },
      ["h/4", {}],
    ] as const;
    const sending = provider.sendBulkNotifications(list);
    await clock.advance(1000);
    const results = await sending;
    expect(results.map((result) => result.index)).toEqual([0, 1, 2, 3, 4]);
    expect(results.map((result) => result.error_code)).toEqual([
      undefined,
      undefined,
      "INVALID_TOKEN",
      "UNREGISTERED",
      "PAYLOAD_INVALID",
    ]);
    expect(results.map((result) => result.device_token)).toEqual(["h/0", "h/1", "nonsense", "h/3", "h/4"]);
    expect(new Set(results.map((result) => result.message_id)).size).toBe(5);
    expect(results[3]).toMatchObject({ remove_token: true });
  });

  it("answers an item that is neither a pair nor an object, and goes on", async () => {
    const { provider } = await open();
    const results = await provider.sendBulkNotifications([7, ["h/1", payload]] as never);
    expect(results[0]).toMatchObject({ success: false, error_code: "INVALID_TOKEN" });
    expect(results[1]?.success).toBe(true);
  });

  it("is empty for an empty input", async () => {
    const { provider } = await open();
    expect(await provider.sendBulkNotifications([])).toEqual([]);
  });

  it.each([
    ["a string", "h/1"],
    ["a number", 5],
    ["null", null],
    ["a plain object", {}],
  ])("rejects %s as input", async (_what, input) => {
    const { provider } = await open();
    await expect(provider.sendMulticastNotification(input as never, payload)).rejects.toMatchObject({
      code: "OPTIONS_INVALID",
    });
    await expect(provider.sendBulkNotifications(input as never)).rejects.toMatchObject({
      code: "OPTIONS_INVALID",
    });
  });

  it("an input that throws half way: INPUT_FAILED, with the results and the cause", async () => {
    const { provider } = await open();
    const cause = new Error("the database went away");
    function* broken() {
      yield ["h/0", payload] as const;
      yield ["h/1", payload] as const;
      throw cause;
    }
    const error = await provider.sendBulkNotifications(broken()).catch((thrown: unknown) => thrown);
    expect(PushError.is(error) && error.code).toBe("INPUT_FAILED");
    expect((error as PushError).cause).toBe(cause);
    expect((error as PushError).results).toHaveLength(2);
    expect((error as PushError).results?.every((result) => result.success)).toBe(true);
  });

  it("max_concurrency of a call lowers the provider's, also for retries", async () => {
    const { provider, clock, transport } = await open({ max_concurrency: 10 });
    for (let i = 0; i < 20; i++) transport.answer(String(i), { status: 503 }, { status: 200 });
    const sending = provider.sendMulticastNotification(tokens(20), payload, { max_concurrency: 2 });
    await clock.advance(60_000);
    expect((await sending).every((result) => result.success)).toBe(true);
    expect(transport.max_in_flight).toBeLessThanOrEqual(2);
  });

  it("W8 gives each recipient of one payload its own message id, and leaves the payload alone", async () => {
    const { provider } = await open();
    const frozen = Object.freeze({ title: "t", data: Object.freeze({ a: 1 }) });
    const results = await provider.sendMulticastNotification(tokens(3), frozen);
    expect(new Set(results.map((result) => result.message_id)).size).toBe(3);
  });

  it("uses a message id that was given once for several as it is, with a warning", async () => {
    const { provider } = await open();
    const results = await provider.sendMulticastNotification(tokens(3), { title: "t", message_id: "m-1" });
    expect(results.every((result) => result.message_id === "m-1")).toBe(true);
    expect(results.map((result) => result.warnings.length)).toEqual([1, 1, 1]);
    expect(results[2]?.warnings[0]).toMatchObject({ type: "shared_message_id", field: "message_id" });
  });

  it("prepares one payload once, and notices when it was changed between two items", async () => {
    let prepared = 0;
    const { provider } = await open(
      {},
      {
        prepare: (checked, context) => {
          prepared++;
          return plainCodec().prepare(checked, context);
        },
      },
    );
    await provider.sendMulticastNotification(tokens(50), payload);
    expect(prepared).toBe(1);
    const changing = { title: "a" };
    await provider.sendBulkNotifications(
      (function* () {
        yield ["h/0", changing] as const;
        changing.title = "b";
        yield ["h/1", changing] as const;
      })(),
    );
    expect(prepared).toBe(3);
  });

  it("tells progress at most ten times a second and once at the end", async () => {
    const { provider, clock, transport } = await open({ max_concurrency: 1 });
    for (let i = 0; i < 10; i++) transport.answer(String(i), { status: 503 }, { status: 200 });
    transport.answer("9", { status: 410 });
    const told: BulkProgress[] = [];
    const sending = provider.sendMulticastNotification(tokens(10), payload, {
      on_progress: (progress) => told.push(progress),
    });
    await clock.advance(30_000);
    await sending;
    expect(told.at(-1)).toMatchObject({
      done: 10,
      total: 10,
      succeeded: 9,
      failed: 1,
      codes: { UNREGISTERED: 1 },
    });
    expect(told.length).toBeLessThanOrEqual(11);
  });

  it("a progress listener that throws disturbs nothing", async () => {
    const { provider } = await open();
    const results = await provider.sendMulticastNotification(tokens(3), payload, {
      on_progress: () => {
        throw new Error("listener");
      },
    });
    expect(results.every((result) => result.success)).toBe(true);
  });
});

describe("streamNotifications", () => {
  it("yields results as they come, with their index", async () => {
    const { provider, clock, transport } = await open();
    transport.answer("0", { status: 503 }, { status: 200 });
    const indexes: number[] = [];
    const reading = (async () => {
      for await (const result of provider.streamNotifications(
        tokens(3).map((token) => [token, payload] as const),
      )) {
        indexes.push(result.index);
      }
    })();
    await clock.advance(1000);
    await reading;
    expect(indexes).toEqual([1, 2, 0]);
  });

  it("pulls its input only as slots free up", async () => {
    const { provider, transport } = await open({ max_concurrency: 3 });
    transport.hold = true;
    let pulled = 0;
    async function* endless() {
      for (;;) yield [`h/${pulled++}`, payload] as const;
    }
    const stream = provider.streamNotifications(endless());
    const first = stream.next();
    await settle();
    expect(pulled).toBe(3);
    transport.release(1);
    expect((await first).done).toBe(false);
    await settle();
    expect(pulled).toBeLessThanOrEqual(5);
    transport.hold = false;
    const ended = stream.return();
    transport.release();
    await ended;
    expect(provider.getPlatformInfo().counters.in_flight).toBe(0);
  });

  it("stops reading when its reader stops", async () => {
    const { provider } = await open({ max_concurrency: 4 });
    let pulled = 0;
    function* endless() {
      for (;;) yield [`h/${pulled++}`, payload] as const;
    }
    const stream = provider.streamNotifications(endless());
    await stream.next();
    await settle();
    expect(pulled).toBeLessThan(20);
    await stream.return();
  });

  it("stops pulling while as many wait for a retry as may be in flight", async () => {
    const { provider, clock, transport } = await open({ max_concurrency: 3, retry: { budget: false } });
    let pulled = 0;
    function* throttled() {
      for (; pulled < 50; pulled++) {
        transport.answer(String(pulled), { status: 429, headers: { "retry-after": "5" } }, { status: 200 });
        yield [`h/${pulled}`, payload] as const;
      }
    }
    const sending = provider.sendBulkNotifications(throttled());
    await settle();
    expect(pulled).toBeLessThanOrEqual(6);
    await clock.advance(300_000);
    expect((await sending).filter((result) => result.success)).toHaveLength(50);
  });

  it("yields everything that was taken before it throws INPUT_FAILED", async () => {
    const { provider } = await open();
    async function* broken() {
      yield ["h/0", payload] as const;
      throw new Error("gone");
    }
    const seen: number[] = [];
    const reading = (async () => {
      for await (const result of provider.streamNotifications(broken())) seen.push(result.index);
    })();
    await expect(reading).rejects.toMatchObject({ code: "INPUT_FAILED" });
    expect(seen).toEqual([0]);
  });

  it("leaving the loop calls return() on the input", async () => {
    const { provider } = await open();
    let returned = false;
    function* input() {
      try {
        for (let i = 0; ; i++) yield [`h/${i}`, payload] as const;
      } finally {
        returned = true;
      }
    }
    for await (const _result of provider.streamNotifications(input())) break;
    expect(returned).toBe(true);
  });
});

describe("abort", () => {
  it("before the call: every item of an array is answered ABORTED and nothing is sent", async () => {
    const { provider, transport } = await open();
    const results = await provider.sendMulticastNotification(tokens(5), payload, {
      signal: AbortSignal.abort(),
    });
    expect(results.map((result) => result.error_code)).toEqual(Array(5).fill("ABORTED"));
    expect(results.every((result) => result.attempts === 0 && result.retryable)).toBe(true);
    expect(transport.sent).toHaveLength(0);
  });

  it("during: what is on the wire may have been sent, what is queued was not", async () => {
    const { provider, transport } = await open({ max_concurrency: 2 });
    for (let i = 0; i < 6; i++) transport.answer(String(i), "never");
    const controller = new AbortController();
    const sending = provider.sendMulticastNotification(tokens(6), payload, { signal: controller.signal });
    await settle();
    controller.abort();
    const results = await sending;
    expect(results.map((result) => result.error_code)).toEqual(Array(6).fill("ABORTED"));
    expect(results.map((result) => result.may_have_been_sent)).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
  });

  it("while waiting to be retried: ABORTED keeps the last answer's words", async () => {
    const { provider, transport } = await open();
    transport.answer("a", { status: 429 });
    const controller = new AbortController();
    const sending = provider.sendNotification("h/a", payload, { signal: controller.signal });
    await settle();
    controller.abort();
    expect(await sending).toMatchObject({
      error_code: "ABORTED",
      status_code: 429,
      reason: "Slow",
      attempts: 1,
      may_have_been_sent: false,
    });
  });

  it("an iterator is not pulled further, even one that never answers", async () => {
    const { provider } = await open();
    const controller = new AbortController();
    let returned = false;
    const stuck: AsyncIterable<readonly [string, typeof payload]> = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise(() => {}),
        return: async () => {
          returned = true;
          return { done: true, value: undefined };
        },
      }),
    };
    const sending = provider.sendBulkNotifications(stuck, { signal: controller.signal });
    await settle();
    controller.abort();
    expect(await sending).toEqual([]);
    expect(returned).toBe(true);
  });

  it("after: changes nothing", async () => {
    const { provider } = await open();
    const controller = new AbortController();
    const result = await provider.sendNotification("h/a", payload, { signal: controller.signal });
    controller.abort();
    expect(result.success).toBe(true);
  });
});

describe("close", () => {
  it("lets attempts on the wire finish; queued and waiting ones settle at once", async () => {
    const { provider, transport } = await open({ max_concurrency: 2 });
    transport.answer("0", { status: 503 });
    transport.hold = false;
    const waiting = provider.sendNotification("h/0", payload);
    await settle();
    transport.hold = true;
    const wire = provider.sendMulticastNotification(["h/1", "h/2", "h/3"], payload);
    await settle();
    const closing = provider.close();
    expect(await waiting).toMatchObject({ error_code: "ABORTED", status_code: 503, reason: "Down" });
    transport.release();
    expect((await wire).map((result) => result.error_code)).toEqual([undefined, undefined, "ABORTED"]);
    await closing;
    expect(transport.closed).toBe(1);
  });

  it("cuts what is still on the wire when its time is over", async () => {
    const { provider, clock, transport } = await open();
    transport.answer("a", "never");
    const sending = provider.sendNotification("h/a", payload);
    await settle();
    const closing = provider.close({ timeout_seconds: 2 });
    await clock.advance(2000);
    expect(await sending).toMatchObject({
      error_code: "ABORTED",
      may_have_been_sent: true,
      duration_ms: 2000,
    });
    await closing;
    expect(clock.pending).toBe(0);
  });

  it("is idempotent, and a send afterwards rejects with PROVIDER_CLOSED", async () => {
    const { provider, transport } = await open();
    await Promise.all([provider.close(), provider.close()]);
    await provider.close();
    expect(transport.closed).toBe(1);
    await expect(provider.sendNotification("h/a", payload)).rejects.toMatchObject({
      code: "PROVIDER_CLOSED",
    });
    await expect(provider.sendBulkNotifications([])).rejects.toMatchObject({ code: "PROVIDER_CLOSED" });
    expect(await provider.healthCheck()).toMatchObject({ status: "unhealthy" });
  });

  it("ends a stream whose reader went away without a word", async () => {
    const { provider, transport } = await open({ max_concurrency: 2 });
    const stream = provider.streamNotifications(tokens(100).map((token) => [token, payload] as const));
    await stream.next();
    await provider.close();
    expect(transport.closed).toBe(1);
    let answered = 1;
    for await (const _result of stream) answered++;
    expect(answered).toBe(100);
  });

  it("close at any point: every item is answered once, and sent plus unsent is all", async () => {
    for (const after of [0, 1, 7, 40, 99]) {
      const { provider, transport } = await open({ max_concurrency: 5 });
      const stream = provider.streamNotifications(tokens(100).map((token) => [token, payload] as const));
      const seen = new Set<number>();
      let closing: Promise<void> | undefined;
      let sent = 0;
      for await (const result of stream) {
        seen.add(result.index);
        if (result.success) sent++;
        if (seen.size > after) closing ??= provider.close();
      }
      await closing;
      expect(seen.size).toBe(100);
      expect(transport.sent).toHaveLength(sent);
    }
  });
});
