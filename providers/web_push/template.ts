import { randomUUID } from "node:crypto";

/** What differs from one recipient of a message to the next. */
export interface SlotValues {
  readonly message_id: string;
  readonly timestamp: number;
}

/** JSON text with gaps: literal text and names of slots take turns. A message for many is serialised once. */
export type Template = readonly string[];

/** Stand-ins for the slots while a message is built. */
export interface Slots extends Record<keyof SlotValues, string> {
  readonly mark: string;
}

/** Random, so that no caller's text can be taken for one. */
export function createSlots(): Slots {
  const mark = randomUUID();
  return { mark, message_id: `${mark}message_id`, timestamp: `${mark}timestamp` };
}

/** Throws what `JSON.stringify` throws. */
export function toTemplate(message: object, { mark }: Slots): Template {
  const [start = "", ...rest] = JSON.stringify(message).split(`"${mark}`);
  return [start, ...rest.flatMap((part) => cutAt(part, part.indexOf('"')))];
}

export function fill(template: Template, values: SlotValues): string {
  let text = template[0] ?? "";
  for (let i = 1; i < template.length; i += 2) {
    text += JSON.stringify(template[i] === "timestamp" ? values.timestamp : values.message_id);
    text += template[i + 1] ?? "";
  }
  return text;
}

function cutAt(text: string, end: number): [string, string] {
  return [text.slice(0, end), text.slice(end + 1)];
}
