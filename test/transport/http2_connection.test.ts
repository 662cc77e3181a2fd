import { describe, expect, it } from "vitest";
import {
  bytes,
  CODE,
  DATA,
  END_HEADERS,
  END_STREAM,
  GOAWAY,
  HEADERS,
  OK,
  PING,
  RST_STREAM,
  SETTINGS,
  setting,
  WINDOW_UPDATE,
  zeros,
} from "./http2_malformed_support.js";
import { connect, frame } from "./http2_socket_support.js";
import { answered } from "./support.js";

const window = (id: number, by: number) =>
  frame(WINDOW_UPDATE, 0, id, bytes(by >> 24, by >> 16, by >> 8, by));
const greeting = (...parameters: Buffer[]) => frame(SETTINGS, 0, 0, Buffer.concat(parameters));
const answer = (id: number, body: Buffer) =>
  Buffer.concat([frame(HEADERS, END_HEADERS, id, OK), frame(DATA, END_STREAM, id, body)]);
const size = (frames: readonly { payload: Buffer }[]) =>
  frames.reduce((sum, { payload }) => sum + payload.length, 0);

describe("what is written", () => {
  it("begins with the preface, no push, the longest header that we read, and a megabyte of room", () => {
    const { socket } = connect();
    expect(socket.written[0]?.toString("latin1", 0, 24)).toBe("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    expect(socket.take()).toEqual([
      { type: SETTINGS, flags: 0, id: 0, payload: Buffer.concat([setting(2, 0), setting(6, 65_536)]) },
      { type: WINDOW_UPDATE, flags: 0, id: 0, payload: bytes(0, 0x0f, 0, 1) },
    ]);
  });

  it("leaves with one write, however many requests it is", () => {
    const { socket, connection, start } = connect();
    socket.take();
    for (let i = 0; i < 50; i += 1) start("x".repeat(200));
    expect(socket.written).toHaveLength(0);
    connection.flush();
    expect(socket.written).toHaveLength(1);
    const frames = socket.take();
    expect(frames.map(({ type }) => type)).toEqual(Array.from({ length: 50 }, () => [HEADERS, DATA]).flat());
    expect(frames.map(({ id }) => id)).toEqual(Array.from({ length: 100 }, (_, at) => 1 + 2 * (at >> 1)));
  });

  it("has no DATA where there is no body", () => {
    const { socket, connection, start } = connect();
    socket.take();
    start(undefined, "GET");
    start("");
    connection.flush();
    const frames = socket.take();
    expect(frames.map(({ type, flags }) => [type, flags])).toEqual([
      [HEADERS, END_HEADERS | END_STREAM],
      [HEADERS, END_HEADERS | END_STREAM],
    ]);
  });

  it("takes turns: of two bodies neither waits for the other", () => {
    const { socket, connection, start, hear } = connect();
    hear(greeting(), window(0, 1_000_000));
    start("a".repeat(60_000));
    start("b".repeat(60_000));
    connection.flush();
    const ids = socket.take().flatMap(({ type, id }) => (type === DATA ? [id] : []));
    expect(ids).toEqual([1, 3, 1, 3, 1, 3, 1, 3]);
  });

  it("never is more than the windows take, of the stream and of the connection", () => {
    const { socket, connection, start, hear } = connect();
    const sent = () => size(socket.take().filter(({ type }) => type === DATA));
    hear(greeting());
    start("a".repeat(50_000));
    start("b".repeat(50_000));
    connection.flush();
    expect(sent()).toBe(65_535);
    hear(window(0, 100));
    expect(sent()).toBe(100);
    hear(greeting(setting(4, 0)));
    hear(window(0, 1_000_000));
    expect(sent()).toBe(0);
    // The window of each is below zero by what it has sent: the first room only fills it up.
    hear(window(1, 10_000));
    expect(sent()).toBe(0);
    hear(window(1, 90_000), window(3, 90_000));
    expect(sent()).toBe(100_000 - 65_535 - 100);
  });

  it("counts against the window of its stream, which the peer may then fill up again", () => {
    const { socket, connection, start, hear } = connect();
    hear(greeting(setting(4, 0x7fffffff)));
    for (const body of ["small", "a".repeat(30_000)]) start(body);
    connection.flush();
    hear(window(1, 5), window(3, 30_000));
    expect([connection.ended, connection.streams.size]).toEqual([false, 2]);
    expect(socket.take().filter(({ type }) => type === RST_STREAM)).toEqual([]);
  });

  it("of a small body waits like that of a large one when there is no room", () => {
    const { socket, connection, start, hear } = connect();
    hear(greeting());
    start("a".repeat(65_530));
    connection.flush();
    start("0123456789");
    connection.flush();
    expect(size(socket.take().filter(({ type }) => type === DATA))).toBe(65_535);
    hear(window(0, 100));
    expect(size(socket.take())).toBe(5);
    expect(connection.streams.size).toBe(2);
  });

  it("of a large body waits for a socket that is full; what is small does not", () => {
    const { socket, connection, start, hear } = connect();
    hear(greeting(setting(4, 10_000_000)), window(0, 10_000_000));
    start("a".repeat(5_000_000));
    connection.flush();
    expect(size(socket.take())).toBeLessThan(400_000);
    socket.writableLength = 300_000;
    start("small");
    hear(frame(PING, 0, 0, zeros(8)));
    expect(socket.take().map(({ type }) => type)).toEqual([HEADERS, DATA, PING]);
    for (let turns = 0; connection.streams.get(1)?.unsent.length !== 0; turns += 1) {
      expect(turns).toBeLessThan(30);
      socket.writableLength = 0;
      connection.flush();
      expect(size(socket.take())).toBeLessThan(400_000);
    }
  });
});

