import { Worker } from "node:worker_threads";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createHttp1Transport } from "../../src/transport/http1.js";
import { post, trusted, until } from "./support.js";

/** In a thread of its own, so that none of its handles are counted. `/stall` is never answered. */
const SERVER = `
const { parentPort, workerData } = require("node:worker_threads");
const server = require("node:https").createServer(workerData, (request, response) => {
  if (request.url !== "/stall") response.end("fine");
});
server.listen(0, "127.0.0.1", () => parentPort.postMessage(server.address().port));
const silent = require("node:net").createServer((socket) => socket.on("error", () => {}).resume());
silent.listen(0, "127.0.0.1", () => parentPort.postMessage(silent.address().port));
`;

let worker: Worker;
const ports: number[] = [];

beforeAll(async () => {
  worker = new Worker(SERVER, { eval: true, workerData: { cert: trusted.cert, key: trusted.key } });
  worker.on("message", (port: number) => ports.push(port));
  await until(() => ports.length === 2);
});

afterAll(() => worker.terminate());

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
    const [https, silent] = ports.map((port) => `https://127.0.0.1:${port}`) as [string, string];
    const before = process.getActiveResourcesInfo();
    const transport = createHttp1Transport({ ca: trusted.cert, max_connections_per_origin: 4 });
    await Promise.all(Array.from({ length: 20 }, () => post(transport, https)));
    const running = Array.from({ length: 10 }, () => post(transport, https, { path: "/stall" }));
    const connecting = Array.from({ length: 10 }, () => post(transport, silent));
    await until(() => transport.connections?.() === 4);
    await new Promise((resolve) => setImmediate(resolve));
    await transport.close();
    expect(transport.connections?.()).toBe(0);
    expect(newHandles(before)).toEqual([]);

    const reaches = async (sends: typeof running) =>
      (await Promise.all(sends)).map((outcome) => "reach" in outcome && `${outcome.reach} ${outcome.reason}`);
    const of = (count: number, text: string) => Array.from({ length: count }, () => text);
    expect((await reaches(running)).sort()).toEqual([
      ...of(4, "maybe_sent CLOSED"),
      ...of(6, "not_sent CLOSED"),
    ]);
    expect(await reaches(connecting)).toEqual(of(10, "connect_failed CLOSED"));
  });

  it("is heard only once, and nothing is sent afterwards", async () => {
    const transport = createHttp1Transport({ ca: trusted.cert });
    const first = transport.close();
    expect(transport.close()).toBe(first);
    await first;
    const outcome = await post(transport, `https://127.0.0.1:${ports[0]}`);
    expect(outcome).toEqual({ outcome: "failure", reach: "not_sent", reason: "CLOSED" });
  });

  it("in the middle of the very first send leaves nothing open either", async () => {
    const before = process.getActiveResourcesInfo();
    const transport = createHttp1Transport({ ca: trusted.cert });
    const sending = post(transport, `https://127.0.0.1:${ports[0]}`);
    await transport.close();
    expect(await sending).toMatchObject({ outcome: "failure", reason: "CLOSED" });
    expect(transport.connections?.()).toBe(0);
    expect(newHandles(before)).toEqual([]);
  });
});

it("idle connections do not keep a process alive", async () => {
  const transport = createHttp1Transport({ ca: trusted.cert });
  const before = process.getActiveResourcesInfo();
  await post(transport, `https://127.0.0.1:${ports[0]}`);
  await until(() => transport.connections?.() === 1 && newHandles(before).length === 0);
  await transport.close();
});
