/** XML 1.0 as far as a notification needs it: is it well formed, and what does it say? Nothing in Node can tell. */

/** An element with its attributes, references resolved, and what is inside it, in order. */
export interface WnsXmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly (WnsXmlElement | string)[];
}

/** Why a text is not well formed. */
export class XmlError extends Error {}

/**
 * Returns the root element. Throws an {@link XmlError} when the text is not well formed, or has a document type: that
 * could declare entities, and no notification needs one.
 */
export function parseXml(source: string): WnsXmlElement {
  const text = source.replaceAll(/\r\n?/g, "\n");
  const forbidden = FORBIDDEN.exec(text)?.[0];
  if (forbidden !== undefined) throw new XmlError(`it contains ${codeOf(forbidden)}, which XML 1.0 forbids`);
  const document = newElement("", "");
  const open = [document];
  for (const { kind, name, content, is_empty } of tokens(text)) {
    const inside = open.at(-1) ?? document;
    if (kind === "end") {
      if (inside.name !== name) throw new XmlError(`</${name}> ends no element that is open`);
      open.pop();
    } else if (kind === "start") {
      if (inside === document && document.children.length > 0) throw new XmlError("it has two root elements");
      const child = newElement(name, content);
      inside.children.push(child);
      if (!is_empty) open.push(child);
    } else if (inside !== document) {
      if (kind === "cdata") inside.children.push(content);
      if (kind !== "text") continue;
      if (content.includes("]]>")) throw new XmlError("it has ]]> in a text");
      inside.children.push(resolve(content));
    } else if (kind === "cdata" || (kind === "text" && !/^[ \t\n]*$/.test(content))) {
      throw new XmlError("it has text outside of its root element");
    }
  }
  if (open.length > 1) throw new XmlError(`<${open.at(-1)?.name}> is not ended`);
  const [root] = document.children;
  if (typeof root !== "object") throw new XmlError("it has no root element");
  return root;
}

interface OpenElement extends WnsXmlElement {
  readonly children: (WnsXmlElement | string)[];
}

interface Token {
  readonly kind: keyof typeof MARKUP;
  readonly name: string;
  /** What a text says, or the attributes of a start tag. */
  readonly content: string;
  /** `<name/>`. */
  readonly is_empty: boolean;
}

// XML 1.0, productions 2 to 5.
const FORBIDDEN = /[^\t\n\r -\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;
const S = "[ \\t\\n]";
const NAME_START =
  ":A-Z_a-z\\u{C0}-\\u{D6}\\u{D8}-\\u{F6}\\u{F8}-\\u{2FF}\\u{370}-\\u{37D}\\u{37F}-\\u{1FFF}\\u{200C}\\u{200D}\\u{2070}-\\u{218F}\\u{2C00}-\\u{2FEF}\\u{3001}-\\u{D7FF}\\u{F900}-\\u{FDCF}\\u{FDF0}-\\u{FFFD}\\u{10000}-\\u{EFFFF}";
const NAME = `[${NAME_START}][${NAME_START}.0-9\\u{B7}\\u{300}-\\u{36F}\\u{203F}\\u{2040}-]*`;
const QUOTED = `(?:"[^<"]*"|'[^<']*')`;

const DECLARATION = new RegExp(
  `^<\\?xml${S}+version${S}*=${S}*["']1\\.\\d["'](?:${S}+encoding${S}*=${S}*["']([\\w.-]+)["'])?(?:${S}+standalone${S}*=${S}*["'](?:yes|no)["'])?${S}*\\?>`,
);
const ATTRIBUTE = new RegExp(`(${NAME})${S}*=${S}*(${QUOTED})`, "gu");
const MARKUP = {
  text: /(?<content>[^<]+)/uy,
  start: new RegExp(`<(?<name>${NAME})(?<content>(?:${S}+${NAME}${S}*=${S}*${QUOTED})*)${S}*/?>`, "uy"),
  end: new RegExp(`</(?<name>${NAME})${S}*>`, "uy"),
  comment: /<!--(?:[^-]|-[^-])*-->/uy,
  cdata: /<!\[CDATA\[(?<content>.*?)\]\]>/suy,
  instruction: new RegExp(`<\\?(?![xX][mM][lL][ \\t\\n?])${NAME}(?:${S}.*?)?\\?>`, "suy"),
};
const KINDS = Object.keys(MARKUP) as Token["kind"][];
const ENTITIES = new Map(Object.entries({ amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" }));

function* tokens(text: string): Generator<Token> {
  let at = skipDeclaration(text);
  while (at < text.length) {
    const { length, ...token } = readToken(text, at);
    yield token;
    at += length;
  }
}

function readToken(text: string, at: number): Token & { readonly length: number } {
  for (const kind of KINDS) {
    MARKUP[kind].lastIndex = at;
    const match = MARKUP[kind].exec(text);
    if (!match) continue;
    const [{ length }, { name = "", content = "" } = {}] = [match[0], match.groups];
    return { kind, name, content, is_empty: match[0].endsWith("/>"), length };
  }
  // Not the text itself: a payload belongs into no error.
  throw new XmlError(`it is not well formed from character ${at + 1} on`);
}

function skipDeclaration(text: string): number {
  const [whole = "", encoding = "utf-8"] = DECLARATION.exec(text) ?? [];
  if (encoding.toLowerCase() !== "utf-8") throw new XmlError(`it says that its encoding is ${encoding}`);
  return whole.length;
}

function newElement(name: string, tag: string): OpenElement {
  const attributes = new Map<string, string>();
  for (const [, key = "", quoted = ""] of tag.matchAll(ATTRIBUTE)) {
    if (attributes.has(key)) throw new XmlError(`<${name}> has the attribute ${key} twice`);
    attributes.set(key, resolve(quoted.slice(1, -1).replaceAll(/[\t\n]/g, " ")));
  }
  return { name, attributes: Object.fromEntries(attributes), children: [] };
}

/** Text with its references resolved. */
function resolve(text: string): string {
  return text.replaceAll(/&(?:#(\d+);|#x([\dA-Fa-f]+);|(\w+);)?/g, (_, decimal, hexadecimal, name) => {
    const code = Number(decimal ?? (hexadecimal && `0x${hexadecimal}`));
    const character = code <= 0x10ffff ? String.fromCodePoint(code) : ENTITIES.get(name);
    if (character === undefined || FORBIDDEN.test(character))
      throw new XmlError("it has a & that begins no reference");
    return character;
  });
}

function codeOf(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}
