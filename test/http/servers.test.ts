import { createServer, request as httpRequest, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { describe, expect, it, onTestFinished } from "vitest";
import { toNodeHandler } from "../../src/http/index.js";
import { getPushProvider } from "../../src/index.js";
import { listen, type Mount, SERVERS } from "./servers.js";
import { ADMIN, openWorld, PAYLOAD, readAnswer, readEvents } from "./support.js";

const LARGE = `{"title":"${"x".repeat(300_000)}"}`;
const JSON_TYPE = { "content-type": "application/json" };

async function serve(mount: Mount, options: Parameters<typeof openWorld>[0] = {}) {
  const world = await openWorld(options);
  const { origin, close } = await listen(await mount(world.handle));
  onTestFinished(close);
  const post = (path: string, body: string | ReadableStream, headers = {}) =>
    fetch(`${origin}/push/${path}`, {
      ...{ method: "POST", body, headers: { ...JSON_TYPE, ...headers } },
      ...(typeof body === "string" ? {} : { duplex: "half" }),
    } as RequestInit);
  const ask = async (path: string, body?: object, headers = {}) =>
    readAnswer(
      body
        ? await post(path, JSON.stringify(body), headers)
        : await fetch(`${origin}/push/${path}`, { headers }),
    );
  return { ...world, origin, post, ask };
}

describe.each(Object.entries(SERVERS))("with %s", (name, mount) => {
  it("H1 3.1.subscribe 3.1.send 5.3.5 5.4.2 5.4.4 a browser subscribes, is sent to, reads it, and acknowledges", async () => {
    const { service, ask } = await serve(mount);
    const { publicKey } = (await ask("vapid-public-key")).body;
    const device = service.createDevice({ vapid_public_key: String(publicKey) });
    const about = { device_id: "d1", device_info: { language: "en" } };
    const subscribed = await ask("subscribe", { subscription: device.subscription, ...about });
    expect(subscribed.status).toBe(201);

    expect((await ask("test", { subscription: device.subscription })).body.success).toBe(true);
    const sent = await ask("send", { device_id: "d1", ...PAYLOAD, data: { straße: "ä€😀" } }, ADMIN);
    const { message_id } = sent.body;
    expect(device.received.map(({ json }) => json)).toMatchObject([
      { notification: { title: "Test notification" } },
      { notification: { ...PAYLOAD, data: { straße: "ä€😀", message_id } } },
    ]);

    const key = { "x-device-id": "d1", authorization: `Bearer ${subscribed.body.device_key}` };
    expect((await ask("pending", undefined, key)).body.pushes).toHaveLength(2);
    expect((await ask("ack", { message_id, device_id: "d1" })).status).toBe(200);
    const { body } = await ask("statistics?days=1", undefined, ADMIN);
    expect(body).toMatchObject({ total_sent: 2, delivered: 1 });
    expect((await ask("unsubscribe", { endpoint: device.endpoint })).status).toBe(200);
    expect((await ask("send", { device_id: "d1", ...PAYLOAD }, ADMIN)).status).toBe(404);
  });

  it("statuses, headers and preflights arrive as they are", async () => {
    const { origin, ask } = await serve(mount, { allowed_origins: ["https://app.example.org"] });
    expect((await ask("nothing")).status).toBe(404);
    const head = await fetch(`${origin}/push/platforms`, { method: "HEAD" });
    expect([head.status, head.headers.get("x-content-type-options"), await head.text()]).toEqual([
      200,
      "nosniff",
      "",
    ]);
    const wrong = await fetch(`${origin}/push/ack`, { method: "PUT", body: "x" });
    expect([wrong.status, wrong.headers.get("allow")]).toEqual([405, "POST, OPTIONS"]);
    const { status, headers } = await raw(`${origin}/push/ack`, "OPTIONS", {
      ...{ origin: "https://app.example.org", "access-control-request-method": "POST" },
    });
    expect([status, headers["access-control-allow-origin"]]).toEqual([204, "https://app.example.org"]);
    expect(
      (await raw(`${origin}/push/ack`, "POST", { ...JSON_TYPE, origin: "https://evil.example" }, "{}"))
        .status,
    ).toBe(403);
    expect((await raw(`${origin}/push/platforms`, "GET", { origin })).status).toBe(200);
  });

  // A parser has its own limit.
  if (!name.includes("parser")) {
    it("H4 says 413 to what is too large, with a length or in chunks, and lives on", async () => {
      const { post, origin } = await serve(mount);
      expect((await readAnswer(await post("subscribe", LARGE))).status).toBe(413);
      expect((await readAnswer(await post("subscribe", new Blob([LARGE]).stream()))).status).toBe(413);
      expect((await readAnswer(await post("send", LARGE))).status).toBe(401);
      expect((await raw(`${origin}/push/platforms`, "GET", {})).status).toBe(200);
    });
  }

  it("events of a broadcast come while it runs; whoever leaves does not stop it", async () => {
    const simulation = { success_rate: 1, delivery_delay_ms: 60, max_concurrency: 10 };
    const provider = await getPushProvider("simulation", simulation);
    const { store, post, ask } = await serve(mount, { router: undefined, providers: [provider] });
    await store.upsert(
      Array.from({ length: 100 }, (_, i) => ({ platform: "simulation", device_token: `t${i}` })),
    );
    const body = JSON.stringify({ ...PAYLOAD, id: "b1" });
    const left = await post("broadcast", body, ADMIN);
    for await (const { event } of readEvents(left)) if (event === "progress") break;
    expect((await ask("broadcasts/b1", undefined, ADMIN)).body.broadcast).toMatchObject({ state: "running" });
    const events = [];
    for await (const { event } of readEvents(await post("broadcast", body, ADMIN))) events.push(event);
    expect([events[0], events[1], events.at(-1)]).toEqual(["started", "progress", "result"]);
    expect((await ask("broadcasts/b1", undefined, ADMIN)).body.broadcast).toMatchObject({ sent: 100 });
    await provider.close();
  });
});

describe("toNodeHandler", () => {
  const echo = async (request: Request) =>
    Response.json({ method: request.method, url: request.url, text: await request.text() });

  it("hands on method, URL and body", async () => {
    const { origin } = await start(echo);
    const answer = await fetch(`${origin}/a%20b?c=d`, { method: "POST", body: "text" });
    expect(await answer.json()).toEqual({ method: "POST", url: `${origin}/a%20b?c=d`, text: "text" });
  });

  it("what was not read of a body does not stand in the way of the next request of its connection", async () => {
    const { handle } = await openWorld();
    const { origin } = await start(handle);
    const socket = connect(Number(new URL(origin).port), "127.0.0.1");
    const head = "host: x\r\ncontent-type: application/json\r\n";
    socket.write(`POST /push/subscribe HTTP/1.1\r\n${head}content-length: ${LARGE.length}\r\n\r\n${LARGE}`);
    socket.write(`GET /push/platforms HTTP/1.1\r\n${head}connection: close\r\n\r\n`);
    const statuses = (await text(socket)).match(/^HTTP\/1\.1 \d+/gm);
    expect(statuses).toEqual(["HTTP/1.1 413", "HTTP/1.1 200"]);
  });

  it("the signal of the request aborts when the client leaves", async () => {
    const aborted = later<void>();
    const arrived = later<void>();
    const { origin } = await start(async ({ signal }) => {
      signal.addEventListener("abort", () => aborted.resolve());
      arrived.resolve();
      await aborted.promise;
      return new Response();
    });
    const leaving = new AbortController();
    const answer = fetch(origin, { signal: leaving.signal }).catch(() => "left");
    await arrived.promise;
    leaving.abort();
    await aborted.promise;
    expect(await answer).toBe("left");
  });

  it("the body of a client that leaves half way ends early", async () => {
    const seen = later<string>();
    const { origin } = await start(async (request) => {
      await request.text().then(seen.resolve, () => seen.resolve("ended early"));
      return new Response();
    });
    const socket = connect(Number(new URL(origin).port), "127.0.0.1");
    socket.write("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf");
    setImmediate(() => socket.end());
    expect(await seen.promise).toBe("ended early");
    socket.destroy();
  });

  it.each([
    ["a Host that is none", "GET / HTTP/1.1\r\nhost: a b\r\n\r\n"],
    ["a method that no Request has", "TRACE / HTTP/1.1\r\nhost: x\r\n\r\n"],
  ])("says 400 to %s", async (_title, bytes) => {
    const { origin } = await start(echo);
    const socket = connect(Number(new URL(origin).port), "127.0.0.1");
    socket.end(bytes);
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 /);
  });

  it("a body that a parser has made text or bytes of is taken as it is", async () => {
    for (const body of ['{"a":1}', Buffer.from('{"a":1}'), { a: 1 }]) {
      const { origin } = await start(echo, async (incoming) => {
        await text(incoming);
        Object.assign(incoming, { body });
      });
      const answer = await fetch(origin, { method: "POST", body: "x" });
      expect(await answer.json()).toMatchObject({ text: '{"a":1}' });
    }
  });

  async function start(
    handle: (request: Request) => Promise<Response>,
    before?: (incoming: IncomingMessage) => Promise<void>,
  ) {
    const answer = toNodeHandler(handle);
    const server = createServer(async (incoming, outgoing) => {
      await before?.(incoming);
      await answer(incoming, outgoing);
    });
    const { origin, close } = await listen(server);
    onTestFinished(close);
    return { origin };
  }
});

function later<Value>() {
  let resolve: (value: Value) => void = () => {};
  const promise = new Promise<Value>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

/** What `fetch` does not let a program set. */
async function raw(url: string, method: string, headers: Record<string, string>, body?: string) {
  return new Promise<{ status: number | undefined; headers: Record<string, unknown> }>((resolve, reject) => {
    const request = httpRequest(url, { method, headers }, (response) => {
      response.resume().on("end", () => resolve({ status: response.statusCode, headers: response.headers }));
    });
    request.on("error", reject).end(body);
  });
}
