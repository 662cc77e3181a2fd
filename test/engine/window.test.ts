import { describe, expect, it } from "vitest";
import { Window } from "../../src/engine/window.js";

/** `count` answers, each after `latency_ms`. */
function answer(window: Window, count: number, latency_ms = 10, from_ms = 0): number {
  let now = from_ms;
  for (let i = 0; i < count; i++) {
    now += latency_ms;
    window.answered(now - latency_ms, now);
  }
  return now;
}

describe("the window of an origin", () => {
  it("begins modestly, and never above its limit", () => {
    expect(new Window(1000).size).toBe(32);
    expect(new Window(5).size).toBe(5);
  });

  it("grows by one with each good answer, up to its limit", () => {
    const window = new Window(100);
    answer(window, 10);
    expect(window.size).toBe(42);
    answer(window, 1000);
    expect(window.size).toBe(100);
  });

  it("halves when overloaded, then grows by a fixed step per round", () => {
    const window = new Window(640);
    const now = answer(window, 1000);
    window.overloaded(now, now);
    expect(window.size).toBe(320);
    answer(window, 320, 10, now);
    expect(window.size).toBeGreaterThanOrEqual(329);
    expect(window.size).toBeLessThanOrEqual(331);
    answer(window, 100_000, 10, now);
    expect(window.size).toBe(640);
  });

  it("is cut once for all that was on the wire together", () => {
    const window = new Window(64);
    answer(window, 100);
    for (let i = 0; i < 50; i++) window.overloaded(2000, 2100 + i);
    expect(window.size).toBe(32);
    window.overloaded(2200, 2300);
    expect(window.size).toBe(16);
  });

  it("never closes: at least one may try", () => {
    const window = new Window(64);
    for (let i = 0; i < 100; i++) window.overloaded(i * 10, i * 10 + 5);
    expect(window.size).toBe(1);
  });

  it("is cut when answers take many times as long as they did, and then takes the new pace as the measure", () => {
    const window = new Window(200);
    let now = answer(window, 200, 20);
    expect(window.size).toBe(200);
    now = answer(window, 5, 1500, now);
    expect(window.size).toBe(200);
    now = answer(window, 20, 3000, now);
    expect(window.size).toBeLessThanOrEqual(110);
    answer(window, 20_000, 3000, now);
    expect(window.size).toBe(200);
  });
});
