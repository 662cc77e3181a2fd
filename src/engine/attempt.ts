import type { HttpRequest, TransportOutcome } from "../codec.js";
import type { Engine } from "./engine.js";
import type { Freight } from "./journey.js";
import type { AttemptEnd } from "./retry.js";
import type { Waits } from "./waits.js";

/** Everything that stays the same from one attempt to the next. */
export interface Route {
  readonly engine: Engine;
  readonly waits: Waits;
  readonly freight: Freight;
  readonly timeout_ms: number;
}

/** How an attempt ended, and with which credential it went. */
export interface Attempt {
  readonly end: AttemptEnd;
  /** False: it ended before anything could leave. */
  readonly started: boolean;
  /** The credential was refused and cannot be renewed yet. */
  readonly not_renewable?: boolean | undefined;
}

/**
 * Credential, wire, verdict. `number` is 1 for the first. Undefined when it was stopped, or its time ended, before it
 * could start.
 */
export async function attempt(
  route: Route,
  request: HttpRequest,
  number: number,
): Promise<Attempt | undefined> {
  const { engine, waits, freight } = route;
  const { credentials } = engine;
  // It may have been stopped while the request was made.
  if (waits.stopped) return undefined;
  if (!credentials) return { end: await transmit(route, request, request.url, number), started: true };
  const scope = credentials.scope(freight.target);
  const minted = credentials.get(scope);
  const credential =
    minted instanceof Promise ? await waits.value(minted, freight.lifetime.deadline_ms) : minted;
  if (!credential || waits.stopped) return undefined;
  if ("verdict" in credential) return { end: { kind: "verdict", verdict: credential }, started: false };
  const end = await transmit(route, credentials.apply(request, credential), request.url, number);
  const refused = end.kind === "verdict" && end.verdict.verdict === "reauthorize";
  return { end, started: true, not_renewable: refused && !credentials.refuse(scope, credential.id) };
}

async function transmit(
  route: Route,
  request: HttpRequest,
  /** Without what authorization may have added to it. */
  url: string,
  number: number,
): Promise<AttemptEnd> {
  const { engine, waits, freight } = route;
  const left_ms = freight.lifetime.deadline_ms - engine.clock.now();
  const fuse = engine.fuses.light(Math.min(route.timeout_ms, left_ms));
  waits.onWire(fuse.blow);
  engine.attempts++;
  let outcome: TransportOutcome;
  try {
    outcome = await engine.transport.send(request, { signal: fuse.signal, connection: freight.connection });
  } finally {
    waits.landed();
    engine.fuses.put(fuse);
  }
  if (outcome.outcome === "forbidden") return { kind: "forbidden", reason: outcome.reason };
  if (outcome.outcome === "failure") {
    const { reach, reason } = outcome;
    return { kind: "failure", reach, reason, timed_out: fuse.timed_out };
  }
  const verdict = freight.decode(outcome.response, url, number);
  if ("retire_connection" in verdict && verdict.retire_connection) outcome.retire?.();
  return { kind: "verdict", verdict, status_code: outcome.response.status };
}
