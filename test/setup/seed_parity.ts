/** A title that proves rows begins with their ids: `W4 W5 …`, `1.8 …`, `2.web_push …`, `R3 …` (a fault of today's libraries). */
const LEADING_IDS = /^(?:(?:[WFSCNARHPOD]\d{1,2}|1\.\d{1,2}|2\.[a-z_]+|[35]\.\d\.[a-z0-9_]+)(?: |$))+/;

const numbered = (letter: string, count: number) =>
  Array.from({ length: count }, (_, i) => `${letter}${i + 1}`);

/** The rows that base, factory, the five providers and their transports have to answer for. */
export const ROWS: readonly string[] = [
  ...["1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7", "1.8", "1.9", "1.10", "1.11", "1.13", "1.14", "1.15"],
  ...["2.web_push", "2.fcm", "2.wns", "2.apns"],
  ...numbered("W", 15),
  ...numbered("F", 9),
  ...numbered("C", 9),
  ...numbered("N", 9),
  ...numbered("A", 7),
  "S1",
  ...numbered("R", 20),
];

export interface ProvenRow {
  readonly id: string;
  /** The test file, from the root. */
  readonly file: string;
}

/** The rows that a test's title claims. */
export function idsOf(title: string): string[] {
  return LEADING_IDS.exec(title)?.[0].trim().split(" ") ?? [];
}

/**
 * Holds docs/seed_parity.md against the titles that ran: each row is listed once, each file that it names has a passed
 * test of that id, and no passed test claims a row that does not name its file.
 */
export function checkSeedParity(markdown: string, ran: readonly ProvenRow[]): string[] {
  const listed = readRows(markdown);
  const has_run = (id: string, file: string) => ran.some((row) => row.id === id && row.file === file);
  const claims = new Set(ran.map(({ id, file }) => `${id} ${file}`));
  return [
    ...ROWS.filter((id) => !listed.has(id)).map((id) => `row ${id} is not listed`),
    ...[...listed].flatMap(([id, { files, replaced }]) => {
      if (files.length === 0 && !replaced) return [`row ${id} names neither a test nor what replaces it`];
      return files
        .filter((file) => !has_run(id, file))
        .map((file) => `row ${id} names ${file}, where no test of that id passed`);
    }),
    ...[...claims]
      .filter((claim) => {
        const [id = "", file = ""] = claim.split(" ");
        return !listed.get(id)?.files.includes(file);
      })
      .map((claim) => `${claim.replace(" ", " is proven in ")}, which its row does not name`),
  ];
}

/** Rows of the table: `| id | what | where |`. */
function readRows(markdown: string): Map<string, { files: string[]; replaced: boolean }> {
  const rows = new Map<string, { files: string[]; replaced: boolean }>();
  for (const line of markdown.split("\n")) {
    const [, id = "", , where = ""] = line.split("|").map((cell) => cell.trim());
    if (idsOf(id).length !== 1) continue;
    const files = [...where.matchAll(/`(test\/[^`]+)`/g)].map((match) => match[1] ?? "");
    rows.set(id, { files, replaced: /replaced:|not part of/.test(where) });
  }
  return rows;
}
