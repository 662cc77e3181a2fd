import { describe, expect, it } from "vitest";
import { Limiter, type Waiter } from "../../src/engine/limiter.js";

function waiterOf(key: string, woken: string[], name = key): Waiter {
  return { key, state: "waiting", wake: () => woken.push(name) };
}

describe("the limiter", () => {
  it("gives slots in the order in which they were asked for, and skips those who left", () => {
    const limiter = new Limiter(1);
    const woken: string[] = [];
    expect(limiter.tryAcquire("a")).toBe(true);
    const waiters = ["1", "2", "3"].map((name) => waiterOf("a", woken, name));
    for (const waiter of waiters) limiter.enqueue(waiter);
    limiter.leave(waiters[0] as Waiter);
    expect(limiter.load).toBe(3);
    limiter.release("a");
    limiter.release("a");
    expect(woken).toEqual(["2", "3"]);
    limiter.release("a");
    expect(limiter.load).toBe(0);
  });

  it("lets nobody who comes later pass those who wait", () => {
    const limiter = new Limiter(2);
    const woken: string[] = [];
    limiter.tryAcquire("a");
    limiter.tryAcquire("a");
    limiter.enqueue(waiterOf("a", woken));
    expect(limiter.tryAcquire("a")).toBe(false);
    limiter.release("a");
    expect(woken).toEqual(["a"]);
  });

  it("lets origins take turns", () => {
    const limiter = new Limiter(1);
    const woken: string[] = [];
    limiter.tryAcquire("a");
    for (const key of ["a", "a", "b", "c"]) limiter.enqueue(waiterOf(key, woken));
    for (const key of ["a", "a", "b", "c"]) limiter.release(key);
    expect(woken).toEqual(["a", "b", "c", "a"]);
  });

  it("an origin alone may have all slots; with another at work it gets no more than half", () => {
    const limiter = new Limiter(4);
    expect([1, 2, 3, 4].map(() => limiter.tryAcquire("a"))).toEqual([true, true, true, true]);
    const woken: string[] = [];
    limiter.enqueue(waiterOf("b", woken));
    limiter.enqueue(waiterOf("a", woken));
    limiter.release("a");
    limiter.release("a");
    expect(woken).toEqual(["b"]);
    limiter.release("a");
    expect(woken).toEqual(["b", "a"]);
  });

  it("a hundred thousand who wait and leave cost no more than their number", () => {
    const limiter = new Limiter(1);
    const woken: string[] = [];
    limiter.tryAcquire("a");
    const waiters = Array.from({ length: 100_000 }, (_, i) => waiterOf("a", woken, String(i)));
    for (const waiter of waiters) limiter.enqueue(waiter);
    for (const waiter of waiters.slice(0, 99_999)) limiter.leave(waiter);
    limiter.release("a");
    expect(woken).toEqual(["99999"]);
    expect(limiter.load).toBe(1);
  });
});
