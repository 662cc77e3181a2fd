import { describe, expect, it } from "vitest";
import { ADMIN, openWorld } from "./support.js";

const TOKEN = { platform: "simulation", device_token: "a phone" };

describe("3.1.subscribe 5.1.p7 5.2.b4 5.4.4 subscribe stores", () => {
  it.each([
    ["{ subscription }", (subscription: object) => ({ subscription })],
    [
      "{ subscription } as JSON text",
      (subscription: object) => ({ subscription: JSON.stringify(subscription) }),
    ],
    [
      "{ platform, device_token }",
      (subscription: object) => ({ platform: "web_push", device_token: subscription }),
    ],
    [
      "{ platform, device_token } as JSON text, the platform by an alias",
      (subscription: object) => ({ platform: "webpush", device_token: JSON.stringify(subscription) }),
    ],
    [
      "{ subscription_json }",
      (subscription: object) => ({ subscription_json: JSON.stringify(subscription) }),
    ],
    [
      "members that it does not know, and null for what is not there",
      (subscription: object) => ({ subscription, device_token: null, device_info: null, version: 7 }),
    ],
  ])("%s", async (_title, bodyOf) => {
    const { ask, store, service } = await openWorld();
    const { subscription } = service.createDevice();
    const { status, body } = await ask("POST subscribe", bodyOf(subscription));
    expect([status, body]).toEqual([
      201,
      expect.objectContaining({ status: "success", platform: "web_push" }),
    ]);
    const stored = await store.get({ id: String(body.id) });
    const { endpoint, keys } = subscription;
    expect(JSON.parse(stored?.device_token ?? "")).toEqual({ endpoint, keys });
    expect([body.device_id, String(body.device_key).length]).toEqual([body.id, 43]);
  });

  it("a token of another service, with all that is said about the device", async () => {
    const { ask, store } = await openWorld();
    const device_info = { userAgent: "x", nested: { a: [1] } };
    const said = { ...TOKEN, device_id: "d1", user_id: "alice", device_info };
    const { body } = await ask("POST subscribe", said);
    expect(body).toMatchObject({ platform: "simulation", device_id: "d1", user_id: "alice", tags: [] });
    expect(await store.get(TOKEN)).toMatchObject({ device_id: "d1", user_id: "alice", device_info });
  });

  it("5.2.weak one row per endpoint, whatever the order of the JSON, and with the newest keys", async () => {
    const { ask, store, service } = await openWorld();
    const { endpoint, keys } = service.createDevice().subscription;
    const other = service.createDevice().subscription.keys;
    const first = await ask("POST subscribe", { subscription: { endpoint, keys } });
    const second = await ask("POST subscribe", { subscription: { keys: other, endpoint } });
    expect(second.body.id).toBe(first.body.id);
    expect(second.body.device_key).not.toBe(first.body.device_key);
    const [stored, ...more] = await store.page();
    expect([JSON.parse(stored?.device_token ?? ""), more]).toEqual([{ endpoint, keys: other }, []]);
  });
});

describe("subscribe refuses, naming the field,", () => {
  const keys = { p256dh: "x", auth: "x" };
  it.each([
    ["nothing", {}, "subscription"],
    ["two at once", { subscription: {}, device_token: "t" }, "device_token"],
    ["a number", { subscription: 1 }, "subscription"],
    ["an empty text", { device_token: " " }, "device_token"],
    ["half a JSON text", { subscription_json: '{"endpoint":' }, "subscription_json"],
    ["no endpoint", { subscription: { keys } }, "subscription.endpoint"],
    ["an endpoint that is no URL", { subscription: { endpoint: "x", keys } }, "subscription.endpoint"],
    ["no keys", { subscription: { endpoint: "https://x.example" } }, "subscription.keys"],
    [
      "one key",
      { subscription_json: JSON.stringify({ endpoint: "https://x.example", keys: { p256dh: "x" } }) },
      "subscription_json.keys.auth",
    ],
    ["keys that are none", { subscription: { endpoint: "https://x.example", keys } }, "subscription"],
    ["a platform that is none", { platform: 1, device_token: "t" }, "platform"],
    ["a platform that is not configured", { platform: "fcm", device_token: "t" }, "platform"],
    ["a platform that does not exist", { platform: "pigeon", device_token: "t" }, "platform"],
    ["a token of no service", { device_token: "t" }, "device_token"],
    ["a token that is too long", { platform: "simulation", device_token: "t".repeat(5000) }, "device_token"],
    ["a device id that is none", { ...TOKEN, device_id: 7 }, "device_id"],
    ["a user id that is too long", { ...TOKEN, user_id: "u".repeat(201) }, "user_id"],
    ["device info that is a text", { ...TOKEN, device_info: "x" }, "device_info"],
    ["device info without end", { ...TOKEN, device_info: { a: "x".repeat(5000) } }, "device_info"],
    ["tags that are not for the choosing", { ...TOKEN, tags: ["vip"] }, "tags"],
  ])("%s: 400", async (_title, body, field) => {
    const { ask, store } = await openWorld();
    const answer = await ask("POST subscribe", body);
    expect([answer.status, answer.body.field]).toEqual([400, field]);
    expect(answer.body).toMatchObject({ status: "failed", success: false });
    expect(await store.count()).toBe(0);
  });

  it("5.3.3 an endpoint where nothing is posted to, and quotes it to nobody", async () => {
    const { ask, service, logged } = await openWorld();
    const { keys } = service.createDevice().subscription;
    const endpoint = "https://10.0.0.1/secret";
    const { status, body } = await ask("POST subscribe", { subscription: { endpoint, keys } });
    expect([status, body.error_code, body.platform]).toEqual([400, "INVALID_TOKEN", "web_push"]);
    expect(JSON.stringify([body, logged])).not.toContain("secret");
  });
});

