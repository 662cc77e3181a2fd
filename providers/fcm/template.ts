import { randomUUID } from "node:crypto";

/** What of a message depends on the moment it is sent at. */
export interface Lifetime {
  /** `"300s"` */
  readonly ttl: string;
  /** `"300"` */
  readonly ttl_seconds: string;
  /** Seconds since the epoch; `"0"` is now or never. */
  readonly expiration: string;
}

/** JSON text with gaps: literal text and names of slots take turns. A message for many is serialised once. */
export type Template = readonly string[];

/** Stand-ins for the slots while a message is built. */
export interface Slots extends Lifetime {
  readonly mark: string;
}

/** Random, so that no caller's text can be taken for one. */
export function createSlots(): Slots {
  const mark = randomUUID();
  return { mark, ttl: `${mark}ttl`, ttl_seconds: `${mark}ttl_seconds`, expiration: `${mark}expiration` };
}

export function toTemplate(json: string, { mark }: Slots): Template {
  const [start = "", ...rest] = json.split(mark);
  return [start, ...rest.flatMap((part) => cutAt(part, part.indexOf('"')))];
}

export function fill(template: Template, lifetime: Lifetime): string {
  let text = template[0] ?? "";
  for (let i = 1; i < template.length; i += 2) {
    text += lifetime[template[i] as keyof Lifetime];
    text += template[i + 1] ?? "";
  }
  return text;
}

/** "Now or never" is a lifetime of 0 and nothing else: everything above is rounded up. */
export function toLifetime(time: { readonly now_ms: number; readonly expires_at_ms: number }): Lifetime {
  const seconds = Math.max(0, Math.ceil((time.expires_at_ms - time.now_ms) / 1000));
  return {
    ttl: `${seconds}s`,
    ttl_seconds: String(seconds),
    expiration: seconds === 0 ? "0" : String(Math.ceil(time.expires_at_ms / 1000)),
  };
}

function cutAt(text: string, end: number): [string, string] {
  return [text.slice(0, end), text.slice(end)];
}
