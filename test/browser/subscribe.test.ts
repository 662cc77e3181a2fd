import { afterEach, describe, expect, it, vi } from "vitest";
import { PushClientError } from "../../src/browser/index.js";
import { FakeBrowser } from "./fake_browser.js";
import { KEY, OTHER_KEY, refusal, subscribed, useServer } from "./support.js";

const server = useServer();
afterEach(() => vi.useRealTimers());

const SERVER_DOWN = { status: 503, body: "<h1>Service Unavailable</h1>" };
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe("subscribe", () => {
  it("3.2.subscribe 3.2.send_to_server 3.2.vapid_key 5.1.p8 5.2.b8 5.3.2 5.3.4 asks, registers, subscribes with the server's key, and tells the server all of it", async () => {
    const browser = new FakeBrowser();
    const client = server.client({ user_id: "u-7" });
    const subscription = await browser.click(() => client.subscribe());
    expect(subscription).toEqual(browser.subscription?.toJSON());
    const made_with = browser.subscription?.options.applicationServerKey ?? new ArrayBuffer();
    expect(Buffer.from(made_with).toString("base64url")).toBe(KEY);
    expect(server.api.paths).toEqual(["vapid-public-key", "subscribe"]);
    expect(server.api.bodies("subscribe")).toEqual([
      {
        subscription,
        device_id: expect.stringMatching(UUID),
        device_info: { userAgent: "Fake/1.0", platform: "Linux", language: "en" },
        user_id: "u-7",
      },
    ]);
    expect(server.api.complaints).toEqual([]);
  });

  it("5.1.p9 a key that is an option is used without asking, whatever its spelling", async () => {
    const browser = new FakeBrowser();
    const spelled = `${Buffer.from(KEY, "base64url").toString("base64")}\n`;
    const client = server.client({ vapid_public_key: spelled });
    await browser.click(() => client.subscribe());
    expect(server.api.paths).toEqual(["subscribe"]);
  });

  it("3.2.permission the user is asked in subscribe only, while the click counts, and once", async () => {
    const browser = new FakeBrowser();
    const client = server.client();
    const initializing = client.initialize();
    expect(browser.questions).toBe(0);
    await browser.click(() => client.subscribe());
    await browser.click(() => client.subscribe());
    await initializing;
    expect(browser.questions).toBe(1);
  });

  it("toggle asks while the click counts, too", async () => {
    const browser = new FakeBrowser();
    const client = server.client();
    expect(await browser.click(() => client.toggle())).toBe("subscribed");
    expect(browser.questions).toBe(1);
  });

  it("5.1.p4 an existing subscription is kept, and the server hears of it again", async () => {
    const { browser, client, subscription } = await subscribed(() => server.client());
    expect(await browser.click(() => client.subscribe())).toEqual(subscription);
    expect(server.api.bodies("subscribe").map((body) => body.subscription)).toEqual([
      subscription,
      subscription,
    ]);
  });

  it.each([false, true])(
    "P1 5.3.8 another key: the old subscription is replaced, at the browser and at the server (server without the old one: %s)",
    async (unknown_there) => {
      const { browser, client, subscription: old } = await subscribed(() => server.client());
      server.api.vapid_public_key = OTHER_KEY;
      if (unknown_there) server.api.answers.resubscribe = { status: 404, body: "{}" };
      const { device_id } = server.api.bodies("subscribe")[0] ?? {};
      const renewed = await browser.click(() => client.subscribe());
      expect(renewed.endpoint).not.toBe(old.endpoint);
      expect(browser.subscription?.toJSON()).toEqual(renewed);
      expect(server.api.paths.slice(2)).toEqual(["vapid-public-key", "resubscribe", "subscribe"]);
      expect(server.api.bodies("resubscribe")).toEqual([
        { old_endpoint: old.endpoint, subscription: renewed, device_id },
      ]);
      expect(server.api.complaints).toEqual([]);
    },
  );

  it("a subscription without a key is none of ours, and replaced; a browser that cannot tell the key is believed", async () => {
    const { browser, client, subscription } = await subscribed(() => server.client());
    const held = browser.subscription;
    if (!held) throw new Error("no subscription");
    Reflect.deleteProperty(held, "options");
    expect((await browser.click(() => client.subscribe())).endpoint).toBe(subscription.endpoint);
    Object.assign(held, { options: { applicationServerKey: null } });
    expect((await browser.click(() => client.subscribe())).endpoint).not.toBe(subscription.endpoint);
  });

  it("two clicks at once make one subscription", async () => {
    const browser = new FakeBrowser();
    const client = server.client();
    const [one, other] = await Promise.all([
      browser.click(() => client.subscribe()),
      browser.click(() => client.subscribe()),
    ]);
    expect(other).toEqual(one);
    expect(browser.questions).toBe(1);
  });

  it("what failed before does not hold up the next click", async () => {
    const browser = new FakeBrowser();
    const client = server.client();
    browser.push_service = "down";
    await refusal(browser.click(() => client.subscribe()));
    browser.push_service = "up";
    expect(await browser.click(() => client.subscribe())).toHaveProperty("endpoint");
  });

  it("works without this", async () => {
    const browser = new FakeBrowser();
    const { subscribe, getState } = server.client();
    await browser.click(() => subscribe());
    expect(await getState()).toBe("subscribed");
  });

  it("worker, scope, type, headers and credentials are the page's choice", async () => {
    const browser = new FakeBrowser();
    const client = server.client({
      service_worker_url: "worker.mjs",
      scope: "./inbox/",
      service_worker_type: "module",
      fetch_options: { credentials: "include", headers: { "x-csrf-token": "t" } },
    });
    const fetched = vi.spyOn(globalThis, "fetch");
    await browser.click(() => client.subscribe());
    expect(browser.container.registered).toEqual([{ url: "worker.mjs", type: "module" }]);
    expect([...browser.container.registrations.keys()]).toEqual(["https://example.org/app/inbox/"]);
    expect(server.api.received.map(({ headers }) => headers["x-csrf-token"])).toEqual(["t", "t"]);
    expect(fetched.mock.calls.map(([, init]) => init?.credentials)).toEqual(["include", "include"]);
    fetched.mockRestore();
    expect(await client.getState()).toBe("subscribed");
  });
});

