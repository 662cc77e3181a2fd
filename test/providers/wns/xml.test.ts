import fc from "fast-check";
import { XMLValidator } from "fast-xml-parser";
import { describe, expect, it } from "vitest";
import { element, writeXml, type XmlElement } from "../../../providers/wns/xml.js";
import { checkXml } from "../../../providers/wns/xml_check.js";
import { type Node, readXml } from "./support.js";

const write = (root: XmlElement) => writeXml(root).text;

/** What XML 1.0 keeps of a text. */
function allowed(text: string): string {
  return [...text]
    .filter((character) => {
      const code = character.codePointAt(0) ?? 0;
      if (code === 9 || code === 10 || code === 13) return true;
      return code >= 0x20 && !(code >= 0xd800 && code <= 0xdfff) && code !== 0xfffe && code !== 0xffff;
    })
    .join("");
}

/** Every kind of character, the nasty ones often. */
const anyText = fc
  .array(
    fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom(
        "&",
        "<",
        ">",
        '"',
        "'",
        "&amp;",
        "]]>",
        "<!--",
        "\r\n",
        "\r",
        "\t",
        "\n",
        "\0",
        "\u0085",
      ),
      fc.constantFrom(
        "\ud800",
        "\udfff",
        "\ufffe",
        "\uffff",
        "\u007f",
        "😀",
        "\u2028",
        "<toast/>",
        '"/>',
        "&#0;",
      ),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(""));

describe("escaping", () => {
  it.each([
    ["& < > \" '", "&amp; &lt; &gt; &quot; &apos;", "&amp; &lt; &gt; &quot; &apos;"],
    ["&amp;", "&amp;amp;", "&amp;amp;"],
    ["]]>", "]]&gt;", "]]&gt;"],
    ["a\tb\nc\rd", "a\tb\nc&#13;d", "a&#9;b&#10;c&#13;d"],
    ["a\0b\u0008c\u000bd\u001fe", "abcde", "abcde"],
    ["a\ufffeb\uffffc", "abc", "abc"],
    ["a\ud83db\ude00c", "abc", "abc"],
    ["😀\ufffd\u{10fffd}\u007f", "😀\ufffd\u{10fffd}\u007f", "😀\ufffd\u{10fffd}\u007f"],
  ])(
    "2.wns 1.10 %j is written so that it is read again, in texts and in attributes",
    (given, text, attribute) => {
      expect(write(element("t", {}, [given]))).toBe(`<t>${text}</t>`);
      expect(write(element("t", { a: given }))).toBe(`<t a="${attribute}"/>`);
    },
  );

  it("tells whether characters were left out", () => {
    expect(writeXml(element("t", { a: "\0" })).removed_characters).toBe(true);
    expect(writeXml(element("t", {}, [element("u", {}, ["\ud800"])])).removed_characters).toBe(true);
    expect(writeXml(element("t", { a: "& 😀" }, ["\r"])).removed_characters).toBe(false);
  });

  it("N6 any text comes out of a parser as it went in, less what XML forbids", () => {
    fc.assert(
      fc.property(anyText, anyText, (text, attribute) => {
        const xml = write(element("toast", { launch: attribute }, [element("text", {}, [text]), "x"]));
        expect(XMLValidator.validate(xml)).toBe(true);
        expect(checkXml(xml)).toEqual({ root: "toast" });
        const root = readXml(xml);
        expect(root.attributes.launch ?? "").toBe(allowed(attribute));
        expect(root.children[0]?.text).toBe(allowed(text));
        expect(root.children).toHaveLength(1);
      }),
      { numRuns: 500 },
    );
  });

  it("any tree of elements is read again as it is", () => {
    const name = fc.constantFrom("text", "group", "sub-group", "image", "A.b_c");
    const attributes = fc.dictionary(
      fc.constantFrom("hint-style", "src", "launch", "displayTimestamp"),
      fc.oneof(anyText, fc.boolean(), fc.integer(), fc.constant(undefined)),
    );
    const tree: (depth: number) => fc.Arbitrary<XmlElement> = (depth) =>
      fc.record({
        name,
        attributes,
        children: depth === 0 ? fc.constant([]) : fc.array(tree(depth - 1), { maxLength: 3 }),
      });
    fc.assert(
      fc.property(tree(3), (root) => {
        const xml = write(root);
        expect(checkXml(xml)).toEqual({ root: root.name });
        expect(readXml(xml)).toEqual(expected(root));
      }),
    );
  });
});

