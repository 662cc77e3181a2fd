import { FORBIDDEN } from "./xml.js";

/** The name of its root element; or what is wrong with it. */
export type CheckedXml = { readonly root: string } | { readonly problem: string };

/**
 * Checks XML that a caller wrote, which is sent as it is: Windows throws away what is not well formed, and nobody
 * learns of it. Checked are tags, attributes, references, comments, CDATA sections, characters and the encoding; a
 * document type is refused (notifications have none, and it could declare entities). What the elements mean is not
 * looked at. Names are ASCII, as Microsoft's all are.
 */
export function checkXml(text: string): CheckedXml {
  const open: string[] = [];
  let root: string | undefined;
  let at = 0;
  if (resolve(text).search(FORBIDDEN) >= 0) return { problem: "it has a character that XML 1.0 forbids" };
  for (const match of text.matchAll(MARKUP)) {
    if (match.index !== at) break;
    at += match[0].length;
    const { declaration, start, attributes = "", empty, end, text: characters, cdata } = match.groups ?? {};
    if (declaration !== undefined) {
      if (match.index > 0) return { problem: "its XML declaration is not at the start" };
      if (/encoding/.test(declaration) && !/encoding\s*=\s*["']utf-8["']/i.test(declaration)) {
        return { problem: "its encoding is not UTF-8" };
      }
    } else if (start !== undefined) {
      if (root !== undefined && open.length === 0) return { problem: "it has more than one root element" };
      const names = [...attributes.matchAll(ATTRIBUTE)].map(([, name]) => name);
      if (new Set(names).size < names.length) return { problem: `<${start}> has an attribute twice` };
      root ??= start;
      if (!empty) open.push(start);
    } else if (end !== undefined) {
      const expected = open.pop();
      if (expected !== end)
        return { problem: `</${end}> does not end ${expected ? `<${expected}>` : "anything"}` };
    } else if (open.length === 0 && (cdata !== undefined || characters?.trim())) {
      return { problem: "it has text outside of its root element" };
    }
  }
  if (at < text.length) return { problem: `it is not well formed at character ${at + 1}` };
  if (open.length > 0) return { problem: `<${open.at(-1)}> is not ended` };
  return root === undefined ? { problem: "it has no root element" } : { root };
}

/** The text with its numeric references resolved; U+FFFF, which is forbidden, for what is no character at all. */
function resolve(text: string): string {
  return text.replaceAll(/&#(?:(\d+)|x([\dA-Fa-f]+));/g, (_reference, decimal, hexadecimal) => {
    const code = Number(decimal ?? `0x${hexadecimal}`);
    return code <= 0x10ffff ? String.fromCodePoint(code) : "\uffff";
  });
}

const SPACE = "[ \\t\\r\\n]";
const NAME = "[A-Za-z_][\\w.:-]*";
const REFERENCE = "&(?:amp|lt|gt|quot|apos|#\\d{1,7}|#x[\\dA-Fa-f]{1,6});";
const VALUE = `(?:"(?:[^<&"]|${REFERENCE})*"|'(?:[^<&']|${REFERENCE})*')`;
const ATTRIBUTE = new RegExp(`(${NAME})${SPACE}*=${SPACE}*${VALUE}`, "g");
const ATTRIBUTES = `(?:${SPACE}+${NAME}${SPACE}*=${SPACE}*${VALUE})*`;

/** One piece of a document after the other. */
const MARKUP = new RegExp(
  [
    `<\\?xml(?<declaration>${ATTRIBUTES})${SPACE}*\\?>`,
    "<!--(?:(?!--)[^])*-->",
    "<!\\[CDATA\\[(?<cdata>(?:(?!\\]\\]>)[^])*)\\]\\]>",
    `<(?<start>${NAME})(?<attributes>${ATTRIBUTES})${SPACE}*(?<empty>/?)>`,
    `</(?<end>${NAME})${SPACE}*>`,
    `(?<text>(?:(?!\\]\\]>)[^<&]|${REFERENCE})+)`,
  ].join("|"),
  "gy",
);
