import type { Credential, HttpRequest, TransportOutcome, Verdict } from "../codec.js";
import type { Engine } from "./engine.js";
import type { Freight } from "./journey.js";
import type { AttemptEnd } from "./retry.js";
import { ATTEMPT, traceAttempt } from "./tracing.js";
import type { Waits } from "./waits.js";

/** Whose attempts they are. */
export interface Route {
  readonly engine: Engine;
  readonly waits: Waits;
  readonly timeout_ms: number;
  /** When the last attempt ended. */
  ended_ms: number;
}

/**
 * Credential, wire, verdict. `number` is 1 for the first. Undefined when it was stopped, or its time ended, before it
 * could start.
 */
export function attempt(
  route: Route,
  freight: Freight,
  request: HttpRequest,
  number: number,
): undefined | AttemptEnd | Promise<AttemptEnd | undefined> {
  const { credentials } = route.engine;
  // It may have been stopped while the request was made.
  if (route.waits.stopped) return undefined;
  if (!credentials) return transmit(route, freight, request, request.url, number);
  const credential = credentials.get(credentials.scope(freight.target));
  return credential instanceof Promise
    ? waitFor(credential, route, freight, request, number)
    : authorized(credential, route, freight, request, number);
}

async function waitFor(
  minting: Promise<Credential | Verdict>,
  route: Route,
  freight: Freight,
  request: HttpRequest,
  number: number,
): Promise<AttemptEnd | undefined> {
  const credential = await route.waits.value(minting, freight.lifetime.deadline_ms);
  return credential && authorized(credential, route, freight, request, number);
}

function authorized(
  credential: Credential | Verdict,
  route: Route,
  freight: Freight,
  request: HttpRequest,
  number: number,
): undefined | AttemptEnd | Promise<AttemptEnd> {
  const { engine, waits } = route;
  if (waits.stopped) return undefined;
  if ("verdict" in credential) {
    route.ended_ms = engine.clock.now();
    return { kind: "verdict", verdict: credential };
  }
  const signed = engine.credentials?.apply(request, credential) ?? request;
  return transmit(route, freight, signed, request.url, number, credential);
}

function transmit(
  route: Route,
  freight: Freight,
  request: HttpRequest,
  /** Without what authorization may have added to it. */
  url: string,
  number: number,
  credential?: Credential,
): Promise<AttemptEnd> {
  if (!ATTEMPT.hasSubscribers) return exchange(route, freight, request, url, number, credential);
  const { platform, clock } = route.engine;
  const { message_id, connection } = freight;
  const trace = { platform, message_id, attempt: number, method: request.method, origin: connection.key };
  return traceAttempt(trace, clock, () => exchange(route, freight, request, url, number, credential));
}

async function exchange(
  route: Route,
  freight: Freight,
  request: HttpRequest,
  url: string,
  number: number,
  credential: Credential | undefined,
): Promise<AttemptEnd> {
  const { engine, waits } = route;
  const started_ms = engine.clock.now();
  const left_ms = freight.lifetime.deadline_ms - started_ms;
  const fuse = engine.fuses.light(Math.min(route.timeout_ms, left_ms));
  waits.onWire(fuse.blow);
  engine.attempts++;
  if (number > 1) engine.measures.retries++;
  let outcome: TransportOutcome;
  try {
    outcome = await engine.transport.send(request, { signal: fuse.signal, connection: freight.connection });
  } finally {
    waits.landed();
    engine.fuses.put(fuse);
    route.ended_ms = engine.clock.now();
    engine.measures.attempts.record(route.ended_ms - started_ms);
  }
  if (outcome.outcome === "forbidden") return { kind: "forbidden", reason: outcome.reason };
  if (outcome.outcome === "failure") {
    const { reach, reason } = outcome;
    return { kind: "failure", reach, reason, timed_out: fuse.timed_out };
  }
  const { response } = outcome;
  const verdict = freight.decode(response, url, number, route.ended_ms);
  if ("retire_connection" in verdict && verdict.retire_connection) outcome.retire?.();
  return {
    kind: "verdict",
    verdict,
    status_code: response.status,
    not_renewable: credential && verdict.verdict === "reauthorize" && !refuse(route, freight, credential),
  };
}

/** False: a new one is not to be made yet. */
function refuse({ engine: { credentials } }: Route, { target }: Freight, { id }: Credential): boolean {
  return credentials?.refuse(credentials.scope(target), id) ?? true;
}
