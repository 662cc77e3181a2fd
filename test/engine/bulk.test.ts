import { afterEach, describe, expect, it } from "vitest";
import { closeAllProviders, PushError } from "../../src/index.js";
import type { BulkProgress } from "../../src/options.js";
import { openPlain, plainCodec, settle } from "./support.js";

afterEach(() => closeAllProviders({ timeout_seconds: 0 }));

const payload = { title: "t" };
const tokens = (count: number) => Array.from({ length: count }, (_, i) => `h/${i}`);

describe("sendBulkNotifications", () => {
  it("answers each item once, in input order, whatever order the answers come in", async () => {
    const { provider, clock, transport } = await openPlain();
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
    const { provider } = await openPlain();
    const results = await provider.sendBulkNotifications([7, ["h/1", payload]] as never);
    expect(results[0]).toMatchObject({ success: false, error_code: "INVALID_TOKEN" });
    expect(results[1]?.success).toBe(true);
  });

  it("is empty for an empty input", async () => {
    const { provider } = await openPlain();
    expect(await provider.sendBulkNotifications([])).toEqual([]);
  });

  it.each([
    ["a string", "h/1"],
    ["a number", 5],
    ["null", null],
    ["a plain object", {}],
  ])("rejects %s as input", async (_what, input) => {
    const { provider } = await openPlain();
    await expect(provider.sendMulticastNotification(input as never, payload)).rejects.toMatchObject({
      code: "OPTIONS_INVALID",
    });
    await expect(provider.sendBulkNotifications(input as never)).rejects.toMatchObject({
      code: "OPTIONS_INVALID",
    });
  });

  it("an input that throws half way: INPUT_FAILED, with the results and the cause", async () => {
    const { provider } = await openPlain();
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
    const { provider, clock, transport } = await openPlain({ max_concurrency: 10 });
    for (let i = 0; i < 20; i++) transport.answer(String(i), { status: 503 }, { status: 200 });
    const sending = provider.sendMulticastNotification(tokens(20), payload, { max_concurrency: 2 });
    await clock.advance(60_000);
    expect((await sending).every((result) => result.success)).toBe(true);
    expect(transport.max_in_flight).toBeLessThanOrEqual(2);
  });

  it("W8 gives each recipient of one payload its own message id, and leaves the payload alone", async () => {
    const { provider } = await openPlain();
    const frozen = Object.freeze({ title: "t", data: Object.freeze({ a: 1 }) });
    const results = await provider.sendMulticastNotification(tokens(3), frozen);
    expect(new Set(results.map((result) => result.message_id)).size).toBe(3);
  });

  it("uses a message id that was given once for several as it is, with a warning", async () => {
    const { provider } = await openPlain();
    const results = await provider.sendMulticastNotification(tokens(3), { title: "t", message_id: "m-1" });
    expect(results.every((result) => result.message_id === "m-1")).toBe(true);
    expect(results.map((result) => result.warnings.length)).toEqual([1, 1, 1]);
    expect(results[2]?.warnings[0]).toMatchObject({ type: "shared_message_id", field: "message_id" });
  });

  it("prepares one payload once, and notices when it was changed between two items", async () => {
    let prepared = 0;
    const { provider } = await openPlain(
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
    const { provider, clock, transport } = await openPlain({ max_concurrency: 1 });
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
    const { provider } = await openPlain();
    const results = await provider.sendMulticastNotification(tokens(3), payload, {
      on_progress: () => {
        throw new Error("listener");
      },
    });
    expect(results.every((result) => result.success)).toBe(true);
  });

  it("tells progress only once while no time passes", async () => {
    const { provider } = await openPlain();
    let told = 0;
    await provider.sendMulticastNotification(tokens(500), payload, { on_progress: () => told++ });
    expect(told).toBe(1);
  });

  it("lets timers and sockets have their turn, even when nothing is ever sent", async () => {
    const { provider } = await openPlain();
    let turns = 0;
    const count = () => {
      turns++;
      next = setImmediate(count);
    };
    let next = setImmediate(count);
    await provider.sendMulticastNotification(Array(5000).fill("nonsense"), payload);
    clearImmediate(next);
    expect(turns).toBeGreaterThanOrEqual(5);
  });

  it("a lowered max_concurrency also bounds how many wait for a retry before pulling stops", async () => {
    const { provider, clock, transport } = await openPlain({ retry: { budget: false } });
    let pulled = 0;
    function* throttled() {
      for (; pulled < 20; pulled++) {
        transport.answer(String(pulled), { status: 429, headers: { "retry-after": "5" } }, { status: 200 });
        yield [`h/${pulled}`, payload] as const;
      }
    }
    const sending = provider.sendBulkNotifications(throttled(), { max_concurrency: 2 });
    await settle();
    expect(pulled).toBeLessThanOrEqual(4);
    await clock.advance(300_000);
    expect((await sending).filter((result) => result.success)).toHaveLength(20);
  });
});
