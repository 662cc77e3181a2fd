import { afterEach, describe, expect, it } from "vitest";
import { closeAllProviders } from "../../src/index.js";
import { openPlain, settle } from "./support.js";

afterEach(() => closeAllProviders({ timeout_seconds: 0 }));

const payload = { title: "t" };
const tokens = (count: number) => Array.from({ length: count }, (_, i) => `h/${i}`);

describe("streamNotifications", () => {
  it("yields results as they come, with their index", async () => {
    const { provider, clock, transport } = await openPlain();
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
    const { provider, transport } = await openPlain({ max_concurrency: 3 });
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
    const { provider } = await openPlain({ max_concurrency: 4 });
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
    const { provider, clock, transport } = await openPlain({ max_concurrency: 3, retry: { budget: false } });
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
    const { provider } = await openPlain();
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
    const { provider } = await openPlain();
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
