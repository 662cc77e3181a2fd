import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type HttpService, startHttpService } from "../../src/testing/kit.js";
import { connectHttp2, type Http2Client, type Http2Reply } from "./http2_client.js";
import { connectRaw, END_STREAM, headersFrame } from "./http2_raw.js";

let service: HttpService;
let client: Http2Client;

beforeEach(async () => {
  service = await startHttpService(0, {
    identify: ({ path }) => ({ device: path.slice(1) }),
    serve: () => ({ status: 200, body: "accepted" }),
  });
  client = await connectHttp2(service.origin, service.ca);
});
afterEach(async () => {
  await client[Symbol.asyncDispose]();
  await service.close();
});

const post = (path: string) => client.send({ path, body: "body" });

describe("an answer in pieces", () => {
  it("is cut where it is told to: two frames", async () => {
    service.fault("split", { cut_at: 3 });
    const connection = await connectRaw(service);
    connection.write(headersFrame(1));
    await connection.until(({ stream_id, flags }) => stream_id === 1 && (flags & END_STREAM) > 0);
    const data = connection.frames().filter(({ name }) => name === "DATA");
    expect(data.map(({ payload }) => payload.toString()).filter(Boolean)).toEqual(["acc", "epted"]);
    connection.end();
  });

  it("pauses after each byte of the body; other streams are answered meanwhile", async () => {
    service.fault("split", { device_token: "a", pause_ms: 600_000 });
    let slow: Http2Reply | undefined;
    void post("/a").then((reply) => {
      slow = reply;
    });
    expect(await post("/b")).toMatchObject({ status: 200, text: "accepted" });
    expect(slow).toBeUndefined();
    service.fault("split", { device_token: "c", pause_ms: 2 });
    const started = performance.now();
    expect(await post("/c")).toMatchObject({ status: 200, text: "accepted" });
    expect(performance.now() - started).toBeGreaterThan("accepted".length);
  });
});
