import { describe, expect, it } from "vitest";
import { broadcastMessageId, idMaker, newDeviceKey, sameText, sha256 } from "../../src/store/ids.js";

const UUID = (version: number) =>
  new RegExp(`^[\\da-f]{8}-[\\da-f]{4}-${version}[\\da-f]{3}-[89ab][\\da-f]{3}-[\\da-f]{12}$`);

describe("ids", () => {
  it("sort by age, also within a millisecond and when the clock is set back", () => {
    let now_ms = 1_700_000_000_000;
    const newId = idMaker(() => now_ms);
    const ids = Array.from({ length: 10_000 }, (_, i) => {
      if (i % 3000 === 2999) now_ms += i === 5999 ? -60_000 : 1;
      return newId();
    });
    expect(ids.every((id) => UUID(7).test(id))).toBe(true);
    expect([...ids].sort()).toEqual(ids);
    expect(new Set(ids).size).toBe(ids.length);
    expect(Number.parseInt(ids[0]?.replace("-", "").slice(0, 12) ?? "", 16)).toBe(1_700_000_000_000);
  });

  it("of a broadcast's message are the same each time, and another for each broadcast and subscription", () => {
    const id = broadcastMessageId("b", "s");
    expect(id).toMatch(UUID(8));
    expect(broadcastMessageId("b", "s")).toBe(id);
    const others = [
      broadcastMessageId("b", "t"),
      broadcastMessageId("c", "s"),
      broadcastMessageId("b\ns", ""),
    ];
    expect(new Set([id, ...others]).size).toBe(4);
  });

  it("a device's key is 32 random bytes", () => {
    expect(Buffer.from(newDeviceKey(), "base64url")).toHaveLength(32);
    expect(newDeviceKey()).not.toBe(newDeviceKey());
  });

  it("texts are compared whole, of any length", () => {
    expect([sameText("a", "a"), sameText("a", "b"), sameText("a", "ab"), sameText("", "")]).toEqual([
      ...[true, false, false, true],
    ]);
    expect(sha256("a")).toBe("ypeBEsobvcr6wjGzmiPcTaeG7_gUfE5yuYB3ha_uSLs");
  });
});