function expected({ name, attributes = {}, children = [] }: XmlElement): Node {
  const present = Object.entries(attributes).filter(([, value]) => value !== undefined);
  return {
    name,
    attributes: Object.fromEntries(present.map(([key, value]) => [key, allowed(String(value))])),
    text: "",
    children: children.map((child) => expected(child as XmlElement)),
  };
}

describe("XML that a caller wrote", () => {
  it.each([
    "<toast/>",
    '<?xml version="1.0" encoding="utf-8"?>\n<toast launch=\'a "b"\' ><visual></visual></toast>\n',
    '<?xml version="1.0"?><!-- a - comment --><toast><![CDATA[ <b> ]] &x; ]]></toast>',
    "<toast>&amp;&lt;&gt;&quot;&apos;&#10;&#x1F600;</toast>",
    '<toast a="&amp;" b=">"\n\tc="]]>">a > b</toast >',
    "<toast><text>Grüße 😀</text></toast>",
  ])("%j is well formed", (xml) => {
    expect(checkXml(xml)).toEqual({ root: "toast" });
    expect(XMLValidator.validate(xml)).toBe(true);
  });

  it.each([
    ["", "no root element"],
    ["  <!-- only this -->", "no root element"],
    ["toast", "text outside"],
    ["<toast/>text", "text outside"],
    ["<toast/><![CDATA[x]]>", "text outside"],
    ["<toast/><toast/>", "more than one root"],
    ["<toast>", "<toast> is not ended"],
    ["<toast><visual></toast>", "</toast> does not end <visual>"],
    ["<toast></visual></toast>", "</visual> does not end <toast>"],
    ["</toast>", "does not end anything"],
    ["<toast/></toast>", "does not end anything"],
    ["<toast", "not well formed at character 1"],
    ["<toast>a & b</toast>", "not well formed at character 10"],
    ["<toast>&nbsp;</toast>", "not well formed"],
    ['<toast a="&nbsp;"/>', "not well formed"],
    ['<toast a="<"/>', "not well formed"],
    ["<toast a=b/>", "not well formed"],
    ["<toast a/>", "not well formed"],
    ['<toast a="1"b="2"/>', "not well formed"],
    ['<toast a="1" a="2"/>', "<toast> has an attribute twice"],
    ["<toast>]]></toast>", "not well formed"],
    ["<toast><!-- a -- b --></toast>", "not well formed"],
    ["<toast><!-- a </toast>", "not well formed"],
    ["<toast><![CDATA[ a </toast>", "not well formed"],
    ["<1toast/>", "not well formed"],
    ["< toast/>", "not well formed"],
    ['<!DOCTYPE toast [<!ENTITY x "y">]><toast>&x;</toast>', "not well formed at character 1"],
    ["<?php x ?><toast/>", "not well formed"],
    [' <?xml version="1.0"?><toast/>', "not at the start"],
    ['<?xml version="1.0" encoding="utf-16"?><toast/>', "encoding is not UTF-8"],
    ["<toast>\0</toast>", "XML 1.0 forbids"],
    ["<toast>\ud800</toast>", "XML 1.0 forbids"],
    ["<toast>&#0;</toast>", "XML 1.0 forbids"],
    ['<toast a="&#xD800;"/>', "XML 1.0 forbids"],
    ["<toast>&#x110000;</toast>", "XML 1.0 forbids"],
    ["<toast>&#9999999;</toast>", "XML 1.0 forbids"],
  ])("N6 %j is not well formed", (xml, words) => {
    expect(checkXml(xml)).toEqual({ problem: expect.stringContaining(words) });
  });

  it("what passes is well formed for a parser too", () => {
    const piece = fc.constantFrom(
      ...[
        "<a>",
        "</a>",
        "<b/>",
        "<a b='c'>",
        '<a b="c" b="d">',
        "<!--x-->",
        "<![CDATA[y]]>",
        "&amp;",
        "&",
        "<",
        ">",
      ],
      ...["text", " ", "]]>", "<?xml version='1.0'?>", "\0", "&#13;", "&#1;", '"', "<a", "-->"],
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const xml = pieces.join("");
        if ("root" in checkXml(xml)) expect(XMLValidator.validate(xml)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it("the longest text is checked in no time", () => {
    const started = performance.now();
    for (const text of [
      "<".repeat(5000),
      `<a ${'b="'.repeat(1600)}`,
      `<a>${"&".repeat(4990)}`,
      "<a>".repeat(1600),
    ]) {
      expect(checkXml(text)).toHaveProperty("problem");
    }
    expect(performance.now() - started).toBeLessThan(1000);
  });
});
