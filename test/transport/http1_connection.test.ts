import { describe, expect, it, vi } from "vitest";
import { openPool, turn } from "./http1_socket_support.js";
import { answered, failure, until } from "./support.js";

const DONE = "HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n";

describe("a request", () => {
  it("leaves with one write, however long its body is", async () => {
    const { sockets, send } = openPool();
    await send({ body: "x".repeat(100_000) });
    expect(sockets[0]?.written).toHaveLength(1);
    expect(sockets[0]?.written[0]?.length).toBeGreaterThan(100_000);
  });

  it("waits for a connection that is free, and leaves at the end of the turn", async () => {
    const { pool, sockets, send } = openPool();
    const first = await send();
    sockets[0]?.hear(DONE);
    expect(answered(await first.outcome).status).toBe(201);
    const request = { method: "POST", url: "https://push.test/2", headers: {} };
    const { signal } = new AbortController();
    void pool.send(request, signal);
    void pool.send(request, signal);
    expect(sockets[0]?.written).toHaveLength(1);
    await turn();
    expect(sockets[0]?.written).toHaveLength(2);
    sockets[0]?.hear(DONE);
    await turn();
    expect(sockets[0]?.written).toHaveLength(3);
    expect(sockets).toHaveLength(1);
  });

  it("that is given up in the same turn never leaves", async () => {
    const { pool, sockets, send } = openPool();
    const first = await send();
    sockets[0]?.hear(DONE);
    await first.outcome;
    const abort = new AbortController();
    const outcome = pool.send({ method: "POST", url: "https://push.test/2", headers: {} }, abort.signal);
    abort.abort();
    expect(await outcome).toEqual(failure("not_sent", "ABORTED"));
    await turn();
    expect(sockets.map(({ written, destroyed }) => [written.length, destroyed])).toEqual([[1, false]]);
  });

  it("does not follow an answer over a connection that ends in the same turn", async () => {
    const { sockets, send } = openPool();
    const first = await send();
    const second = await send();
    sockets[0]?.hear(DONE);
    sockets[0]?.emit("end");
    expect(answered(await first.outcome).status).toBe(201);
    await until(() => sockets[1]?.written.length === 1);
    expect(sockets[0]?.written).toHaveLength(1);
    sockets[1]?.hear(DONE);
    expect(answered(await second.outcome).status).toBe(201);
  });

  it("follows a quick answer, which comes before it is heard that the request was written", async () => {
    const { sockets, send } = openPool();
    const first = await send();
    Object.assign(sockets[0] ?? {}, { writableLength: 500 });
    sockets[0]?.hear(DONE);
    await first.outcome;
    await send();
    expect(sockets.map(({ written }) => written.length)).toEqual([2]);
  });

  it("to HEAD has no body in its answer, and the connection goes on", async () => {
    const { sockets, send } = openPool();
    const head = await send({ method: "HEAD", body: undefined });
    sockets[0]?.hear("HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n");
    expect(answered(await head.outcome)).toMatchObject({ status: 200, text: "", truncated: false });
    const next = await send();
    sockets[0]?.hear(DONE);
    expect(answered(await next.outcome).status).toBe(201);
    expect(sockets).toHaveLength(1);
  });
});

describe("a connection is used no more", () => {
  it.each([
    ["when its answer says so", "HTTP/1.1 201 X\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"],
    ["when its time is over at once", "HTTP/1.1 201 X\r\nkeep-alive: timeout=1\r\ncontent-length: 0\r\n\r\n"],
    ["when there are bytes behind its answer", `${DONE}H`],
    ["when there is another answer behind its answer", DONE + DONE],
  ])("%s", async (_title, bytes) => {
    const { pool, sockets, send } = openPool();
    const first = await send();
    sockets[0]?.hear(bytes);
    expect(answered(await first.outcome).status).toBe(201);
    expect(sockets[0]?.destroyed).toBe(true);
    const second = await send();
    expect(sockets).toHaveLength(2);
    expect(pool.connections).toBe(1);
    sockets[1]?.hear(DONE);
    expect(answered(await second.outcome).status).toBe(201);
  });

  it("when something comes that was not asked for", async () => {
    const { sockets, send } = openPool();
    const first = await send();
    sockets[0]?.hear(DONE);
    await first.outcome;
    sockets[0]?.hear("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nother");
    expect(sockets[0]?.destroyed).toBe(true);
    await send();
    expect(sockets.map(({ written }) => written.length)).toEqual([1, 1]);
  });

  it("when the answer came before all of a long request was written", async () => {
    const { sockets, send } = openPool();
    const first = await send();
    if (sockets[0]) sockets[0].writableNeedDrain = true;
    sockets[0]?.hear("HTTP/1.1 413 X\r\ncontent-length: 0\r\n\r\n");
    expect(answered(await first.outcome).status).toBe(413);
    expect(sockets[0]?.destroyed).toBe(true);
  });

  it("when the peer ends it while it is idle", async () => {
    const { pool, sockets, send } = openPool();
    const first = await send();
    sockets[0]?.hear(DONE);
    await first.outcome;
    sockets[0]?.emit("end");
    await send();
    expect(sockets.map(({ written }) => written.length)).toEqual([1, 1]);
    expect(pool.connections).toBe(1);
  });

  it("once its answer was retired: at once when it is idle, after its request when it is not", async () => {
    for (const busy of [false, true]) {
      const { sockets, send } = openPool();
      const first = await send();
      sockets[0]?.hear(DONE);
      const outcome = await first.outcome;
      if (outcome.outcome !== "response") throw new Error("no answer");
      const second = busy ? await send() : undefined;
      outcome.retire?.();
      outcome.retire?.();
      expect(sockets[0]?.destroyed).toBe(!busy);
      sockets[0]?.hear(DONE);
      if (second) expect(answered(await second.outcome).status).toBe(201);
      expect(sockets[0]?.destroyed).toBe(true);
      await send();
      expect(sockets.map(({ written }) => written.length)).toEqual([busy ? 2 : 1, 1]);
    }
  });
});

