import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTransport } from "../../src/transport/transport.js";
import { send, sendMany, tally } from "./http2_support.js";
import { trusted, until } from "./support.js";

/**
 * In a process of its own, so that none of its handles are counted. (Not in a thread: Node breaks off when a thread with
 * an HTTP/2 server is ended in the middle of a read.) `/stall` is never answered.
 */
const SERVER = `
const { cert, key } = JSON.parse(process.env.TRUSTED);
const server = require("node:http2").createSecureServer({ cert, key, settings: { maxConcurrentStreams: 4 } });
server.on("session", (session) => session.on("error", () => {}));
server.on("stream", (stream, headers) => {
  stream.on("error", () => {});
  if (headers[":path"] !== "/stall") { stream.respond(); stream.end("fine"); }
});
const silent = require("node:net").createServer((socket) => socket.on("error", () => {}).resume());
server.listen(0, "127.0.0.1", () => silent.listen(0, "127.0.0.1", () => {
  console.log(JSON.stringify([server.address().port, silent.address().port]));
}));
process.stdin.on("end", () => process.exit()).resume();
`;

let server: ChildProcess;
let ports: number[] = [];

beforeAll(async () => {
  const env = { ...process.env, TRUSTED: JSON.stringify(trusted) };
  server = spawn(process.execPath, ["-e", SERVER], { env, stdio: ["pipe", "pipe", "inherit"] });
  server.stdout?.once("data", (text) => {
    ports = JSON.parse(text);
  });
  await until(() => ports.length === 2);
});

afterAll(async () => {
  server.stdin?.end();
  await once(server, "exit");
});

const origins = () => ports.map((port) => `https://127.0.0.1:${port}`) as [string, string];
const open = (options = {}) => createTransport({ ca: trusted.cert, ...options });

/** What keeps this process alive now and did not then, but for the turn of the loop that is under way. */
function newHandles(before: readonly string[]): string[] {
  const known = [...before];
  return process.getActiveResourcesInfo().filter((name) => {
    const index = known.indexOf(name);
    if (index >= 0) known.splice(index, 1);
    return index < 0 && name !== "Immediate";
  });
}

describe("close", () => {
  it("settles what runs, what connects and what waits, and leaves nothing open", async () => {
    const [h2, silent] = origins();
    const before = process.getActiveResourcesInfo();
    const transport = open({ max_sessions_per_origin: 1 });
    expect(tally(await sendMany(transport, h2, 20))).toEqual({ 200: 20 });
    const running = sendMany(transport, h2, 10, { path: "/stall" });
    const connecting = sendMany(transport, silent, 10);
    await new Promise((resolve) => setImmediate(resolve));
    await transport.close();
    expect(transport.connections?.()).toBe(0);
    expect(newHandles(before)).toEqual([]);
    expect(tally(await running)).toEqual({ "maybe_sent CLOSED": 4, "not_sent CLOSED": 6 });
    expect(tally(await connecting)).toEqual({ "connect_failed CLOSED": 10 });
  });

  it("is heard only once, and nothing is sent afterwards", async () => {
    const transport = open();
    const first = transport.close();
    expect(transport.close()).toBe(first);
    await first;
    for (const protocol of ["h1", "h2", "alpn"] as const) {
      const outcome = await send(transport, origins()[0], { connection: { protocol } });
      expect(outcome).toEqual({ outcome: "failure", reach: "not_sent", reason: "CLOSED" });
    }
  });

  it("in the middle of the very first send leaves nothing open either", async () => {
    for (const protocol of ["h1", "h2", "alpn"] as const) {
      const before = process.getActiveResourcesInfo();
      const transport = open();
      const sending = send(transport, origins()[0], { connection: { protocol } });
      await transport.close();
      expect(await sending).toMatchObject({ outcome: "failure", reason: "CLOSED" });
      expect(transport.connections?.()).toBe(0);
      expect(newHandles(before)).toEqual([]);
    }
  });

  it("while SETTINGS are awaited, while sessions drain and while they grow leaves nothing open", async () => {
    const [h2] = origins();
    const before = process.getActiveResourcesInfo();
    for (let round = 0; round < 20; round += 1) {
      const transport = open({ max_sessions_per_origin: 5 });
      const sending = sendMany(transport, h2, 40, { path: round % 2 ? "/stall" : "/" });
      // A little further each time.
      for (let turn = 0; turn < round; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      await transport.close();
      expect(transport.connections?.()).toBe(0);
      expect(await sending).toHaveLength(40);
    }
    expect(newHandles(before)).toEqual([]);
  });
});

describe("idle connections", () => {
  it("do not keep a process alive; requests do", async () => {
    const [h2] = origins();
    const before = process.getActiveResourcesInfo();
    const transport = open();
    await sendMany(transport, h2, 20);
    await until(() => newHandles(before).length === 0);
    expect(transport.connections?.()).toBeGreaterThan(0);
    const abort = new AbortController();
    const stalled = send(transport, h2, { path: "/stall", signal: abort.signal });
    await new Promise((resolve) => setImmediate(resolve));
    expect(newHandles(before).length).toBeGreaterThan(0);
    abort.abort();
    await stalled;
    await until(() => newHandles(before).length === 0);
    await transport.close();
  });
});
