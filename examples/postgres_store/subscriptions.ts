import type { Selection, StoreDriver, SubscriptionRow, TagExpression } from "pushmux/store";
import { type Pool, transaction } from "./database.ts";

type Subscriptions = Pick<StoreDriver, "upsert" | "find" | "findDevice" | "remove" | "page" | "count">;

/** What is written, as a table; `value ? 'x'`: whether x is there at all, or stays as it is. */
const WRITES = `(
  SELECT value, value ->> 'id' AS id, value ->> 'token_hash' AS token_hash, value ->> 'platform' AS platform,
    value ->> 'device_token' AS device_token, value ->> 'user_id' AS user_id,
    value ->> 'device_id' AS device_id, nullif(value -> 'device_info', 'null') AS device_info,
    nullif(value -> 'tags', 'null') AS tags, (value ->> 'expires_at_ms')::bigint AS expires_at_ms,
    value ->> 'key_hash' AS key_hash, (value ->> 'now_ms')::bigint AS now_ms
  FROM jsonb_array_elements($1::jsonb)
) AS w`;

const INSERT = `
  INSERT INTO subscriptions (id, token_hash, platform, device_token, user_id, device_id, device_info, tags,
    expires_at_ms, key_hash, created_at_ms, registered_at_ms, renewed_at_ms)
  SELECT id, token_hash, platform, device_token, user_id, coalesce(device_id, id), device_info, tags,
    expires_at_ms, key_hash, now_ms, now_ms, now_ms
  FROM ${WRITES} ORDER BY token_hash
  ON CONFLICT (token_hash) DO NOTHING RETURNING to_jsonb(token_hash) AS row`;

const UPDATE = `
  UPDATE subscriptions AS s SET
    platform = w.platform,
    device_token = w.device_token,
    user_id = CASE WHEN value ? 'user_id' THEN w.user_id ELSE s.user_id END,
    device_id = CASE WHEN value ? 'device_id' THEN coalesce(w.device_id, s.id) ELSE s.device_id END,
    device_info = CASE WHEN value ? 'device_info' THEN w.device_info ELSE s.device_info END,
    tags = CASE
      WHEN value ? 'tags' THEN w.tags
      WHEN value ? 'user_id' AND w.user_id IS DISTINCT FROM s.user_id THEN NULL
      ELSE s.tags END,
    expires_at_ms = CASE WHEN value ? 'expires_at_ms' THEN w.expires_at_ms ELSE s.expires_at_ms END,
    key_hash = coalesce(w.key_hash, s.key_hash),
    registered_at_ms = CASE
      WHEN w.device_token <> s.device_token
        OR (value ? 'user_id' AND w.user_id IS DISTINCT FROM s.user_id) THEN w.now_ms
      ELSE s.registered_at_ms END,
    renewed_at_ms = w.now_ms,
    failure_count = 0,
    version = s.version + 1
  FROM ${WRITES} WHERE s.token_hash = w.token_hash AND s.token_hash <> ALL ($2)`;

export function subscriptions(pool: Pool): Subscriptions {
  const read = <Row>(text: string, values: unknown[]) =>
    transaction(pool, async (query) => (await query<Row>(text, values)).rows);

  return {
    upsert: (rows, replaces) =>
      transaction(pool, async (query) => {
        if (replaces !== undefined) {
          await query(
            `UPDATE subscriptions SET token_hash = $1 WHERE token_hash = $2
              AND NOT EXISTS (SELECT FROM subscriptions WHERE token_hash = $1)`,
            [rows[0]?.token_hash, replaces],
          );
          await query("DELETE FROM subscriptions WHERE token_hash = $1", [replaces]);
        }
        const writes = JSON.stringify(rows);
        // The new ones first: one that another process is just inserting is waited for, and then updated.
        const inserted = await query<string>(INSERT, [writes]);
        await query(UPDATE, [writes, inserted.rows]);
        const stored = await query<SubscriptionRow>(
          `SELECT to_jsonb(s) AS row FROM unnest($1::text[]) WITH ORDINALITY AS h (token_hash, place)
            JOIN subscriptions AS s USING (token_hash) ORDER BY place`,
          [rows.map(({ token_hash }) => token_hash)],
        );
        return stored.rows;
      }),

    async find(key) {
      const [column, value] = "id" in key ? ["id", key.id] : ["token_hash", key.token_hash];
      const text = `SELECT to_jsonb(s) AS row FROM subscriptions AS s WHERE ${column} = $1`;
      return (await read<SubscriptionRow>(text, [value]))[0];
    },

    findDevice: (device_id) =>
      read<SubscriptionRow>("SELECT to_jsonb(s) AS row FROM subscriptions AS s WHERE device_id = $1", [
        device_id,
      ]),

    remove: (keys) =>
      transaction(pool, async (query) => {
        const text = `
          DELETE FROM subscriptions AS s USING jsonb_to_recordset($1) AS k (token_hash text, version integer)
          WHERE s.token_hash = k.token_hash AND s.version = coalesce(k.version, s.version)`;
        return (await query(text, [JSON.stringify(keys)])).count;
      }),

    page({ selection, after, limit, unsettled_in }) {
      const values: unknown[] = [after ?? "", unsettled_in ?? null, limit];
      const where = conditionsOf(selection, values);
      const text = `
        SELECT to_jsonb(s) AS row FROM subscriptions AS s
        WHERE s.id > $1 AND ${where} AND ($2::text IS NULL OR NOT EXISTS (
          SELECT FROM deliveries AS d
          WHERE d.broadcast_id = $2 AND d.subscription_id = s.id AND d.settled_at_ms IS NOT NULL))
        ORDER BY s.id LIMIT $3`;
      return read<SubscriptionRow>(text, values);
    },

    async count(selection) {
      const values: unknown[] = [];
      const where = conditionsOf(selection, values);
      const text = `SELECT to_jsonb(count(*)) AS row FROM subscriptions AS s WHERE ${where}`;
      return (await read<number>(text, values))[0] ?? 0;
    },
  };
}

/** Its values are added to those that are there. */
function conditionsOf({ tags, user_ids, device_ids, platforms }: Selection, values: unknown[]): string {
  const isOneOf = (column: string, wanted: readonly string[] | undefined) =>
    wanted === undefined ? [] : [`s.${column} = ANY ($${values.push(wanted)})`];
  const conditions = [
    ...isOneOf("user_id", user_ids),
    ...isOneOf("device_id", device_ids),
    ...isOneOf("platform", platforms),
    ...(tags === undefined ? [] : [conditionOf(tags, values)]),
  ];
  return conditions.join(" AND ") || "true";
}

function conditionOf(expression: TagExpression, values: unknown[]): string {
  const all = (parts: readonly TagExpression[]) => parts.map((part) => conditionOf(part, values));
  if ("tag" in expression) return `coalesce(s.tags ? $${values.push(expression.tag)}, false)`;
  if ("not" in expression) return `NOT ${conditionOf(expression.not, values)}`;
  if ("and" in expression) return `(${all(expression.and).join(" AND ")})`;
  return `(${all(expression.or).join(" OR ") || "false"})`;
}
