import { PushError } from "../index.js";

/** What a handler has to say; the envelope is added around it. */
export interface Reply {
  /** HTTP status; default 200. */
  code?: number | undefined;
  /** Default true. */
  success?: boolean | undefined;
  /** One plain sentence. */
  message: string;
  platform?: string | null | undefined;
  headers?: Readonly<Record<string, string>> | undefined;
  /** Beside the envelope. */
  fields?: object | undefined;
}

/** Why a request is not done. Whoever asked reads all of it. */
export class Refusal extends Error {
  constructor(
    readonly code: number,
    message: string,
    readonly details: {
      /** The member of the body, or of the query, that is wrong; dotted. */
      field?: string | undefined;
      error_code?: string | undefined;
      platform?: string | undefined;
      headers?: Readonly<Record<string, string>> | undefined;
    } = {},
  ) {
    super(message);
  }
}

export function refuse(...args: ConstructorParameters<typeof Refusal>): never {
  throw new Refusal(...args);
}

/** Every answer in JSON: `{ status, success, message, platform, timestamp, … }`; those of errors also have `field`. */
export function toEnvelope(
  { success = true, message, platform = null, fields }: Reply,
  now_ms: number,
): object {
  const status = success ? "success" : "failed";
  return { status, success, message, platform, timestamp: new Date(now_ms).toISOString(), ...fields };
}

export function toResponse(reply: Reply, now_ms: number): Response {
  const { code = 200, headers = {} } = reply;
  return Response.json(toEnvelope(reply, now_ms), { status: code, headers });
}

export function refusalReply({ code, message, details }: Refusal): Reply {
  const { field = null, error_code, platform, headers } = details;
  return { code, success: false, message, platform, headers, fields: { field, error_code } };
}

/** What was thrown as what is answered; undefined for what is a bug, ours or somebody else's. */
export function asRefusal(error: unknown): Refusal | undefined {
  if (error instanceof Refusal) return error;
  if (!PushError.is(error)) return undefined;
  if (error.code === "PROVIDER_CLOSED") {
    return new Refusal(503, "shutting down", { headers: { "retry-after": "10" } });
  }
  // What the store does not take. It names the field first and quotes no value.
  if (error.code !== "OPTIONS_INVALID") return undefined;
  return new Refusal(400, error.message, { field: /^([\w.]+): /.exec(error.message)?.[1] });
}
