import { describe, expect, it } from "vitest";
import { ReceivedLog } from "../../src/testing/received.js";

describe("what was received", () => {
  it("is waited for, and is there at once when it is there", async () => {
    const log = new ReceivedLog<string>();
    const two = log.waitFor(2, 5000);
    log.add("a");
    log.add("b");
    expect(await two).toEqual(["a", "b"]);
    expect(await log.waitFor(1, 0)).toEqual(["a", "b"]);
  });

  it("is not waited for longer than allowed", async () => {
    const log = new ReceivedLog<string>();
    log.add("a");
    await expect(log.waitFor(3, 1)).rejects.toThrow("received 1 of the 3 awaited within 1 ms");
  });

  it("is not waited for after the end", async () => {
    const log = new ReceivedLog<string>();
    const waiting = log.waitFor(1, 60_000);
    log.end();
    await expect(waiting).rejects.toThrow("before it was closed");
    await expect(log.waitFor(1, 60_000)).rejects.toThrow("before it was closed");
  });

  it("stays one array when it is cleared", () => {
    const log = new ReceivedLog<string>();
    const { entries } = log;
    log.add("a");
    log.clear();
    log.add("b");
    expect(entries).toEqual(["b"]);
  });
});
