/**
 * The tables, as the steps from an empty file to what is used now. A step that was released is never changed: a new one
 * is added.
 */
export const MIGRATIONS: readonly (readonly string[])[] = [
  [
    `CREATE TABLE subscriptions (
      id TEXT PRIMARY KEY,
      token_hash TEXT NOT NULL UNIQUE,
      platform TEXT NOT NULL,
      device_token TEXT NOT NULL,
      user_id TEXT,
      device_id TEXT NOT NULL,
      device_info TEXT,
      tags TEXT,
      expires_at_ms INTEGER,
      key_hash TEXT,
      created_at_ms INTEGER NOT NULL,
      registered_at_ms INTEGER NOT NULL,
      renewed_at_ms INTEGER NOT NULL,
      last_success_at_ms INTEGER,
      failure_count INTEGER NOT NULL DEFAULT 0,
      version INTEGER NOT NULL DEFAULT 1
    ) WITHOUT ROWID`,
    "CREATE INDEX subscriptions_user ON subscriptions (user_id) WHERE user_id IS NOT NULL",
    "CREATE INDEX subscriptions_device ON subscriptions (device_id)",
    // `recipient`: the subscription, or, when the token was not stored, its hash.
    `CREATE TABLE deliveries (
      message_id TEXT NOT NULL,
      recipient TEXT NOT NULL,
      token_hash TEXT NOT NULL,
      subscription_id TEXT,
      version INTEGER,
      broadcast_id TEXT,
      platform TEXT NOT NULL,
      device_id TEXT,
      user_id TEXT,
      payload TEXT,
      sent_at_ms INTEGER NOT NULL,
      expires_at_ms INTEGER NOT NULL,
      settled_at_ms INTEGER,
      received_at_ms INTEGER,
      opened_at_ms INTEGER,
      dismissed_at_ms INTEGER,
      service_message_id TEXT,
      status_code INTEGER,
      error_code TEXT,
      reason TEXT,
      PRIMARY KEY (message_id, recipient)
    ) WITHOUT ROWID`,
    "CREATE INDEX deliveries_sent ON deliveries (sent_at_ms)",
    "CREATE INDEX deliveries_subscription ON deliveries (subscription_id, sent_at_ms)",
    "CREATE INDEX deliveries_device ON deliveries (device_id, sent_at_ms)",
    `CREATE INDEX deliveries_broadcast ON deliveries (broadcast_id, subscription_id)
      WHERE broadcast_id IS NOT NULL`,
    `CREATE TABLE broadcasts (
      id TEXT PRIMARY KEY,
      title TEXT,
      segment TEXT NOT NULL,
      payload TEXT,
      state TEXT NOT NULL DEFAULT 'created',
      run TEXT,
      total INTEGER NOT NULL DEFAULT 0,
      removed INTEGER NOT NULL DEFAULT 0,
      delivered INTEGER NOT NULL DEFAULT 0,
      opened INTEGER NOT NULL DEFAULT 0,
      dismissed INTEGER NOT NULL DEFAULT 0,
      created_at_ms INTEGER NOT NULL,
      started_at_ms INTEGER,
      finished_at_ms INTEGER
    ) WITHOUT ROWID`,
    `CREATE TABLE outcomes (
      broadcast_id TEXT NOT NULL,
      error_code TEXT NOT NULL,
      count INTEGER NOT NULL,
      PRIMARY KEY (broadcast_id, error_code)
    ) WITHOUT ROWID`,
  ],
];