describe("whose subscription it is", () => {
  const subscribe = { ...TOKEN, user_id: "alice" };
  const identifyHeader = (request: Request) => request.headers.get("x-session");

  it("5.2.a3 is what `identify` says, whatever the body claims", async () => {
    const { ask, store } = await openWorld({ identify: identifyHeader });
    const { body } = await ask("POST subscribe", subscribe, { "x-session": "bob" });
    expect([body.user_id, (await store.get(TOKEN))?.user_id]).toEqual(["bob", "bob"]);
  });

  it("5.2.a3 signing in and subscribing again moves it to the new user", async () => {
    const { ask, store } = await openWorld({ identify: identifyHeader });
    await ask("POST subscribe", TOKEN, { "x-session": "bob" });
    await ask("POST subscribe", TOKEN, { "x-session": "carol" });
    expect((await store.page()).map(({ user_id }) => user_id)).toEqual(["carol"]);
  });

  it("null takes the owner away, undefined leaves it; a claim of the body counts in neither", async () => {
    let user: string | null | undefined = "bob";
    const { ask, store } = await openWorld({ identify: async () => user });
    const owner = async () => {
      await ask("POST subscribe", subscribe);
      return (await store.get(TOKEN))?.user_id;
    };
    const owners = [await owner()];
    for (user of [undefined, null, undefined]) owners.push(await owner());
    expect(owners).toEqual(["bob", "bob", null, null]);
  });

  it("without `identify` is what the body says; nothing said leaves it", async () => {
    const { ask, store } = await openWorld();
    await ask("POST subscribe", subscribe);
    await ask("POST subscribe", TOKEN);
    expect((await store.get(TOKEN))?.user_id).toBe("alice");
  });
});

it("H2 who knows an endpoint but not its keys gets nothing with it: no owner, no tags, no messages", async () => {
  const { ask, store, service, subscriber, clock } = await openWorld();
  const { device, id } = await subscriber({ device_id: "d1", user_id: "alice", device_info: { a: 1 } });
  await store.upsert([{ platform: "web_push", device_token: device.subscription, tags: ["vip"] }]);
  await ask("POST send", { device_id: "d1", title: "For alice" }, ADMIN);
  clock.now_ms += 60_000;
  const { keys } = service.createDevice().subscription;
  const { body } = await ask("POST subscribe", { subscription: { endpoint: device.endpoint, keys } });
  expect(body).toMatchObject({ id, user_id: null, device_id: id, tags: [] });
  expect(await store.page()).toMatchObject([{ user_id: null, device_id: id, device_info: {}, tags: [] }]);
  const nobodys = await subscriber();
  await store.upsert([{ platform: "web_push", device_token: nobodys.device.subscription, tags: ["vip"] }]);
  const guess = await ask("POST subscribe", { subscription: { endpoint: nobodys.device.endpoint, keys } });
  expect(guess.body).toMatchObject({ id: nobodys.id, tags: [] });
  const key = { "x-device-id": id, "x-api-key": String(body.device_key) };
  expect((await ask("GET pending", undefined, key)).body.pushes).toEqual([]);
});

describe("the tags that a subscriber may choose", () => {
  it("replace each other, and leave those alone that are not theirs to choose", async () => {
    const { ask, store } = await openWorld({ subscriber_tags: ["news", "sport"] });
    await store.upsert([{ ...TOKEN, tags: ["vip", "news"] }]);
    const { body } = await ask("POST subscribe", { ...TOKEN, tags: ["sport"] });
    expect(body.tags).toEqual(["vip", "sport"]);
    expect((await ask("POST subscribe", { ...TOKEN, tags: ["vip"] })).body.field).toBe("tags");
    expect((await ask("POST subscribe", TOKEN)).body.tags).toEqual(["vip", "sport"]);
    expect((await ask("POST subscribe", { ...TOKEN, tags: [] })).body.tags).toEqual(["vip"]);
  });

  it("do not carry what another user had", async () => {
    const { ask, store } = await openWorld({ subscriber_tags: ["news"] });
    await store.upsert([{ ...TOKEN, user_id: "alice", tags: ["vip"] }]);
    const { body } = await ask("POST subscribe", { ...TOKEN, user_id: "bob", tags: ["news"] });
    expect(body.tags).toEqual(["news"]);
  });
});

