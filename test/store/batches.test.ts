import { setImmediate } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { inBatches } from "../../src/store/batches.js";

async function collect<Item>(batches: AsyncGenerator<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const batch of batches) all.push(batch);
  return all;
}

describe("batches", () => {
  it("have what came in one turn of the event loop, in order", async () => {
    async function* source() {
      yield* [1, 2, 3];
      await setImmediate();
      await setImmediate();
      yield* [4, 5];
    }
    expect(await collect(inBatches(source()))).toEqual([
      [1, 2, 3],
      [4, 5],
    ]);
  });

  it("are of a thousand at most", async () => {
    async function* source() {
      for (let i = 0; i < 2500; i++) yield i;
    }
    const batches = await collect(inBatches(source()));
    expect(batches.map(({ length }) => length)).toEqual([1000, 1000, 500]);
    expect(batches.flat()).toEqual(Array.from({ length: 2500 }, (_, i) => i));
  });

  it("of nothing are none", async () => {
    async function* source() {}
    expect(await collect(inBatches(source()))).toEqual([]);
  });

  it("come before the error that ends them", async () => {
    async function* source() {
      yield* [1, 2];
      throw new Error("the end");
    }
    const batches = inBatches(source());
    expect((await batches.next()).value).toEqual([1, 2]);
    await expect(batches.next()).rejects.toThrow("the end");
  });

  it("end their source when the reader leaves", async () => {
    let ended = false;
    async function* source() {
      try {
        for (let i = 0; ; i++) yield i;
      } finally {
        ended = true;
      }
    }
    for await (const batch of inBatches(source())) {
      expect(batch).toHaveLength(1000);
      break;
    }
    expect(ended).toBe(true);
  });
});
