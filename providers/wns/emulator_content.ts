import { checkSchema, type WnsXmlType } from "./emulator_schema.js";
import { parseXml, type WnsXmlElement, XmlError } from "./emulator_xml.js";

/** What X-WNS-Type can name. */
export type WnsType = WnsXmlType | "raw";

/** "5 KB", in Microsoft's words. */
export const MAX_PAYLOAD_BYTES = 5000;

/** A notification's payload, read. */
export interface WnsContent {
  /** Absent when X-WNS-Type names none. */
  readonly type?: WnsType | undefined;
  /** The payload as text, when it is UTF-8. */
  readonly text?: string | undefined;
  readonly xml?: WnsXmlElement | undefined;
  /** Why no device can show it. */
  readonly problem?: string | undefined;
}

/** Reads a payload as its type asks; one that is too large is not parsed. */
export function readContent(wns_type: string | undefined, payload: Uint8Array): WnsContent {
  const type = TYPES.find((one) => wns_type === `wns/${one}`);
  const text = decode(payload);
  if (type === undefined || type === "raw" || payload.length > MAX_PAYLOAD_BYTES) return { type, text };
  if (text === undefined) return { type, problem: "it is not UTF-8" };
  try {
    const xml = parseXml(text);
    return { type, text, xml, problem: checkSchema(type, xml) };
  } catch (error) {
    if (!(error instanceof XmlError)) throw error;
    return { type, text, problem: error.message };
  }
}

/** The lines that a device shows: what its `<text>` elements say, in order. */
export function linesOf({ name, children }: WnsXmlElement): string[] {
  if (name === "text") return [children.filter((child) => typeof child === "string").join("")];
  return children.flatMap((child) => (typeof child === "string" ? [] : linesOf(child)));
}

const TYPES: readonly WnsType[] = ["toast", "tile", "badge", "raw"];

function decode(payload: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(payload);
  } catch {
    return undefined;
  }
}