describe("a connection that breaks", () => {
  it("before any byte of the answer may have carried its request, also when it is not the first", async () => {
    const { sockets, send } = openPool();
    const first = await send();
    sockets[0]?.hear(DONE);
    await first.outcome;
    const second = await send();
    sockets[0]?.emit("end");
    expect(await second.outcome).toEqual(failure("maybe_sent", "UND_ERR_SOCKET"));
  });

  it.each([
    [new Error("https://push.test/secret"), "NETWORK_ERROR"],
    [Object.assign(new Error("secret"), { code: "https://push.test/secret" }), "NETWORK_ERROR"],
    [Object.assign(new TypeError("secret"), { code: 7 }), "TypeError"],
    [Object.assign(new Error("secret"), { code: "ECONNRESET" }), "ECONNRESET"],
  ])(
    "never makes the text of its error, which may quote an endpoint, a reason (%#)",
    async (error, reason) => {
      const { sockets, send } = openPool();
      const { outcome } = await send();
      sockets[0]?.emit("error", error);
      sockets[0]?.destroy();
      expect(await outcome).toEqual(failure("maybe_sent", reason));
    },
  );

  it("lets those who wait go on over another", async () => {
    const { sockets, send } = openPool();
    const first = await send();
    const second = await send();
    sockets[0]?.hear("garbage\r\n\r\n");
    expect(await first.outcome).toEqual(failure("maybe_sent", "HTTPParserError"));
    await until(() => sockets[1]?.written.length === 1);
    sockets[1]?.hear(DONE);
    expect(answered(await second.outcome).status).toBe(201);
  });

  it("in the middle of a body that it ends itself has brought its answer", async () => {
    const { sockets, send } = openPool();
    const { outcome } = await send();
    sockets[0]?.hear("HTTP/1.1 400 X\r\n\r\nhel", "lo");
    sockets[0]?.emit("end");
    expect(answered(await outcome)).toMatchObject({ status: 400, text: "hello" });
  });

  it("by an error in the middle of such a body has not", async () => {
    const { sockets, send } = openPool();
    const { outcome } = await send();
    sockets[0]?.hear("HTTP/1.1 400 X\r\n\r\nhel");
    sockets[0]?.emit("error", Object.assign(new Error(), { code: "ECONNRESET" }));
    sockets[0]?.destroy();
    expect(await outcome).toEqual(failure("maybe_sent", "ECONNRESET"));
  });
});

describe("an idle connection", () => {
  it("is watched by one timer, which goes with the last one", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    try {
      const { pool, sockets, send } = openPool({ max_connections: 2 });
      await Promise.all([send(), send()]);
      expect([sockets.length, vi.getTimerCount()]).toEqual([2, 1]);
      for (const socket of sockets) socket.hear(DONE);
      await pool.close();
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it("does not keep the process alive, and one with a request does", async () => {
    const { sockets, send } = openPool();
    const first = await send();
    expect(sockets[0]?.held).toBe(true);
    sockets[0]?.hear(DONE);
    await first.outcome;
    await turn();
    expect(sockets[0]?.held).toBe(false);
    await send();
    expect(sockets[0]?.held).toBe(true);
  });

  it("is closed when its time is over, without anybody asking", async () => {
    const { pool, sockets, send } = openPool({ beat_ms: 5 });
    const { outcome } = await send();
    // 1 s after the margin of 2 s.
    sockets[0]?.hear("HTTP/1.1 201 X\r\nkeep-alive: timeout=3\r\ncontent-length: 0\r\n\r\n");
    await outcome;
    expect(pool.connections).toBe(1);
    await until(() => pool.connections === 0);
    expect(sockets[0]?.destroyed).toBe(true);
  });

  it("is not used when its time is over, whether or not it has been noticed", async () => {
    const { sockets, send } = openPool({ beat_ms: 1_000_000, max_connections: 2 });
    const both = [await send(), await send()];
    for (const socket of sockets)
      socket.hear("HTTP/1.1 201 X\r\nkeep-alive: timeout=3\r\ncontent-length: 0\r\n\r\n");
    await Promise.all(both.map(({ outcome }) => outcome));
    const over = performance.now() + 1001;
    await until(() => performance.now() > over);
    const next = [await send(), await send()];
    expect(sockets.map(({ destroyed, written }) => [destroyed, written.length])).toEqual([
      [true, 1],
      [true, 1],
      [false, 1],
      [false, 1],
    ]);
    for (const socket of sockets.slice(2)) socket.hear(DONE);
    for (const { outcome } of next) expect(answered(await outcome).status).toBe(201);
  });
});