describe("room for answers", () => {
  it("is given by the half megabyte, not per answer", () => {
    const { socket, connection, start, hear } = connect();
    hear(greeting());
    socket.take();
    for (let id = 1; id < 20_000; id += 2) {
      start("x");
      hear(answer(id, zeros(100)));
    }
    const updates = socket.take().filter(({ type }) => type === WINDOW_UPDATE);
    expect(updates.map(({ id, payload }) => [id, payload.readUInt32BE(0)])).toEqual([[0, 524_300]]);
    expect(connection.streams.size).toBe(0);
  });

  it("is given to a stream whose answer is long, as long as it goes on", () => {
    const { socket, start, hear } = connect();
    start("x");
    hear(greeting(), frame(HEADERS, END_HEADERS, 1, OK));
    socket.take();
    hear(frame(DATA, 0, 1, zeros(16_384)), frame(DATA, 0, 1, zeros(16_383)));
    expect(socket.take()).toEqual([]);
    hear(frame(DATA, 0, 1, zeros(1)));
    expect(socket.take()).toEqual([{ type: WINDOW_UPDATE, flags: 0, id: 1, payload: bytes(0, 0, 0x80, 0) }]);
    hear(frame(DATA, 0, 1, zeros(16_384)), frame(DATA, END_STREAM, 1, zeros(16_384)));
    expect(socket.take()).toEqual([]);
  });

  it("is also given back for what comes on a stream that was cancelled, padding and all", () => {
    const { socket, connection, start, hear } = connect();
    connection.reset(start("x"), CODE.STREAM_CLOSED);
    hear(greeting());
    for (let i = 0; i < 32; i += 1) hear(frame(DATA, 8, 1, Buffer.concat([bytes(255), zeros(16_383)])));
    const frames = socket.take();
    expect(frames.filter(({ type }) => type === RST_STREAM)).toHaveLength(1);
    expect(frames.at(-1)).toEqual({ type: WINDOW_UPDATE, flags: 0, id: 0, payload: bytes(0, 8, 0, 0) });
  });
});

