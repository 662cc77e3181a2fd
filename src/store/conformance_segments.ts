import assert from "node:assert/strict";
import type { StoreCheck } from "./conformance_world.js";
import { browser } from "./conformance_world.js";
import type { StoredSubscription } from "./records.js";
import type { PageOptions, SubscriptionStore } from "./store.js";

/** Reading by page, and choosing who is meant. */
export const segmentChecks: readonly StoreCheck[] = [
  {
    title: "all pages together have everybody once, by ascending id",
    run: async (world) => {
      const all = await world.subscribeMany(25);
      const ids = all.map(({ id }) => id);
      assert.deepEqual(ids, [...ids].sort());
      for (const limit of [1, 7, 25, 26]) {
        assert.deepEqual(await readIds(world.store, { limit }), ids);
      }
      assert.deepEqual(await world.store.page({ limit: 1 }), all.slice(0, 1));
    },
  },
  {
    title:
      "who is there from the first page to the last comes once, whatever is added, renewed or removed meanwhile",
    run: async (world) => {
      const { store } = world;
      const all = await world.subscribeMany(30);
      const seen: string[] = [];
      let number = 100;
      let after: string | undefined;
      for (;;) {
        const page = await store.page({ after, limit: 4 });
        const last = page.at(-1);
        if (!last) break;
        assert.ok(after === undefined || last.id > after);
        seen.push(...page.map(({ id }) => id));
        after = last.id;
        // One that was read, the cursor itself, and one that is still to come go; new ones come; a token changes.
        const removed = [all[0], last, all[seen.length + 2]].filter((one) => one !== undefined);
        await store.remove(removed);
        if (seen.length < 20) await store.upsert([browser(number++)]);
        const renewed = all[seen.length + 1];
        if (renewed) await store.upsert([renewed]);
        world.pass(1);
      }
      assert.equal(new Set(seen).size, seen.length);
      const steady = await Promise.all(all.map(({ id }) => store.get({ id })));
      const missed = steady.filter((one) => one !== undefined && !seen.includes(one.id));
      assert.deepEqual(missed, []);
    },
  },
  {
    title: "a segment is chosen by tag expression, user, device and platform; all that is given must fit",
    run: async ({ store }) => {
      const people: [string, string, string[]][] = [
        ["ana", "fcm", ["vip", "region:eu"]],
        ["ben", "fcm", ["vip", "trial"]],
        ["cem", "apns", ["region:eu"]],
        ["dov", "apns", ["new york", "vip"]],
        ["eva", "wns", ["o'neil"]],
      ];
      await store.upsert(
        people.map(([user_id, platform, tags]) => ({
          ...{ platform, device_token: `token of ${user_id}`, user_id, device_id: `${user_id}'s`, tags },
        })),
      );
      await store.upsert([{ platform: "fcm", device_token: "nobody's" }]);
      const chosen: [object, string[]][] = [
        [{}, ["ana", "ben", "cem", "dov", "eva", "null"]],
        [{ tags: "vip" }, ["ana", "ben", "dov"]],
        [{ tags: "!vip" }, ["cem", "eva", "null"]],
        [{ tags: "vip && !trial" }, ["ana", "dov"]],
        [{ tags: "vip && trial || region:eu" }, ["ana", "ben", "cem"]],
        [{ tags: "vip && (trial || region:eu)" }, ["ana", "ben"]],
        [{ tags: "!(vip || region:eu)" }, ["eva", "null"]],
        [{ tags: "!!vip && !region:eu" }, ["ben", "dov"]],
        [{ tags: '"new york"' }, ["dov"]],
        [{ tags: "o'neil" }, ["eva"]],
        [{ tags: ["trial", "region:eu && !vip"] }, ["ben", "cem"]],
        [{ tags: [] }, []],
        [{ user_ids: ["ana", "eva", "unknown"] }, ["ana", "eva"]],
        [{ user_ids: [] }, []],
        [{ device_ids: ["cem's"] }, ["cem"]],
        [{ platforms: ["fcm_linux", "wns"] }, ["ana", "ben", "eva", "null"]],
        [{ platforms: ["apns"], tags: "vip", user_ids: ["dov", "ana"] }, ["dov"]],
      ];
      for (const [segment, users] of chosen) {
        const found = await store.page({ segment });
        assert.deepEqual(found.map(({ user_id }) => String(user_id)).sort(), users, JSON.stringify(segment));
        assert.equal(await store.count(segment), users.length, JSON.stringify(segment));
        assert.equal((await readIds(store, { segment, limit: 1 })).length, users.length);
      }
    },
  },
  {
    title: "a wrong segment is refused: unknown fields, wrong expressions, too large pages",
    run: async ({ store }) => {
      for (const segment of [
        { tag: "a" },
        { tags: "" },
        { tags: "a &&" },
        { tags: 1 },
        { user_ids: "ana" },
      ]) {
        await assert.rejects(store.count(segment as never), { code: "OPTIONS_INVALID" });
        await assert.rejects(store.page({ segment: segment as never }), { code: "OPTIONS_INVALID" });
      }
      await assert.rejects(store.page({ limit: 0 }), { code: "OPTIONS_INVALID", message: /limit/ });
      await assert.rejects(store.page({ limit: 10_001 }), { code: "OPTIONS_INVALID", message: /limit/ });
    },
  },
];

async function readIds(store: SubscriptionStore, options: PageOptions): Promise<string[]> {
  const all: StoredSubscription[] = [];
  for (;;) {
    const after = all.at(-1)?.id;
    const page = await store.page({ ...options, after });
    if (page.length === 0) return all.map(({ id }) => id);
    assert.ok(page.every(({ id }) => after === undefined || id > after));
    all.push(...page);
  }
}
