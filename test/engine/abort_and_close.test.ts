import { getEventListeners } from "node:events";
import { afterEach, describe, expect, it } from "vitest";
import { closeAllProviders } from "../../src/index.js";
import { openPlain, plainCodec, settle } from "./support.js";

afterEach(() => closeAllProviders({ timeout_seconds: 0 }));

const payload = { title: "t" };
const tokens = (count: number) => Array.from({ length: count }, (_, i) => `h/${i}`);

describe("abort", () => {
  it("before the call: every item of an array is answered ABORTED and nothing is sent", async () => {
    const { provider, transport } = await openPlain();
    const results = await provider.sendMulticastNotification(tokens(5), payload, {
      signal: AbortSignal.abort(),
    });
    expect(results.map((result) => result.error_code)).toEqual(Array(5).fill("ABORTED"));
    expect(results.every((result) => result.attempts === 0 && result.retryable)).toBe(true);
    expect(transport.sent).toHaveLength(0);
  });

  it("during: what is on the wire may have been sent, what is queued was not", async () => {
    const { provider, transport } = await openPlain({ max_concurrency: 2 });
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
    const { provider, transport } = await openPlain();
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
    const { provider } = await openPlain();
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

  it("and close at once: it was the caller who aborted it", async () => {
    const { provider, transport } = await openPlain();
    transport.answer("a", "never");
    const controller = new AbortController();
    const sending = provider.sendNotification("h/a", payload, { signal: controller.signal });
    await settle();
    controller.abort();
    const closing = provider.close();
    expect(await sending).toMatchObject({ error_code: "ABORTED", may_have_been_sent: true });
    await closing;
  });

  it("while the request is being made: nothing is sent any more", async () => {
    let finish = () => {};
    const made = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const { provider, transport } = await openPlain(
      {},
      {
        encode: async (...args) => {
          await made;
          return plainCodec().encode(...args);
        },
      },
    );
    const controller = new AbortController();
    const sending = provider.sendNotification("h/a", payload, { signal: controller.signal });
    await settle();
    controller.abort();
    finish();
    expect(await sending).toMatchObject({ error_code: "ABORTED", attempts: 0, may_have_been_sent: false });
    expect(transport.sent).toHaveLength(0);
  });

  it("a codec that never ends holds nobody beyond the deadline, and gives its slot back", async () => {
    const { provider, clock } = await openPlain(
      { deadline_seconds: 5, max_concurrency: 1 },
      { encode: () => new Promise(() => {}) },
    );
    const sending = provider.sendMulticastNotification(tokens(2), payload);
    const dry = provider.sendNotification("h/a", payload, { dry_run: true });
    await clock.advance(10_000);
    expect((await sending).map((result) => [result.error_code, result.attempts])).toEqual([
      ["TIMEOUT", 0],
      ["TIMEOUT", 0],
    ]);
    expect(await dry).toMatchObject({ error_code: "TIMEOUT" });
  });

  it("one signal may serve any number of sends, without a warning, and is let go of afterwards", async () => {
    const { provider, transport } = await openPlain({ max_concurrency: 100 });
    const warnings: string[] = [];
    const hear = (warning: Error) => warnings.push(warning.message);
    process.on("warning", hear);
    const controller = new AbortController();
    const { signal } = controller;
    const options = { signal };
    expect((await provider.sendNotification("h/a", payload, options)).success).toBe(true);
    for (let i = 0; i < 50; i++) transport.answer(String(i), "never");
    const sending = tokens(50).map((token) => provider.sendNotification(token, payload, options));
    await settle();
    controller.abort();
    const results = await Promise.all(sending);
    await settle();
    process.off("warning", hear);
    expect(results.map((result) => result.error_code)).toEqual(Array(50).fill("ABORTED"));
    expect(warnings).toEqual([]);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  it("after: changes nothing", async () => {
    const { provider } = await openPlain();
    const controller = new AbortController();
    const result = await provider.sendNotification("h/a", payload, { signal: controller.signal });
    controller.abort();
    expect(result.success).toBe(true);
  });
});

describe("close", () => {
  it("lets attempts on the wire finish; queued and waiting ones settle at once", async () => {
    const { provider, transport } = await openPlain({ max_concurrency: 2 });
    transport.answer("0", { status: 500 });
    transport.hold = false;
    const waiting = provider.sendNotification("h/0", payload);
    await settle();
    transport.hold = true;
    const wire = provider.sendMulticastNotification(["h/1", "h/2", "h/3"], payload);
    await settle();
    const closing = provider.close();
    expect(await waiting).toMatchObject({ error_code: "ABORTED", status_code: 500, reason: "Down" });
    transport.release();
    expect((await wire).map((result) => result.error_code)).toEqual([undefined, undefined, "ABORTED"]);
    await closing;
    expect(transport.closed).toBe(1);
  });

  it("cuts what is still on the wire when its time is over", async () => {
    const { provider, clock, transport } = await openPlain();
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
    const { provider, transport } = await openPlain();
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
    const { provider, transport } = await openPlain({ max_concurrency: 2 });
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
      const { provider, transport } = await openPlain({ max_concurrency: 5 });
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
