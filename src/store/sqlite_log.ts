import type { DeliveryRow, DeliverySum, StoreDriver } from "./driver.js";
import type { SqliteDatabase, Statement } from "./sqlite_database.js";

type Log = Pick<StoreDriver, "begin" | "settle" | "acknowledge" | "deliveries" | "sums" | "prune">;

const BEGIN = `
  INSERT INTO deliveries (message_id, recipient, token_hash, subscription_id, version, broadcast_id, platform,
    device_id, user_id, payload, sent_at_ms, expires_at_ms)
  SELECT w.value ->> 'message_id', coalesce(s.id, w.value ->> 'token_hash'), w.value ->> 'token_hash', s.id,
    s.version, :broadcast, w.value ->> 'platform', s.device_id, s.user_id, w.value ->> 'payload',
    w.value ->> 'sent_at_ms', w.value ->> 'expires_at_ms'
  FROM json_each(:rows) AS w LEFT JOIN subscriptions AS s ON s.token_hash = w.value ->> 'token_hash'
  WHERE :broadcast IS NULL OR EXISTS (SELECT 1 FROM broadcasts WHERE id = :broadcast AND run = :run)
  ON CONFLICT (message_id, recipient) DO UPDATE SET
    token_hash = excluded.token_hash, version = excluded.version, payload = excluded.payload,
    sent_at_ms = excluded.sent_at_ms, expires_at_ms = excluded.expires_at_ms
  WHERE settled_at_ms IS NULL`;

/** Results, with the deliveries that still wait for them. */
const SETTLED = `(
  SELECT d.message_id, d.recipient, d.broadcast_id, d.subscription_id, d.version,
    w.value ->> 'error_code' AS error_code, w.value ->> 'reason' AS reason, w.value ->> 'remove' AS remove,
    w.value ->> 'service_message_id' AS service_message_id, w.value ->> 'status_code' AS status_code,
    w.value ->> 'sent_at_ms' AS sent_at_ms, w.value ->> 'settled_at_ms' AS settled_at_ms
  FROM json_each(:rows) AS w CROSS JOIN deliveries AS d
    ON d.message_id = w.value ->> 'message_id' AND d.token_hash = w.value ->> 'token_hash'
  WHERE d.settled_at_ms IS NULL
)`;

const COUNT_OUTCOMES = `
  INSERT INTO outcomes (broadcast_id, error_code, count)
  SELECT broadcast_id, coalesce(error_code, ''), count(*) FROM ${SETTLED}
  WHERE broadcast_id IS NOT NULL GROUP BY 1, 2
  ON CONFLICT (broadcast_id, error_code) DO UPDATE SET count = outcomes.count + excluded.count`;

const COUNT_FAILURES = `
  UPDATE subscriptions AS s SET
    last_success_at_ms = coalesce(w.succeeded_at_ms, s.last_success_at_ms),
    failure_count = iif(w.succeeded_at_ms IS NULL, s.failure_count + w.failures, 0)
  FROM (
    SELECT subscription_id, max(iif(error_code IS NULL, settled_at_ms, NULL)) AS succeeded_at_ms,
      count(error_code) AS failures
    FROM ${SETTLED} GROUP BY subscription_id
  ) AS w WHERE s.id = w.subscription_id`;

const GONE = `
  FROM ${SETTLED} AS w JOIN subscriptions AS s ON s.id = w.subscription_id AND s.version = w.version
  WHERE w.remove`;

const COUNT_REMOVED = `
  UPDATE broadcasts AS b SET removed = b.removed + w.removed
  FROM (SELECT w.broadcast_id, count(*) AS removed ${GONE} GROUP BY 1) AS w WHERE b.id = w.broadcast_id`;

const REMOVE = `DELETE FROM subscriptions WHERE id IN (SELECT s.id ${GONE})`;

const SETTLE = `
  UPDATE deliveries AS d SET
    settled_at_ms = w.settled_at_ms,
    service_message_id = w.service_message_id,
    status_code = w.status_code,
    error_code = coalesce(d.error_code, w.error_code),
    reason = coalesce(d.reason, w.reason),
    sent_at_ms = min(coalesce(d.received_at_ms, w.sent_at_ms), max(d.sent_at_ms, w.sent_at_ms))
  FROM ${SETTLED} AS w WHERE d.message_id = w.message_id AND d.recipient = w.recipient`;

/** Looked up by message (`+` keeps the other index out): a device may have had thousands. */
const OWN = "message_id = :message_id AND +device_id = :device_id";

/** What an acknowledgement says for the first time. */
const NEWS = `
  SELECT broadcast_id,
    sum(received_at_ms IS NULL AND :received_at_ms IS NOT NULL) AS delivered,
    sum(opened_at_ms IS NULL AND :opened_at_ms IS NOT NULL) AS opened,
    sum(dismissed_at_ms IS NULL AND :dismissed_at_ms IS NOT NULL) AS dismissed
  FROM deliveries WHERE ${OWN} GROUP BY broadcast_id`;

const COUNT_NEWS = `
  UPDATE broadcasts AS b SET delivered = b.delivered + n.delivered, opened = b.opened + n.opened,
    dismissed = b.dismissed + n.dismissed
  FROM (${NEWS}) AS n WHERE b.id = n.broadcast_id`;

