import type { FcmProvider } from "../../../providers/fcm/index.js";
import type { HttpRequest } from "../../../src/codec.js";
import { type Answer, FakeClock, ScriptedTransport } from "../../engine/support.js";
import { ACCOUNT, bodyOf, openProvider } from "./support.js";

/** FCM and its token endpoint as one scripted wire: every token is another, and lives for an hour. */
export interface Wire {
  readonly provider: FcmProvider;
  readonly clock: FakeClock;
  /** What went to FCM, and what to the token endpoint. */
  readonly sent: HttpRequest[];
  readonly minted: HttpRequest[];
  /** Decides what FCM answers; without it everything is accepted. */
  answer: (request: HttpRequest) => Answer;
}

export const ACCEPTED: Answer = { status: 200, body: '{"name":"projects/demo-project/messages/1"}' };

export function answerOf(
  status: number,
  body: object | string = "",
  headers: Record<string, string> = {},
): Answer {
  return { status, headers, body: typeof body === "string" ? body : JSON.stringify(body) };
}

export async function openWire(config: object = {}): Promise<Wire> {
  const clock = new FakeClock();
  const transport = new ScriptedTransport(clock);
  const provider = await openProvider(config, { clock, transport, random: () => 0 });
  const wire: Wire = { provider, clock, sent: [], minted: [], answer: () => ACCEPTED };
  transport.decide = (request) => {
    if (request.url !== ACCOUNT.token_uri) {
      wire.sent.push(request);
      return wire.answer(request);
    }
    wire.minted.push(request);
    return answerOf(200, { access_token: `token-${wire.minted.length}`, expires_in: 3600 });
  };
  return wire;
}

/** Which access tokens went with the messages. */
export const bearers = (wire: Wire) =>
  wire.sent.map(({ headers }) => headers.authorization?.replace("Bearer ", ""));

export const messagesOf = (wire: Wire) => wire.sent.map((request) => bodyOf(request).message);
