import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { AS_DOCUMENTED, type Difference, type Differs, differencesOf, weigh } from "./differences.js";
import { nameTimes } from "./moment.js";
import type { Authorization, WireRequest } from "./wire_request.js";

/** What a reference client does otherwise. */
export interface Comparison {
  readonly client: string;
  readonly found: Readonly<Record<string, Difference>>;
  readonly differs: Differs;
}

/** Fails the test unless two requests differ as is explained; `always` is what each request of a client explains. */
export function compare(
  client: string,
  ours: WireRequest,
  theirs: WireRequest,
  { always = {}, differs = {} }: { readonly always?: Differs; readonly differs?: Differs | undefined },
): Comparison {
  const found = differencesOf(ours, theirs);
  expect({ client, ...weigh(found, { ...always, ...differs }) }).toEqual({ client, ...AS_DOCUMENTED });
  return { client, found, differs };
}

/**
 * Holds our request against its file in `requests/`, for people to read and for reviews to show what changes on the wire.
 * `volatile`: values that are other ones each time, and their names.
 */
export async function pin(
  file: string,
  request: WireRequest,
  comparisons: readonly Comparison[],
  volatile: Readonly<Record<string, string>>,
): Promise<void> {
  const text = [requestText(request), ...comparisons.flatMap(comparisonText)].join("\n");
  const named = Object.entries(volatile).reduce(
    (all, [value, name]) => all.replaceAll(value, `{${name}}`),
    text,
  );
  await expect(nameTimes(`${named}\n`)).toMatchFileSnapshot(place(file));
}

/** For `it.each(titled(rows))("%s", …)`. */
export function titled<Row extends { readonly title: string }>(rows: readonly Row[]): [string, Row][] {
  return rows.map((row) => [row.title, row]);
}

/** A file that no row writes is left over from a row that is gone, and one that is missing is written, unless in CI. */
export function expectOneFileForEach(service: string, rows: readonly { readonly title: string }[]): void {
  expect(readdirSync(place(service)).sort()).toEqual(rows.map(({ title }) => fileName(title)).sort());
}

export function fileName(title: string): string {
  return `${title
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "_")
    .replaceAll(/^_|_$/g, "")}.http`;
}

function place(file: string): string {
  return fileURLToPath(new URL(`./requests/${file}`, import.meta.url));
}

function requestText({ method, path, headers, authorization, text }: WireRequest): string {
  const all = { ...headers, ...(authorization ? { authorization: authorizationText(authorization) } : {}) };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  const head = [`${method} ${path}`, ...lines.sort()].join("\n");
  return text === undefined ? head : `${head}\n\n${text}`;
}

function authorizationText({ scheme, head, claims, key }: Authorization): string {
  if (head === undefined) return `${scheme} {access_token}`;
  const token = `${JSON.stringify(head)}.${JSON.stringify(claims)}.{signature}`;
  return key === undefined ? `${scheme} ${token}` : `${scheme} t=${token}, k=${key}`;
}

/** As comments, which is what `#` begins in an `.http` file. */
function comparisonText({ client, found, differs }: Comparison): string[] {
  const lines = Object.entries(differs).map(([name, why]) => {
    const { theirs } = found[name] ?? {};
    return `# ${name}: ${theirs === undefined ? "nothing" : JSON.stringify(theirs)}\n#   ${why}`;
  });
  return lines.length > 0 ? ["", `# ${client} sends`, ...lines] : [];
}
