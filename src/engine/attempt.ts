import type { Connection, HttpRequest, HttpResponse, Verdict } from "../codec.js";
import type { AnyTarget, Engine } from "./engine.js";
import type { AttemptEnd } from "./retry.js";
import type { Waits } from "./waits.js";

/** One request on its way: everything that stays the same from one attempt to the next. */
export interface Route {
  readonly engine: Engine;
  readonly waits: Waits;
  readonly target: AnyTarget;
  readonly connection: Connection;
  readonly timeout_ms: number;
  readonly deadline_ms: number;
  decode(response: HttpResponse): Verdict;
}

/** How an attempt ended, and with which credential it went. */
export interface Attempt {
  readonly end: AttemptEnd;
  /** False: it ended before anything could leave. */
  readonly started: boolean;
  /** The credential was refused and cannot be renewed yet. */
  readonly not_renewable?: boolean | undefined;
}

/** Credential, wire, verdict. Undefined when it was stopped, or its time ended, before it could start. */
export async function attempt(route: Route, request: HttpRequest): Promise<Attempt | undefined> {
  const { engine, waits, target } = route;
  const { credentials } = engine;
  // It may have been stopped while the request was made.
  if (waits.stopped) return undefined;
  if (!credentials) return { end: await transmit(route, request), started: true };
  const scope = credentials.scope(target);
  const minted = credentials.get(scope);
  const credential = minted instanceof Promise ? await waits.value(minted, route.deadline_ms) : minted;
  if (!credential || waits.stopped) return undefined;
  if ("verdict" in credential) return { end: { kind: "verdict", verdict: credential }, started: false };
  const end = await transmit(route, credentials.apply(request, credential));
  const refused = end.kind === "verdict" && end.verdict.verdict === "reauthorize";
  return { end, started: true, not_renewable: refused && !credentials.refuse(scope, credential.id) };
}

async function transmit(route: Route, request: HttpRequest): Promise<AttemptEnd> {
  const { engine, connection } = route;
  const until_ms = Math.min(engine.clock.now() + route.timeout_ms, route.deadline_ms);
  engine.attempts++;
  const { value, timed_out } = await route.waits.onWire(until_ms, (signal) =>
    engine.transport.send(request, { signal, connection }),
  );
  if (value.outcome === "forbidden") return { kind: "forbidden", reason: value.reason };
  if (value.outcome === "failure") {
    return { kind: "failure", reach: value.reach, reason: value.reason, timed_out };
  }
  const verdict = route.decode(value.response);
  if ("retire_connection" in verdict && verdict.retire_connection) value.retire?.();
  return { kind: "verdict", verdict, status_code: value.response.status };
}
