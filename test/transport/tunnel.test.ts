import type { Socket } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Transport } from "../../src/codec.js";
import { createHttp1Transport, type Http1TransportOptions } from "../../src/transport/http1.js";
import { answered, post, type Running, startHttps, startProxy, startTcp, trusted, until } from "./support.js";

let echo: Running;
const running: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  echo = await startHttps((request, response) => response.end(`fine ${request.headers.host}`));
});

afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.close()));
});

afterAll(() => echo.close());

function open(options: Http1TransportOptions): Transport {
  const transport = createHttp1Transport({ ca: trusted.cert, ...options });
  running.push(transport);
  return transport;
}

async function started<T extends { close(): Promise<void> }>(server: Promise<T>): Promise<T> {
  running.push(await server);
  return server;
}

describe("through a proxy", () => {
  it("the operator's host is named to the proxy, and TLS goes through to it", async () => {
    const proxy = await started(startProxy(echo.port));
    const transport = open({ proxy: `http://127.0.0.1:${proxy.port}` });
    const answers = await Promise.all([1, 2, 3].map(() => post(transport, "https://push.test:8443")));
    for (const outcome of answers) expect(answered(outcome).text).toBe("fine push.test:8443");
    expect(proxy.requests).toHaveLength(3);
    expect(proxy.requests[0]).toBe("CONNECT push.test:8443 HTTP/1.1\r\nhost: push.test:8443\r\n\r\n");
    answered(await post(transport, "https://push.test:8443"));
    expect(proxy.requests).toHaveLength(3);
  });

  it.each([
    ["IPv4", [{ address: "8.8.8.8", family: 4 }], "8.8.8.8:443"],
    ["IPv6", [{ address: "2606:4700::1111", family: 6 }], "[2606:4700::1111]:443"],
    [
      "both",
      [
        { address: "2606:4700::1111", family: 6 },
        { address: "8.8.8.8", family: 4 },
      ],
      "8.8.8.8:443",
    ],
  ])(
    "a stranger's host is resolved here, and only its checked address is named: %s",
    async (_title, addresses, target) => {
      const proxy = await started(startProxy(echo.port));
      const names: string[] = [];
      const lookup = async (name: string) => {
        names.push(name);
        return addresses;
      };
      const transport = open({ proxy: `http://127.0.0.1:${proxy.port}`, lookup });
      const outcome = await post(transport, "https://push.test", { guard: "public" });
      expect(answered(outcome).text).toBe("fine push.test");
      expect(proxy.requests).toEqual([`CONNECT ${target} HTTP/1.1\r\nhost: ${target}\r\n\r\n`]);
      expect(names).toEqual(["push.test"]);
    },
  );

  it("a stranger's private host is refused before the proxy hears of it", async () => {
    const proxy = await started(startProxy(echo.port));
    const lookup = async () => [{ address: "10.0.0.1", family: 4 }];
    const transport = open({ proxy: `http://127.0.0.1:${proxy.port}`, lookup });
    const outcome = await post(transport, "https://push.test", { guard: "public" });
    expect(outcome).toEqual({ outcome: "forbidden", reason: "ADDRESS_NOT_PUBLIC" });
    expect(proxy.sockets.total).toBe(0);
  });

  it("its certificate is checked against the host, not against what the proxy was told", async () => {
    const proxy = await started(startProxy(echo.port));
    const lookup = async () => [{ address: "8.8.8.8", family: 4 }];
    const transport = open({ proxy: `http://127.0.0.1:${proxy.port}`, lookup });
    const outcome = await post(transport, "https://other.example", { guard: "public" });
    expect(outcome).toMatchObject({ reach: "connect_failed", reason: "ERR_TLS_CERT_ALTNAME_INVALID" });
  });

  it("credentials travel as Proxy-Authorization, to the proxy only", async () => {
    const proxy = await started(startProxy(echo.port));
    const transport = open({ proxy: `http://user:p%40ss@127.0.0.1:${proxy.port}` });
    answered(await post(transport, "https://push.test"));
    const expected = `proxy-authorization: Basic ${Buffer.from("user:p@ss").toString("base64")}`;
    expect(proxy.requests[0]?.split("\r\n")).toContain(expected);
  });

  it("the way to the proxy may be TLS itself, and is verified", async () => {
    const proxy = await started(startProxy(echo.port, { tls: true }));
    const transport = open({ proxy: `https://127.0.0.1:${proxy.port}` });
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => post(transport, "https://push.test")));
    for (const outcome of outcomes) expect(answered(outcome).text).toBe("fine push.test");
    await transport.close();
    await until(() => proxy.sockets.open.size === 0);

    const distrusting = open({ ca: undefined, proxy: `https://127.0.0.1:${proxy.port}` });
    const outcome = await post(distrusting, "https://push.test");
    expect(outcome).toMatchObject({ reach: "connect_failed", reason: "PROXY_DEPTH_ZERO_SELF_SIGNED_CERT" });
    expect(proxy.requests).toHaveLength(5);
  });

  it("nothing is resolved here for the operator's host", async () => {
    const proxy = await started(startProxy(echo.port));
    const lookup = () => Promise.reject(new Error("asked"));
    const transport = open({ lookup, proxy: `http://127.0.0.1:${proxy.port}` });
    expect(answered(await post(transport, "https://push.test")).status).toBe(200);
  });
});

