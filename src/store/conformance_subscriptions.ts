import assert from "node:assert/strict";
import { browser, START_MS, type StoreCheck } from "./conformance_world.js";

/** Storing, renewing, finding and removing. */
export const subscriptionChecks: readonly StoreCheck[] = [
  {
    title: "a subscription comes back as it was given, with ids, times and counts",
    run: async ({ store }) => {
      const { subscription } = await store.subscribe({
        ...browser(1),
        user_id: "ana",
        device_id: "laptop",
        device_info: { language: "de", screens: [1, 2] },
        tags: ["b", "a", "b"],
        expires_at_ms: START_MS + 1,
      });
      const { id, device_token, ...rest } = subscription;
      assert.match(id, /^[\da-f-]{36}$/);
      assert.deepEqual(JSON.parse(device_token), {
        endpoint: "https://push.example.org/send/1",
        keys: { p256dh: "BPublicKeyOf1", auth: "auth1" },
      });
      assert.deepEqual(rest, {
        platform: "web_push",
        user_id: "ana",
        device_id: "laptop",
        device_info: { language: "de", screens: [1, 2] },
        tags: ["b", "a"],
        expires_at_ms: START_MS + 1,
        created_at_ms: START_MS,
        registered_at_ms: START_MS,
        renewed_at_ms: START_MS,
        last_success_at_ms: null,
        failure_count: 0,
        version: 1,
      });
      assert.deepEqual(await store.get({ id }), subscription);
      assert.deepEqual(await store.get(browser(1)), subscription);
    },
  },
  {
    title: "what is not given has a default: nobody, no tags, the id as device",
    run: async ({ store }) => {
      const { subscription } = await store.subscribe(browser(1));
      const { id, user_id, device_id, device_info, tags, expires_at_ms } = subscription;
      assert.deepEqual([user_id, device_info, tags, expires_at_ms], [null, {}, [], null]);
      assert.equal(device_id, id);
    },
  },
  {
    title: "one endpoint is one subscription, however its JSON is written and whatever its keys are",
    run: async ({ store }) => {
      const endpoint = "https://push.example.org/send/1";
      const platform = "web_push";
      const tokens = [
        { endpoint, keys: { p256dh: "p", auth: "a" } },
        { keys: { auth: "a", p256dh: "p" }, expirationTime: null, endpoint },
        `{ "keys": {"auth":"a","p256dh":"p"}, "endpoint": "${endpoint}" }`,
        { endpoint, keys: { p256dh: "new", auth: "new" } },
      ];
      for (const device_token of tokens) await store.subscribe({ platform, device_token });
      const { expires_at_ms } = (
        await store.subscribe({
          platform,
          device_token: { ...Object(tokens[0]), expirationTime: START_MS + 0.7 },
        })
      ).subscription;
      assert.equal(expires_at_ms, START_MS);
      await store.upsert(tokens.map((device_token) => ({ platform: "webpush", device_token })));
      assert.equal(await store.count(), 1);
      const found = await store.get({ platform, device_token: endpoint });
      assert.deepEqual(JSON.parse(found?.device_token ?? ""), {
        endpoint,
        keys: { p256dh: "new", auth: "new" },
      });
      assert.equal(found?.version, 6);
    },
  },
  {
    title: "tokens of all platforms live side by side; the same token of two platforms is two devices",
    run: async ({ store }) => {
      const device_token = "ABcd".repeat(16);
      const platforms = ["fcm", "apns", "wns", "simulation"];
      await store.upsert(platforms.map((platform) => ({ platform, device_token })));
      await store.subscribe({ platform: "fcm_android", device_token });
      await store.subscribe({ platform: "apns", device_token: device_token.toUpperCase() });
      assert.equal(await store.count(), 4);
      assert.equal((await store.get({ platform: "fcm", device_token }))?.version, 2);
      assert.equal((await store.get({ platform: "apns", device_token }))?.version, 2);
      assert.equal(await store.get({ platform: "fcm", device_token: device_token.toLowerCase() }), undefined);
    },
  },
  {
    title: "renewing keeps what is absent, takes away what is null, and starts the count of failures afresh",
    run: async (world) => {
      const { store } = world;
      const given = { user_id: "ana", device_id: "d", device_info: { a: 1 }, tags: ["x"], expires_at_ms: 5 };
      const first = (await store.subscribe({ ...browser(1), ...given })).subscription;
      world.pass(1000);
      const kept = (await store.subscribe(browser(1))).subscription;
      // The browser itself says that it has no expiration time.
      const times = { renewed_at_ms: START_MS + 1000, version: 2, expires_at_ms: null };
      assert.deepEqual(kept, { ...first, ...times });
      const cleared = { user_id: null, device_id: null, device_info: null, tags: null, expires_at_ms: null };
      const bare = (await store.subscribe({ ...browser(1), ...cleared })).subscription;
      assert.deepEqual(
        [bare.user_id, bare.device_id, bare.device_info, bare.tags, bare.expires_at_ms],
        [null, bare.id, {}, [], null],
      );
      assert.deepEqual([bare.id, bare.created_at_ms, bare.version], [first.id, START_MS, 3]);
    },
  },
  {
    title: "subscribing again moves a subscription to the current user, without the earlier one's tags",
    run: async (world) => {
      const { store } = world;
      await store.subscribe({ ...browser(1), user_id: "ana", tags: ["x"] });
      world.pass(10);
      const { subscription } = await store.subscribe({ ...browser(1), user_id: "ben" });
      assert.deepEqual([subscription.user_id, subscription.tags], ["ben", []]);
      assert.equal(subscription.registered_at_ms, START_MS + 10);
      world.pass(10);
      const same = (await store.subscribe({ ...browser(1), user_id: "ben", tags: ["y"] })).subscription;
      assert.deepEqual([same.tags, same.registered_at_ms], [["y"], START_MS + 10]);
      assert.equal(await store.count({ user_ids: ["ana"] }), 0);
      assert.equal(await store.count({ user_ids: ["ben"] }), 1);
    },
  },
  {
    title: "many are stored at once, in order; of equal tokens the last counts",
    run: async ({ store }) => {
      const stored = await store.upsert([
        { ...browser(1), user_id: "first" },
        browser(2),
        { ...browser(1), user_id: "last" },
      ]);
      assert.deepEqual(
        stored.map(({ user_id, version }) => [user_id, version]),
        [
          ["last", 1],
          [null, 1],
          ["last", 1],
        ],
      );
      assert.equal(stored[0]?.id, stored[2]?.id);
      assert.deepEqual(await store.upsert([]), []);
      const again = await store.upsert([browser(3), browser(2), browser(1)]);
      assert.deepEqual(
        again.map(({ version }) => version),
        [1, 2, 2],
      );
      assert.deepEqual([again[1]?.id, again[2]?.id], [stored[1]?.id, stored[0]?.id]);
    },
  },
  {
    title: "a new token takes the place of an old one: same id, user and tags",
    run: async (world) => {
      const { store } = world;
      const old = (await store.subscribe({ ...browser("old"), user_id: "ana", tags: ["x"] })).subscription;
      world.pass(10);
      const replaces = browser("old").device_token;
      const { subscription } = await store.subscribe({ ...browser("new"), replaces });
      assert.deepEqual([subscription.id, subscription.user_id, subscription.tags], [old.id, "ana", ["x"]]);
      assert.deepEqual([subscription.version, subscription.registered_at_ms], [2, START_MS + 10]);
      assert.equal(await store.get(browser("old")), undefined);
      await store.subscribe(browser("third"));
      const merged = (await store.subscribe({ ...browser("third"), replaces: browser("new").device_token }))
        .subscription;
      assert.notEqual(merged.id, old.id);
      assert.equal(await store.count(), 1);
      await store.subscribe({ ...browser("third"), replaces: browser("third").device_token });
      await store.subscribe({ ...browser("fourth"), replaces: "https://push.example.org/send/unknown" });
      assert.equal(await store.count(), 2);
    },
  },
  {
    title: "removing says how many were there; with a version, only what was not renewed since",
    run: async ({ store }) => {
      const [one, two] = await store.upsert([browser(1), browser(2), browser(3)]);
      assert.ok(one && two);
      await store.subscribe(browser(2));
      assert.equal(await store.remove([one, two]), 1);
      assert.equal(await store.remove([browser(2), browser(9)]), 1);
      assert.equal(await store.remove([]), 0);
      assert.deepEqual(await store.get(one), undefined);
      assert.equal(await store.count(), 1);
    },
  },
  {
    title: "wrong input is refused by the name of its field, and quotes no secret",
    run: async ({ store }) => {
      const secret = "https://push.example.org/secret";
      const platform = "web_push";
      const wrong: [object, RegExp][] = [
        [{ platform: "Web Push!", device_token: "x" }, /platform/],
        [{ platform, device_token: secret }, /device_token/],
        [{ platform, device_token: { endpoint: secret } }, /device_token/],
        [{ platform, device_token: { endpoint: "", keys: {} } }, /device_token/],
        [{ platform: "fcm", device_token: "  " }, /device_token/],
        [{ platform: "fcm", device_token: `${secret}${"x".repeat(5000)}` }, /device_token/],
        [{ platform: "fcm", device_token: { secret } }, /device_token/],
        [{ ...browser(1), tags: ["a", 'b"'] }, /tags\.1/],
        [{ ...browser(1), tags: [" a"] }, /tags\.0/],
        [{ platform: "fcm", device_token: "a\0secret" }, /device_token/],
        [
          {
            platform,
            device_token: { endpoint: "https://e", keys: { p256dh: "x".repeat(5000), auth: "a" } },
          },
          /device_token/,
        ],
        [{ ...browser(1), user_id: "" }, /user_id/],
        [{ ...browser(1), device_id: "a\0" }, /device_id/],
        [{ ...browser(1), device_info: [] }, /device_info/],
      ];
      for (const [subscription, field] of wrong) {
        const refusal = (error: unknown) => {
          assert.ok(error instanceof Error && "code" in error);
          assert.equal(error.code, "OPTIONS_INVALID");
          assert.match(error.message, field);
          assert.ok(!error.message.includes("secret"), error.message);
          return true;
        };
        await assert.rejects(store.subscribe(subscription as never), refusal);
        await assert.rejects(store.upsert([browser(2), subscription as never]), refusal);
      }
      assert.equal(await store.count(), 0);
    },
  },
  {
    title: "closed, it refuses; closing twice is no mistake",
    run: async ({ store }) => {
      await store.close();
      await store.close();
      await assert.rejects(store.count(), { code: "PROVIDER_CLOSED" });
      await assert.rejects(store.subscribe(browser(1)), { code: "PROVIDER_CLOSED" });
    },
  },
];