const ACKNOWLEDGE = `
  UPDATE deliveries SET
    error_code = coalesce(error_code, iif(received_at_ms IS NULL, :error_code, NULL)),
    reason = coalesce(reason, iif(received_at_ms IS NULL, :reason, NULL)),
    received_at_ms = coalesce(received_at_ms, max(sent_at_ms, :received_at_ms)),
    opened_at_ms = coalesce(opened_at_ms, :opened_at_ms),
    dismissed_at_ms = coalesce(dismissed_at_ms, :dismissed_at_ms)
  WHERE ${OWN}`;

const SUMS = `
  SELECT platform, status, iif(status = 'failed', error_code, NULL) AS error_code, count(*) AS count,
    count(opened_at_ms) AS opened, count(dismissed_at_ms) AS dismissed,
    coalesce(sum(received_at_ms - sent_at_ms), 0) AS latency_ms
  FROM (
    SELECT *, CASE
      WHEN received_at_ms IS NOT NULL THEN 'delivered'
      WHEN error_code IS NOT NULL THEN 'failed'
      WHEN expires_at_ms <= :now_ms THEN 'expired'
      ELSE 'sent' END AS status
    FROM deliveries
    WHERE sent_at_ms >= :since_ms
      AND coalesce(settled_at_ms, received_at_ms, error_code) IS NOT NULL
      AND (:platform IS NULL OR platform = :platform)
      AND (:device_id IS NULL OR device_id = :device_id)
  ) GROUP BY 1, 2, 3`;

export function sqliteLog(database: SqliteDatabase): Log {
  return {
    async begin(rows, broadcast) {
      const { id = null, run = null } = broadcast ?? {};
      const [, still] = await database.write(
        { sql: BEGIN, args: { rows, broadcast: id, run } },
        { sql: "SELECT 1 FROM broadcasts WHERE id = :id AND run = :run", args: { id, run } },
      );
      return broadcast === undefined || still?.rows.length === 1;
    },

    async settle(rows) {
      const gone = rows.filter(({ remove }) => remove);
      const [, removed] = await database.write(
        { sql: COUNT_REMOVED, args: { rows: gone } },
        { sql: REMOVE, args: { rows: gone } },
        { sql: COUNT_OUTCOMES, args: { rows } },
        { sql: COUNT_FAILURES, args: { rows } },
        { sql: SETTLE, args: { rows } },
      );
      return removed?.changed ?? 0;
    },

    async acknowledge({ error_code, reason, ...said }) {
      const [, acknowledged] = await database.write(
        { sql: COUNT_NEWS, args: { ...said } },
        { sql: ACKNOWLEDGE, args: { ...said, error_code, reason } },
      );
      return (acknowledged?.changed ?? 0) > 0;
    },

    async deliveries({ limit, pending_at_ms, since_ms, ...wanted }) {
      const columns = Object.entries(wanted).filter(([, value]) => value !== undefined);
      const pending = `d.settled_at_ms IS NOT NULL AND d.error_code IS NULL AND d.received_at_ms IS NULL
        AND d.expires_at_ms > :pending_at_ms`;
      const conditions = [
        ...columns.map(([column]) => `d.${column} = :${column}`),
        ...(since_ms === undefined ? [] : ["d.sent_at_ms >= :since_ms"]),
        ...(pending_at_ms === undefined ? [] : [pending]),
      ];
      const direction = pending_at_ms === undefined ? "DESC" : "ASC";
      const sql = `
        SELECT d.message_id, d.subscription_id, d.broadcast_id, d.platform, d.device_id, d.user_id,
          d.sent_at_ms, d.expires_at_ms, d.settled_at_ms, d.received_at_ms, d.opened_at_ms,
          d.dismissed_at_ms, d.service_message_id, d.status_code, d.error_code, d.reason,
          coalesce(d.payload, b.payload) AS payload
        FROM deliveries AS d LEFT JOIN broadcasts AS b ON b.id = d.broadcast_id
        WHERE ${conditions.join(" AND ") || "true"}
        ORDER BY d.sent_at_ms ${direction}, d.message_id ${direction}, d.recipient ${direction} LIMIT :limit`;
      const args = { ...Object.fromEntries(columns), since_ms, pending_at_ms, limit };
      return (await database.read({ sql, args: onlyNamed(sql, args) })) as unknown as DeliveryRow[];
    },

    async sums({ since_ms, now_ms, platform, device_id }) {
      const rows = await database.read({ sql: SUMS, args: { since_ms, now_ms, platform, device_id } });
      return rows as unknown as DeliverySum[];
    },

    async prune(before_ms) {
      const sql = `
        DELETE FROM deliveries WHERE sent_at_ms < :before_ms AND NOT EXISTS (
          SELECT 1 FROM broadcasts AS b WHERE b.id = broadcast_id AND b.state <> 'finished')`;
      const [result] = await database.write({ sql, args: { before_ms } });
      return result?.changed ?? 0;
    },
  };
}

/** The client refuses arguments that the statement does not name. */
function onlyNamed(sql: string, args: Statement["args"]): Statement["args"] {
  return Object.fromEntries(Object.entries(args).filter(([name]) => sql.includes(`:${name}`)));
}
