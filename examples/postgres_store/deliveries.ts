import type { DeliveryRow, DeliverySum, StoreDriver } from "pushmux/store";
import { type Pool, transaction } from "./database.ts";

type Deliveries = Pick<StoreDriver, "begin" | "settle" | "acknowledge" | "deliveries" | "sums" | "prune">;

const BEGIN = `
  INSERT INTO deliveries (message_id, recipient, token_hash, subscription_id, version, broadcast_id, platform,
    device_id, user_id, payload, sent_at_ms, expires_at_ms)
  SELECT w.message_id, coalesce(s.id, w.token_hash), w.token_hash, s.id, s.version, $2, w.platform,
    s.device_id, s.user_id, w.payload, w.sent_at_ms, w.expires_at_ms
  FROM jsonb_to_recordset($1) AS w (message_id text, token_hash text, platform text, payload text,
    sent_at_ms bigint, expires_at_ms bigint)
  LEFT JOIN subscriptions AS s USING (token_hash)
  ON CONFLICT (message_id, recipient) DO UPDATE SET
    token_hash = excluded.token_hash, version = excluded.version, payload = excluded.payload,
    sent_at_ms = excluded.sent_at_ms, expires_at_ms = excluded.expires_at_ms
  WHERE deliveries.settled_at_ms IS NULL`;

/** All parts see the rows as they were before, so each result counts once. */
const SETTLE = `
  WITH w AS (
    SELECT w.*, d.recipient, d.broadcast_id, d.subscription_id, d.version
    FROM jsonb_to_recordset($1) AS w (message_id text, token_hash text, error_code text, reason text,
      service_message_id text, status_code integer, sent_at_ms bigint, settled_at_ms bigint, remove boolean)
    JOIN deliveries AS d USING (message_id, token_hash)
    WHERE d.settled_at_ms IS NULL
    FOR UPDATE OF d
  ), settled AS (
    UPDATE deliveries AS d SET
      settled_at_ms = w.settled_at_ms,
      service_message_id = w.service_message_id,
      status_code = w.status_code,
      error_code = coalesce(d.error_code, w.error_code),
      reason = coalesce(d.reason, w.reason),
      sent_at_ms = least(d.received_at_ms, greatest(d.sent_at_ms, w.sent_at_ms))
    FROM w WHERE d.message_id = w.message_id AND d.recipient = w.recipient
  ), counted AS (
    INSERT INTO outcomes (broadcast_id, error_code, count)
    SELECT broadcast_id, coalesce(error_code, ''), count(*) FROM w
    WHERE broadcast_id IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2
    ON CONFLICT (broadcast_id, error_code) DO UPDATE SET count = outcomes.count + excluded.count
  ), gone AS (
    DELETE FROM subscriptions AS s USING w
    WHERE w.remove AND s.id = w.subscription_id AND s.version = w.version
    RETURNING s.id, w.broadcast_id
  ), removed AS (
    UPDATE broadcasts AS b SET removed = b.removed + g.removed
    FROM (SELECT broadcast_id, count(*) AS removed FROM gone GROUP BY 1) AS g WHERE b.id = g.broadcast_id
  ), tried AS (
    SELECT subscription_id, max(settled_at_ms) FILTER (WHERE error_code IS NULL) AS succeeded_at_ms,
      count(error_code) AS failures
    FROM w WHERE subscription_id NOT IN (SELECT id FROM gone) GROUP BY 1
  ), judged AS (
    UPDATE subscriptions AS s SET
      last_success_at_ms = coalesce(t.succeeded_at_ms, s.last_success_at_ms),
      failure_count = CASE WHEN t.succeeded_at_ms IS NULL THEN s.failure_count + t.failures ELSE 0 END
    FROM tried AS t WHERE s.id = t.subscription_id
  )
  SELECT to_jsonb(count(*)) AS row FROM gone`;

const ACKNOWLEDGE = `
  WITH old AS (
    SELECT * FROM deliveries WHERE message_id = $1 AND device_id = $2 FOR UPDATE
  ), acknowledged AS (
    UPDATE deliveries AS d SET
      error_code = coalesce(d.error_code, CASE WHEN d.received_at_ms IS NULL THEN $6 END),
      reason = coalesce(d.reason, CASE WHEN d.received_at_ms IS NULL THEN $7 END),
      received_at_ms = coalesce(d.received_at_ms,
        CASE WHEN $3::bigint IS NOT NULL THEN greatest(d.sent_at_ms, $3) END),
      opened_at_ms = coalesce(d.opened_at_ms, $4::bigint),
      dismissed_at_ms = coalesce(d.dismissed_at_ms, $5::bigint)
    FROM old WHERE d.message_id = old.message_id AND d.recipient = old.recipient
  ), counted AS (
    UPDATE broadcasts AS b SET delivered = b.delivered + n.delivered, opened = b.opened + n.opened,
      dismissed = b.dismissed + n.dismissed
    FROM (
      SELECT broadcast_id,
        count(*) FILTER (WHERE received_at_ms IS NULL AND $3::bigint IS NOT NULL) AS delivered,
        count(*) FILTER (WHERE opened_at_ms IS NULL AND $4::bigint IS NOT NULL) AS opened,
        count(*) FILTER (WHERE dismissed_at_ms IS NULL AND $5::bigint IS NOT NULL) AS dismissed
      FROM old GROUP BY 1
    ) AS n WHERE b.id = n.broadcast_id
  )
  SELECT to_jsonb(count(*)) AS row FROM old`;

