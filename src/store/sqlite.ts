import { createStore } from "./create_store.js";
import { sqliteBroadcasts } from "./sqlite_broadcasts.js";
import { SqliteDatabase } from "./sqlite_database.js";
import { sqliteLog } from "./sqlite_log.js";
import { sqliteSubscriptions } from "./sqlite_subscriptions.js";
import type { StoreOptions, SubscriptionStore } from "./store.js";

/** Options of {@link openSqliteStore}. */
export interface SqliteStoreOptions extends StoreOptions {
  /** Of the database file, made (mode 0600) where there is none; or `:memory:`. Its folder must be there. */
  path: string;
}

/**
 * A store in a SQLite file, through the package `@libsql/client` (which installs without a compiler). What it has answered
 * survives a killed process. Several processes of one machine may share the file.
 * https://www.npmjs.com/package/@libsql/client
 *
 * @throws PushError `PEER_MISSING` when that package is not installed, `CONFIG_INVALID` when the file cannot be opened.
 */
export async function openSqliteStore({ path, ...options }: SqliteStoreOptions): Promise<SubscriptionStore> {
  const database = await SqliteDatabase.open(path, () => import("@libsql/client"));
  return createStore(
    {
      ...sqliteSubscriptions(database),
      ...sqliteLog(database),
      ...sqliteBroadcasts(database),
      close: async () => database.close(),
    },
    options,
  );
}
