import { createStore } from "./create_store.js";
import type {
  BroadcastRow,
  BroadcastWrite,
  EndBroadcastWrite,
  PageQuery,
  Selection,
  StoreDriver,
  SubscriptionRow,
  SubscriptionWrite,
} from "./driver.js";
import { MemoryLog } from "./memory_log.js";
import type { StoreOptions, SubscriptionStore } from "./store.js";
import { matchesTags } from "./tags.js";

/**
 * A store in memory, for tests and first steps: it does all that the others do and forgets it with the process. Reading the
 * delivery log looks through all of it; `prune` keeps it small.
 */
export function openMemoryStore(options: StoreOptions = {}): SubscriptionStore {
  return createStore(new MemoryDriver(), options);
}

class MemoryDriver extends MemoryLog implements StoreDriver {
  readonly #by_id = new Map<string, SubscriptionRow>();
  readonly #by_hash = new Map<string, SubscriptionRow>();
  /** Ascending. */
  readonly #ids: string[] = [];
  readonly #broadcasts = new Map<string, BroadcastRow & { run: string | null }>();

  async upsert(rows: readonly SubscriptionWrite[], replaces?: string): Promise<SubscriptionRow[]> {
    const replaced = this.#by_hash.get(replaces ?? "");
    if (replaced && rows[0]) this.#readdress(replaced, rows[0].token_hash);
    return rows.map((write) => {
      const old = this.#by_hash.get(write.token_hash);
      const row = old ? renewed(old, write) : inserted(write);
      if (!old) this.#ids.splice(this.#indexAfter(row.id), 0, row.id);
      this.#by_id.set(row.id, row);
      this.#by_hash.set(row.token_hash, row);
      return structuredClone(row);
    });
  }

