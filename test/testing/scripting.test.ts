import { describe, expect, it } from "vitest";
import { Script, type ScriptedAnswer } from "../../src/testing/scripting.js";

const statuses = (script: Script, device: string | undefined, count: number) =>
  Array.from({ length: count }, () => script.next(device)?.status);

describe("a script", () => {
  it("keeps one answer in force", () => {
    const script = new Script();
    script.set("a", [{ status: 503 }]);
    expect(statuses(script, "a", 3)).toEqual([503, 503, 503]);
  });

  it("gives several answers one per request, then is over", () => {
    const script = new Script();
    script.set("a", [{ status: 503 }, { status: 429 }]);
    expect(statuses(script, "a", 3)).toEqual([503, 429, undefined]);
  });

  it("takes an array for several, even an array of one", () => {
    const script = new Script();
    script.set("a", [[{ status: 500 }]]);
    script.set("b", [[{ status: 500 }, { status: 502 }]]);
    expect(statuses(script, "a", 2)).toEqual([500, undefined]);
    expect(statuses(script, "b", 3)).toEqual([500, 502, undefined]);
  });

  it("ends when there is no answer, or an empty array", () => {
    const script = new Script();
    script.set("a", [{ status: 503 }]);
    script.set("a", []);
    script.set("b", [{ status: 503 }]);
    script.set("b", [[]]);
    expect([script.next("a"), script.next("b")]).toEqual([undefined, undefined]);
  });

  it("is replaced by the next one for the same device", () => {
    const script = new Script();
    script.set("a", [{ status: 503 }, { status: 502 }]);
    script.set("a", [{ status: 429 }]);
    expect(statuses(script, "a", 2)).toEqual([429, 429]);
  });

  it("of a device goes before the one for everyone, and leaves the others to it", () => {
    const script = new Script();
    script.set("*", [{ status: 500 }]);
    script.set("a", [{ status: 410 }, { status: 404 }]);
    expect(statuses(script, "a", 3)).toEqual([410, 404, 500]);
    expect(statuses(script, "b", 1)).toEqual([500]);
    expect(statuses(script, undefined, 1)).toEqual([500]);
  });

  it("does not change the array it was given", () => {
    const script = new Script();
    const answers = [{ status: 503 }, { status: 429 }];
    script.set("a", [answers]);
    script.next("a");
    expect(answers).toHaveLength(2);
  });

  it("is refused with headers that cannot be sent", () => {
    expect(() => new Script().set("a", [{ headers: { "a b": "c" } }])).toThrow("a b");
    expect(() => new Script().set("a", [{ headers: { a: "b\r\nc: d" } }])).toThrow("Invalid character");
  });

  it.each<ScriptedAnswer>([
    { status: 100 },
    { status: 600 },
    { status: 200.5 },
    { status: 200, delay_ms: -1 },
    { delay_ms: Number.NaN },
    { delay_ms: Number.POSITIVE_INFINITY },
  ])("is refused with %o", (answer) => {
    expect(() => new Script().set("a", [answer])).toThrow(RangeError);
  });
});
