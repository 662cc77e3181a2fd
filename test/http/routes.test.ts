import { describe, expect, it } from "vitest";
import { ROUTES } from "../../src/http/routes.js";
import { ADMIN, ORIGIN, openWorld, PAYLOAD, readAnswer, toRequest, VIEWER } from "./support.js";

const rows = ROUTES.map(({ method, path, who }) => ({
  what: `${method} ${path.replace(":", path.startsWith("platforms") ? "web_push" : "1")}`,
  method,
  guarded: who !== "anyone" && who !== "device",
}));
const posts = rows.filter(({ method }) => method === "POST");
const gets = rows.filter(({ method }) => method === "GET");
const guarded = rows.filter((row) => row.guarded);

it("the table has each path that is promised", () => {
  const { who, ...open } = {
    who: new Set(ROUTES.map((route) => route.who)),
    paths: ROUTES.map(({ path }) => path),
  };
  expect(open.paths).toEqual(
    expect.arrayContaining([
      ...[
        "vapid-public-key",
        "platforms",
        "platforms/:/info",
        "subscribe",
        "unsubscribe",
        "resubscribe",
        "ack",
      ],
      ...["test", "pending", "send", "send-bulk", "broadcast", "push-logs", "statistics"],
    ]),
  );
  expect(who.size).toBe(10);
});

describe.each(guarded)("$what", ({ what, method }) => {
  const body = method === "POST" ? {} : undefined;

  it("H2 5.2.a4 is for nobody without `authorize`: 403", async () => {
    const { ask } = await openWorld({ authorize: undefined });
    expect((await ask(what, body, ADMIN)).status).toBe(403);
  });

  it.each([
    ["nobody is signed in", () => null, 401],
    ["nothing is known", () => undefined, 401],
    ["a session without a user", () => ({ user: undefined }), 401],
    ["known, but may not", () => false, 403],
    ["something else altogether", () => "yes" as unknown as boolean, 403],
    ["a Response", () => new Response() as unknown as boolean, 403],
  ])("H2 5.2.a4 %s", async (_title, authorize, status) => {
    const { ask, store } = await openWorld({ authorize });
    const answer = await ask(what, body);
    expect(answer.status).toBe(status);
    expect(answer.headers.get("www-authenticate")).toBe(status === 401 ? "Bearer" : null);
    expect(answer.body).toMatchObject({ status: "failed", success: false, field: null });
    expect(await store.listBroadcasts()).toEqual([]);
  });

  it("lets in whom `authorize` lets in, and asks it for this action", async () => {
    const actions: string[] = [];
    const { ask } = await openWorld({ authorize: (_request, action) => actions.push(action) > 0 });
    const { status } = await ask(what, body);
    expect([401, 403]).not.toContain(status);
    expect(actions).toEqual([ROUTES.find((route) => rows[ROUTES.indexOf(route)]?.what === what)?.who]);
  });
});

