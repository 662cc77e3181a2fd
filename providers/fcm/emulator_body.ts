import type { RequestHead } from "../../src/testing/kit.js";
import { fieldName, type MessageType, type Read, readProto } from "./emulator_proto.js";
import { type GoogleError, googleError, unreadable } from "./emulator_words.js";

/** What the front end makes of a body: `json` as it is, if it is any; `read` as the service gets it, or why not. */
export interface ReadBody {
  readonly json?: unknown;
  readonly read: Read;
  readonly error?: GoogleError | undefined;
}

/** No body is an empty message. */
export function readBody(
  { headers, body }: Pick<RequestHead, "headers"> & { body: Buffer },
  type: MessageType,
): ReadBody {
  const text = body.toString();
  if (text === "") return { read: {} };
  const content_type = headers["content-type"] ?? "application/x-www-form-urlencoded";
  const json = parseJson(text);
  if (!/^application\/json\s*(;|$)/i.test(content_type))
    return { json, read: {}, error: noJson(content_type, text) };
  if (json === undefined)
    return { read: {}, error: unreadable([{ description: `${UNREAD} Unexpected token.` }]) };
  const { read, violations } = readProto(type, json);
  return { json, read, error: violations.length > 0 ? unreadable(violations) : undefined };
}

const UNREAD = "Invalid JSON payload received.";

/** `undefined` when it is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Those that every Google API has: cloud.google.com/apis/docs/system-parameters. */
const SYSTEM_PARAMETERS = [
  "alt",
  "$alt",
  "fields",
  "$fields",
  "key",
  "prettyPrint",
  "$prettyPrint",
  "quotaUser",
];

/** A request's query parameters, as fields of a message. */
export function readQuery(path: string, fields: MessageType["fields"]): ReadBody {
  const query = new URLSearchParams(path.split("?")[1] ?? "");
  for (const name of SYSTEM_PARAMETERS) query.delete(name);
  const unknown = [...query.keys()].find((name) => fieldName(fields, name) === undefined);
  if (unknown !== undefined) return { read: {}, error: unknownParameter(unknown) };
  const { read, violations } = readProto({ message: "", fields }, Object.fromEntries(query));
  return { read, error: violations.length > 0 ? unreadable(violations) : undefined };
}

function unknownParameter(name: string): GoogleError {
  const words = `Cannot bind query parameter. Field '${name}' could not be found in request message.`;
  return unreadable([{ description: `${UNREAD} Unknown name "${name}": ${words}` }]);
}

/** A form is read as query parameters. */
function noJson(content_type: string, text: string): GoogleError {
  if (!content_type.startsWith("application/x-www-form-urlencoded"))
    return googleError(400, `Unsupported content type: ${content_type}. Expected application/json.`);
  return unknownParameter(text.split("=")[0] ?? "");
}
