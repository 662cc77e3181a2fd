/**
 * The results file of a bulk run is also its memory: a line that has its result there is not sent again. What has none
 * may still have been under way when a run was killed. So beside the results stands a small file with how far the
 * input was begun, written before each send: `FILE.state`.
 *
 * Both are written with the system's own calls at once, so they survive `kill -9`; they are not forced to the disk, so
 * the last moments before a power cut may be missing.
 */
import { closeSync, createReadStream, fstatSync, writeSync } from "node:fs";
import type { PushNotificationResult } from "../index.js";
import { readLines } from "./bulk_lines.js";
import { CliError } from "./exit.js";
import { isObject, parseJson, refuse } from "./files.js";
import { cutTornLine, openFile, readState, type State, sizeOf, staysRunning } from "./ledger_files.js";
import type { Tally } from "./tally.js";

/** A result and the line of the input that it answers, counted from 1. */
export type Row = PushNotificationResult & { readonly line: number };

/** What earlier runs know of a line. `open`: it was taken up, and is to be sent all the same. */
export type Earlier = "unknown" | "answered" | "maybe_sent" | "open";

/** What a ledger is opened with. */
export interface LedgerOptions {
  readonly path: string;
  /** Fingerprint of what is sent. */
  readonly run: string;
  /** Counts what earlier runs answered. */
  readonly tally: Tally;
  /** Whatever process seems to write. */
  readonly force: boolean;
  /** What may have been sent is open, too. */
  readonly resend: boolean;
}

export class Ledger {
  readonly #marks = new Marks();
  /** How often a line was answered in a way that leaves it open, less how often it was begun again since. */
  readonly #open = new Map<number, number>();
  #begun_before = 0;
  #begun = 0;

  private constructor(
    private readonly path: string,
    private readonly run: string,
    private readonly results_fd: number,
    private readonly state_fd: number,
  ) {}

  /** Opens the results of this run, or of the one that it goes on with. */
  static async open({ path, run, tally, force, resend }: LedgerOptions): Promise<Ledger> {
    const state_path = `${path}.state`;
    const [state, ...begun_again] = readState(state_path);
    if (!state && sizeOf(path) > 0) {
      throw new CliError(
        `--out ${path}: it is there, and is not of a run that can be resumed; take another name`,
      );
    }
    if (state && state.run !== run) {
      throw new CliError(
        `--out ${path}: these are the results of another message or platform; take another name`,
      );
    }
    if (state && !force && (await staysRunning(state.pid))) {
      throw new CliError(
        `--out ${path}: another run (process ${state.pid}) writes to it; if that is none of pushmux, give --force`,
      );
    }
    const ledger = new Ledger(path, run, openFile(path, "a+"), openFile(state_path, state ? "r+" : "w+"));
    cutTornLine(ledger.results_fd);
    cutTornLine(ledger.state_fd);
    ledger.#begun_before = ledger.#begun = state?.begun ?? 0;
    ledger.#writeState();
    await ledger.#load(tally, resend);
    for (const line of begun_again) ledger.#changeOpen(line, -1);
    return ledger;
  }

  /** @throws CliError when the line was another one when it was answered. */
  earlier(line: number, device_token: unknown): Earlier {
    const mark = this.#marks.get(line);
    if (mark === 0) {
      if ((this.#open.get(line) ?? 0) > 0) return "open";
      return line <= this.#begun_before ? "maybe_sent" : "unknown";
    }
    if (mark === markOf(device_token)) return "answered";
    throw new CliError(
      `line ${line} of the input is not the one that ${this.path} answers: is it another input?`,
    );
  }

  /** To be called before the line is sent. */
  begin(line: number): void {
    if (line > this.#begun) {
      this.#begun = line;
      this.#writeState();
    } else if (this.#open.has(line)) this.#write(this.state_fd, `${line}\n`, fstatSync(this.state_fd).size);
  }

  record(row: Row): void {
    this.#write(this.results_fd, `${JSON.stringify(row)}\n`);
  }

  close(): void {
    this.#writeState(NOBODY);
    closeSync(this.results_fd);
    closeSync(this.state_fd);
  }

  async #load(tally: Tally, resend: boolean): Promise<void> {
    /** Lines that may have been sent: another row may follow, of a run that sent them again. */
    const cut = new Map<number, Row>();
    let number = 0;
    for await (const text of readLines(createReadStream(this.path))) {
      number++;
      const row = parseJson(text);
      if (!isRow(row)) throw new CliError(`--out ${this.path}: line ${number} is no result of pushmux bulk`);
      const was_cut = row.error_code === "ABORTED";
      if (row.device_token === undefined || (was_cut && (resend || !row.may_have_been_sent))) {
        this.#changeOpen(row.line, 1);
        continue;
      }
      this.#marks.set(row.line, markOf(row.device_token));
      if (was_cut) cut.set(row.line, row);
      else {
        cut.delete(row.line);
        tally.count(row);
      }
    }
    for (const row of cut.values()) tally.count(row);
    tally.before = tally.done;
  }

  #changeOpen(line: number, change: 1 | -1): void {
    this.#open.set(line, (this.#open.get(line) ?? 0) + change);
  }

  /** Always as long, and at once: there is no moment at which it is half written. */
  #writeState(pid = process.pid): void {
    const state: State = { run: this.run, pid, begun: this.#begun };
    this.#write(this.state_fd, `${JSON.stringify(state).padEnd(STATE_BYTES - 1)}\n`, 0);
  }

  #write(fd: number, text: string, position?: number): void {
    try {
      writeSync(fd, text, position);
    } catch (error) {
      refuse("--out", this.path, error, "cannot be written");
    }
  }
}

const STATE_BYTES = 128;
const MAX_LINES = 2 ** 31;
/** In place of a process: none writes any more. */
const NOBODY = 0;

/** A small number for each line, so that ten million of them fit into memory. */
class Marks {
  #marks = new Uint32Array(1024);

  get(line: number): number {
    return this.#marks[line] ?? 0;
  }

  set(line: number, mark: number): void {
    if (line >= this.#marks.length) {
      const larger = new Uint32Array(2 ** Math.ceil(Math.log2(line + 1)));
      larger.set(this.#marks);
      this.#marks = larger;
    }
    this.#marks[line] = mark;
  }
}

/** Tells one token from another, mostly: an input that was changed shows on its first lines (FNV-1a, never 0). */
function markOf(device_token: unknown): number {
  const text = typeof device_token === "string" ? device_token : (JSON.stringify(device_token) ?? "");
  let mark = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) mark = Math.imul(mark ^ text.charCodeAt(i), 0x01000193);
  return mark >>> 0 || 1;
}

function isRow(value: unknown): value is Row {
  if (!isObject(value) || typeof value.success !== "boolean") return false;
  const line = Number(value.line);
  return Number.isInteger(line) && line > 0 && line < MAX_LINES;
}