describe("frames that carry nothing", () => {
  const idle = (count: number) =>
    Buffer.concat(Array.from({ length: count }, () => frame(99, 0, 0, zeros(0))));

  it("are no flood when they come now and then", () => {
    const { connection, hear } = connect();
    hear(greeting(), idle(1000));
    connection.beat();
    hear(idle(1000));
    expect(connection.ended).toBe(false);
    hear(idle(1));
    expect([connection.ended, connection.reason]).toEqual([true, "H2_ENHANCE_YOUR_CALM"]);
  });

  it("nor when there is something between them", () => {
    const { connection, start, hear } = connect();
    hear(greeting());
    for (let id = 1; id < 20; id += 2) {
      start("x");
      hear(idle(900), answer(id, bytes(1)));
    }
    expect(connection.ended).toBe(false);
  });
});

describe("at its end", () => {
  it("a peer that has said its last is enough: nobody waits for the socket to close", async () => {
    const { socket, connection, start } = connect();
    const { outcome } = start("x");
    connection.flush();
    socket.emit("end");
    expect(await outcome).toMatchObject({ reach: "maybe_sent", reason: "H2_CONNECTION_CLOSED" });
  });

  it("what never left was not sent, what left may have been", async () => {
    const { socket, connection, start, hear } = connect();
    hear(greeting());
    const first = start("left");
    connection.flush();
    const second = start("did not");
    socket.writable = false;
    socket.emit("close");
    expect(await first.outcome).toMatchObject({ reach: "maybe_sent", reason: "H2_CONNECTION_CLOSED" });
    expect(await second.outcome).toMatchObject({ reach: "not_sent", reason: "H2_CONNECTION_CLOSED" });
  });

  it.each([
    ["what the peer said with a GOAWAY that names an error", 2, "GOAWAY_INTERNAL_ERROR"],
    ["the first of several GOAWAYs", 0, "GOAWAY_NO_ERROR"],
  ])("%s is the reason, whatever comes next", async (_title, code, reason) => {
    const { socket, connection, start, hear } = connect();
    hear(greeting());
    const [first, second] = [start("1"), start("2")];
    connection.flush();
    hear(
      frame(GOAWAY, 0, 0, bytes(0, 0, 0, 1, 0, 0, 0, code)),
      frame(GOAWAY, 0, 0, bytes(0, 0, 0, 1, 0, 0, 0, 11)),
    );
    socket.emit("error", Object.assign(new Error(), { code: "ECONNRESET" }));
    expect(await first.outcome).toMatchObject({ reach: "maybe_sent", reason });
    expect(await second.outcome).toMatchObject({ reach: "not_sent", reason });
  });

  it("says GOAWAY, with no stream processed, and writes nothing after it", () => {
    const { socket, connection, start, hear } = connect();
    start("x");
    connection.end("CLOSED");
    hear(greeting(), frame(PING, 0, 0, zeros(8)));
    connection.end("CLOSED");
    expect(socket.take().at(-1)).toEqual({ type: GOAWAY, flags: 0, id: 0, payload: zeros(8) });
    expect(socket.writable).toBe(false);
  });
});

it("an answer does not hold on to all that came along with it", async () => {
  const { connection, start, hear } = connect();
  const { outcome } = start("x");
  connection.flush();
  const frames = Buffer.concat([greeting(), answer(1, bytes(1, 2, 3)), frame(99, 0, 0, zeros(10_000))]);
  // With memory of its own, as from a socket: what `concat` makes may share it with the answer's copy.
  const chunk = Buffer.alloc(frames.length);
  frames.copy(chunk);
  hear(chunk);
  const { body } = answered(await outcome);
  expect([...body]).toEqual([1, 2, 3]);
  expect(body.buffer).not.toBe(chunk.buffer);
});

it("answers that come in one piece with the end of the connection are answers", async () => {
  const { socket, connection, start, hear } = connect();
  const exchanges = [start("1"), start("2"), start("3")];
  connection.flush();
  hear(Buffer.concat([greeting(), answer(5, bytes(0x33)), answer(1, bytes(0x31)), answer(3, bytes(0x32))]));
  socket.emit("end");
  const outcomes = await Promise.all(exchanges.map(({ outcome }) => outcome));
  expect(outcomes.map((outcome) => answered(outcome).text)).toEqual(["1", "2", "3"]);
});
