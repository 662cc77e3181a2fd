/** A title that proves rows begins with their ids: `W4 W5 …`, `1.8 …`, `2.web_push …`, `R3 …` (a fault of today's libraries). */
const LEADING_IDS = /^(?:(?:[WFSCNARHPODM]\d{1,2}|1\.\d{1,2}|2\.[a-z_]+|[35]\.\d\.[a-z0-9_]+)(?: |$))+/;

const numbered = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, i) => `${prefix}${i + 1}`);
const named = (prefix: string, names: string) => names.split(" ").map((name) => `${prefix}${name}`);

/** The rows that base, factory, the five providers and their transports have to answer for, and their faults. */
const SENDING = [
  ...numbered("1.", 15),
  ...named("2.", "web_push fcm wns apns mqtt"),
  ...[
    ...numbered("W", 15),
    ...numbered("F", 9),
    ...numbered("C", 9),
    ...numbered("N", 9),
    ...numbered("A", 7),
  ],
  ...["M1", "S1", ...numbered("R", 20)],
];

/** Those of handlers, page, worker and guide, and their faults. */
const FRONT_END = [
  ...[...numbered("H", 4), "P1", "O1", "D1"],
  ...named(
    "3.1.",
    "vapid_public_key subscribe send send_bulk mqtt_publish platforms platform_info test ack pending",
  ),
  ...named("3.1.", "device_push push_logs statistics"),
  ...named(
    "3.2.",
    "support initialize register vapid_key permission subscribe send_to_server unsubscribe status info",
  ),
  ...named("3.2.", "local_notification test device_id panel composer"),
  ...named("3.3.", "install activate push ack click close message guide options sync fetch"),
  ...named("3.4.", "troubleshooting security browsers practices keys subject"),
];

/** Those of the other seeds: a demo, an app, and two pages of ideas. */
const OTHER_SEEDS = [
  ...[...numbered("5.1.p", 9), ...numbered("5.1.w", 3), "5.1.s1", "5.1.weak"],
  ...[...numbered("5.2.b", 10), ...numbered("5.2.a", 6), "5.2.weak"],
  ...[...numbered("5.3.", 10), "5.3.pushpad"],
  ...numbered("5.4.", 8),
];

/** Every row that the table has to list. */
export const ROWS: readonly string[] = [...SENDING, ...FRONT_END, ...OTHER_SEEDS];

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