const SUMS = `
  SELECT to_jsonb(sums) AS row FROM (
    SELECT platform, status, CASE status WHEN 'failed' THEN error_code END AS error_code, count(*) AS count,
      count(opened_at_ms) AS opened, count(dismissed_at_ms) AS dismissed,
      coalesce(sum(received_at_ms - sent_at_ms), 0) AS latency_ms
    FROM (
      SELECT *, CASE
        WHEN received_at_ms IS NOT NULL THEN 'delivered'
        WHEN error_code IS NOT NULL THEN 'failed'
        WHEN expires_at_ms <= $2 THEN 'expired'
        ELSE 'sent' END AS status
      FROM deliveries
      WHERE sent_at_ms >= $1 AND ($3::text IS NULL OR platform = $3) AND ($4::text IS NULL OR device_id = $4)
        AND (settled_at_ms IS NOT NULL OR received_at_ms IS NOT NULL OR error_code IS NOT NULL)
    ) AS d GROUP BY 1, 2, 3
  ) AS sums`;

export function deliveries(pool: Pool): Deliveries {
  return {
    begin: (rows, broadcast) =>
      transaction(pool, async (query) => {
        if (broadcast) {
          // Locked until the end: nobody takes it over between this look and the rows.
          const text = "SELECT to_jsonb(1) AS row FROM broadcasts WHERE id = $1 AND run = $2 FOR SHARE";
          if ((await query(text, [broadcast.id, broadcast.run])).count === 0) return false;
        }
        await query(BEGIN, [JSON.stringify(rows), broadcast?.id ?? null]);
        return true;
      }),

    settle: (rows) =>
      transaction(pool, async (query) => (await query<number>(SETTLE, [JSON.stringify(rows)])).rows[0] ?? 0),

    acknowledge: ({ message_id, device_id, ...said }) =>
      transaction(pool, async (query) => {
        const { received_at_ms, opened_at_ms, dismissed_at_ms, error_code, reason } = said;
        const times = [received_at_ms, opened_at_ms, dismissed_at_ms];
        const values = [message_id, device_id, ...times, error_code, reason];
        return ((await query<number>(ACKNOWLEDGE, values)).rows[0] ?? 0) > 0;
      }),

    deliveries: ({ limit, pending_at_ms, since_ms, ...wanted }) =>
      transaction(pool, async (query) => {
        const values: unknown[] = [limit];
        const conditions = Object.entries(wanted)
          .filter(([, value]) => value !== undefined)
          .map(([column, value]) => `d.${column} = $${values.push(value)}`);
        if (since_ms !== undefined) conditions.push(`d.sent_at_ms >= $${values.push(since_ms)}`);
        if (pending_at_ms !== undefined) {
          conditions.push(
            "d.settled_at_ms IS NOT NULL AND d.error_code IS NULL AND d.received_at_ms IS NULL",
            `d.expires_at_ms > $${values.push(pending_at_ms)}`,
          );
        }
        const direction = pending_at_ms === undefined ? "DESC" : "ASC";
        const text = `
          SELECT to_jsonb(d) - '{recipient,token_hash,version}'::text[]
            || jsonb_build_object('payload', coalesce(d.payload, b.payload)) AS row
          FROM deliveries AS d LEFT JOIN broadcasts AS b ON b.id = d.broadcast_id
          WHERE ${conditions.join(" AND ") || "true"}
          ORDER BY d.sent_at_ms ${direction}, d.message_id ${direction}, d.recipient ${direction} LIMIT $1`;
        return (await query<DeliveryRow>(text, values)).rows;
      }),

    sums: ({ since_ms, now_ms, platform, device_id }) =>
      transaction(pool, async (query) => {
        const values = [since_ms, now_ms, platform ?? null, device_id ?? null];
        return (await query<DeliverySum>(SUMS, values)).rows;
      }),

    prune: (before_ms) =>
      transaction(pool, async (query) => {
        const text = `
          DELETE FROM deliveries AS d WHERE sent_at_ms < $1 AND NOT EXISTS (
            SELECT FROM broadcasts AS b WHERE b.id = d.broadcast_id AND b.state <> 'finished')`;
        return (await query(text, [before_ms])).count;
      }),
  };
}
