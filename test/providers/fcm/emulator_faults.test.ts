/** Faults that a test asks for. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  type FcmDevice,
  type FcmFaultKind,
  type FcmService,
  startFcmService,
} from "../../../src/testing/index.js";
import { connectHttp2 } from "../../testing/http2_client.js";
import { bodyOf, goodPush, type Push, send, sendMessage } from "./emulator_push.js";

let service: FcmService;
beforeAll(async () => {
  service = await startFcmService();
});
afterEach(() => {
  service.clearFaults();
  service.clearReceived();
});
afterAll(() => service.close());

const push = (device: FcmDevice) => sendMessage(service, device);

describe("fault", () => {
  it.each<FcmFaultKind>(["close", "reset"])("%s loses the answer, and the message arrives", async (kind) => {
    const [device, other] = [service.createDevice(), service.createDevice()];
    const end = service.fault(kind, { device_token: device.device_token });
    await expect(push(device)).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(device.received[0]).toMatchObject({ fault: kind });
    expect(device.received[0]?.status).toBeUndefined();
    expect((await push(other)).status).toBe(200);
    end();
    expect((await push(device)).status).toBe(200);
  });

  it("before the request is processed keeps the message from arriving, and still finds its device", async () => {
    const [device, other] = [service.createDevice(), service.createDevice()];
    service.fault("close", { before_reading: true, device_token: device.device_token });
    expect((await push(other)).status).toBe(200);
    await expect(push(device)).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(service.received[1]).toMatchObject({ fault: "close", device_token: device.device_token });
    expect(service.received[1]?.name).toBeUndefined();
    expect(device.received).toEqual([]);
  });

  it("half_response was answered, as far as the status", async () => {
    const device = service.createDevice();
    service.fault("half_response", { times: 1 });
    await expect(push(device)).rejects.toThrow();
    expect(device.received[0]).toMatchObject({ status: 200, fault: "half_response" });
  });

  it("refuses a stream over HTTP/2, for one device among others on the same connection", async () => {
    const [device, other] = [service.createDevice(), service.createDevice()];
    service.fault("refused_stream", { device_token: device.device_token });
    await using client = await connectHttp2(service.origin, service.ca);
    const ask = ({ path, headers, ...rest }: Push) =>
      client.send({ path, headers, body: bodyOf({ path, headers, ...rest }) });
    const [refused, taken] = await Promise.all([
      ask(goodPush(service, device)),
      ask(goodPush(service, other)),
    ]);
    expect([refused.status, refused.rst_code]).toEqual([undefined, 7]);
    expect(taken.status).toBe(200);
    expect([device.received.length, other.received.length]).toEqual([0, 1]);
    expect((await push(device)).status).toBe(200);
  });

  it("says goodbye over HTTP/2 before the request is processed", async () => {
    const [device, other] = [service.createDevice(), service.createDevice()];
    service.fault("goaway_unprocessed", { device_token: device.device_token });
    await using client = await connectHttp2(service.origin, service.ca);
    const ask = (to: FcmDevice) => {
      const { path, headers, ...rest } = goodPush(service, to);
      return client.send({ path, headers, body: bodyOf({ path, headers, ...rest }) });
    };
    expect((await ask(other)).status).toBe(200);
    expect((await ask(device)).status).toBeUndefined();
    await client.closed;
    expect([client.goaways[0]?.last_id, device.received.length]).toEqual([1, 0]);
    expect(service.received[1]).toMatchObject({
      device_token: device.device_token,
      fault: "goaway_unprocessed",
    });
  });

  it("says goodbye over HTTP/2 and answers what came before", async () => {
    const device = service.createDevice();
    service.fault("goaway", { times: 1 });
    await using client = await connectHttp2(service.origin, service.ca);
    const { path, headers, ...rest } = goodPush(service, device);
    const { status } = await client.send({ path, headers, body: bodyOf({ path, headers, ...rest }) });
    await client.closed;
    expect([status, client.goaways[0]?.last_id]).toEqual([200, 1]);
  });

  it("is not for a token that is none of its devices", () => {
    expect(() => service.fault("close", { device_token: "nobody" })).toThrow("not a token of this service");
  });

  it("expired_credentials is what Google says of an old access token, until another comes", async () => {
    const old = goodPush(service, service.createDevice());
    expect((await send(service, old)).status).toBe(200);
    service.fault("expired_credentials");
    const { status, details } = await send(service, old);
    expect([status, details.ErrorInfo?.reason]).toEqual([401, "ACCESS_TOKEN_EXPIRED"]);
    expect(service.received.at(-1)).toMatchObject({
      reason: "UNAUTHENTICATED",
      fault: "expired_credentials",
    });
    expect((await push(service.createDevice())).status).toBe(200);
    expect((await send(service, old)).status).toBe(401);
  });
});
