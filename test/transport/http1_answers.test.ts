import type { IncomingMessage } from "node:http";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Transport } from "../../src/codec.js";
import { createHttp1Transport } from "../../src/transport/http1.js";
import { answered, post, type Running, startHttps, startRaw, trusted, until } from "./support.js";

let echo: Running;
let transport: Transport;
const extra: Running[] = [];

beforeAll(async () => {
  echo = await startHttps((request: IncomingMessage, response, body) => {
    const { method, url, rawHeaders } = request;
    response.end(JSON.stringify({ method, url, rawHeaders, body: body.toString("latin1") }));
  });
  transport = createHttp1Transport({ ca: trusted.cert });
});

afterEach(async () => {
  await Promise.all(extra.splice(0).map((server) => server.close()));
});

afterAll(async () => {
  await transport.close();
  await echo.close();
});

/** A server that writes these bytes for each request. */
async function startAnswering(...chunks: (string | Buffer)[]): Promise<Running> {
  const server = await startRaw((socket) => {
    for (const chunk of chunks) socket.write(chunk);
  });
  extra.push(server);
  return server;
}

async function echoed(
  ...options: Parameters<typeof post> extends [unknown, unknown, ...infer Rest] ? Rest : never
) {
  return JSON.parse(answered(await post(transport, echo.origin, ...options)).text);
}

describe("a request", () => {
  it.each([
    "/w/?token=a%2bb%2F%3d&x=%zz",
    "/a//b/../c/./d",
    "/%e4%b8%ad;a=b?c=d?e/f",
    "/[brackets]{and}|pipes|^`",
    "?query=only",
    "",
    "/with#fragment",
  ])("is sent to the path and query exactly as they are written: %s", async (path) => {
    const expected = path.replace("#fragment", "");
    expect((await echoed({ path })).url).toBe(expected.startsWith("/") ? expected : `/${expected}`);
  });

  it.each([
    ["text, counted in bytes", "hällo", "hällo"],
    ["bytes", Uint8Array.from([0, 255, 13, 10]), Buffer.from([0, 255, 13, 10]).toString()],
    ["a view of a longer buffer", Buffer.from("--middle--").subarray(2, 8), "middle"],
    ["nothing", undefined, ""],
    ["an empty view", new Uint8Array(8).subarray(4, 4), ""],
  ])("carries %s with an exact content-length", async (_title, body, expected) => {
    const { rawHeaders, body: received } = await echoed({ body });
    expect(received).toBe(Buffer.from(typeof body === "string" ? body : (body ?? "")).toString("latin1"));
    expect(Buffer.from(received, "latin1").toString()).toBe(expected);
    const names = rawHeaders.map((text: string) => text.toLowerCase());
    expect(rawHeaders[names.indexOf("content-length") + 1]).toBe(
      String(Buffer.from(received, "latin1").length),
    );
    expect(names).not.toContain("transfer-encoding");
    expect(names).not.toContain("expect");
  });

  it("carries its headers as given, the host, and nothing that names us", async () => {
    const { method, rawHeaders } = await echoed({
      method: "DELETE",
      headers: { ttl: "0", authorization: "vapid t=x" },
    });
    expect(method).toBe("DELETE");
    expect(rawHeaders).toEqual([
      ...["host", `127.0.0.1:${echo.port}`, "connection", "keep-alive"],
      ...["ttl", "0", "authorization", "vapid t=x", "content-length", "4"],
    ]);
  });

  it("goes to the host without its trailing dot", async () => {
    const lookup = async () => [{ address: "127.0.0.1", family: 4 }];
    const named = createHttp1Transport({ ca: trusted.cert, lookup });
    const answer = JSON.parse(answered(await post(named, `https://push.test.:${echo.port}`)).text);
    expect(answer.rawHeaders.slice(0, 2)).toEqual(["host", `push.test:${echo.port}`]);
    await named.close();
  });
});

