import { isDeepStrictEqual } from "node:util";
import type { WireRequest } from "./wire_request.js";

/**
 * Where our request is another than the reference client's, and why: by the name of the header, by the path of a member
 * (`body.aps.sound`), `authorization.head.typ`, or `method`, `path`, `answer`.
 */
export type Differs = Readonly<Record<string, string>>;

export interface Difference {
  readonly ours: unknown;
  readonly theirs: unknown;
}

/** Every place where two requests differ: headers one by one, bodies member by member. The order of members says nothing. */
export function differencesOf(ours: WireRequest, theirs: WireRequest): Record<string, Difference> {
  const members = ({ headers, text: _same, ...rest }: WireRequest) => ({ ...headers, ...rest });
  return Object.fromEntries(walk("", members(ours), members(theirs)));
}

/** What nobody has explained, and which explanations have nothing left to explain. A right row has neither. */
export function weigh(found: Readonly<Record<string, Difference>>, documented: Differs) {
  return {
    undocumented: Object.fromEntries(Object.entries(found).filter(([place]) => !(place in documented))),
    vanished: Object.keys(documented).filter((place) => !(place in found)),
  };
}

export const AS_DOCUMENTED = { undocumented: {}, vanished: [] };

/** What HTTP/2 says in other ways. */
export const HTTP1_ONLY: Differs = {
  host: "HTTP/2 has :authority",
  connection: "HTTP/2 has streams",
};

function* walk(place: string, ours: unknown, theirs: unknown): Generator<[string, Difference]> {
  if (!isRecord(ours) || !isRecord(theirs)) {
    if (!isDeepStrictEqual(ours, theirs)) yield [place, { ours, theirs }];
    return;
  }
  for (const name of new Set([...Object.keys(ours), ...Object.keys(theirs)])) {
    yield* walk(place === "" ? name : `${place}.${name}`, ours[name], theirs[name]);
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
