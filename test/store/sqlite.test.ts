import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { createClient } from "@libsql/client";
import { afterAll, describe, expect, it } from "vitest";
import { getPushProvider } from "../../src/index.js";
import { openMemoryStore, openSqliteStore } from "../../src/store/index.js";
import { SqliteDatabase } from "../../src/store/sqlite_database.js";

const place = mkdtempSync(join(tmpdir(), "pushmux-sqlite-"));
afterAll(() => rmSync(place, { recursive: true, force: true }));

const browser = (number: number) => ({
  platform: "web_push",
  device_token: {
    endpoint: `https://push.example.org/secret/${number}`,
    keys: { p256dh: "p", auth: "secret" },
  },
});

describe("a SQLite file", () => {
  it("keeps everything over closing and opening, whatever its name is", async () => {
    const path = join(place, "with space, ü #1 ?x=%41.db");
    const first = await openSqliteStore({ path });
    const { subscription, device_key } = await first.subscribe({ ...browser(1), tags: ["a"] });
    const { id } = await first.createBroadcast({ payload: { title: "Hello" } });
    await first.begin([{ ...browser(1), message_id: "m1", payload: { title: "Hello" } }]);
    await first.close();
    expect(existsSync(path)).toBe(true);
    const second = await openSqliteStore({ path });
    expect(await second.get({ id: subscription.id })).toEqual(subscription);
    expect(await second.pending({ device_id: subscription.id, device_key })).toEqual([]);
    expect((await second.deliveries()).map(({ message_id }) => message_id)).toEqual(["m1"]);
    expect((await second.getBroadcast(id))?.title).toBe("Hello");
    await second.close();
  });

  it("is readable for its owner only, with the files beside it; the device's key is not in it", async () => {
    const path = join(place, "private.db");
    const store = await openSqliteStore({ path });
    const { device_key } = await store.subscribe(browser(1));
    const files = [path, `${path}-wal`, `${path}-shm`];
    expect(files.map((file) => (statSync(file).mode & 0o777).toString(8))).toEqual(["600", "600", "600"]);
    const bytes = files.map((file) => readFileSync(file, "latin1")).join("");
    expect(bytes).toContain("push.example.org");
    expect(bytes).not.toContain(device_key);
    await store.close();
  });

  it("takes halves of surrogate pairs in any text, and writes the mark for them", async () => {
    const store = await openSqliteStore({ path: ":memory:" });
    const half = "\ud800";
    const { subscription } = await store.subscribe({
      ...browser(1),
      user_id: `u${half}`,
      device_info: { [`a${half}`]: `b${half}${half}`, kept: "\\ud800 😀" },
    });
    expect(subscription).toMatchObject({
      user_id: "u\ufffd",
      device_info: { "a\ufffd": "b\ufffd\ufffd", kept: "\\ud800 😀" },
    });
    await store.begin([{ ...browser(1), message_id: "m1", payload: { title: half } }]);
    const push = await getPushProvider("simulation", {
      outcomes: { a: { error_code: "UNREGISTERED", reason: half } },
    });
    const result = await push.sendNotification("a", { title: "Hello" });
    await push.close();
    const { device_token } = browser(1);
    await store.settle([{ ...result, platform: "web_push", device_token, message_id: "m1" }]);
    expect(await store.deliveries()).toMatchObject([
      { message_id: "m1", reason: "\ufffd", error_code: "UNREGISTERED" },
    ]);
    await store.close();
  });

  it("is shared by two that have it open: each sees what the other wrote", async () => {
    const path = join(place, "shared.db");
    const [one, two] = await Promise.all([openSqliteStore({ path }), openSqliteStore({ path })]);
    await Promise.all(
      Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? one : two).upsert([browser(i), browser(i + 1)])),
    );
    expect([await one.count(), await two.count()]).toEqual([41, 41]);
    const { id } = await one.createBroadcast({ payload: { title: "Hello" } });
    const earlier = await one.startBroadcast(id);
    const later = await two.startBroadcast(id);
    expect(await one.begin([], { id, run: earlier?.run ?? "" })).toBe(false);
    expect(await one.begin([], { id, run: later?.run ?? "" })).toBe(true);
    await Promise.all([one.close(), two.close()]);
  });

  it("5.2.a1 of an earlier version gets our tables once, also when two open it at once, and keeps what is in it", async () => {
    const path = join(place, "earlier.db");
    const client = createClient({ url: `file:${path}` });
    await client.batch(["CREATE TABLE theirs (name TEXT)", "INSERT INTO theirs VALUES ('kept')"], "write");
    const stores = await Promise.all([openSqliteStore({ path }), openSqliteStore({ path })]);
    await Promise.all(stores.map((store, i) => store.upsert([browser(i)])));
    expect(await stores[0]?.count()).toBe(2);
    expect((await client.execute("SELECT name FROM theirs")).rows[0]?.name).toBe("kept");
    expect((await client.execute("PRAGMA user_version")).rows[0]?.user_version).toBe(1);
    await Promise.all(stores.map((store) => store.close()));
    client.close();
  });

  it("of a later version is refused, and left as it is", async () => {
    const path = join(place, "later.db");
    await (await openSqliteStore({ path })).close();
    const client = createClient({ url: `file:${path}` });
    const version = async () => (await client.execute("PRAGMA user_version")).rows[0]?.user_version;
    expect(await version()).toBe(1);
    await client.execute("PRAGMA user_version = 99");
    await expect(openSqliteStore({ path })).rejects.toMatchObject({
      ...{ code: "CONFIG_INVALID", message: expect.stringContaining("later version") },
    });
    expect(await version()).toBe(99);
    client.close();
  });

  it("that cannot be opened says so: no database, no folder", async () => {
    const path = join(place, "text.db");
    writeFileSync(
      path,
      "this is no database, it is only a text that is long enough to have a header ".repeat(20),
    );
    for (const wrong of [path, join(place, "no folder", "a.db"), place]) {
      await expect(openSqliteStore({ path: wrong })).rejects.toMatchObject({
        ...{ code: "CONFIG_INVALID", message: expect.stringMatching(/^path: /), cause: expect.any(Error) },
      });
    }
  });

  it("without its package is PEER_MISSING, with the line that installs it", async () => {
    const missing = Object.assign(new Error("Cannot find package '@libsql/client' imported from a.js"), {
      code: "ERR_MODULE_NOT_FOUND",
    });
    await expect(SqliteDatabase.open(":memory:", () => Promise.reject(missing))).rejects.toMatchObject({
      ...{ code: "PEER_MISSING", message: "npm install @libsql/client", cause: missing },
    });
    const other = Object.assign(new Error("Cannot find package 'libsql'"), { code: "ERR_MODULE_NOT_FOUND" });
    await expect(SqliteDatabase.open(":memory:", () => Promise.reject(other))).rejects.toBe(other);
  });

  it("takes many at once, and does not slow down with what is there", { timeout: 120_000 }, async () => {
    const store = await openSqliteStore({ path: join(place, "many.db") });
    const cpu_ms: number[] = [];
    for (let i = 0; i < 20; i++) {
      const started = process.cpuUsage();
      await store.upsert(Array.from({ length: 1000 }, (_, n) => browser(1000 * i + n)));
      const { user, system } = process.cpuUsage(started);
      cpu_ms.push((user + system) / 1000);
    }
    const sum = (part: number[]) => part.reduce((all, one) => all + one, 0);
    expect(sum(cpu_ms.slice(-5))).toBeLessThan(4 * sum(cpu_ms.slice(0, 5)));
    // A thousand in well under a second, also on a busy machine.
    expect(Math.min(...cpu_ms)).toBeLessThan(500);
    let count = 0;
    for (let after: string | undefined; ; ) {
      const page = await store.page({ after, limit: 1000 });
      count += page.length;
      after = page.at(-1)?.id;
      if (!after) break;
    }
    expect(count).toBe(20_000);
    await store.close();
  });
});

