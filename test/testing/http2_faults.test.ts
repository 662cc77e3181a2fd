import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { GARBAGE, HUGE_BODY_BYTES } from "../../src/testing/http1_faults.js";
import {
  type Http2FaultKind,
  type HttpService,
  type ServedRequest,
  startHttpService,
} from "../../src/testing/kit.js";
import { request } from "./client.js";
import { connectHttp2, type Http2Client, type Http2Reply } from "./http2_client.js";
import { connectRaw, dataFrame, END_STREAM, type Frame, headersFrame, resetFrame } from "./http2_raw.js";

let service: HttpService;
let served: ServedRequest<Http2FaultKind>[];
let client: Http2Client;

beforeEach(async () => {
  served = [];
  service = await startHttpService(0, {
    identify: ({ path, headers }) => ({ device: path.slice(1), credential: headers.authorization }),
    serve: (one) => {
      served.push(one);
      const { status = 200, body = "accepted", headers } = one.scripted ?? {};
      return {
        status: one.credential_expired ? 403 : status,
        headers: { "x-answer": "yes", ...headers },
        body,
      };
    },
  });
  client = await connectHttp2(service.origin, service.ca);
});
afterEach(async () => {
  await client[Symbol.asyncDispose]();
  await service.close();
});

const post = (path = "/a", headers: Record<string, string> = {}) =>
  client.send({ path, headers, body: "body" });
const postAll = (...paths: string[]) => Promise.all(paths.map((path) => post(path)));
const statuses = (replies: Http2Reply[]) => replies.map(({ status }) => status);
const codes = (replies: Http2Reply[]) => replies.map(({ rst_code }) => rst_code);
/** What was processed. */
const processed = () => served.filter(({ unread }) => !unread).map(({ path }) => path);

const REFUSED_STREAM = 7;

describe("on a connection", () => {
  it("nothing goes wrong without a fault", async () => {
    expect(await post()).toMatchObject({
      status: 200,
      text: "accepted",
      rst_code: 0,
      headers: { "x-answer": "yes", "content-length": "8" },
    });
    expect(served[0]).toMatchObject({ method: "POST", path: "/a", stream_id: 1, unread: false });
    expect(served[0]?.body.toString()).toBe("body");
  });

  it("close ends it after the answers so far; what comes later is not processed", async () => {
    service.fault("close", { device_token: "b" });
    const [first, struck] = await postAll("/a", "/b");
    expect([first?.status, struck?.status]).toEqual([200, undefined]);
    await client.closed;
    expect(processed()).toEqual(["/a", "/b"]);
  });

  it("close spares nothing of which the body is still to come", async () => {
    service.script.set("*", [{ body: "" }]);
    service.fault("close", { after: 1, before_reading: true });
    const connection = await connectRaw(service);
    connection.write(headersFrame(1, { ends_stream: false }), headersFrame(3), dataFrame(1, "late"));
    await connection.closed;
    expect(served.map(({ stream_id, unread }) => [stream_id, unread])).toEqual([[3, true]]);
  });

  it("close is a FIN without a word", async () => {
    service.fault("close");
    const { frames, error } = await converse();
    expect(error).toBeUndefined();
    // SETTINGS, and the acknowledgement of the client's.
    expect(frames.map(({ name }) => name)).toEqual(["SETTINGS", "SETTINGS"]);
  });

  it("reset cuts it", async () => {
    service.fault("reset");
    expect(await post()).toMatchObject({ error: { code: "ECONNRESET" } });
    expect(processed()).toEqual(["/a"]);
  });

  it.each(["accepted", ""])("half_response announces more than comes (%j)", async (body) => {
    service.script.set("a", [{ body }]);
    service.fault("half_response");
    const reply = await post();
    expect(reply).toMatchObject({ status: 200, text: body || " " });
    expect(Number(reply.headers["content-length"])).toBeGreaterThan(reply.text.length);
    expect(reply.rst_code).not.toBe(0);
    await client.closed;
  });

  it("stall leaves one stream unanswered and the others alone", async () => {
    service.fault("stall", { times: 1 });
    let is_over = false;
    void post("/a").then(() => {
      is_over = true;
    });
    expect((await post("/b")).status).toBe(200);
    expect(processed()).toEqual(["/a", "/b"]);
    expect([is_over, client.session.destroyed]).toEqual([false, false]);
  });

  it("split sends each byte by itself, the body in frames of one byte", async () => {
    service.fault("split");
    const { frames, chunks } = await converse();
    const answer = chunks.slice(chunks.findIndex((chunk) => chunk.length === 1));
    expect(answer.every((chunk) => chunk.length === 1)).toBe(true);
    expect(frames.filter(({ name }) => name === "DATA")).toHaveLength("accepted".length + 1);
  });

  it("split is over when the stream is", async () => {
    service.fault("split", { times: 1 });
    const connection = await connectRaw(service);
    const answered = (id: number) => (one: Frame) => one.stream_id === id && (one.flags & END_STREAM) > 0;
    connection.write(headersFrame(1));
    await connection.until(answered(1));
    const { length } = connection.chunks;
    connection.write(headersFrame(3));
    await connection.until(answered(3));
    expect(connection.chunks.slice(length).some((chunk) => chunk.length === 1)).toBe(false);
    connection.end();
  });

  it("garbage is no HTTP/2", async () => {
    service.fault("garbage");
    const { chunks, error } = await converse();
    expect(error).toBeUndefined();
    expect(Buffer.concat(chunks).subarray(-GARBAGE.length).equals(GARBAGE)).toBe(true);
  });

  it("huge_body answers with 10 MB, and the other streams go on", async () => {
    service.fault("huge_body", { device_token: "a" });
    const [huge, other] = await postAll("/a", "/b");
    expect([huge?.status, huge?.text.length]).toEqual([200, HUGE_BODY_BYTES]);
    expect(other).toMatchObject({ status: 200, text: "accepted" });
  });

  it("refused_stream refuses one request, which is not processed", async () => {
    service.fault("refused_stream", { device_token: "b" });
    const replies = await postAll("/a", "/b", "/c");
    expect(statuses(replies)).toEqual([200, undefined, 200]);
    expect(codes(replies)).toEqual([0, REFUSED_STREAM, 0]);
    expect(processed()).toEqual(["/a", "/c"]);
    expect(served.find(({ path }) => path === "/b")).toMatchObject({ unread: true, fault: "refused_stream" });
  });

  it.each([
    [undefined, 2],
    [11, 11],
  ])("rst resets one stream, which was processed (error code %s)", async (error_code, expected) => {
    service.fault("rst", { device_token: "b", error_code });
    const replies = await postAll("/a", "/b", "/c");
    expect(statuses(replies)).toEqual([200, undefined, 200]);
    expect(codes(replies)).toEqual([0, expected, 0]);
    expect(processed()).toEqual(["/a", "/b", "/c"]);
  });

  it("stream_limit changes how many streams are allowed, in flight", async () => {
    service.fault("stream_limit", { times: 1, limit: 3 });
    service.fault("stream_limit", { times: 1 });
    expect(statuses(await postAll("/a", "/b"))).toEqual([200, 200]);
    expect(client.limits).toEqual([100, 3, 1]);
    expect(statuses(await postAll("/c", "/d", "/e"))).toEqual([200, 200, 200]);
  });

  it("expired_credentials are refused until another comes", async () => {
    const say = async (authorization: string) => (await post("/a", { authorization })).status;
    expect(await say("first")).toBe(200);
    service.fault("expired_credentials");
    expect([await say("first"), await say("second"), await say("first")]).toEqual([403, 200, 403]);
  });
});

