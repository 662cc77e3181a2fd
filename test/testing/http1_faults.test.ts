import { once } from "node:events";
import { setImmediate as nextTurn } from "node:timers/promises";
import { connect, type TLSSocket } from "node:tls";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Http1FaultKind, HUGE_BODY_BYTES } from "../../src/testing/http1_faults.js";
import { type Http1Service, type ServedRequest, startHttp1Service } from "../../src/testing/http1_service.js";
import { request } from "./client.js";

let service: Http1Service;
let served: ServedRequest[];

beforeEach(async () => {
  served = [];
  service = await startHttp1Service(0, {
    identify: ({ path, headers }) => ({ device: path.slice(1), credential: headers.authorization }),
    serve: (one) => {
      served.push(one);
      const { status = 201, body = "accepted" } = one.scripted ?? {};
      return { status: one.credential_expired ? 401 : status, headers: { "x-answer": "yes" }, body };
    },
  });
});
afterEach(() => service.close());

const post = (path = "/a", headers: Record<string, string> = {}) =>
  request({ url: `${service.origin}${path}`, ca: service.ca, headers, body: Buffer.from("body") });

describe("on the wire", () => {
  it("nothing goes wrong without a fault", async () => {
    const reply = await post();
    expect(reply).toMatchObject({ status: 201, text: "accepted" });
    expect(served[0]).toMatchObject({ method: "POST", path: "/a", unread: false, fault: undefined });
    expect(served[0]?.body.toString()).toBe("body");
  });

  it("close ends the connection without a byte of an answer", async () => {
    service.fault("close");
    const { bytes, error } = await converse();
    expect(bytes).toHaveLength(0);
    expect(error).toBeUndefined();
    await expect(post()).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(served[0]?.body.toString()).toBe("body");
  });

  it("reset cuts the connection", async () => {
    service.fault("reset");
    const { bytes, error } = await converse();
    expect(bytes).toHaveLength(0);
    expect(error).toMatchObject({ code: "ECONNRESET" });
  });

  it("half_response announces more than comes", async () => {
    service.fault("half_response");
    const { text, error } = await converse();
    expect(error).toBeUndefined();
    const [head = "", body = ""] = text.split("\r\n\r\n");
    expect(head).toMatch(/^HTTP\/1.1 201 Created\r\n/);
    expect(body).toBe("accepted");
    const announced = Number(/content-length: (\d+)/.exec(head)?.[1]);
    expect(announced).toBeGreaterThan(body.length);
    await expect(post()).rejects.toThrow();
  });

  it("stall says nothing and keeps the connection", async () => {
    service.fault("stall");
    const socket = await open();
    let heard = 0;
    socket.on("data", () => heard++).on("end", () => heard++);
    socket.write(REQUEST);
    await expect.poll(() => served.length).toBe(1);
    // A second connection is served in the meantime: the first one had its turn.
    service.clearFaults();
    expect((await post()).status).toBe(201);
    expect(heard).toBe(0);
    expect(socket.readable).toBe(true);
    socket.destroy();
  });

  it("split sends the whole answer, each byte by itself", async () => {
    service.fault("split");
    const { text, chunks } = await converse();
    expect(text).toMatch(/^HTTP\/1.1 201 Created\r\n.*x-answer: yes\r\n.*\r\n\r\naccepted$/s);
    expect(chunks.every((chunk) => chunk.length === 1)).toBe(true);
    expect(await post()).toMatchObject({ status: 201, text: "accepted" });
  });

  it("split in two cuts the body where it is told to", async () => {
    service.fault("split", { cut_at: 3 });
    const { chunks } = await converse();
    expect(chunks.at(-2)?.toString()).toMatch(/\r\n\r\nacc$/);
    expect(chunks.at(-1)?.toString()).toBe("epted");
    expect(await post()).toMatchObject({ status: 201, text: "accepted" });
  });

  it("split slowly pauses after each byte, and a pause keeps no process alive", async () => {
    service.fault("split", { pause_ms: 2 });
    const started = performance.now();
    const { chunks } = await converse();
    expect(performance.now() - started).toBeGreaterThan(chunks.length);
    expect(chunks.length).toBeGreaterThan(50);
    service.clearFaults();
    service.fault("split", { pause_ms: 600_000 });
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
    const before = timers();
    const socket = await open();
    socket.write(REQUEST);
    await once(socket, "data");
    expect(timers()).toBe(before);
    socket.destroy();
  });

  it("garbage is no HTTP", async () => {
    service.fault("garbage");
    await expect(post()).rejects.toMatchObject({ code: expect.stringMatching(/^HPE_/) });
  });

  it("huge_body answers with 10 MB", async () => {
    service.fault("huge_body");
    const { status, text } = await post();
    expect(status).toBe(201);
    expect(text).toHaveLength(HUGE_BODY_BYTES);
  });

  it("expired_credentials are refused until another comes", async () => {
    const statuses: number[] = [];
    const say = async (authorization: string) => statuses.push((await post("/a", { authorization })).status);
    await say("first");
    service.fault("expired_credentials");
    await say("first");
    await say("second");
    await say("first");
    expect(statuses).toEqual([201, 401, 201, 401]);
  });

  it.each<Http1FaultKind>(["close", "reset", "stall", "garbage"])(
    "%s can strike before the body is read",
    async (kind) => {
      service.fault(kind, { before_reading: true });
      const socket = await open();
      const closed = new Promise((resolve) =>
        socket
          .resume()
          .once("error", () => {})
          .once("close", resolve),
      );
      socket.write("POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n");
      await expect.poll(() => served.length).toBe(1);
      expect(served[0]).toMatchObject({ unread: true, fault: kind });
      expect(served[0]?.body).toHaveLength(0);
      if (kind !== "stall") await closed;
      socket.destroy();
    },
  );

  it.each<Http1FaultKind>(["half_response", "split", "huge_body"])(
    "%s has an answer to send, and waits for the whole request",
    async (kind) => {
      service.fault(kind, { before_reading: true });
      await post().catch(() => {});
      expect(served[0]).toMatchObject({ unread: false });
      expect(served[0]?.body.toString()).toBe("body");
    },
  );
});

