import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { storeConformance } from "../../src/store/conformance.js";
import { openMemoryStore, openSqliteStore } from "../../src/store/index.js";

const place = mkdtempSync(join(tmpdir(), "pushmux-store-"));
afterAll(() => rmSync(place, { recursive: true, force: true }));
let files = 0;

/** The rows of older systems that a promise proves: they head its title. */
const ROWS: Readonly<Record<string, string>> = {
  "a subscription comes back as it was given": "H2 3.1.subscribe 5.2.b2 5.3.4",
  "one endpoint is one subscription": "5.2.b4 5.2.weak",
  "tokens of all platforms live side by side": "1.15",
  "subscribing again moves a subscription": "5.2.a3",
  "a delivery is sending, then sent": "1.15",
  "acknowledging is idempotent": "H3 3.1.ack",
  "a device's clock may be wrong": "H3",
  "what is not acknowledged in its time is expired": "1.15",
  "a token that its service calls gone": "5.2.weak",
  "a device sees what is pending": "3.1.pending",
  "the log is read newest first": "3.1.push_logs",
  "statistics of the last days": "1.15 3.1.statistics",
};

const STORES = [
  { name: "memory", open: async (options: object) => openMemoryStore(options) },
  { name: "SQLite in memory", open: (options: object) => openSqliteStore({ ...options, path: ":memory:" }) },
  {
    name: "SQLite in a file",
    open: (options: object) => openSqliteStore({ ...options, path: join(place, `${files++}.db`) }),
  },
];

describe.each(STORES)("the store: $name", ({ open }) => {
  for (const { title, run } of storeConformance(open)) {
    const rows = Object.entries(ROWS).find(([start]) => title.startsWith(start))?.[1];
    it(rows ? `${rows} ${title}` : title, run);
  }
});

it("every row is claimed by a promise that is there", () => {
  const titles = storeConformance(async () => openMemoryStore()).map(({ title }) => title);
  const gone = Object.keys(ROWS).filter((start) => !titles.some((title) => title.startsWith(start)));
  expect(gone).toEqual([]);
});

describe("the suite notices", () => {
  const failing = async (broken: (store: ReturnType<typeof openMemoryStore>) => void) => {
    const checks = storeConformance(async (options) => {
      const store = openMemoryStore(options);
      broken(store);
      return store;
    });
    const outcomes = await Promise.allSettled(checks.map(({ run }) => run()));
    return checks.filter((_check, i) => outcomes[i]?.status === "rejected").map(({ title }) => title);
  };

  it.each([
    ["nothing", () => {}, 0],
    [
      "a store that forgets what it was told",
      (store: ReturnType<typeof openMemoryStore>) => Object.assign(store, { get: async () => undefined }),
      1,
    ],
    [
      "one that removes nothing",
      (store: ReturnType<typeof openMemoryStore>) => Object.assign(store, { remove: async () => 0 }),
      1,
    ],
    [
      "one that takes any word for an acknowledgement",
      (store: ReturnType<typeof openMemoryStore>) => Object.assign(store, { acknowledge: async () => true }),
      1,
    ],
    [
      "one that lets the earlier sender go on",
      (store: ReturnType<typeof openMemoryStore>) => {
        const begin = store.begin.bind(store);
        Object.assign(store, { begin: (rows: never) => begin(rows) });
      },
      1,
    ],
    [
      "one that shows pending ones to anybody",
      (store: ReturnType<typeof openMemoryStore>) =>
        Object.assign(store, {
          pending: ({ device_id }: { device_id: string }) => store.deliveries({ device_id }),
        }),
      1,
    ],
  ])("%s", async (_what, broken, least) => {
    const count = (await failing(broken)).length;
    expect(count).toBeGreaterThanOrEqual(least);
    expect(count === 0).toBe(least === 0);
  });
});
