import {
  type CheckedPayload,
  type EncodeContext,
  type HttpRequest,
  isRejection,
  jsonText,
  type PrepareContext,
  type Prepared,
  type PushNotificationPayload,
  type Rejection,
  reject,
  type Target,
} from "../../src/provider_kit.js";
import type { SimulatedScript, SimulationOptions } from "./config.js";
import type { Plan, Planner } from "./draw.js";
import type { Rules } from "./imitate.js";

export interface Token {
  /** What is drawn and looked up by: the string itself, or the JSON text of an object. */
  readonly text: string;
  /** The token as a JSON value. */
  readonly json: string;
}

export interface PreparedSimulation extends Prepared {
  /** The payload as a JSON value. */
  readonly json: string;
  readonly script?: SimulatedScript | undefined;
}

/** The body of a request: what is sent, and what shall become of it. */
export interface Order {
  readonly device_token?: unknown;
  readonly topic?: string;
  readonly message_id: string;
  readonly payload: DeliveredPayload;
  readonly sequence: number;
  readonly plan: Plan;
}

/** A payload as it was sent: checked, defaults filled in, a JSON copy of its own; times in UTC. */
export type DeliveredPayload = Omit<PushNotificationPayload, "platform_data">;

/** RFC 2606 keeps `.invalid` for names that never exist. */
export const ORIGIN = "https://simulation.invalid";

export function parseToken(value: unknown, rules: Rules): Token | Rejection {
  try {
    const token = readToken(value);
    if (token && rules.accepts(token.text)) return token;
  } catch {} // A hostile object, or a text that the imitated platform's rules cannot read.
  return reject("INVALID_TOKEN", `device_token: expected ${rules.token}`);
}

export function parseTopic(value: string): Target<Token> | Rejection {
  if (value.trim() !== "") return { kind: "topic", value };
  return reject("PAYLOAD_INVALID", "topic: expected a name that is not blank");
}

export function prepare(
  payload: CheckedPayload<SimulationOptions>,
  { kind }: PrepareContext,
  rules: Rules,
): PreparedSimulation | Rejection {
  const { title, body, data, options, expires_at_ms, created_at_ms, ...rest } = payload;
  if (title === undefined && body === undefined && Object.keys(data).length === 0 && !payload.background) {
    return reject(
      "PAYLOAD_INVALID",
      "payload: nothing to send; give at least one of title, body, data, background",
    );
  }
  const content = jsonText({ title, body, data }, "data");
  if (isRejection(content)) return content;
  const size = Buffer.byteLength(content);
  const limit = (kind === "token" ? undefined : rules.max_topic_bytes) ?? rules.max_payload_bytes;
  if (size > limit) {
    return reject(
      "PAYLOAD_TOO_LARGE",
      `payload: title, body and data are ${size} bytes as JSON; the limit is ${limit} bytes`,
    );
  }
  const delivered: DeliveredPayload = {
    title,
    body,
    data,
    ...rest,
    expires_at: isoTime(expires_at_ms),
    created_at: isoTime(created_at_ms),
  };
  return { json: JSON.stringify(delivered), script: options.outcome };
}

export function encode(
  prepared: PreparedSimulation,
  target: Target<Token>,
  { message_id, sequence }: EncodeContext,
  planner: Planner,
): HttpRequest {
  const [field, text, json] =
    target.kind === "token"
      ? ["device_token", target.token.text, target.token.json]
      : ["topic", target.value, JSON.stringify(target.value)];
  const plan = planner(text, sequence, prepared.script);
  const head = JSON.stringify({ message_id, sequence, plan });
  return {
    method: "POST",
    url: `${ORIGIN}/send`,
    headers: { "content-type": "application/json" },
    body: `${head.slice(0, -1)},"${field}":${json},"payload":${prepared.json}}`,
  };
}

function readToken(value: unknown): Token | undefined {
  if (typeof value === "string") {
    return value.trim() === "" ? undefined : { text: value, json: JSON.stringify(value) };
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { endpoint } = value as { endpoint?: unknown };
  const json: string | undefined = JSON.stringify(value);
  return typeof endpoint === "string" && endpoint.trim() !== "" && json ? { text: json, json } : undefined;
}

function isoTime(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : new Date(ms).toISOString();
}