describe("GOAWAY", () => {
  it("names the struck stream as the last; it is answered, later ones are not processed, and the connection ends", async () => {
    service.fault("goaway", { device_token: "b", debug_data: '{"reason":"Shutdown"}' });
    const replies = await postAll("/a", "/b", "/c", "/d");
    expect(statuses(replies)).toEqual([200, 200, undefined, undefined]);
    expect(codes(replies)).toEqual([0, 0, REFUSED_STREAM, REFUSED_STREAM]);
    expect(client.goaways).toEqual([{ code: 0, last_id: 3, data: '{"reason":"Shutdown"}' }]);
    await client.closed;
    expect(processed()).toEqual(["/a", "/b"]);
    expect(served).toHaveLength(2);
  });

  it("unprocessed names the stream before it; what came before is answered", async () => {
    service.script.set("a", [{ delay_ms: 30 }]);
    service.fault("goaway_unprocessed", { device_token: "b" });
    const replies = await postAll("/a", "/b", "/c");
    expect(statuses(replies)).toEqual([200, undefined, undefined]);
    expect(codes(replies)).toEqual([0, REFUSED_STREAM, REFUSED_STREAM]);
    expect(client.goaways[0]).toEqual({ code: 0, last_id: 1, data: "" });
    await client.closed;
    expect(processed()).toEqual(["/a"]);
    expect(served.find(({ path }) => path === "/b")).toMatchObject({ unread: true });
  });

  it("unprocessed strikes the first stream too: nothing at all was processed", async () => {
    service.fault("goaway_unprocessed");
    const replies = await postAll("/a", "/b");
    expect(codes(replies)).toEqual([REFUSED_STREAM, REFUSED_STREAM]);
    expect(client.goaways).toEqual([{ code: 0, last_id: 0, data: "" }]);
    await client.closed;
    expect(processed()).toEqual([]);
  });

  it("may carry an error code", async () => {
    service.fault("goaway", { error_code: 11 });
    const { frames } = await converse();
    const goaway = frames.find(({ name }) => name === "GOAWAY")?.payload;
    expect([goaway?.readUInt32BE(0), goaway?.readUInt32BE(4)]).toEqual([1, 11]);
  });

  it("never denies a later stream that has been processed already", async () => {
    const by_body = await startHttpService(0, {
      identifies_by_body: true,
      identify: (_head, body) => ({ device: body?.toString() }),
      serve: () => ({ status: 200 }),
    });
    for (const kind of ["goaway", "goaway_unprocessed"] as const) {
      by_body.fault(kind, { device_token: "late", times: 1 });
      await using one = await connectHttp2(by_body.origin, by_body.ca);
      const late = one.session.request({ ":method": "POST" });
      const outcome = new Promise((resolve) => {
        late.on("error", () => {}).on("close", () => resolve(late.rstCode));
      });
      late.resume().write("la");
      expect((await one.send({ body: "early" })).status).toBe(200);
      late.end("te");
      expect(await outcome).toBe(kind === "goaway" ? 0 : REFUSED_STREAM);
      expect(one.goaways[0]?.last_id).toBe(3);
      await one.closed;
    }
    await by_body.close();
  });

  it("spares the next connection", async () => {
    service.fault("goaway", { times: 1 });
    await post();
    await client.closed;
    client = await connectHttp2(service.origin, service.ca);
    expect((await post()).status).toBe(200);
    expect(served.map(({ connection }) => connection.id)).toEqual([1, 2]);
  });
});

