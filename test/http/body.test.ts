import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readJson } from "../../src/http/body.js";
import { ROUTES } from "../../src/http/routes.js";
import { openMemoryStore, openSqliteStore } from "../../src/store/index.js";
import { ADMIN, ORIGIN, openWorld } from "./support.js";

const headers = { "content-type": "application/json" };
const streamed = (...chunks: (string | Uint8Array | Error)[]) =>
  new Request(ORIGIN, {
    method: "POST",
    headers,
    duplex: "half",
    body: new ReadableStream({
      pull(controller) {
        const chunk = chunks.shift();
        if (chunk === undefined) controller.close();
        else if (chunk instanceof Error) controller.error(chunk);
        else controller.enqueue(typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk);
      },
    }),
  } as RequestInit);

describe("a body", () => {
  it("is read from its pieces, also when they cut a letter", async () => {
    const bytes = new TextEncoder().encode('{"a":"€"}');
    const request = streamed(bytes.slice(0, 7), bytes.slice(7, 8), bytes.slice(8));
    expect(await readJson(request, 100)).toEqual({ a: "€" });
  });

  it("may be as large as the limit, and not by one byte larger", async () => {
    const text = `{"a":"${"x".repeat(92)}"}`;
    expect(Object.keys(await readJson(streamed(text), 100))).toEqual(["a"]);
    await expect(readJson(streamed(`${text} `), 100)).rejects.toMatchObject({ code: 413 });
  });

  it.each([
    ["is not UTF-8", streamed('{"a":"', new Uint8Array([0xff]), '"}'), "the body is no JSON in UTF-8"],
    ["ends early", streamed('{"a":', new Error("reset")), "the body ended early"],
    ["is not there", new Request(ORIGIN, { method: "POST", headers }), "the body is no JSON in UTF-8"],
  ])("that %s is 400", async (_title, request, message) => {
    await expect(readJson(request, 100)).rejects.toMatchObject({ code: 400, message });
  });
});

/** Something like what is wanted, or nothing of the kind. */
const anything = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom<unknown>(
    "web_push",
    "simulation",
    "x",
    { endpoint: "https://x.example", keys: {} },
    "vip && a",
  ),
  fc.constantFrom<unknown>(
    -1,
    1e308,
    "\u0000",
    "\ud800",
    "2030-01-01T12:00:00Z",
    { tags: [[]] },
    { __proto__: null },
  ),
);
const TOKEN = { platform: "simulation", device_token: "t" };
/** What each route takes; from there it is changed. */
const RIGHT: Readonly<Record<string, object>> = {
  subscribe: { ...TOKEN, device_id: "d", user_id: "u", device_info: {}, tags: ["x"] },
  unsubscribe: { ...TOKEN },
  resubscribe: { ...TOKEN, old_endpoint: "t", device_id: "d" },
  ack: { message_id: "m", device_id: "d", status: "failed", received_at: "2030-01-01T12:00:00Z" },
  test: { ...TOKEN },
  send: { ...TOKEN, title: "t", data: {}, actions: [], expires_at: "2040-01-01T12:00:00Z" },
  "send-bulk": { platform: "simulation", device_tokens: ["t"], title: "t", ttl_seconds: 5 },
  broadcast: { id: "b1", title: "t", segment: {} },
  "broadcasts/b1/stop": {},
  preview: { title: "t", segment: { platforms: ["simulation"] } },
  "segment-size": { segment: { tags: "x" } },
};
const NAMES = [...new Set(Object.values(RIGHT).flatMap((body) => Object.keys(body)))];
const MORE = ["subscription", "subscription_json", "endpoint", "error_message", "body", "__proto__"];
const posts = ROUTES.filter(({ method }) => method === "POST").map(({ path }) => path.replace(":", "b1"));

it.each([
  ["in memory", openMemoryStore],
  ["in SQLite", () => openSqliteStore({ path: ":memory:" })],
])(
  "H4 no body, whatever it is, makes any route answer 500, with a store %s",
  { timeout: 60_000 },
  async (_title, open) => {
    await using store = await open();
    const { handle } = await openWorld({ store, rate_limits: false, subscriber_tags: ["x"] });
    const changes = fc.dictionary(fc.constantFrom(...NAMES, ...MORE), anything, { maxKeys: 3 });
    const requests = fc.constantFrom(...posts).chain((path) =>
      fc.record({
        path: fc.constant(path),
        body: fc.oneof(
          { weight: 8, arbitrary: changes.map((change) => JSON.stringify({ ...RIGHT[path], ...change })) },
          fc.json(),
          fc.string({ unit: "binary" }),
        ),
      }),
    );
    await fc.assert(
      fc.asyncProperty(requests, async ({ path, body }) => {
        const response = await handle(
          new Request(`${ORIGIN}/push/${path}`, { method: "POST", body, headers: { ...headers, ...ADMIN } }),
        );
        const text = await response.text();
        expect(text).not.toContain("internal error");
        expect(response.status).toBeLessThan(500);
        if (response.headers.get("content-type") !== "application/json") return;
        const { success, status } = JSON.parse(text);
        expect([success, response.ok]).toEqual([status === "success", response.status < 300]);
      }),
      { numRuns: 1500 },
    );
  },
);

it("H4 no query, whatever it is, makes any route answer 500", async () => {
  const { handle } = await openWorld();
  const gets = ROUTES.filter(({ method }) => method === "GET").map(({ path }) => path.replace(":", "b1"));
  const names = fc.constantFrom("limit", "days", "device_id", "platform", "before", "x", "__proto__");
  const queries = fc.array(fc.tuple(names, fc.oneof(fc.nat(100).map(String), fc.string())), { maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...gets), queries, async (path, query) => {
      const url = `${ORIGIN}/push/${path}?${new URLSearchParams(query)}`;
      expect((await handle(new Request(url, { headers: ADMIN }))).status).toBeLessThan(500);
    }),
    { numRuns: 500 },
  );
});
