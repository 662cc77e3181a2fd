import { afterEach, describe, expect, it } from "vitest";
import { closeAllProviders } from "../../src/index.js";
import { openPlain, settle } from "./support.js";

afterEach(() => closeAllProviders({ timeout_seconds: 0 }));

const payload = { title: "t" };
const DONE = { done: true, value: undefined };

/** Endless; says how far it was read, and whether it was let go of. */
function endless() {
  const seen = { pulled: 0, returned: false };
  function* items() {
    try {
      for (;;) yield [`h/${seen.pulled++}`, payload] as const;
    } finally {
      seen.returned = true;
    }
  }
  return { seen, items: items() };
}

describe("the iterator of a stream", () => {
  it("does nothing before it is asked, and refuses then", async () => {
    const { provider, transport } = await openPlain();
    const stream = provider.streamNotifications("h/a" as never);
    const unread = provider.streamNotifications(endless().items);
    await settle();
    expect(transport.sent).toEqual([]);
    await expect(stream.next()).rejects.toMatchObject({ code: "OPTIONS_INVALID" });
    expect(await stream.next()).toEqual(DONE);
    expect(await unread.return()).toEqual(DONE);
    expect(await unread.next()).toEqual(DONE);
    expect(transport.sent).toEqual([]);
  });

  it("may be asked for many at a time: each gets one, and those who came too many are told the end", async () => {
    const { provider, transport } = await openPlain();
    transport.hold = true;
    const stream = provider.streamNotifications([
      ["h/a", payload],
      ["h/b", payload],
    ]);
    const asked = [stream.next(), stream.next(), stream.next(), stream.next()];
    await settle();
    transport.release();
    const answers = await Promise.all(asked);
    expect(answers.map(({ value }) => value?.index)).toEqual([0, 1, undefined, undefined]);
    expect(answers.map(({ done }) => done)).toEqual([false, false, true, true]);
  });

  it("tells once that the input threw, after everything that was taken", async () => {
    const { provider } = await openPlain();
    function* broken() {
      yield ["h/a", payload] as const;
      throw new Error("gone");
    }
    const stream = provider.streamNotifications(broken());
    const [first, second, third] = [stream.next(), stream.next(), stream.next()];
    expect((await first).value).toMatchObject({ index: 0, success: true });
    await expect(second).rejects.toMatchObject({ code: "INPUT_FAILED" });
    expect(await third).toEqual(DONE);
    expect(await stream.next()).toEqual(DONE);
  });

  it("tells it also to one who asks only later", async () => {
    const { provider } = await openPlain();
    function* broken(): Generator<[string, typeof payload]> {
      yield ["h/a", payload];
      throw new Error("gone");
    }
    const stream = provider.streamNotifications(broken());
    expect((await stream.next()).value).toMatchObject({ index: 0 });
    await settle();
    await expect(stream.next()).rejects.toMatchObject({ code: "INPUT_FAILED" });
  });

  it.each([
    ["return()", (stream: AsyncGenerator) => stream.return(undefined)],
    ["dispose", (stream: AsyncGenerator) => stream[Symbol.asyncDispose]().then(() => DONE)],
  ])("%s stops the run, settles what is under way and who still waits for a result", async (_name, leave) => {
    const { provider, transport } = await openPlain({ max_concurrency: 4 });
    transport.hold = true;
    const { seen, items } = endless();
    const stream = provider.streamNotifications(items);
    const waiting = stream.next();
    await settle();
    expect(transport.in_flight).toBe(4);
    expect(await leave(stream)).toEqual(DONE);
    expect(await waiting).toMatchObject({ done: false, value: { error_code: "ABORTED" } });
    expect([transport.in_flight, seen.pulled, seen.returned]).toEqual([0, 4, true]);
    expect(provider.getPlatformInfo().counters).toMatchObject({ taken: 4, failed: 4, in_flight: 0 });
    expect(await stream.next()).toEqual(DONE);
  });

  it("throw() stops the run and throws what it was given", async () => {
    const { provider, transport } = await openPlain({ max_concurrency: 4 });
    const { seen, items } = endless();
    const stream = provider.streamNotifications(items);
    await stream.next();
    await expect(stream.throw(new Error("mine"))).rejects.toThrow("mine");
    expect([seen.returned, transport.in_flight]).toEqual([true, 0]);
    expect(await stream.next()).toEqual(DONE);
  });

  it("reads its input on as soon as a slow reader has made room", async () => {
    const { provider } = await openPlain({ max_concurrency: 4 });
    const { seen, items } = endless();
    const stream = provider.streamNotifications(items);
    for (let read = 0; read < 20; read++) {
      expect((await stream.next()).value).toMatchObject({ index: read, success: true });
      await settle();
      expect(seen.pulled - read).toBeLessThanOrEqual(10);
    }
    await stream.return();
  });

  it("hands out what was ready before the run was stopped by the signal", async () => {
    const { provider } = await openPlain({ max_concurrency: 3 });
    const controller = new AbortController();
    const { items } = endless();
    const stream = provider.streamNotifications(items, { signal: controller.signal });
    await stream.next();
    await settle();
    controller.abort();
    const rest = [];
    for await (const { success, error_code } of stream) rest.push(success || error_code);
    expect(rest.length).toBeGreaterThan(0);
    expect(new Set(rest)).toEqual(new Set([true]));
  });
});
