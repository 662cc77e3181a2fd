// A store of your own: subscriptions, delivery log and broadcasts in PostgreSQL, through a pool of the package `pg`.
//
//   import pg from "pg";
//   const store = await openPostgresStore(new pg.Pool({ connectionString }));
//
// It passes `storeConformance` of pushmux/testing, as yours should.
import { createStore, type StoreOptions, type SubscriptionStore } from "pushmux/store";
import { broadcasts } from "./broadcasts.ts";
import { type Pool, transaction } from "./database.ts";
import { deliveries } from "./deliveries.ts";
import { SCHEMA } from "./schema.ts";
import { subscriptions } from "./subscriptions.ts";

/** The pool stays yours: closing the store does not end it. */
export async function openPostgresStore(pool: Pool, options: StoreOptions = {}): Promise<SubscriptionStore> {
  await transaction(pool, async (query) => {
    // Several processes may start at once.
    await query("SELECT pg_advisory_xact_lock(hashtext('pushmux'))");
    for (const statement of SCHEMA) await query(statement);
  });
  const driver = {
    ...subscriptions(pool),
    ...deliveries(pool),
    ...broadcasts(pool),
    close: async () => {},
  };
  return createStore(driver, options);
}
