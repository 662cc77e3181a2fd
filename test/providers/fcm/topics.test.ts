import { describe, expect, it } from "vitest";
import { parseTopic, parseTopicName } from "../../../providers/fcm/topics.js";
import { refused } from "./support.js";

describe("topics", () => {
  it.each([
    ["weather", "weather"],
    ["/topics/weather", "weather"],
    ["a-Z_0.~%", "a-Z_0.~%"],
    ["in_topics", "in_topics"],
    ["x".repeat(900), "x".repeat(900)],
  ])("C7 %s is a topic", (given, value) => {
    expect(parseTopic(given)).toEqual({ kind: "topic", value });
    expect(parseTopicName(given)).toBe(value);
  });

  it.each([
    [""],
    ["/topics/"],
    ["topics/weather"],
    ["/topics//topics/weather"],
    ["two words"],
    ["wetter/münchen"],
    ["a!"],
    ["a\n"],
    ["x".repeat(901)],
  ])("C7 %j is refused by the characters that are allowed", (given) => {
    expect(refused(parseTopic(given))).toMatchObject({
      code: "PAYLOAD_INVALID",
      message: "topic: expected 1 to 900 characters of a-z A-Z 0-9 - _ . ~ %",
    });
  });
});

describe("conditions", () => {
  it.each([
    ["'a' in topics"],
    ["'a' in topics && 'b' in topics"],
    ["'a' in topics && ('b' in topics || !('c' in topics))"],
    ["!'a' in topics"],
    ["(('a' in topics))||'b'  in  topics"],
    ["'a' in topics || 'b' in topics || 'c' in topics || 'd' in topics || 'e' in topics"],
  ])("C7 %s is a condition, sent as it is", (value) => {
    expect(parseTopic(value)).toEqual({ kind: "condition", value });
  });

  it("C7 a sixth topic is one too many", () => {
    const six = ["a", "b", "c", "d", "e", "f"].map((name) => `'${name}' in topics`).join(" || ");
    expect(refused(parseTopic(six))).toMatchObject({
      code: "PAYLOAD_INVALID",
      message: "condition: 6 topics; at most 5 are allowed",
    });
  });

  it.each([
    ["'a' in topics &&"],
    ["'a' in topics & 'b' in topics"],
    ["'a' in topics 'b' in topics"],
    ["('a' in topics"],
    ["'a' in topics)"],
    ["a in topics"],
    ['"a" in topics'],
    ["'a' in topics && T"],
    ["'a' in topics!"],
  ])("C7 %s is refused", (value) => {
    expect(refused(parseTopic(value)).message).toMatch(/^condition: expected topics such as/);
  });

  it.each([["'two words' in topics"], ["'' in topics"], ["'a' in topics || 'ü' in topics"]])(
    "C7 %s has a name that no topic has",
    (value) => {
      expect(refused(parseTopic(value)).message).toMatch(/^condition: expected topics of 1 to 900/);
    },
  );

  it("no subscription takes a condition", () => {
    expect(refused(parseTopicName("'a' in topics")).code).toBe("PAYLOAD_INVALID");
    expect(refused(parseTopicName(undefined)).code).toBe("PAYLOAD_INVALID");
  });
});