describe("P1 unsubscribe", () => {
  it.each([
    ["{ subscription }", (subscription: { endpoint: string }) => ({ subscription })],
    ["{ endpoint }", ({ endpoint }: { endpoint: string }) => ({ endpoint })],
    [
      "{ subscription_json }",
      (subscription: object) => ({ subscription_json: JSON.stringify(subscription) }),
    ],
    [
      "{ platform, device_token }",
      (subscription: object) => ({ platform: "web_push", device_token: subscription }),
    ],
  ])("with %s forgets this one, and says so again when it is gone", async (_title, bodyOf) => {
    const { ask, store, subscriber } = await openWorld();
    const { device } = await subscriber();
    const other = await subscriber();
    for (const _time of ["first", "second"]) {
      const { status, body } = await ask("POST unsubscribe", bodyOf(device.subscription));
      expect([status, body.success, body.platform]).toEqual([200, true, "web_push"]);
    }
    expect((await store.page()).map(({ id }) => id)).toEqual([other.id]);
  });

  it.each([
    [
      "nested deeper than a stack",
      `{"endpoint":"x","keys":{"auth":${"[".repeat(20_000)}${"]".repeat(20_000)}}}`,
    ],
    ["half a letter", '{"endpoint":"\\ud800"}'],
  ])("H4 a body inside of a body is no way in for %s: 400", async (_title, subscription_json) => {
    const { ask } = await openWorld();
    const { status, body } = await ask("POST unsubscribe", { subscription_json });
    expect([status, body.message]).toEqual([400, expect.stringMatching(/^the body/)]);
  });

  it.each([
    ["nothing", {}, "subscription"],
    ["a number", { endpoint: 1 }, "endpoint"],
    ["an endpoint without end", { endpoint: "x".repeat(5000) }, "device_token"],
    ["a platform that cannot be", { platform: "Pigeon post", device_token: "t" }, "platform"],
  ])("with %s is 400", async (_title, body, field) => {
    const { ask } = await openWorld();
    const answer = await ask("POST unsubscribe", body);
    expect([answer.status, answer.body.field]).toEqual([400, field]);
  });
});

describe("P1 resubscribe", () => {
  it("puts the new one in the place of the old: id, owner, tags", async () => {
    const { ask, store, service, subscriber } = await openWorld();
    const { device, id } = await subscriber({ device_id: "d1", user_id: "alice" });
    const { subscription } = service.createDevice();
    const said = { old_endpoint: device.endpoint, subscription, device_id: "d1" };
    const { status, body } = await ask("POST resubscribe", said);
    expect([status, body.id, body.user_id]).toEqual([201, id, "alice"]);
    expect(await store.get({ platform: "web_push", device_token: device.endpoint })).toBeUndefined();
    expect(await ask("POST resubscribe", said)).toMatchObject({ status: 201, body: { id } });
    expect(await store.count()).toBe(1);
  });

  it("a token of another service as well", async () => {
    const { ask, store } = await openWorld();
    const { body } = await ask("POST subscribe", TOKEN);
    const { id } = body;
    const said = {
      platform: "simulation",
      old_device_token: TOKEN.device_token,
      device_token: "b",
      device_id: id,
    };
    expect((await ask("POST resubscribe", said)).body.id).toBe(id);
    expect(await store.get(TOKEN)).toBeUndefined();
  });

  it.each([
    ["names another device", { device_id: "d2" }],
    ["names none", {}],
  ])(
    "who knows the endpoint but %s is a new subscriber: the old one keeps its messages",
    async (_title, more) => {
      const { ask, store, service, subscriber } = await openWorld();
      const { device, id } = await subscriber({ device_id: "d1", user_id: "alice" });
      const { subscription } = service.createDevice();
      const { body } = await ask("POST resubscribe", {
        old_endpoint: device.endpoint,
        subscription,
        ...more,
      });
      expect(body).toMatchObject({ success: true, user_id: null });
      expect(body.id).not.toBe(id);
      expect(await store.get({ id })).toMatchObject({ user_id: "alice", device_id: "d1" });
    },
  );

  it.each([
    ["without an old one", {}],
    ["with one that was never there", { old_endpoint: "https://x.example/1" }],
  ])("%s is a plain subscribe", async (_title, more) => {
    const { ask, service } = await openWorld();
    const { subscription } = service.createDevice();
    const { status, body } = await ask("POST resubscribe", { subscription, device_id: "d", ...more });
    expect([status, body.message, body.device_id]).toEqual([201, "subscribed", "d"]);
  });

  it.each([
    ["no new one", { old_endpoint: "https://x.example/1" }, "subscription"],
    ["an old one that is a number", { ...TOKEN, old_endpoint: 1 }, "old_endpoint"],
  ])("with %s is 400", async (_title, body, field) => {
    const { ask } = await openWorld();
    const answer = await ask("POST resubscribe", body);
    expect([answer.status, answer.body.field]).toEqual([400, field]);
  });
});

it("H2 what was subscribed is what is sent to", async () => {
  const { ask, subscriber } = await openWorld();
  const { device, device_id } = await subscriber({ device_id: "d1" });
  await ask("POST send", { device_id, title: "Hello" }, ADMIN);
  expect(device.received).toMatchObject([{ json: { notification: { title: "Hello" } } }]);
});