describe.each(posts)("$what", ({ what, guarded }) => {
  const headers = guarded ? ADMIN : {};

  it.each([
    ["a form", "application/x-www-form-urlencoded"],
    ["text, which a form can post, too", "text/plain"],
    ["text that is said to be JSON", "text/plain; application/json"],
    ["a relative of JSON", "application/json-patch+json"],
    ["JSON in another charset", "application/json; charset=utf-16"],
    ["no type", ""],
  ])("takes no %s: 415", async (_title, type) => {
    const { ask } = await openWorld();
    const answer = await ask(what, "{}", { ...headers, "content-type": type });
    expect([answer.status, answer.headers.get("accept-post")]).toEqual([415, "application/json"]);
  });

  it("takes no compressed body: 415", async () => {
    const { ask } = await openWorld();
    expect((await ask(what, "{}", { ...headers, "content-encoding": "gzip" })).status).toBe(415);
  });

  it.each(["application/json", "Application/JSON; charset=UTF-8", 'application/json;charset="utf-8"'])(
    "takes %s",
    async (type) => {
      const { ask } = await openWorld();
      expect((await ask(what, "{}", { ...headers, "content-type": type })).status).not.toBe(415);
    },
  );

  it.each([
    ["no JSON", "{"],
    ["nothing", ""],
    ["an array", "[]"],
    ["null", "null"],
    ["a text", '"text"'],
    ["half a letter", '{"title":"\\ud800"}'],
    ["half a letter in a name", '{"data":{"\\udfff":1}}'],
    ["deeper than anybody needs", `{"data":${"[".repeat(40)}${"]".repeat(40)}}`],
    ["deeper than a stack", `{"data":${"[".repeat(30_000)}${"]".repeat(30_000)}}`],
  ])("says 400 to a body that is %s", async (_title, body) => {
    const { ask } = await openWorld();
    const answer = await ask(what, body, { ...headers, "content-type": "application/json" });
    expect([answer.status, answer.body.success]).toEqual([400, false]);
    expect(String(answer.body.message)).toMatch(/^the body/);
  });

  it("says 413 to a body that says it is too large, and to one that turns out to be", async () => {
    const { ask, handle } = await openWorld({ max_body_bytes: 1000, max_bulk_body_bytes: 1000 });
    const said = await ask(what, "{}", { ...headers, "content-length": "1001" });
    let pulled = 0;
    const body = new ReadableStream({
      pull(controller) {
        pulled++;
        controller.enqueue(new Uint8Array(100).fill(32));
      },
    });
    const init = {
      method: "POST",
      duplex: "half",
      body,
      headers: { ...headers, "content-type": "application/json" },
    };
    const streamed = await readAnswer(
      await handle(new Request(`${ORIGIN}/push/${what.slice(5)}`, init as RequestInit)),
    );
    expect([said.status, streamed.status]).toEqual([413, 413]);
    expect(pulled).toBeLessThan(15);
  });

  it.each(["GET", "HEAD", "PUT", "DELETE", "PATCH"])(
    "has no %s: 405, and says what it has",
    async (method) => {
      const { ask } = await openWorld();
      const path = what.slice(5);
      const answer = await ask(`${method} ${path}`, undefined, headers);
      const has_get = gets.some((row) => row.what.slice(4) === path);
      if (has_get && ["GET", "HEAD"].includes(method)) expect(answer.status).not.toBe(405);
      else expect([answer.status, answer.headers.get("allow")]).toEqual([405, "POST, OPTIONS"]);
    },
  );

  it("wants no token in its URL", async () => {
    const { ask } = await openWorld();
    for (const field of ["device_token", "subscription", "subscription_json", "endpoint"]) {
      const answer = await ask(`${what}?${field}=secret`, "{}", headers);
      expect([answer.status, answer.body.field]).toEqual([400, field]);
    }
  });
});

describe.each(gets)("$what", ({ what }) => {
  const device = { "x-device-id": "d", authorization: "Bearer k" };

  it("HEAD says the same without a body", async () => {
    const { ask, handle } = await openWorld();
    const got = await ask(what, undefined, { ...ADMIN, ...device });
    const head = await handle(toRequest(what.replace("GET", "HEAD"), undefined, { ...ADMIN, ...device }));
    expect([head.status, head.body]).toEqual([got.status, null]);
    expect([...head.headers]).toEqual([...got.headers]);
  });

  it.each(["POST", "PUT", "DELETE"])("has no %s: 405, and says what it has", async (method) => {
    const { ask } = await openWorld();
    const path = what.slice(4);
    const answer = await ask(`${method} ${path}`, "{}", ADMIN);
    expect([answer.status, answer.headers.get("allow")]).toEqual([405, "GET, HEAD, OPTIONS"]);
  });
});

it.each(rows)("OPTIONS of $what says what it has", async ({ what, method }) => {
  const { handle } = await openWorld();
  const response = await handle(toRequest(`OPTIONS ${what.split(" ")[1]}`));
  const allow = method === "GET" ? "GET, HEAD, OPTIONS" : "POST, OPTIONS";
  expect([response.status, response.headers.get("allow"), await response.text()]).toEqual([204, allow, ""]);
});

it.each([
  ...["GET nothing", "POST nothing", "OPTIONS nothing", "GET subscribe/", "GET ", "GET platforms//info"],
  ...["GET platforms/%E0%A4%A/info", "GET broadcasts/1/2/3", "GET platforms/web_push", "GET __proto__"],
])("%s is 404 in JSON", async (what) => {
  const { ask } = await openWorld();
  const answer = await ask(what);
  expect([answer.status, answer.headers.get("content-type")]).toEqual([404, "application/json"]);
  expect(answer.body).toMatchObject({ status: "failed", message: "no such path" });
});

