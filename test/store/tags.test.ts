import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  matchesTags,
  openMemoryStore,
  openSqliteStore,
  parseTags,
  type TagExpression,
} from "../../src/store/index.js";

describe("a tag expression", () => {
  it.each<[string, TagExpression]>([
    ["vip", { tag: "vip" }],
    [" zip_code:28865 ", { tag: "zip_code:28865" }],
    ['"new york"', { tag: "new york" }],
    ['"a && b"', { tag: "a && b" }],
    ["!a", { not: { tag: "a" } }],
    ["a && b", { and: [{ tag: "a" }, { tag: "b" }] }],
    ["a||b||c", { or: [{ tag: "a" }, { tag: "b" }, { tag: "c" }] }],
    ["a && b || c", { or: [{ and: [{ tag: "a" }, { tag: "b" }] }, { tag: "c" }] }],
    ["a || b && c", { or: [{ tag: "a" }, { and: [{ tag: "b" }, { tag: "c" }] }] }],
    ["(a || b) && c", { and: [{ or: [{ tag: "a" }, { tag: "b" }] }, { tag: "c" }] }],
    ["!a && b", { and: [{ not: { tag: "a" } }, { tag: "b" }] }],
    ["!(a || b)", { not: { or: [{ tag: "a" }, { tag: "b" }] } }],
    ["((a))", { tag: "a" }],
    ["größe-ü/1.2#*", { tag: "größe-ü/1.2#*" }],
  ])("%s is read", (source, expected) => {
    expect(parseTags(source)).toEqual(expected);
  });

  it("in a list means one or more of them; an empty list is nobody", () => {
    expect(parseTags(["a", "b && c"])).toEqual({ or: [{ tag: "a" }, { and: [{ tag: "b" }, { tag: "c" }] }] });
    expect(matchesTags(parseTags([]), ["a"])).toBe(false);
  });

  it.each([
    ["", "at position 1: expected a tag, ! or (, got the end"],
    ["   ", "at position 1: expected a tag, ! or (, got the end"],
    ["a b", "at position 3: expected &&, || or the end, got b"],
    ["a &&", "at position 5: expected a tag, ! or (, got the end"],
    ["a && || b", "at position 6: expected a tag, ! or (, got ||"],
    ["(a || b", "at position 8: expected &&, || or ), got the end"],
    ["a)", "at position 2: expected &&, || or the end, got )"],
    ["a & b", 'at position 3: expected a tag, "a tag", !, &&, ||, ( or ), got &'],
    ["a | b", 'at position 3: expected a tag, "a tag", !, &&, ||, ( or ), got |'],
    ['a && "b', 'at position 6: expected a tag, "a tag", !, &&, ||, ( or ), got "'],
    ['""', 'at position 1: expected a tag, "a tag", !, &&, ||, ( or ), got "'],
    ["  !", "at position 4: expected a tag, ! or (, got the end"],
    [`${"!".repeat(60)}a`, "expected at most 50 levels of ! and ("],
    [`${"(".repeat(60)}a`, "expected at most 50 levels of ! and ("],
    ["a".repeat(2001), "expected at most 2000 characters"],
  ])("%s: the error says where and what was expected", (source, message) => {
    expect(() => parseTags(source)).toThrow(
      expect.objectContaining({ code: "OPTIONS_INVALID", message: expect.stringContaining(message) }),
    );
  });

  it("never fails in another way, and a chain of any length is no nesting", () => {
    const pieces = fc.array(fc.constantFrom("a", "b c", '"', "(", ")", "!", "&&", "||", "&", " ", "é"));
    fc.assert(
      fc.property(pieces, (parts) => {
        try {
          parseTags(parts.join(""));
        } catch (error) {
          expect(error).toMatchObject({ code: "OPTIONS_INVALID" });
        }
      }),
    );
    expect(parseTags(Array(400).fill("a").join("||"))).toEqual({ or: Array(400).fill({ tag: "a" }) });
    expect(() => parseTags(Array(60).fill("(a)").join("&&"))).not.toThrow();
  });
});

const TAGS = ["a", "b", "two words", "it's", "100%", "ü"];
const { expression } = fc.letrec<{ expression: TagExpression }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.record({ tag: fc.constantFrom(...TAGS) }),
    fc.record({ not: tie("expression") }),
    fc.record({ and: fc.array(tie("expression"), { minLength: 2, maxLength: 3 }) }),
    fc.record({ or: fc.array(tie("expression"), { minLength: 2, maxLength: 3 }) }),
  ),
}));

function print(node: TagExpression): string {
  if ("tag" in node) return JSON.stringify(node.tag);
  if ("not" in node) return `!(${print(node.not)})`;
  if ("and" in node) return node.and.map((part) => `(${print(part)})`).join(" && ");
  return node.or.map((part) => `(${print(part)})`).join("||");
}

describe("any expression", () => {
  it("is read back as it was written", () => {
    fc.assert(
      fc.property(expression, (node) => {
        expect(parseTags(print(node))).toEqual(node);
      }),
    );
  });

  it("means the same to a database as to `matchesTags`", async () => {
    const memory = openMemoryStore();
    const sqlite = await openSqliteStore({ path: ":memory:" });
    // Each set of tags once.
    const people = Array.from({ length: 2 ** TAGS.length }, (_, bits) => ({
      ...{ platform: "fcm", device_token: `token ${bits}` },
      tags: TAGS.filter((_tag, i) => bits & (1 << i)),
    }));
    await memory.upsert(people);
    await sqlite.upsert(people);
    await fc.assert(
      fc.asyncProperty(expression, async (node) => {
        const expected = people.filter(({ tags }) => matchesTags(node, tags)).length;
        const tags = print(node);
        expect([await memory.count({ tags }), await sqlite.count({ tags })]).toEqual([expected, expected]);
      }),
    );
    await sqlite.close();
  });
});
