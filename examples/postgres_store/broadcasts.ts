import type { BroadcastRow, StoreDriver } from "pushmux/store";
import { type Pool, transaction } from "./database.ts";

type Broadcasts = Pick<StoreDriver, "createBroadcast" | "broadcasts" | "startBroadcast" | "endBroadcast">;

const READ = `
  SELECT to_jsonb(b) - 'run' || jsonb_build_object('outcomes', (
    SELECT coalesce(jsonb_object_agg(error_code, count), '{}') FROM outcomes WHERE broadcast_id = b.id
  )) AS row FROM broadcasts AS b`;

/** Acknowledged, but the process ended before the result was written down. */
const SETTLE_RECEIVED = `
  WITH received AS (
    UPDATE deliveries SET settled_at_ms = $2
    WHERE broadcast_id = $1 AND settled_at_ms IS NULL
      AND (received_at_ms IS NOT NULL OR error_code IS NOT NULL)
    RETURNING broadcast_id
  )
  INSERT INTO outcomes (broadcast_id, error_code, count)
  SELECT broadcast_id, '', count(*) FROM received GROUP BY 1
  ON CONFLICT (broadcast_id, error_code) DO UPDATE SET count = outcomes.count + excluded.count`;

export function broadcasts(pool: Pool): Broadcasts {
  return {
    createBroadcast: ({ id, title, segment, payload, now_ms }) =>
      transaction(pool, async (query) => {
        const text = `
          INSERT INTO broadcasts (id, title, segment, payload, created_at_ms)
          VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO NOTHING`;
        await query(text, [id, title, JSON.stringify(segment), payload, now_ms]);
      }),

    broadcasts: (wanted) =>
      transaction(pool, async (query) => {
        if ("id" in wanted) return (await query<BroadcastRow>(`${READ} WHERE id = $1`, [wanted.id])).rows;
        const text = `${READ} WHERE $1::text IS NULL OR id < $1 ORDER BY id DESC LIMIT $2`;
        return (await query<BroadcastRow>(text, [wanted.before ?? null, wanted.limit])).rows;
      }),

    startBroadcast: ({ id, run, total, now_ms }) =>
      transaction(pool, async (query) => {
        const text = `
          UPDATE broadcasts SET state = 'running', run = $2, total = $3,
            started_at_ms = coalesce(started_at_ms, $4)
          WHERE id = $1 AND state <> 'finished'`;
        if ((await query(text, [id, run, total, now_ms])).count === 0) return false;
        await query(SETTLE_RECEIVED, [id, now_ms]);
        return true;
      }),

    endBroadcast: ({ id, run, state, drop_payload, now_ms }) =>
      transaction(pool, async (query) => {
        const text = `
          UPDATE broadcasts SET state = $3, run = NULL,
            finished_at_ms = CASE WHEN $3 = 'finished' THEN $5::bigint END,
            payload = CASE WHEN $4 THEN NULL ELSE payload END
          WHERE id = $1 AND run = $2`;
        await query(text, [id, run, state, drop_payload, now_ms]);
      }),
  };
}
