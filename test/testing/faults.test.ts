import { describe, expect, it } from "vitest";
import { Faults } from "../../src/testing/faults.js";

type Kind = "close" | "reset";

const draws = (faults: Faults<Kind>, device: string | undefined, count: number) =>
  Array.from({ length: count }, () => faults.draw(device, undefined)?.kind);

describe("a fault", () => {
  it("strikes every request until it is ended", () => {
    const faults = new Faults<Kind>();
    const end = faults.add("close");
    expect(draws(faults, "a", 2)).toEqual(["close", "close"]);
    end();
    expect(draws(faults, "a", 1)).toEqual([undefined]);
  });

  it("strikes as often as it is told to", () => {
    const faults = new Faults<Kind>();
    faults.add("close", { times: 2 });
    expect(draws(faults, undefined, 3)).toEqual(["close", "close", undefined]);
  });

  it("lets the first requests pass", () => {
    const faults = new Faults<Kind>();
    faults.add("close", { after: 2, times: 1 });
    expect(draws(faults, "a", 4)).toEqual([undefined, undefined, "close", undefined]);
  });

  it("of one device leaves the others alone, and does not count them", () => {
    const faults = new Faults<Kind>();
    faults.add("close", { device_token: "a", after: 1 });
    expect(draws(faults, "b", 2)).toEqual([undefined, undefined]);
    expect(draws(faults, "a", 2)).toEqual([undefined, "close"]);
  });

  it("of the device goes before one of all, an older before a newer", () => {
    const faults = new Faults<Kind>();
    faults.add("reset", { times: 1 });
    faults.add("close", { device_token: "a", times: 1 });
    faults.add("close");
    expect(draws(faults, "a", 3)).toEqual(["close", "reset", "close"]);
  });

  it("ends with all the others when they are cleared", () => {
    const faults = new Faults<Kind>();
    faults.add("close");
    faults.add("reset", { device_token: "a" });
    faults.clear();
    expect(draws(faults, "a", 1)).toEqual([undefined]);
  });

  it("is refused when it could never strike", () => {
    expect(() => new Faults<Kind>().add("close", { times: 0 })).toThrow(RangeError);
    expect(() => new Faults<Kind>().add("close", { after: -1 })).toThrow(RangeError);
    expect(() => new Faults<Kind>().add("close", { cut_at: -1 })).toThrow(RangeError);
    expect(() => new Faults<Kind>().add("close", { pause_ms: -1 })).toThrow(RangeError);
    expect(() => new Faults<Kind>().add("close", { pause_ms: Number.POSITIVE_INFINITY })).toThrow(RangeError);
  });
});

describe("expired credentials", () => {
  it("are those seen before, and no new one", () => {
    const faults = new Faults<Kind>();
    faults.draw("a", "old");
    faults.add("expired_credentials");
    const kinds = ["old", "new", "old", "new", undefined].map(
      (credential) => faults.draw("a", credential)?.kind,
    );
    const expired = "expired_credentials";
    expect(kinds).toEqual([expired, undefined, expired, undefined, undefined]);
  });

  it("leave one that was not seen before alone, also when it comes again", () => {
    const faults = new Faults<Kind>();
    faults.add("expired_credentials");
    expect([faults.draw("a", "first"), faults.draw("a", "first")]).toEqual([undefined, undefined]);
  });

  it("expire when the fault becomes due", () => {
    const faults = new Faults<Kind>();
    faults.add("expired_credentials", { after: 2, times: 1 });
    const kinds = ["t", "t", "t", "t"].map((credential) => faults.draw("a", credential)?.kind);
    expect(kinds).toEqual([undefined, undefined, "expired_credentials", undefined]);
  });

  it("are good again when the fault is ended", () => {
    const faults = new Faults<Kind>();
    faults.draw("a", "old");
    const end = faults.add("expired_credentials");
    end();
    expect(faults.draw("a", "old")).toBeUndefined();
  });
});
