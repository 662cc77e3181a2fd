import { getEventListeners } from "node:events";
import type { TLSSocket } from "node:tls";
import { describe, expect, it } from "vitest";
import { answered, failure, post, startRaw, startTcp, until, useHttp1 } from "./support.js";

const http1 = useHttp1();
const { open, started } = http1;

describe("an abort settles at once", () => {
  it("as not_sent when it came before", async () => {
    const outcome = await post(open(), http1.echo.origin, { signal: AbortSignal.abort() });
    expect(outcome).toEqual(failure("not_sent", "ABORTED"));
  });

  it("as connect_failed while the name is looked up", async () => {
    const abort = new AbortController();
    const lookup = () => {
      queueMicrotask(() => abort.abort());
      return new Promise<never>(() => {});
    };
    const outcome = await post(open({ lookup }), "https://slow.test", { signal: abort.signal });
    expect(outcome).toEqual(failure("connect_failed", "ABORTED"));
  });

  it("as connect_failed while a server does not complete the handshake", async () => {
    const abort = new AbortController();
    const server = await started(startTcp((socket) => socket.once("data", () => abort.abort())));
    const outcome = await post(open(), server.origin, { signal: abort.signal });
    expect(outcome).toEqual(failure("connect_failed", "ABORTED"));
  });

  it("as not_sent while it waits for a connection, which is not disturbed", async () => {
    const server = await started(startRaw(() => {}));
    const transport = open({ max_connections_per_origin: 1 });
    const first = new AbortController();
    const running_one = post(transport, server.origin, { signal: first.signal });
    await until(() => transport.connections?.() === 1);
    const second = new AbortController();
    const queued = post(transport, server.origin, { signal: second.signal });
    second.abort();
    expect(await queued).toEqual(failure("not_sent", "ABORTED"));
    expect(transport.connections?.()).toBe(1);
    first.abort();
    expect(await running_one).toEqual(failure("maybe_sent", "ABORTED"));
  });

  it("and a request that was aborted while it waited never leaves", async () => {
    const sockets: TLSSocket[] = [];
    const paths: string[] = [];
    const server = await started(
      startRaw((socket, request) => {
        sockets.push(socket);
        paths.push(request.split(" ")[1] ?? "");
      }),
    );
    const transport = open({ max_connections_per_origin: 1 });
    const abort = new AbortController();
    const first = post(transport, server.origin, { path: "/1" });
    const second = post(transport, server.origin, { path: "/2", signal: abort.signal });
    const third = post(transport, server.origin, { path: "/3" });
    await until(() => paths.length === 1);
    abort.abort();
    expect(await second).toEqual(failure("not_sent", "ABORTED"));
    const answer = "HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n";
    sockets[0]?.write(answer);
    await until(() => paths.length === 2);
    sockets[1]?.write(answer);
    expect([answered(await first).status, answered(await third).status]).toEqual([201, 201]);
    expect(paths).toEqual(["/1", "/3"]);
    expect(server.sockets.total).toBe(1);
  });

  it("as maybe_sent when the server stalls, and no new connection is made for it", async () => {
    const abort = new AbortController();
    const server = await started(startRaw(() => abort.abort()));
    const transport = open();
    expect(await post(transport, server.origin, { signal: abort.signal })).toEqual(
      failure("maybe_sent", "ABORTED"),
    );
    await until(() => server.sockets.open.size === 0);
    expect([server.sockets.total, transport.connections?.()]).toEqual([1, 0]);
  });

  it("as maybe_sent in the middle of an answer that drips", async () => {
    const abort = new AbortController();
    const server = await started(
      startRaw((socket) => {
        socket.write("HTTP/1.1 201 Created\r\ncontent-length: 1000\r\n\r\n");
        let drops = 0;
        const drip = setInterval(() => {
          socket.write("a");
          drops += 1;
          if (drops === 5) abort.abort();
        }, 5);
        socket.once("close", () => clearInterval(drip));
      }),
    );
    expect(await post(open(), server.origin, { signal: abort.signal })).toEqual(
      failure("maybe_sent", "ABORTED"),
    );
    await until(() => server.sockets.open.size === 0);
  });

  it("and changes nothing after the answer", async () => {
    const abort = new AbortController();
    const transport = open();
    expect(answered(await post(transport, http1.echo.origin, { signal: abort.signal })).text).toBe("fine");
    expect(getEventListeners(abort.signal, "abort")).toEqual([]);
    abort.abort();
    expect(answered(await post(transport, http1.echo.origin)).text).toBe("fine");
    expect(transport.connections?.()).toBe(1);
  });
});