describe("an answer", () => {
  it.each([201, 204, 301, 302, 303, 307, 308, 404, 410, 429, 500, 503])(
    "with status %i is an answer, and no redirect is followed",
    async (status) => {
      const before = echo.sockets.total;
      const server = await startAnswering(
        `HTTP/1.1 ${status} X\r\nlocation: ${echo.origin}/elsewhere\r\n${status === 204 ? "" : "content-length: 0\r\n"}\r\n`,
      );
      const response = answered(await post(transport, server.origin));
      expect(response).toMatchObject({ status, text: "", truncated: false });
      expect(response.headers.location).toBe(`${echo.origin}/elsewhere`);
      expect([server.sockets.total, echo.sockets.total - before]).toEqual([1, 0]);
    },
  );

  it("has its header names in lower case and repeated headers joined", async () => {
    const server = await startAnswering(
      "HTTP/1.1 200 OK\r\nRetry-After: 5\r\nSet-Cookie: a\r\nSET-COOKIE: b\r\nX-Empty:\r\n__proto__: x\r\nContent-Length: 0\r\n\r\n",
    );
    const { headers } = answered(await post(transport, server.origin));
    expect(headers).toMatchObject({ "retry-after": "5", "set-cookie": "a, b", "x-empty": "" });
    expect(Object.getPrototypeOf(headers)).toBe(Object.prototype);
  });

  it("may be chunked, or end with the connection", async () => {
    const chunked = await startAnswering(
      "HTTP/1.1 400 Bad\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n",
      "2\r\nde\r\n0\r\n\r\n",
    );
    expect(answered(await post(transport, chunked.origin)).text).toBe("abcde");
    const closing = await startRaw((socket) => socket.end("HTTP/1.0 400 Bad\r\n\r\nabcde"));
    extra.push(closing);
    expect(answered(await post(transport, closing.origin)).text).toBe("abcde");
  });

  it("comes after any number of informational ones", async () => {
    const early = "HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n";
    const server = await startAnswering(
      early,
      `HTTP/1.1 102 Processing\r\n\r\n${early}`,
      "HTTP/1.1 201 Created\r\nlocation: /m/1\r\ncontent-length: 0\r\n\r\n",
    );
    const response = answered(await post(transport, server.origin));
    expect(response.status).toBe(201);
    expect(response.headers).toEqual({ location: "/m/1", "content-length": "0" });
  });

  it("of 64 KiB is kept whole", async () => {
    const server = await startAnswering(
      "HTTP/1.1 200 OK\r\ncontent-length: 65536\r\n\r\n",
      Buffer.alloc(65_536, "a"),
    );
    const response = answered(await post(transport, server.origin));
    expect([response.body.length, response.truncated]).toEqual([65_536, false]);
  });

  it("is kept up to what the request allows", async () => {
    const server = await startAnswering(
      "HTTP/1.1 200 OK\r\ncontent-length: 200000\r\n\r\n",
      Buffer.alloc(200_000, "a"),
    );
    const whole = answered(await post(transport, server.origin, { max_answer_bytes: 200_000 }));
    expect([whole.body.length, whole.truncated]).toEqual([200_000, false]);
    const cut = answered(await post(transport, server.origin, { max_answer_bytes: 100 }));
    expect([cut.body.length, cut.truncated]).toEqual([100, true]);
  });

  it("that comes while a long request is still being written is one, and its connection is used no more", async () => {
    const server = await startRaw(
      () => {},
      (socket) =>
        socket.once("data", () => {
          socket.pause();
          socket.write("HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\n\r\n");
        }),
    );
    extra.push(server);
    const own = createHttp1Transport({ ca: trusted.cert });
    const body = Buffer.alloc(50_000_000);
    expect(answered(await post(own, server.origin, { body })).status).toBe(413);
    await until(() => own.connections?.() === 0);
    await own.close();
  });

  it("of 10 MB is cut at 64 KiB, and the connection with it", async () => {
    const server = await startAnswering(
      "HTTP/1.1 500 X\r\ncontent-length: 10000000\r\n\r\n",
      Buffer.alloc(10_000_000, "a"),
    );
    const response = answered(await post(transport, server.origin));
    expect(response).toMatchObject({ status: 500, truncated: true });
    expect(Buffer.from(response.body).equals(Buffer.alloc(65_536, "a"))).toBe(true);
    await until(() => server.sockets.open.size === 0);
  });
});

