/** What the demo prints: headings, a progress bar, tables, and at the end whether all was as expected. */

const BAR_WIDTH = 32;

/** @typedef {readonly (string | number)[]} Row */

export class Screen {
  /** @type {string[]} */
  #surprises = [];
  #checks = 0;
  #last_quarter = -1;
  #bar_is_open = false;

  /** @param {NodeJS.WriteStream} stream */
  constructor(stream) {
    this.stream = stream;
  }

  /**
   * @param {string} title
   * @param {string} text
   */
  chapter(title, text) {
    this.#write(`\n━━ ${title} ${"━".repeat(Math.max(0, 90 - title.length))}\n${text}`);
  }

  /** @param {string} title */
  section(title) {
    this.#write(`\n${title}`);
  }

  /** @param {string} [text] */
  line(text = "") {
    this.#write(text === "" ? "" : `  ${text}`);
  }

  /**
   * On a terminal one line that is written again and again; elsewhere a line for each quarter.
   *
   * @param {import("pushmux").BulkProgress} progress
   */
  progress({ done, total = done, per_second }) {
    const share = total === 0 ? 1 : done / total;
    const filled = Math.round(share * BAR_WIDTH);
    const bar = "█".repeat(filled) + "░".repeat(BAR_WIDTH - filled);
    const text = `${bar} ${count(done).padStart(count(total).length)} of ${count(total)}, ${count(per_second)} per second`;
    if (this.stream.isTTY) {
      this.stream.write(`\r\x1b[K  ${text}`);
      this.#bar_is_open = true;
      return;
    }
    const quarter = Math.floor(share * 4);
    if (quarter !== this.#last_quarter) this.line(text);
    this.#last_quarter = quarter;
  }

  /**
   * The first column is text and stands left, numbers stand right.
   *
   * @param {Row} head
   * @param {readonly Row[]} rows
   * @param {Row} [sum]
   */
  table(head, rows, sum) {
    const all = [head, ...rows, ...(sum ? [sum] : [])];
    const widths = head.map((_, column) => Math.max(...all.map((row) => cell(row[column]).length)));
    const numeric = head.map((_, column) => rows.some((row) => typeof row[column] === "number"));
    /** @param {Row} row */
    const write = (row) => {
      const cells = row.map((value, column) =>
        numeric[column] ? cell(value).padStart(widths[column] ?? 0) : cell(value).padEnd(widths[column] ?? 0),
      );
      this.line(cells.join("  ").trimEnd());
    };
    const rule = widths.map((width) => "─".repeat(width)).join("──");
    write(head);
    this.line(rule);
    rows.forEach(write);
    if (!sum) return;
    this.line(rule);
    write(sum);
  }

  /**
   * @param {string} what
   * @param {unknown} seen
   * @param {unknown} expected
   */
  check(what, seen, expected) {
    this.#checks++;
    const [a, b] = [JSON.stringify(seen), JSON.stringify(expected)];
    if (a !== b) this.#surprises.push(`${what}: expected ${b}, saw ${a}`);
  }

  /** The verdict, also as the exit code. */
  close() {
    if (this.#surprises.length === 0) {
      this.#write(`\n✓ All ${this.#checks} checks of the numbers above hold.`);
      return;
    }
    this.#write("\n✗ Not as expected:");
    for (const surprise of this.#surprises) this.line(surprise);
    process.exitCode = 1;
  }

  /** @param {string} text */
  #write(text) {
    this.stream.write(`${this.#bar_is_open ? "\n" : ""}${text}\n`);
    this.#bar_is_open = false;
  }
}

/** @param {number} value */
export function count(value) {
  return Math.round(value).toLocaleString("en-US");
}

/** @param {string | number | undefined} value */
function cell(value = "") {
  return typeof value === "number" ? count(value) : value;
}