describe("a fault", () => {
  it("can be for one device, after some requests, for a number of times, and be ended", async () => {
    const outcome = (path: string) =>
      post(path).then(
        ({ status }) => status,
        () => "lost",
      );
    service.fault("close", { device_token: "a", after: 1, times: 1 });
    expect(await outcome("/b")).toBe(201);
    expect([await outcome("/a"), await outcome("/a"), await outcome("/a")]).toEqual([201, "lost", 201]);
    const end = service.fault("reset");
    expect(await outcome("/b")).toBe("lost");
    end();
    expect(await outcome("/b")).toBe(201);
  });
});

describe("a script", () => {
  it("gives the answer, later when it is told to", async () => {
    service.script.set("a", [{ status: 503, body: "busy", delay_ms: 40 }]);
    const started = performance.now();
    expect(await post()).toMatchObject({ status: 503, text: "busy" });
    // Timers may fire a millisecond early.
    expect(performance.now() - started).toBeGreaterThan(38);
    expect((await post("/b")).status).toBe(201);
  });

  it("is not used up by a request that is not processed", async () => {
    service.script.set("a", [[{ status: 503 }]]);
    service.fault("close", { before_reading: true, times: 1 });
    await expect(post()).rejects.toThrow();
    expect((await post()).status).toBe(503);
  });

  it("may keep many requests waiting, and does not hold up close", async () => {
    const warnings: string[] = [];
    const note = ({ message }: Error) => warnings.push(message);
    process.on("warning", note);
    service.script.set("a", [{ status: 503, delay_ms: 600_000 }]);
    const waiting = Array.from({ length: 30 }, () =>
      expect(post()).rejects.toMatchObject({ code: "ECONNRESET" }),
    );
    await expect.poll(() => served.length, { timeout: 10_000 }).toBe(30);
    await service.close();
    await Promise.all(waiting);
    process.off("warning", note);
    expect(warnings).toEqual([]);
    // Not by polling, which would set timers of its own.
    const deadline = performance.now() + 5000;
    const hasTimers = () => process.getActiveResourcesInfo().includes("Timeout");
    while (hasTimers() && performance.now() < deadline) await nextTurn();
    expect(hasTimers()).toBe(false);
  });
});

it("a request that its sender gave up half way is none", async () => {
  const socket = await open();
  socket.write("POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nhalf");
  socket.destroy();
  expect((await post("/b")).status).toBe(201);
  expect(served.map(({ path }) => path)).toEqual(["/b"]);
});

const REQUEST = "POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nbody";

async function open(): Promise<TLSSocket> {
  const socket = connect({ host: "127.0.0.1", port: service.port, ca: service.ca, servername: "localhost" });
  await once(socket, "secureConnect");
  return socket;
}

/** One request over a connection of its own; everything that comes back until it ends. */
async function converse(): Promise<{ bytes: Buffer; text: string; chunks: Buffer[]; error: unknown }> {
  const socket = await open();
  const chunks: Buffer[] = [];
  let error: unknown;
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  socket.on("error", (reason) => {
    error = reason;
  });
  socket.write(REQUEST);
  await new Promise((resolve) => socket.once("close", resolve));
  const bytes = Buffer.concat(chunks);
  return { bytes, text: bytes.toString(), chunks, error };
}