describe("secrets", () => {
  const subscription = { ...browser(1), user_id: "ana", device_info: { name: "secret" } };

  it.each([
    { name: "memory", open: async () => openMemoryStore() },
    { name: "SQLite", open: () => openSqliteStore({ path: ":memory:" }) },
  ])("are not shown when a store is printed: $name", async ({ open }) => {
    const store = await open();
    const { device_key } = await store.subscribe(subscription);
    await store.begin([{ ...browser(1), message_id: "m1", payload: { title: "secret" } }]);
    const shown = [
      inspect(store, { depth: 20, showHidden: true }),
      JSON.stringify(store),
      String(store),
    ].join();
    expect(shown).not.toMatch(/secret|push\.example/);
    expect(shown).not.toContain(device_key);
    await store.close();
  });

  it("are not in the errors of the database", async () => {
    const path = join(place, "broken.db");
    const store = await openSqliteStore({ path });
    await store.subscribe(subscription);
    const client = createClient({ url: `file:${path}` });
    await client.execute("DROP TABLE deliveries");
    await client.execute("DROP TABLE subscriptions");
    client.close();
    const calls = [
      () => store.subscribe(subscription),
      () => store.begin([{ ...browser(1), message_id: "m1", payload: { title: "secret" } }]),
      () => store.pending({ device_id: "secret", device_key: "secret" }),
      () => store.get(browser(1)),
    ];
    for (const call of calls) {
      const error: unknown = await call().then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(Error);
      expect(inspect(error, { depth: 20, showHidden: true })).not.toMatch(/secret|push\.example/);
    }
    await store.close();
  });
});
