import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkKeys, toTextMap } from "../../../providers/fcm/data.js";
import { accepted, refused } from "./support.js";

describe("data as text", () => {
  it("C4 text stays as it is, everything else is JSON text", () => {
    const data = {
      text: 'say "hi"',
      quoted: '"hi"',
      number: 42,
      flag: true,
      nothing: null,
      list: [1, "a"],
      object: { x: true },
      date: new Date(0),
      left_out: undefined,
    };
    expect(toTextMap(data)).toEqual({
      text: 'say "hi"',
      quoted: '"hi"',
      number: "42",
      flag: "true",
      nothing: "null",
      list: '[1,"a"]',
      object: '{"x":true}',
      date: "1970-01-01T00:00:00.000Z",
    });
  });

  it("C4 what is no text comes back from its JSON, for any JSON", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (data) => {
        const texts = accepted(toTextMap(data));
        expect(Object.keys(texts)).toEqual(Object.keys(data));
        for (const [key, value] of Object.entries(data)) {
          const text = texts[key] ?? "";
          if (typeof value === "string") expect(text).toBe(value);
          else expect(JSON.stringify(JSON.parse(text))).toBe(JSON.stringify(value));
        }
      }),
    );
  });

  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;
  it.each([
    ["a cycle", cycle],
    ["a BigInt", 1n],
    ["a function", () => 1],
    ["a symbol", Symbol("s")],
  ])("%s is refused by its key", (_what, value) => {
    expect(refused(toTextMap({ fine: 1, bad: value }))).toMatchObject({
      code: "PAYLOAD_INVALID",
      message: expect.stringMatching(/^data\.bad: /),
    });
  });
});

describe("reserved keys", () => {
  it.each([
    ["from"],
    ["message_type"],
    ["gcm"],
    ["google"],
    ["google.x"],
    ["gcm.notification.title"],
    ["gcm.x"],
  ])("C4 %s is refused by name", (key) => {
    expect(refused(checkKeys({ data: { [key]: "a" } }))).toMatchObject({
      code: "PAYLOAD_INVALID",
      message: `data.${key}: FCM keeps this key for itself; use another name`,
    });
  });

  it.each(["android", "android_v2", "webpush"] as const)("C4 in %s.data as well", (place) => {
    expect(refused(checkKeys({ [place]: { data: { from: "a" } } })).message).toMatch(
      new RegExp(`^platform_data\\.fcm\\.${place}\\.data\\.from: `),
    );
  });

  it.each([["google_place_id"], ["gcmToken"]])("C4 %s is sent, with a warning", (key) => {
    expect(checkKeys({ data: { [key]: "a" } })).toEqual([
      expect.objectContaining({ type: "reserved_key", field: `data.${key}` }),
    ]);
  });

  it.each([
    ["notification"],
    ["fromage"],
    ["title"],
    ["priority"],
    ["message_id"],
    ["collapse_key"],
    ["FROM"],
    ["Google.x"],
  ])("C4 %s is anybody's", (key) => {
    expect(checkKeys({ data: { [key]: "a" } })).toEqual([]);
  });
});
