import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseToken } from "../../../providers/fcm/token.js";
import { isRejection } from "../../../src/codec.js";
import { refused } from "./support.js";

describe("tokens", () => {
  it.each([
    ["a usual one", `bk3RNwTe3H0:CI2k_${"x".repeat(135)}`],
    ["one of 152 characters", "a".repeat(152)],
    ["a short one", "a"],
    ["one of 200 characters", "a".repeat(200)],
    ["one of 4096 characters", "a".repeat(4096)],
  ])("C3 1.9 no length is promised: %s is taken", (_what, value) => {
    expect(parseToken(value)).toEqual({ field: "token", value });
  });

  it.each([
    ["an object", { fid: "cAbCdEfGhIjKlMnOpQrStU" }],
    ["an object with more in it", { fid: "cAbCdEfGhIjKlMnOpQrStU", platform: "android", expires: null }],
    ["JSON text", '{"fid":"cAbCdEfGhIjKlMnOpQrStU"}'],
  ])("an installation id is given as %s", (_what, value) => {
    expect(parseToken(value)).toEqual({ field: "fid", value: "cAbCdEfGhIjKlMnOpQrStU" });
  });

  it.each([
    ["empty", ""],
    ["blank", "   "],
    ["with a space", "abc def"],
    ["with a newline", "abc\n"],
    ["with a zero byte", "abc\0"],
    ["longer than 4096", "a".repeat(4097)],
    ["a number", 7],
    ["null", null],
    ["undefined", undefined],
    ["an array", ["abc"]],
    ["an object without fid", { token: "abc" }],
    ["a fid that is no text", { fid: 7 }],
    ["an empty fid", '{"fid":""}'],
    ["a web push subscription", '{"endpoint":"https://push.example.net/a"}'],
    ["broken JSON", '{"fid":'],
  ])("1.9 %s is refused, and the refusal does not quote it", (_what, value) => {
    expect(refused(parseToken(value))).toMatchObject({
      code: "INVALID_TOKEN",
      message: expect.stringMatching(/^device_token: expected an FCM registration token/),
    });
  });

  it("nothing makes it throw", () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        const parsed = parseToken(value);
        return isRejection(parsed) || typeof parsed.value === "string";
      }),
    );
  });
});