describe("a fault", () => {
  it.each<Http2FaultKind>(["close", "reset", "stall", "garbage", "rst"])(
    "%s can strike before the body is read",
    async (kind) => {
      service.fault(kind, { before_reading: true });
      const stream = client.session.request({ ":method": "POST", ":path": "/a" }, { endStream: false });
      const closed = new Promise((resolve) => stream.on("error", () => {}).once("close", resolve));
      stream.write("the first half of a body");
      await expect.poll(() => served.length).toBe(1);
      expect(served[0]).toMatchObject({ unread: true, fault: kind });
      expect(served[0]?.body).toHaveLength(0);
      // On garbage node:http2, as a client, falls silent for good.
      if (kind !== "stall" && kind !== "garbage") await closed;
    },
  );

  it.each<Http2FaultKind>(["half_response", "split", "huge_body", "goaway", "stream_limit"])(
    "%s has an answer to send, and waits for the whole request",
    async (kind) => {
      service.fault(kind, { before_reading: true });
      expect((await post()).status).toBe(200);
      expect(served[0]).toMatchObject({ unread: false });
      expect(served[0]?.body.toString()).toBe("body");
    },
  );

  it("that HTTP/1.1 does not know passes its requests by", async () => {
    service.fault("refused_stream", { times: 1 });
    expect(await over1("/a")).toMatchObject({ status: 200, text: "accepted" });
    expect((await post()).rst_code).toBe(REFUSED_STREAM);
    expect((await post()).status).toBe(200);
  });

  it("that HTTP/1.1 knows works there as well", async () => {
    service.fault("close", { device_token: "a" });
    await expect(over1("/a")).rejects.toMatchObject({ code: "ECONNRESET" });
    expect((await over1("/b")).status).toBe(200);
  });

  it.each([{ limit: -1 }, { limit: 1.5 }, { error_code: -1 }, { error_code: 2 ** 32 }, { times: 0 }])(
    "is refused with %o",
    (options) => {
      expect(() => service.fault("stream_limit", options)).toThrow(RangeError);
    },
  );
});

it.each([0, 2, 8])(
  "a request that its sender gave up half way is none (error code %i)",
  async (error_code) => {
    const connection = await connectRaw(service);
    const half = [headersFrame(1, { ends_stream: false }), dataFrame(1, "half", { ends_stream: false })];
    connection.write(...half, resetFrame(1, error_code), headersFrame(3));
    await connection.until(({ stream_id, flags }) => stream_id === 3 && (flags & END_STREAM) > 0);
    expect(served.map(({ stream_id }) => stream_id)).toEqual([3]);
    connection.end();
  },
);

it("a scripted answer may have no body, and headers that HTTP/2 forbids are left out", async () => {
  service.script.set("a", [{ status: 204, body: "", headers: { Connection: "close", "Retry-After": "7" } }]);
  const reply = await post();
  expect(reply).toMatchObject({ status: 204, text: "", rst_code: 0, headers: { "retry-after": "7" } });
  expect(reply.headers["content-length"]).toBeUndefined();
});

const over1 = (path: string) => request({ url: `${service.origin}${path}`, ca: service.ca });

/** Everything that comes back for one request, as it is on the wire. */
async function converse() {
  const connection = await connectRaw(service);
  connection.write(headersFrame(1));
  await connection.until(({ name = "", flags }) => /^(DATA|HEADERS)$/.test(name) && (flags & END_STREAM) > 0);
  connection.end();
  const error = await connection.closed;
  return { chunks: connection.chunks, frames: connection.frames(), error };
}
