/** XML as WNS wants it: written with every character escaped that has to be, and without those that may not be. */
import { z } from "../../src/provider_kit.js";

/** An element of a notification's XML. Texts are given as they are to be read: escaping is done here. */
export interface XmlElement {
  /** As Microsoft spells it: `text`, `subgroup`. */
  readonly name: string;
  /** By Microsoft's own names: `hint-style`, `displayTimestamp`. One whose value is `undefined` is left out. */
  readonly attributes?: Readonly<Record<string, string | number | boolean | undefined>> | undefined;
  readonly children?: readonly (XmlElement | string)[] | undefined;
}

/** What was written, and whether characters had to be left out that XML 1.0 forbids. */
export interface WrittenXml {
  readonly text: string;
  readonly removed_characters: boolean;
}

/** Shorthand for builders: what is `undefined`, and empty text, is left out. */
export function element(
  name: string,
  attributes: NonNullable<XmlElement["attributes"]> = {},
  children: readonly (XmlElement | string | undefined)[] = [],
): XmlElement {
  return { name, attributes, children: children.flatMap((child) => child || []) };
}

export function writeXml(root: XmlElement): WrittenXml {
  let removed_characters = false;
  const clean = (text: string) => {
    const kept = text.replaceAll(FORBIDDEN, "");
    removed_characters ||= kept !== text;
    return kept;
  };
  const write = ({ name, attributes = {}, children = [] }: XmlElement): string => {
    let tag = `<${name}`;
    for (const [key, value] of Object.entries(attributes)) {
      if (value !== undefined) tag += ` ${key}="${escapeAttribute(clean(String(value)))}"`;
    }
    if (children.length === 0) return `${tag}/>`;
    const inside = children.map((child) =>
      typeof child === "string" ? escapeText(clean(child)) : write(child),
    );
    return `${tag}>${inside.join("")}</${name}>`;
  };
  return { text: write(root), removed_characters };
}

/** Everything that is not a character of XML 1.0 (production 2), lone surrogates included. */
export const FORBIDDEN = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;

/** More than fit into what WNS takes. */
const MAX_ELEMENTS = 1000;
/** The names that notifications are made of; there are no namespaces in them. */
const NAME = /^[A-Za-z_][\w.-]*$/;

/** Checks an {@link XmlElement} that a caller wrote. One that contains itself is refused: it never ends. */
export const elementSchema = z.unknown().superRefine((value, context) => {
  const problem = findProblem(value, [], { left: MAX_ELEMENTS });
  if (problem) context.addIssue({ code: "custom", ...problem });
}) as z.ZodType<XmlElement>;

interface Problem {
  path: (string | number)[];
  message: string;
}

function findProblem(
  value: unknown,
  path: (string | number)[],
  elements: { left: number },
): Problem | undefined {
  if (elements.left-- === 0) return { path: [], message: `expected at most ${MAX_ELEMENTS} elements` };
  if (!isRecord(value) || typeof value.name !== "string" || !NAME.test(value.name)) {
    return { path, message: "expected { name, attributes?, children? } with the name of an XML element" };
  }
  const { name: _name, attributes = {}, children = [], ...unknown } = value;
  for (const key of Object.keys(unknown)) return { path: [...path, key], message: "unknown key" };
  if (!isRecord(attributes)) return { path: [...path, "attributes"], message: "expected an object" };
  for (const [key, attribute] of Object.entries(attributes)) {
    const is_value =
      ["string", "boolean", "undefined"].includes(typeof attribute) || Number.isFinite(attribute);
    if (NAME.test(key) && is_value) continue;
    const message = "expected the name of an attribute with text, a number or a boolean";
    return { path: [...path, "attributes", key], message };
  }
  if (!Array.isArray(children))
    return { path: [...path, "children"], message: "expected elements and texts" };
  for (const [index, child] of children.entries()) {
    if (typeof child === "string") continue;
    const problem = findProblem(child, [...path, "children", index], elements);
    if (problem) return problem;
  }
  return undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A carriage return that is written as it is would be read as a line feed. */
function escapeText(text: string): string {
  return text.replaceAll(/[&<>"'\r]/g, (character) => REFERENCES[character] ?? character);
}

/** White space that is written as it is would be read as a space. */
function escapeAttribute(text: string): string {
  return text.replaceAll(/[&<>"'\r\n\t]/g, (character) => REFERENCES[character] ?? character);
}

const REFERENCES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
  "\r": "&#13;",
  "\n": "&#10;",
  "\t": "&#9;",
};