describe("a proxy that fails is connect_failed, and nothing hangs", () => {
  const answers = (text: string) => (socket: Socket) => socket.write(text);
  it.each([
    ["refuses", answers("HTTP/1.1 403 Forbidden\r\ncontent-length: 4\r\n\r\nbody"), "PROXY_STATUS_403"],
    ["wants credentials", answers("HTTP/1.1 407 X\r\nproxy-authenticate: Basic\r\n\r\n"), "PROXY_STATUS_407"],
    ["cannot reach the host", answers("HTTP/1.0 502 Bad Gateway\r\n\r\n"), "PROXY_STATUS_502"],
    ["closes without an answer", (socket: Socket) => socket.end(), "PROXY_ECONNRESET"],
    [
      "closes in the middle of its answer",
      (socket: Socket) => socket.end("HTTP/1.1 200 OK\r\nvia"),
      "PROXY_ECONNRESET",
    ],
    ["resets", (socket: Socket) => socket.resetAndDestroy(), "PROXY_ECONNRESET"],
    ["speaks no HTTP", answers("220 mail.example ESMTP\r\n\r\n"), "PROXY_BAD_ANSWER"],
    ["never ends its answer", answers(`HTTP/1.1 200 OK\r\n${"x: y\r\n".repeat(10_000)}`), "PROXY_BAD_ANSWER"],
    ["adds bytes to its answer", answers("HTTP/1.1 200 OK\r\n\r\nhello"), "PROXY_BAD_ANSWER"],
    ["says nothing", () => {}, "CONNECT_TIMEOUT"],
    ["says yes and then nothing", answers("HTTP/1.1 200 OK\r\n\r\n"), "CONNECT_TIMEOUT"],
  ])("when it %s", async (_title, act, reason) => {
    const proxy = await started(startTcp((socket) => socket.once("data", () => act(socket))));
    const transport = open({ proxy: `http://user:secret@127.0.0.1:${proxy.port}`, connect_timeout_ms: 500 });
    const outcomes = await Promise.all([1, 2, 3].map(() => post(transport, "https://push.test")));
    for (const outcome of outcomes)
      expect(outcome).toEqual({ outcome: "failure", reach: "connect_failed", reason });
    await until(() => proxy.sockets.open.size === 0);
  });

  it("when it is not there", async () => {
    const proxy = await startTcp(() => {});
    await proxy.close();
    const outcome = await post(open({ proxy: `http://127.0.0.1:${proxy.port}` }), "https://push.test");
    expect(outcome).toEqual({ outcome: "failure", reach: "connect_failed", reason: "PROXY_ECONNREFUSED" });
  });

  it("when its URL cannot be used", async () => {
    const outcome = await post(open({ proxy: "socks5://secret:1080" }), "https://push.test");
    expect(outcome).toEqual({ outcome: "failure", reach: "connect_failed", reason: "PROXY_URL_INVALID" });
  });

  it("when the caller gives up", async () => {
    const abort = new AbortController();
    const proxy = await started(startTcp((socket) => socket.once("data", () => abort.abort())));
    const transport = open({ proxy: `http://127.0.0.1:${proxy.port}` });
    const outcome = await post(transport, "https://push.test", { signal: abort.signal });
    expect(outcome).toEqual({ outcome: "failure", reach: "connect_failed", reason: "ABORTED" });
    await until(() => proxy.sockets.open.size === 0);
  });

  it("and a host that breaks off the handshake behind it is not the proxy's failure", async () => {
    const proxy = await started(
      startTcp((socket) =>
        socket.once("data", () => {
          socket.once("data", () => socket.destroy());
          socket.write("HTTP/1.1 200 OK\r\n\r\n");
        }),
      ),
    );
    const outcome = await post(open({ proxy: `http://127.0.0.1:${proxy.port}` }), "https://push.test");
    expect(outcome).toEqual({ outcome: "failure", reach: "connect_failed", reason: "ECONNRESET" });
  });
});

describe("proxy: env", () => {
  const names = ["HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"] as const;
  const before = names.map((name) => [name, process.env[name]] as const);
  afterEach(() => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });

  it("follows HTTPS_PROXY, and NO_PROXY past it", async () => {
    for (const name of names) delete process.env[name];
    const proxy = await started(startProxy(echo.port));
    process.env.HTTPS_PROXY = `http://127.0.0.1:${proxy.port}`;
    process.env.NO_PROXY = "127.0.0.1, direct.push.test";
    const transport = open({ proxy: "env", lookup: async () => [{ address: "127.0.0.1", family: 4 }] });
    answered(await post(transport, echo.origin));
    answered(await post(transport, `https://direct.push.test:${echo.port}`));
    expect(proxy.requests).toHaveLength(0);
    answered(await post(transport, `https://push.test:${echo.port}`));
    expect(proxy.requests).toHaveLength(1);
  });

  it("is not followed unless asked to", async () => {
    for (const name of names) delete process.env[name];
    process.env.HTTPS_PROXY = "http://127.0.0.1:1";
    answered(await post(open({}), echo.origin));
  });
});