it.each([
  ["/push", "/push/platforms", 200],
  ["/push/", "/push/platforms", 200],
  ["/api/v1/push", "/api/v1/push/platforms", 200],
  ["", "/platforms", 200],
  ["/", "/platforms", 200],
  ["/push", "/pushplatforms", 404],
  ["/push", "/platforms", 404],
  ["/push", "/other/push/platforms", 404],
])("mounted at %j, %s is %i", async (base_path, path, status) => {
  const { handle } = await openWorld({ base_path });
  expect((await handle(new Request(`${ORIGIN}${path}`))).status).toBe(status);
});

it("3.1.platforms every answer has the envelope, the time, and headers that keep it from caches and guesses", async () => {
  const { ask } = await openWorld();
  for (const what of ["GET platforms", "GET nothing", "GET send"]) {
    const { headers, body } = await ask(what);
    expect(Object.keys(body).slice(0, 5)).toEqual(["status", "success", "message", "platform", "timestamp"]);
    expect(body.timestamp).toBe("2030-01-01T12:00:00.000Z");
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("content-type")).toBe("application/json");
  }
});

describe("what goes wrong inside", () => {
  it("H4 is 500 with an id that the log has, too, and without a word of what it was", async () => {
    const { ask, store, logged, subscriber } = await openWorld();
    const { device } = await subscriber();
    store.remove = async () => {
      throw new TypeError(`secret ${device.endpoint}`);
    };
    const answer = await ask("POST unsubscribe", { endpoint: device.endpoint });
    expect(answer.status).toBe(500);
    expect(answer.body).toMatchObject({
      message: "internal error",
      error_code: "INTERNAL_ERROR",
      field: null,
    });
    const errors = logged.filter(({ level }) => level === "error");
    expect(errors).toMatchObject([{ fields: { request_id: answer.body.request_id, error: "TypeError" } }]);
    expect(JSON.stringify([answer.body, errors])).not.toMatch(/secret|endpoint/);
    expect(JSON.stringify(answer.body)).not.toContain("    at ");
  });

  it("H4 a hook or a logger that throws takes nobody down", async () => {
    const logger = {
      debug() {
        throw new Error("full");
      },
      error() {
        throw new Error("full");
      },
    };
    const authorize = () => Promise.reject(new Error("no database"));
    const { ask } = await openWorld({ authorize, logger });
    expect((await ask("GET push-logs")).status).toBe(500);
    expect((await ask("GET platforms")).status).toBe(200);
  });

  it("after close() it is 503, and so it is when router or store are closed", async () => {
    const { ask, handle, router } = await openWorld();
    await router.close();
    const token = { platform: "simulation", device_token: "t" };
    expect((await ask("POST send", { ...token, ...PAYLOAD }, ADMIN)).status).toBe(503);
    await handle.close();
    await handle.close();
    const answer = await ask("GET platforms");
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "10"]);
  });
});

describe("the log", () => {
  it("H2 names who did what, and holds neither tokens nor payloads", async () => {
    const { ask, logged, subscriber } = await openWorld();
    const { device, device_id, key } = await subscriber({ user_id: "alice" });
    await ask("POST test", { subscription: device.subscription });
    await ask("GET pending", undefined, { "x-device-id": device_id, "x-api-key": key });
    await ask("POST send", { ...device, subscription: device.subscription, ...PAYLOAD }, VIEWER);
    await ask("POST send", { subscription: device.subscription, ...PAYLOAD }, ADMIN);
    await ask("POST unsubscribe", { subscription: device.subscription });
    const records = logged.filter(({ level }) => level === "info").map(({ fields }) => fields);
    expect(records).toMatchObject([{ method: "POST", path: "send", user: "ada", status: 200 }]);
    expect(logged.map(({ fields }) => fields.path)).toEqual([
      "subscribe",
      "test",
      "pending",
      "send",
      "send",
      "unsubscribe",
    ]);
    const text = JSON.stringify(logged);
    for (const secret of [device.endpoint, device.subscription.keys.auth, key, PAYLOAD.title, "alice"]) {
      expect(text).not.toContain(secret);
    }
  });
});
