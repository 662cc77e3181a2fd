import type { BroadcastRow, StoreDriver } from "./driver.js";
import type { RawRow, SqliteDatabase } from "./sqlite_database.js";

type Broadcasts = Pick<StoreDriver, "createBroadcast" | "broadcasts" | "startBroadcast" | "endBroadcast">;

const CREATE = `
  INSERT INTO broadcasts (id, title, segment, payload, created_at_ms)
  VALUES (:id, :title, :segment, :payload, :now_ms) ON CONFLICT (id) DO NOTHING`;

const READ = `
  SELECT id, title, segment, payload, state, total, removed, delivered, opened, dismissed, created_at_ms,
    started_at_ms, finished_at_ms,
    (SELECT json_group_object(error_code, count) FROM outcomes WHERE broadcast_id = broadcasts.id) AS outcomes
  FROM broadcasts`;

const START = `
  UPDATE broadcasts SET state = 'running', run = :run, total = :total,
    started_at_ms = coalesce(started_at_ms, :now_ms)
  WHERE id = :id AND state <> 'finished'`;

/** Acknowledged, but the process ended before the result was written down. */
const RECEIVED = `
  broadcast_id = :id AND settled_at_ms IS NULL AND coalesce(received_at_ms, error_code) IS NOT NULL
  AND EXISTS (SELECT 1 FROM broadcasts WHERE id = :id AND run = :run)`;

const COUNT_RECEIVED = `
  INSERT INTO outcomes (broadcast_id, error_code, count)
  SELECT broadcast_id, '', count(*) FROM deliveries WHERE ${RECEIVED} GROUP BY 1
  ON CONFLICT (broadcast_id, error_code) DO UPDATE SET count = outcomes.count + excluded.count`;

const END = `
  UPDATE broadcasts SET state = :state, run = NULL,
    finished_at_ms = iif(:state = 'finished', :now_ms, NULL),
    payload = iif(:drop_payload, NULL, payload)
  WHERE id = :id AND run = :run`;

export function sqliteBroadcasts(database: SqliteDatabase): Broadcasts {
  return {
    async createBroadcast({ id, title, segment, payload, now_ms }) {
      await database.write({ sql: CREATE, args: { id, title, segment, payload, now_ms } });
    },

    async broadcasts(query) {
      if ("id" in query) {
        return (await database.read({ sql: `${READ} WHERE id = :id`, args: { id: query.id } })).map(toRow);
      }
      const { before, limit } = query;
      const sql = `${READ} WHERE :before IS NULL OR id < :before ORDER BY id DESC LIMIT :limit`;
      return (await database.read({ sql, args: { before, limit } })).map(toRow);
    },

    async startBroadcast({ id, run, total, now_ms }) {
      const [started] = await database.write(
        { sql: START, args: { id, run, total, now_ms } },
        { sql: COUNT_RECEIVED, args: { id, run } },
        { sql: `UPDATE deliveries SET settled_at_ms = :now_ms WHERE ${RECEIVED}`, args: { id, run, now_ms } },
      );
      return started?.changed === 1;
    },

    async endBroadcast({ id, run, state, drop_payload, now_ms }) {
      const args = { id, run, state, drop_payload: Number(drop_payload), now_ms };
      await database.write({ sql: END, args });
    },
  };
}

function toRow(raw: RawRow): BroadcastRow {
  const { segment, outcomes } = raw;
  return {
    ...raw,
    segment: JSON.parse(String(segment)),
    outcomes: JSON.parse(String(outcomes)),
  } as unknown as BroadcastRow;
}
