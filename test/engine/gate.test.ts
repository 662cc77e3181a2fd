import { describe, expect, it } from "vitest";
import type { Retry } from "../../src/codec.js";
import { type Closed, Gate } from "../../src/engine/gate.js";

const quota: Retry = {
  verdict: "retry",
  code: "RATE_LIMITED",
  reason: "QUOTA_EXCEEDED",
  scope: "sender",
  retry_after_ms: 5000,
};

function closed(gate: Gate, now: number): Closed {
  const entered = gate.enter(now);
  if (typeof entered === "string") throw new Error(`it is ${entered}`);
  return entered;
}

const failure = (reason: string) => ({ code: "NETWORK_ERROR", reason }) as const;

/** Down at `now`. */
function down(now = 0): Gate {
  const gate = new Gate();
  for (let i = 0; i < 20; i++) gate.unanswered(failure("ECONNREFUSED"), now, "first");
  return gate;
}

describe("the gate of an origin", () => {
  it("is open while it answers, whatever fails in between", () => {
    const gate = new Gate();
    for (let i = 0; i < 100; i++) {
      for (let k = 0; k < 19; k++) gate.unanswered(failure("ECONNRESET"), i, "first");
      gate.answered();
    }
    expect(gate.enter(0)).toBe("open");
  });

  it("keeps everybody out until the time that the service named, and says how long", () => {
    const gate = new Gate();
    gate.pauseUntil(5000, quota);
    expect(closed(gate, 1000)).toEqual({
      until_ms: 5000,
      firm: true,
      hopeless: false,
      ending: { verdict: { ...quota, retry_after_ms: 4000 } },
    });
    expect(gate.open).toBe(false);
    expect(gate.enter(5000)).toBe("open");
    expect(gate.open).toBe(true);
  });

  it("an earlier time does not shorten a later one", () => {
    const gate = new Gate();
    gate.pauseUntil(5000, quota);
    gate.pauseUntil(3000, quota);
    expect(closed(gate, 4000).until_ms).toBe(5000);
  });

  it("closes after twenty in a row without an answer, then lets one in as a probe", () => {
    const gate = down(1000);
    expect(closed(gate, 1249)).toMatchObject({
      until_ms: 1250,
      firm: false,
      ending: { code: "NETWORK_ERROR", reason: "ECONNREFUSED" },
    });
    expect(gate.enter(1250)).toBe("probe");
    expect(closed(gate, 1250).firm).toBe(false);
    gate.answered();
    expect(gate.enter(1501)).toBe("open");
  });

  it("does not close for what is repeated: those are the unlucky ones", () => {
    const gate = new Gate();
    for (let i = 0; i < 100; i++) gate.unanswered(failure("ECONNRESET"), i, "repeated");
    expect(gate.enter(100)).toBe("open");
  });

  it("a probe without an answer doubles the pause, up to 10 s; after five to wait is hopeless", () => {
    const gate = down(0);
    let now = 250;
    for (const [i, pause] of [500, 1000, 2000, 4000, 8000, 10_000, 10_000].entries()) {
      expect(gate.enter(now)).toBe("probe");
      gate.unanswered(failure("ETIMEDOUT"), now, "probe");
      expect(closed(gate, now)).toMatchObject({ until_ms: now + pause, hopeless: i >= 4 });
      now += pause;
    }
  });

  it("late failures of what was on the wire before are no probe's", () => {
    const gate = down(0);
    gate.enter(500);
    for (let i = 0; i < 100; i++) gate.unanswered(failure("ECONNRESET"), 501, "first");
    expect(closed(gate, 502).until_ms).toBe(502 + 10_000);
    gate.answered();
    expect(gate.enter(503)).toBe("open");
  });

  it("a probe that was stopped lets another try", () => {
    const gate = down(0);
    gate.enter(500);
    let woken = 0;
    gate.watch(() => woken++);
    gate.withdrawn();
    expect(woken).toBe(1);
    expect(gate.enter(500)).toBe("probe");
  });

  it("wakes whoever watches, once, when it opens or when the probe failed", () => {
    const gate = down(0);
    gate.enter(500);
    const woken: string[] = [];
    gate.watch(() => woken.push("a"));
    const unwatch = gate.watch(() => woken.push("b"));
    unwatch();
    gate.unanswered(failure("ECONNREFUSED"), 500, "probe");
    gate.watch(() => woken.push("c"));
    gate.answered();
    expect(woken).toEqual(["a", "c"]);
  });
});