describe("connections", () => {
  it("are kept: requests one after the other share one", async () => {
    const own = createHttp1Transport({ ca: trusted.cert });
    const before = echo.sockets.total;
    for (let time = 0; time < 20; time += 1) answered(await post(own, echo.origin));
    expect([echo.sockets.total - before, own.connections?.()]).toEqual([1, 1]);
    await own.close();
  });

  it("are kept: 300 requests at once and 300 more share at most as many as allowed", async () => {
    const limited = createHttp1Transport({ ca: trusted.cert, max_connections_per_origin: 8 });
    const before = echo.sockets.total;
    for (const _round of [1, 2]) {
      const outcomes = await Promise.all(Array.from({ length: 300 }, () => post(limited, echo.origin)));
      expect(outcomes.filter((outcome) => answered(outcome).status === 200)).toHaveLength(300);
      expect(echo.sockets.total - before).toBe(8);
      expect(limited.connections?.()).toBe(8);
    }
    await limited.close();
    expect(limited.connections?.()).toBe(0);
  });

  it("to many origins are closed when too many are idle, the oldest first", async () => {
    const lookup = async () => [{ address: "127.0.0.1", family: 4 }];
    const wide = createHttp1Transport({ ca: trusted.cert, lookup });
    const origin = (number: number) => `https://host-${number}.push.test:${echo.port}`;
    for (let number = 0; number < 260; number += 1) answered(await post(wide, origin(number)));
    expect(wide.connections?.()).toBe(256);
    const before = echo.sockets.total;
    answered(await post(wide, origin(259)));
    expect(echo.sockets.total).toBe(before);
    answered(await post(wide, origin(0)));
    expect(echo.sockets.total).toBe(before + 1);
    await wide.close();
  });

  it("to the same host resume their TLS session", async () => {
    const resumed: boolean[] = [];
    const server = await startRaw(
      (socket) => socket.end("HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n"),
      (socket) => resumed.push(socket.isSessionReused()),
    );
    extra.push(server);
    const own = createHttp1Transport({ ca: trusted.cert });
    for (const _time of [1, 2, 3]) {
      answered(await post(own, server.origin));
      await until(() => own.connections?.() === 0);
    }
    expect(resumed).toEqual([false, true, true]);
    await own.close();
  });

  it("are not shared between a stranger's host and the operator's", async () => {
    const outcome = await post(transport, echo.origin, { guard: "public" });
    expect(outcome).toEqual({ outcome: "forbidden", reason: "ADDRESS_NOT_PUBLIC" });
  });

  it("are not reused after the server's own hint has run out", async () => {
    const hasty = await startHttps((_request, response) => response.end(), {
      ...trusted,
      keepAliveTimeout: 1000,
    });
    extra.push(hasty);
    answered(await post(transport, hasty.origin));
    answered(await post(transport, hasty.origin));
    expect(hasty.sockets.total).toBe(2);
  });

  it("that the server closed while they were idle count no more", async () => {
    const limited = createHttp1Transport({ ca: trusted.cert, max_connections_per_origin: 1 });
    for (let time = 0; time < 3; time += 1) {
      expect(answered(await post(limited, echo.origin)).status).toBe(200);
      for (const socket of echo.sockets.open) socket.end();
      await until(() => limited.connections?.() === 0);
    }
    await limited.close();
  });

  it("that the server closed while they were idle are replaced without a failure", async () => {
    answered(await post(transport, echo.origin));
    for (const socket of echo.sockets.open) socket.end();
    await until(() => echo.sockets.open.size === 0);
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => post(transport, echo.origin)));
    for (const outcome of outcomes) expect(answered(outcome).status).toBe(200);
  });
});
