import { PassThrough } from "node:stream";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { progressText, startProgress } from "../../src/cli/progress.js";
import { hasFailed, readFailOn, Tally } from "../../src/cli/tally.js";

const at = (done: number, more: object = {}) => ({ done, failed: 0, before: 0, per_second: 50, ...more });

describe("progress", () => {
  it("says how far, how fast and how long", () => {
    expect(progressText(at(1000, { failed: 12 }), 10_000, false)).toBe(
      "1,000 of 10,000, 12 failed, 50 per second, 3 min 0 s left",
    );
    expect(progressText(at(1000, { per_second: 1 }), 10_000, false)).toMatch(/, 2 h 30 min left$/);
    expect(progressText(at(9999), 10_000, false)).toMatch(/, 1 s left$/);
  });

  it("foretells nothing without a total, or before this run has answered anything", () => {
    expect(progressText(at(7), undefined, true)).toBe("7, 50 per second");
    expect(progressText(at(7, { before: 7, per_second: 0 }), 10, false)).toBe("7 of 10, 0 per second");
  });

  it("has a bar that is empty, half full and full", () => {
    const bar = (done: number) => progressText(at(done), 10, true).split(" ")[0];
    expect([bar(0), bar(5), bar(10)]).toEqual([
      "░".repeat(24),
      `${"█".repeat(12)}${"░".repeat(12)}`,
      "█".repeat(24),
    ]);
    expect(progressText(at(0), 0, true)).toBe("0 of 0, 50 per second");
  });
});

describe("progress over time", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllEnvs();
  });

  function watch(tty: boolean) {
    const stderr = Object.assign(new PassThrough({ encoding: "utf8" }), { isTTY: tty, columns: 40 });
    return { progress: startProgress({ stderr }, new Tally(), 10), read: () => String(stderr.read() ?? "") };
  }

  it("on a terminal is one line that is drawn again, cut to its width, and cleared at the end", () => {
    const { progress, read } = watch(true);
    vi.advanceTimersByTime(200);
    const drawn = read();
    expect(drawn.split("\r\x1b[K").filter((text) => text !== "")).toHaveLength(2);
    expect(Math.max(...drawn.split("\r\x1b[K").map((text) => text.length))).toBe(39);
    progress.say("stopping");
    expect(read()).toBe("\r\x1b[Kstopping\n");
    progress.end();
    vi.advanceTimersByTime(1000);
    expect(read()).toBe("\r\x1b[K");
  });

  it.each([
    ["elsewhere", false, "xterm"],
    ["on a terminal that cannot go back", true, "dumb"],
  ])("%s is a line each five seconds", (_title, tty, term) => {
    vi.stubEnv("TERM", term);
    const { progress, read } = watch(tty);
    vi.advanceTimersByTime(14_999);
    expect(read()).toBe("0 of 10, 0 per second\n".repeat(2));
    progress.end();
    expect(read()).toBe("");
  });
});

describe("--fail-on", () => {
  const seen = { failed: 2, codes: { UNREGISTERED: 2 } };

  it.each([
    [undefined, true],
    ["any", true],
    ["none", false],
    ["UNREGISTERED", true],
    ["TIMEOUT, UNREGISTERED", true],
    ["TIMEOUT,NETWORK_ERROR", false],
  ])("%s: %s", (text, failed) => {
    expect(hasFailed(seen, readFailOn(text))).toBe(failed);
    expect(hasFailed({ failed: 0, codes: {} }, readFailOn(text))).toBe(false);
  });

  it.each(["UNREGISTRED", "any,none", "constructor", ""])("%j is refused", (text) => {
    expect(() => readFailOn(text)).toThrow(/^--fail-on: .*valid: any, none, UNREGISTERED/);
  });
});