describe("what can go wrong has a code and a plain sentence, and leaves page and server agreed", () => {
  it.each([
    ["the user says no", { answer: "denied" }, "PERMISSION_DENIED", "denied"],
    ["the user closes the question", { answer: "default" }, "PERMISSION_DISMISSED", "default"],
    ["the worker's script is missing", { worker: "missing" }, "WORKER_FAILED", "unsubscribed"],
    ["the worker cannot be installed", { worker: "refused" }, "WORKER_FAILED", "unsubscribed"],
    ["the push service is out of reach", { push_service: "down" }, "PUSH_SERVICE_FAILED", "unsubscribed"],
    ["the push service never answers", { push_service: "silent" }, "TIMEOUT", "unsubscribed"],
    ["the worker is never ready", { worker: "stuck" }, "TIMEOUT", "unsubscribed"],
  ] as const)("%s", async (_title, fault, code, state) => {
    const browser = Object.assign(new FakeBrowser(), fault);
    const client = server.client({ timeout_seconds: 0.5 });
    const error = await refusal(browser.click(() => client.subscribe()));
    expect(error).toMatchObject({
      name: "PushClientError",
      code,
      message: expect.stringMatching(/\w+ \w+ \w+/),
    });
    expect(await client.getState()).toBe(state);
    expect(server.api.bodies("subscribe")).toEqual([]);
  });

  it("a no while another call is under way is that call's end only, and no unhandled rejection", async () => {
    const browser = Object.assign(new FakeBrowser(), { worker: "stuck", answer: "denied" } as const);
    const client = server.client({ timeout_seconds: 0.3 });
    const initializing = refusal(client.initialize());
    expect(await refusal(browser.click(() => client.subscribe()))).toMatchObject({
      code: "PERMISSION_DENIED",
    });
    expect(await initializing).toMatchObject({ code: "TIMEOUT" });
  });

  it("who has said no is not asked again", async () => {
    const browser = new FakeBrowser();
    browser.permission = "denied";
    const client = server.client();
    expect(await refusal(browser.click(() => client.subscribe()))).toMatchObject({
      code: "PERMISSION_DENIED",
    });
    expect(browser.questions).toBe(0);
  });

  it("a question that nobody answers ends after five minutes", async () => {
    vi.useFakeTimers();
    const browser = new FakeBrowser();
    browser.answer = "nothing";
    const client = server.client();
    const refused = refusal(browser.click(() => client.subscribe()));
    await vi.advanceTimersByTimeAsync(299_000);
    expect(await Promise.race([refused, "open"])).toBe("open");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await refused).toMatchObject({ code: "TIMEOUT" });
  });

  it.each([
    ["no key", { status: 200, body: "{}" }],
    ["no JSON", { status: 200, body: "<h1>Welcome</h1>" }],
    ["a private key", { status: 200, body: JSON.stringify({ publicKey: KEY.slice(0, 43) }) }],
    ["no base64", { status: 200, body: JSON.stringify({ publicKey: "ключ" }) }],
    ["compressed", { status: 200, body: JSON.stringify({ publicKey: `AA${KEY.slice(2)}` }) }],
  ])("3.4.keys KEY_INVALID: %s", async (_title, answer) => {
    const browser = new FakeBrowser();
    server.api.answers["vapid-public-key"] = answer;
    const client = server.client();
    expect(await refusal(browser.click(() => client.subscribe()))).toMatchObject({ code: "KEY_INVALID" });
    expect(browser.subscription).toBeNull();
  });

  it.each([
    [
      "is down",
      SERVER_DOWN,
      { code: "SERVER_FAILED", status: 503, message: "the server answered 503 to subscribe" },
    ],
    [
      "refuses, and says why",
      { status: 400, body: '{"success":false,"message":"Invalid subscription format"}' },
      {
        code: "SERVER_FAILED",
        status: 400,
        message: "the server answered 400 to subscribe: Invalid subscription format",
      },
    ],
    [
      "says no with a 200",
      { status: 200, body: '{"status":"failed"}' },
      { code: "SERVER_FAILED", status: 200 },
    ],
    [
      "says no with a 200, in the other way",
      { status: 200, body: '{"success":false}' },
      { code: "SERVER_FAILED", status: 200 },
    ],
    ["never answers", "stall" as const, { code: "TIMEOUT", status: undefined }],
  ])("5.2.b8 the server %s: a first subscription is undone", async (_title, answer, expected) => {
    const browser = new FakeBrowser();
    server.api.answers.subscribe = answer;
    const client = server.client({ timeout_seconds: 0.5 });
    const error = await refusal(browser.click(() => client.subscribe()));
    expect(error).toBeInstanceOf(PushClientError);
    expect(error).toMatchObject(expected);
    expect(browser.subscription).toBeNull();
    expect(await client.getState()).toBe("unsubscribed");
  });

  it("the server is down: a known subscription stays, and so does one that replaces another", async () => {
    const { browser, client } = await subscribed(() => server.client());
    server.api.answers.subscribe = SERVER_DOWN;
    expect(await refusal(browser.click(() => client.subscribe()))).toMatchObject({ status: 503 });
    expect(await client.getState()).toBe("subscribed");
    server.api.vapid_public_key = OTHER_KEY;
    expect(await refusal(browser.click(() => client.subscribe()))).toMatchObject({ status: 503 });
    expect(await client.getState()).toBe("subscribed");
  });

  it("no server at all", async () => {
    const browser = new FakeBrowser();
    const client = server.client({ api_base: "http://127.0.0.1:1/push" });
    const error = await refusal(browser.click(() => client.subscribe()));
    expect(error).toMatchObject({ code: "SERVER_FAILED", message: "the server could not be reached" });
    expect((error as Error).cause).toBeInstanceOf(Error);
  });

  it("5.3.3 no endpoint and no key of a subscription stands in an error", async () => {
    const { browser, client, subscription } = await subscribed(() => server.client());
    server.api.answers.subscribe = SERVER_DOWN;
    const error = await refusal(browser.click(() => client.subscribe()));
    const { message, stack } = error as Error;
    for (const secret of [subscription.endpoint, subscription.keys.auth]) {
      expect(`${message} ${stack}`).not.toContain(secret);
    }
  });
});
