/** The input of `bulk`: a token on each line, in one of three forms. */
import type { Readable } from "node:stream";
import type { PushNotificationPayload } from "../index.js";
import { hint } from "../suggest.js";
import { CliError } from "./exit.js";
import { isObject, parseJson } from "./files.js";

/** What a line asks for. */
export interface Item {
  readonly platform: string;
  readonly device_token: unknown;
  readonly payload: PushNotificationPayload;
}

/** What is wrong with a line. Quotes nothing of it. */
export interface Problem {
  readonly problem: string;
}

const MAX_LINE = 1_000_000;
const KEYS = ["device_token", "payload", "platform"];

/** The lines of a stream, without their ends. Neither a lone `\r` nor U+2028, which JSON allows in a text, ends a line. */
export async function* readLines(stream: AsyncIterable<Uint8Array | string>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    const text = typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true });
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > MAX_LINE)
      throw new CliError(`a line has more than ${MAX_LINE} characters: this is not JSONL`);
    yield* lines;
  }
  rest += decoder.decode();
  if (rest !== "") yield rest;
}

/**
 * `"token"`, a bare token, a browser's subscription, or `{ device_token, payload?, platform? }`, whose payload changes
 * fields of the one for all. Undefined for a line without anything.
 */
export function readItem(
  line: string,
  { platform, payload }: Pick<Item, "platform" | "payload">,
): Item | Problem | undefined {
  const text = line.trim();
  if (text === "") return undefined;
  if (!/^["{[]/.test(text)) return { platform, payload, device_token: text };
  const value = parseJson(text);
  if (value === undefined) return { problem: "is not JSON" };
  if (typeof value === "string") return { platform, payload, device_token: value };
  if (!isObject(value)) return { problem: `expected a token, or an object with ${KEYS.join(", ")}` };
  if ("endpoint" in value) return { platform, payload, device_token: value };
  const unknown = Object.keys(value).find((key) => !KEYS.includes(key));
  if (unknown !== undefined)
    return { problem: `unknown key ${unknown.slice(0, 50)}; ${hint(unknown, KEYS)}` };
  if (!("device_token" in value)) return { problem: "device_token is missing" };
  if (value.platform !== undefined && typeof value.platform !== "string") {
    return { problem: "platform: expected a name" };
  }
  if (value.payload !== undefined && !isObject(value.payload))
    return { problem: "payload: expected an object" };
  return {
    platform: value.platform ?? platform,
    device_token: value.device_token,
    payload: value.payload ? { ...payload, ...value.payload } : payload,
  };
}

/** How many lines hold something. */
export async function countLines(stream: Readable): Promise<number> {
  let count = 0;
  for await (const line of readLines(stream)) if (line.trim() !== "") count++;
  return count;
}
