import { closeSync, openSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Client, InStatement, ResultSet } from "@libsql/client";
import { PushError } from "../index.js";
import { MIGRATIONS } from "./sqlite_schema.js";

/** A named argument; objects go in as JSON text. */
export type Arguments = Record<string, string | number | null | undefined | object>;

/** One statement with its arguments. */
export interface Statement {
  readonly sql: string;
  readonly args: Arguments;
}

/** A row, as the database gives it: JSON columns are still text. */
export type RawRow = Record<string, unknown>;

const BUSY_TIMEOUT_MS = 5000;

/** A database file with our tables in it. */
export class SqliteDatabase {
  private constructor(private readonly client: Client) {}

  /**
   * @throws PushError `PEER_MISSING` without `@libsql/client`; `CONFIG_INVALID` for a file that a later version has
   * written, or that is no database.
   */
  static async open(
    path: string,
    importClient: () => Promise<Pick<typeof import("@libsql/client"), "createClient">>,
  ): Promise<SqliteDatabase> {
    const { createClient } = await loadClient(importClient);
    let client: Client | undefined;
    try {
      client = createClient({
        url: path === ":memory:" ? path : fileUrl(path),
        // Statements run to their end in one go, so more connections would only be more handles.
        concurrency: 1,
        timeout: BUSY_TIMEOUT_MS,
      });
      await client.execute("PRAGMA journal_mode = WAL");
      // In WAL mode a killed process loses nothing by this; a power failure may lose the last transactions, no more.
      await client.execute("PRAGMA synchronous = NORMAL");
      await migrate(client);
      return new SqliteDatabase(client);
    } catch (cause) {
      client?.close();
      if (PushError.is(cause)) throw cause;
      throw new PushError("CONFIG_INVALID", "path: could not be opened as a SQLite database", { cause });
    }
  }

  async read(statement: Statement): Promise<RawRow[]> {
    return rowsOf(await this.client.execute(toInput(statement)));
  }

  /** All or nothing; how many rows each changed, and what each gave back. */
  async write(...statements: readonly Statement[]): Promise<{ changed: number; rows: RawRow[] }[]> {
    const results = await this.client.batch(statements.map(toInput), "write");
    return results.map((result) => ({ changed: result.rowsAffected, rows: rowsOf(result) }));
  }

  close(): void {
    this.client.close();
  }
}

/**
 * One batch from the version that is there to ours: a transaction that is open between two turns of the event loop would
 * block another store of the same process for good.
 */
async function migrate(client: Client): Promise<void> {
  const version = await versionOf(client);
  if (version > MIGRATIONS.length) {
    throw new PushError("CONFIG_INVALID", "path: this file was written by a later version of pushmux");
  }
  if (version === MIGRATIONS.length) return;
  const steps = MIGRATIONS.slice(version).flat();
  try {
    await client.batch([...steps, `PRAGMA user_version = ${MIGRATIONS.length}`], "write");
  } catch (error) {
    // Somebody else has done it in the meantime.
    if ((await versionOf(client)) !== MIGRATIONS.length) throw error;
  }
}

async function versionOf(client: Client): Promise<number> {
  const { rows } = await client.execute("PRAGMA user_version");
  return Number(rows[0]?.user_version);
}

/** The file holds secrets: it is made for its owner only, and SQLite makes the files beside it alike. */
function fileUrl(path: string): string {
  closeSync(openSync(path, "a", 0o600));
  return pathToFileURL(resolve(path)).href;
}

async function loadClient<Module>(importClient: () => Promise<Module>): Promise<Module> {
  try {
    return await importClient();
  } catch (error) {
    const { code, message } = { ...(error as { code?: unknown }), message: String(error) };
    const is_missing =
      (code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND") && message.includes("@libsql/client");
    throw is_missing ? new PushError("PEER_MISSING", "npm install @libsql/client", { cause: error }) : error;
  }
}

function toInput({ sql, args }: Statement): InStatement {
  return {
    sql,
    args: Object.fromEntries(Object.entries(args).map(([name, value]) => [name, toValue(value)])),
  };
}

/** Half a surrogate pair, in a name or in a service's words, is no text to the client: it would end the process. */
function toValue(value: Arguments[string]): string | number | null {
  if (typeof value === "string") return value.toWellFormed();
  if (typeof value !== "object" || value === null) return value ?? null;
  return JSON.stringify(value).replace(HALF_A_PAIR, "$1\ufffd");
}

/** JSON escapes halves, and of these only halves. */
const HALF_A_PAIR = /(?<!\\)((?:\\\\)*)\\ud[89a-f][0-9a-f]{2}/g;

function rowsOf({ columns, rows }: ResultSet): RawRow[] {
  return rows.map((row) => Object.fromEntries(columns.map((column) => [column, row[column]])));
}
