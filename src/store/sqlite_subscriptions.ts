import type { Selection, StoreDriver, SubscriptionRow } from "./driver.js";
import type { Arguments, RawRow, SqliteDatabase } from "./sqlite_database.js";
import type { TagExpression } from "./tags.js";

type Subscriptions = Pick<StoreDriver, "upsert" | "find" | "findDevice" | "remove" | "page" | "count">;

/** What is written, as a table; `says_`: whether the field is there at all, or stays as it is. */
const WRITES = `(
  SELECT key,
    value ->> 'id' AS id, value ->> 'token_hash' AS token_hash, value ->> 'platform' AS platform,
    value ->> 'device_token' AS device_token, value ->> 'user_id' AS user_id,
    value ->> 'device_id' AS device_id, value ->> 'device_info' AS device_info, value ->> 'tags' AS tags,
    value ->> 'expires_at_ms' AS expires_at_ms, value ->> 'key_hash' AS key_hash,
    value ->> 'now_ms' AS now_ms,
    json_type(value, '$.user_id') IS NOT NULL AS says_user_id,
    json_type(value, '$.device_id') IS NOT NULL AS says_device_id,
    json_type(value, '$.device_info') IS NOT NULL AS says_device_info,
    json_type(value, '$.tags') IS NOT NULL AS says_tags,
    json_type(value, '$.expires_at_ms') IS NOT NULL AS says_expires_at_ms
  FROM json_each(:rows)
) AS w`;

const READDRESS = `
  UPDATE subscriptions SET token_hash = :token_hash
  WHERE token_hash = :replaces AND NOT EXISTS (SELECT 1 FROM subscriptions WHERE token_hash = :token_hash)`;

const UPDATE = `
  UPDATE subscriptions AS s SET
    platform = w.platform,
    device_token = w.device_token,
    user_id = iif(w.says_user_id, w.user_id, s.user_id),
    device_id = iif(w.says_device_id, coalesce(w.device_id, s.id), s.device_id),
    device_info = iif(w.says_device_info, w.device_info, s.device_info),
    tags = CASE
      WHEN w.says_tags THEN w.tags
      WHEN w.says_user_id AND w.user_id IS NOT s.user_id THEN NULL
      ELSE s.tags END,
    expires_at_ms = iif(w.says_expires_at_ms, w.expires_at_ms, s.expires_at_ms),
    key_hash = coalesce(w.key_hash, s.key_hash),
    registered_at_ms = iif(
      w.device_token <> s.device_token OR (w.says_user_id AND w.user_id IS NOT s.user_id),
      w.now_ms, s.registered_at_ms),
    renewed_at_ms = w.now_ms,
    failure_count = 0,
    version = s.version + 1
  FROM ${WRITES} WHERE s.token_hash = w.token_hash`;

const INSERT = `
  INSERT INTO subscriptions (id, token_hash, platform, device_token, user_id, device_id, device_info, tags,
    expires_at_ms, key_hash, created_at_ms, registered_at_ms, renewed_at_ms)
  SELECT id, token_hash, platform, device_token, user_id, coalesce(device_id, id), device_info, tags,
    expires_at_ms, key_hash, now_ms, now_ms, now_ms
  FROM ${WRITES} WHERE true ON CONFLICT (token_hash) DO NOTHING`;

export function sqliteSubscriptions(database: SqliteDatabase): Subscriptions {
  return {
    async upsert(rows, replaces) {
      const token_hash = rows[0]?.token_hash;
      const replacing = [
        { sql: READDRESS, args: { token_hash, replaces } },
        { sql: "DELETE FROM subscriptions WHERE token_hash = :replaces", args: { replaces } },
      ];
      const results = await database.write(
        ...(replaces === undefined ? [] : replacing),
        { sql: UPDATE, args: { rows } },
        { sql: INSERT, args: { rows } },
        {
          sql: `SELECT s.* FROM json_each(:hashes) AS h JOIN subscriptions AS s ON s.token_hash = h.value ORDER BY h.key`,
          args: { hashes: rows.map((row) => row.token_hash) },
        },
      );
      return (results.at(-1)?.rows ?? []).map(toRow);
    },

    async find(key) {
      const [column, value] = "id" in key ? ["id", key.id] : ["token_hash", key.token_hash];
      const rows = await database.read({
        sql: `SELECT * FROM subscriptions WHERE ${column} = :value`,
        args: { value },
      });
      return rows.map(toRow)[0];
    },

    async findDevice(device_id) {
      const sql = "SELECT * FROM subscriptions WHERE device_id = :device_id";
      return (await database.read({ sql, args: { device_id } })).map(toRow);
    },

    async remove(keys) {
      const sql = `
        DELETE FROM subscriptions WHERE id IN (
          SELECT s.id FROM json_each(:keys) AS k CROSS JOIN subscriptions AS s
            ON s.token_hash = k.value ->> 'token_hash'
          WHERE s.version = coalesce(k.value ->> 'version', s.version))`;
      const [result] = await database.write({ sql, args: { keys } });
      return result?.changed ?? 0;
    },

    async page({ selection, after, limit, unsettled_in }) {
      const { where, args } = whereOf(selection);
      const sql = `
        SELECT s.* FROM subscriptions AS s
        WHERE s.id > :after AND ${where}
          AND (:unsettled_in IS NULL OR NOT EXISTS (
            SELECT 1 FROM deliveries AS d WHERE d.broadcast_id = :unsettled_in
              AND d.subscription_id = s.id AND d.settled_at_ms IS NOT NULL))
        ORDER BY s.id LIMIT :limit`;
      return (await database.read({ sql, args: { ...args, after: after ?? "", limit, unsettled_in } })).map(
        toRow,
      );
    },

    async count(selection) {
      const { where, args } = whereOf(selection);
      const sql = `SELECT count(*) AS count FROM subscriptions AS s WHERE ${where}`;
      const [row] = await database.read({ sql, args });
      return Number(row?.count);
    },
  };
}

function whereOf({ tags, user_ids, device_ids, platforms }: Selection): { where: string; args: Arguments } {
  const args: Arguments = {};
  const name = (value: string | readonly string[]) => {
    const key = `p${Object.keys(args).length}`;
    args[key] = value;
    return `:${key}`;
  };
  const isOneOf = (column: string, values: readonly string[] | undefined) =>
    values === undefined ? [] : [`s.${column} IN (SELECT value FROM json_each(${name(values)}))`];
  const conditions = [
    ...isOneOf("user_id", user_ids),
    ...isOneOf("device_id", device_ids),
    ...isOneOf("platform", platforms),
    ...(tags === undefined ? [] : [conditionOf(tags, name)]),
  ];
  return { where: conditions.join(" AND ") || "true", args };
}

function conditionOf(expression: TagExpression, name: (value: string) => string): string {
  const all = (parts: readonly TagExpression[]) => parts.map((part) => conditionOf(part, name));
  if ("tag" in expression)
    return `EXISTS (SELECT 1 FROM json_each(s.tags) WHERE value = ${name(expression.tag)})`;
  if ("not" in expression) return `NOT ${conditionOf(expression.not, name)}`;
  if ("and" in expression) return `(${all(expression.and).join(" AND ")})`;
  return `(${all(expression.or).join(" OR ") || "false"})`;
}

function toRow(raw: RawRow): SubscriptionRow {
  const json = (value: unknown) => (typeof value === "string" ? JSON.parse(value) : null);
  return { ...raw, device_info: json(raw.device_info), tags: json(raw.tags) } as unknown as SubscriptionRow;
}