  async find(key: { token_hash: string } | { id: string }): Promise<SubscriptionRow | undefined> {
    return structuredClone("id" in key ? this.#by_id.get(key.id) : this.#by_hash.get(key.token_hash));
  }

  async findDevice(device_id: string): Promise<SubscriptionRow[]> {
    const rows = [...this.#by_id.values()].filter((row) => row.device_id === device_id);
    return structuredClone(rows);
  }

  async remove(keys: readonly { token_hash: string; version: number | null }[]): Promise<number> {
    return keys.filter(({ token_hash, version }) => this.removeIf(this.#by_hash.get(token_hash), version))
      .length;
  }

  async page({ selection, after, limit, unsettled_in }: PageQuery): Promise<SubscriptionRow[]> {
    const rows: SubscriptionRow[] = [];
    for (let i = after === undefined ? 0 : this.#indexAfter(after); i < this.#ids.length; i++) {
      const row = this.#by_id.get(this.#ids[i] ?? "");
      if (!row || !isIn(selection, row)) continue;
      if (unsettled_in !== undefined && this.isSettled(unsettled_in, row.id)) continue;
      rows.push(structuredClone(row));
      if (rows.length === limit) break;
    }
    return rows;
  }

  async count(selection: Selection): Promise<number> {
    let count = 0;
    for (const row of this.#by_id.values()) if (isIn(selection, row)) count++;
    return count;
  }

  async createBroadcast({ id, title, segment, payload, now_ms }: BroadcastWrite): Promise<void> {
    if (this.#broadcasts.has(id)) return;
    const counts = { total: 0, removed: 0, delivered: 0, opened: 0, dismissed: 0, outcomes: {} };
    const times = { created_at_ms: now_ms, started_at_ms: null, finished_at_ms: null };
    const own = { id, title, payload, segment: structuredClone(segment) };
    this.#broadcasts.set(id, { ...own, ...counts, ...times, state: "created", run: null });
  }

  async broadcasts(query: { id: string } | { before: string | undefined; limit: number }) {
    const all = [...this.#broadcasts.values()].sort((a, b) => (a.id < b.id ? 1 : -1));
    const found =
      "id" in query
        ? all.filter(({ id }) => id === query.id)
        : all.filter(({ id }) => query.before === undefined || id < query.before).slice(0, query.limit);
    return found.map(({ run: _run, ...row }) => structuredClone(row));
  }

  async startBroadcast({
    id,
    run,
    total,
    now_ms,
  }: {
    id: string;
    run: string;
    total: number;
    now_ms: number;
  }) {
    const row = this.#broadcasts.get(id);
    if (!row || row.state === "finished") return false;
    const started_at_ms = row.started_at_ms ?? now_ms;
    Object.assign(row, { state: "running", run, total, started_at_ms } satisfies Partial<typeof row>);
    this.settleAcknowledged(id, now_ms);
    return true;
  }

  async endBroadcast({ id, run, state, drop_payload, now_ms }: EndBroadcastWrite): Promise<void> {
    const row = this.#broadcasts.get(id);
    if (!row || row.run !== run) return;
    row.state = state;
    row.run = null;
    if (state === "finished") row.finished_at_ms = now_ms;
    if (drop_payload) row.payload = null;
  }

  async close(): Promise<void> {}

  protected override subscription(token_hash: string) {
    return this.#by_hash.get(token_hash);
  }

  protected override subscriptionById(id: string) {
    return this.#by_id.get(id);
  }

  protected override broadcast(id: string) {
    return this.#broadcasts.get(id);
  }

  protected override removeIf(row: SubscriptionRow | undefined, version: number | null): boolean {
    if (!row || (version !== null && row.version !== version)) return false;
    this.#by_id.delete(row.id);
    this.#by_hash.delete(row.token_hash);
    this.#ids.splice(this.#indexAfter(row.id) - 1, 1);
    return true;
  }

  #readdress(row: SubscriptionRow, token_hash: string): void {
    if (this.#by_hash.has(token_hash)) {
      this.removeIf(row, null);
      return;
    }
    this.#by_hash.delete(row.token_hash);
    row.token_hash = token_hash;
    this.#by_hash.set(token_hash, row);
  }

  /** Where the first id above this one stands, or would stand. */
  #indexAfter(id: string): number {
    let low = 0;
    let high = this.#ids.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#ids[middle] ?? "") <= id) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function inserted(write: SubscriptionWrite): SubscriptionRow {
  const { now_ms, ...given } = structuredClone(write);
  return {
    ...given,
    user_id: given.user_id ?? null,
    device_id: given.device_id ?? given.id,
    device_info: given.device_info ?? null,
    tags: given.tags ? [...given.tags] : null,
    expires_at_ms: given.expires_at_ms ?? null,
    key_hash: given.key_hash ?? null,
    created_at_ms: now_ms,
    registered_at_ms: now_ms,
    renewed_at_ms: now_ms,
    last_success_at_ms: null,
    failure_count: 0,
    version: 1,
  };
}

function renewed(old: SubscriptionRow, write: SubscriptionWrite): SubscriptionRow {
  const { id: _new, now_ms, tags, ...given } = structuredClone(write);
  const row = { ...old, renewed_at_ms: now_ms, failure_count: 0, version: old.version + 1 };
  const has_new_owner = given.user_id !== undefined && given.user_id !== old.user_id;
  if (has_new_owner || given.device_token !== old.device_token) row.registered_at_ms = now_ms;
  if (tags !== undefined) row.tags = tags && [...tags];
  else if (has_new_owner) row.tags = null;
  const said = Object.entries(given).filter(([, value]) => value !== undefined);
  Object.assign(row, Object.fromEntries(said));
  row.device_id ??= row.id;
  return row;
}

function isIn({ tags, user_ids, device_ids, platforms }: Selection, row: SubscriptionRow): boolean {
  return (
    (tags === undefined || matchesTags(tags, row.tags ?? [])) &&
    (user_ids === undefined || (row.user_id !== null && user_ids.includes(row.user_id))) &&
    (device_ids === undefined || device_ids.includes(row.device_id)) &&
    (platforms === undefined || platforms.includes(row.platform))
  );
}
