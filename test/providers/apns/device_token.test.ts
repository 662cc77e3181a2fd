import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseChannel, parseDeviceToken } from "../../../providers/apns/device_token.js";
import { isRejection } from "../../../src/codec.js";
import { hostileValues } from "../../conformance/support.js";
import { CHANNEL, refused, TOKEN } from "./support.js";

describe("a device token", () => {
  it.each([
    ["64 digits", TOKEN],
    ["upper case, kept as it is", TOKEN.toUpperCase()],
    ["of a Live Activity, longer", "8".repeat(160)],
    ["200 digits", "a".repeat(200)],
  ])("A4 1.11 2.apns is taken: %s", (_what, token) => {
    expect(parseDeviceToken(token)).toBe(token);
  });

  it.each([
    ["63 digits", TOKEN.slice(1)],
    ["65 digits", `${TOKEN}a`],
    ["62 digits", TOKEN.slice(2)],
    ["202 digits", "a".repeat(202)],
    ["nothing", ""],
    ["no hexadecimal", `${TOKEN.slice(1)}g`],
    ["0x", `0x${TOKEN.slice(2)}`],
    ["a sign", `+${TOKEN.slice(1)}`],
    ["underscores", `${TOKEN.slice(0, 62)}_1`],
    ["spaces", TOKEN.replaceAll(/.{8}/g, "$& ").trim()],
    ["a description of NSData", `<${TOKEN}>`],
    ["a newline at the end", `${TOKEN.slice(1)}\n`],
    ["a newline after it", `${TOKEN}\n`],
    ["digits of another script", "٠".repeat(64)],
    ["bytes", Buffer.from(TOKEN, "hex")],
    ["a list", [TOKEN]],
  ])("A4 1.11 2.apns is refused: %s", (_what, token) => {
    const { code, message } = refused(parseDeviceToken(token));
    expect(code).toBe("INVALID_TOKEN");
    expect(message).not.toContain(TOKEN.slice(0, 20));
  });

  it("A4 whatever it is, nothing is thrown", () => {
    for (const value of hostileValues()) expect(isRejection(parseDeviceToken(value))).toBe(true);
    const hex = fc.string({
      unit: fc.constantFrom(..."0123456789abcdefABCDEF"),
      minLength: 32,
      maxLength: 100,
    });
    fc.assert(fc.property(hex, (half) => parseDeviceToken(half + half) === half + half));
  });
});

describe("a channel id", () => {
  it.each([CHANNEL, "YWJj+/8=", "a", "abc_-DEF"])("is taken: %s", (value) => {
    expect(parseChannel(value)).toEqual({ kind: "channel", value });
  });

  it.each(["", " ", "a b", "a\r\nb", "news/é", "=", "a===", "x".repeat(300)])("is refused: %j", (value) => {
    expect(refused(parseChannel(value)).code).toBe("INVALID_TOKEN");
  });

  it("is text", () => {
    for (const value of hostileValues()) {
      if (value !== "null") expect(isRejection(parseChannel(value))).toBe(true);
    }
  });
});
