import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { startWnsService, type WnsDevice, type WnsService } from "../../../src/testing/index.js";
import { request } from "../../testing/client.js";
import { BADGE, goodPush, send, TOAST } from "./emulator_push.js";

const NOW_MS = Date.UTC(2026, 10, 20);

let now_ms = NOW_MS;
let service: WnsService;
beforeAll(async () => {
  service = await startWnsService({ clock: { now: () => now_ms } });
});
afterEach(() => {
  service.clearReceived();
  now_ms = NOW_MS;
});
afterAll(() => service.close());

const post = (device: WnsDevice, type?: string, headers: Record<string, string> = {}, body?: string) => {
  const push = goodPush(service, device, type, body);
  return send(service, { ...push, headers: { ...push.headers, ...headers } });
};

describe("what it hands out", () => {
  it("is a whole config for this service alone, for either flow", () => {
    const { origin, port, ca, config, legacy_config } = service;
    const reach = { allowed_hosts: [`localhost:${port}`], allow_private_endpoints: true, ca };
    const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
    expect(config).toEqual({
      tenant_id: expect.stringMatching(guid),
      client_id: expect.stringMatching(guid),
      client_secret: expect.stringMatching(/^[\w-]{6}8Q~[\w-]{32}$/),
      token_endpoint: expect.stringMatching(/^https:\/\/localhost:\d+\/[0-9a-f-]{36}\/oauth2\/v2\.0\/token$/),
      ...reach,
    });
    expect(config.token_endpoint).toContain(config.tenant_id);
    expect(legacy_config).toEqual({
      package_sid: expect.stringMatching(/^ms-app:\/\/s-1-15-2(-\d+){7}$/),
      client_secret: expect.stringContaining("+"),
      token_endpoint: expect.stringMatching(/^https:\/\/localhost:\d+\/accesstoken\.srf$/),
      ...reach,
    });
    expect(origin).toBe(`https://localhost:${port}`);
  });

  it("is a channel URI as Microsoft makes them", () => {
    const [one, other] = [service.createDevice(), service.createDevice()];
    const path = one.device_token.slice(service.origin.length);
    expect(path).toMatch(/^\/\?token=AwYAAAC[\w-]+%2b[\w-]+%2f[\w-]+%3d$/);
    expect(other.device_token).not.toBe(one.device_token);
    expect(one.connection_status).toBe("connected");
  });

  it("is an answer with everything by which Microsoft can find it again", async () => {
    const { headers } = await post(service.createDevice());
    expect(headers).toMatchObject({
      "x-wns-status": "received",
      "x-wns-notificationstatus": "received",
      "x-wns-msg-id": expect.stringMatching(/^[0-9A-F]{16}$/),
      "x-wns-debug-trace": expect.stringMatching(/^[0-9A-Z]+$/),
      "ms-cv": expect.stringMatching(/^[\w+/]{22}\.0$/),
      "strict-transport-security": expect.any(String),
    });
    const absent = ["error-description", "deviceconnectionstatus", "continue-after"].map(
      (name) => `x-wns-${name}`,
    );
    for (const name of [...absent, "retry-after", "www-authenticate", "allow"])
      expect(headers).not.toHaveProperty(name);
  });

  it("goes on using the sender's correlation vector", async () => {
    const { headers } = await post(service.createDevice(), "toast", { "ms-cv": "cVSDHFGs0UmSKG2n.1" });
    expect(headers["ms-cv"]).toBe("cVSDHFGs0UmSKG2n.1");
  });
});

describe("what it records", () => {
  it("is the whole request, decoded", async () => {
    const device = service.createDevice();
    const optional = {
      "x-wns-ttl": "3600",
      "x-wns-tag": "order42",
      "x-wns-group": "orders",
      "x-wns-priority": "1",
      "x-wns-cache-policy": "cache",
    };
    await post(device, "toast", optional);
    const [entry] = service.received;
    expect(entry).toEqual({
      device_token: device.device_token,
      method: "POST",
      path: device.device_token.slice(service.origin.length),
      headers: expect.objectContaining({ ...optional, "x-wns-type": "wns/toast" }),
      type: "toast",
      ttl: 3600,
      tag: "order42",
      group: "orders",
      priority: "1",
      cache_policy: "cache",
      body: Buffer.from(TOAST),
      text: TOAST,
      xml: expect.objectContaining({ name: "toast", attributes: { launch: "order=42" } }),
      lines: ["Order 42", "Shipped & on its way"],
      sender: "entra",
      status: 200,
      wns_status: "received",
      timestamp: "2026-11-20T00:00:00.000Z",
    });
    expect(device.received[0]).toBe(entry);
  });

  it("is raw bytes as they came, with their text where they have one", async () => {
    const device = service.createDevice();
    await post(device, "raw", {}, '{"a":1}');
    const push = { ...goodPush(service, device, "raw"), body: Uint8Array.of(255, 0) };
    await send(service, push);
    expect(device.received.map(({ type, text, xml, lines }) => [type, text, xml, lines])).toEqual([
      ["raw", '{"a":1}', undefined, undefined],
      ["raw", undefined, undefined, undefined],
    ]);
    expect([...(device.received[1]?.body ?? [])]).toEqual([255, 0]);
  });

  it("is a refused request too, and a request for nobody", async () => {
    const device = service.createDevice();
    await post(device, "toast", { "x-wns-ttl": "soon" });
    await request({ url: `${service.origin}/`, ca: service.ca, method: "GET" });
    expect(service.received).toMatchObject([
      { device_token: device.device_token, status: 400, lines: ["Order 42", "Shipped & on its way"] },
      { method: "GET", path: "/", status: 405 },
    ]);
    expect(service.received[0]?.ttl).toBeUndefined();
    expect(service.received[1]?.device_token).toBeUndefined();
    expect(device.received).toEqual([]);
  });

  it("can be awaited and cleared", async () => {
    const device = service.createDevice();
    const arrival = device.waitForMessages(2);
    const requests = service.waitForRequests(2);
    await post(device);
    await post(device, "badge");
    expect((await arrival).map(({ type }) => type)).toEqual(["toast", "badge"]);
    expect(await requests).toBe(service.received);
    await expect(device.waitForMessages(3, { timeout_ms: 1 })).rejects.toThrow("received 2 of the 3");
    service.clearReceived();
    expect([service.received, device.received]).toEqual([[], []]);
  });
});

describe("N3 a 200 is no delivery:", () => {
  it("a user who switched notifications off gets none, until they are on again", async () => {
    const device = service.createDevice();
    device.block();
    const reply = await post(device);
    expect(reply).toMatchObject({
      status: 200,
      headers: { "x-wns-status": "dropped", "x-wns-notificationstatus": "dropped" },
    });
    expect(reply.headers).not.toHaveProperty("x-wns-error-description");
    expect(service.received[0]).toMatchObject({ status: 200, wns_status: "dropped" });
    expect(device.received).toEqual([]);
    device.unblock();
    expect((await post(device)).headers["x-wns-status"]).toBe("received");
    expect(device.received).toHaveLength(1);
  });

  it("a throttled channel says for how long, and then takes notifications again", async () => {
    const [device, other] = [service.createDevice(), service.createDevice()];
    device.throttle(30);
    now_ms += 500;
    expect(await post(device)).toMatchObject({
      status: 200,
      headers: { "x-wns-status": "channelthrottled", "x-wns-continue-after": "30" },
    });
    expect((await post(other)).headers["x-wns-status"]).toBe("received");
    const wrong = await post(device, "toast", { "x-wns-ttl": "soon" });
    expect([wrong.status, wrong.headers["x-wns-continue-after"]]).toEqual([400, undefined]);
    now_ms += 29_499;
    expect((await post(device)).headers["x-wns-continue-after"]).toBe("1");
    now_ms += 1;
    expect((await post(device)).headers).not.toHaveProperty("x-wns-continue-after");
    expect(device.received).toHaveLength(1);
  });

  it("a channel is throttled for a minute unless told otherwise", async () => {
    const device = service.createDevice();
    device.throttle();
    expect((await post(device)).headers["x-wns-continue-after"]).toBe("60");
  });
});

describe("N4 the status of a connection", () => {
  it.each(["connected", "disconnected", "tempconnected"] as const)(
    "%s is told to who asks",
    async (status) => {
      const device = service.createDevice();
      if (status !== "connected") device.goOffline(status);
      expect(device.connection_status).toBe(status);
      const told = async (asks: Record<string, string>) =>
        (await post(device, "toast", asks)).headers["x-wns-deviceconnectionstatus"];
      expect(await told({ "x-wns-requestforstatus": "true" })).toBe(status);
      expect(await told({ "x-wns-requestforstatus": "false" })).toBeUndefined();
      expect(await told({})).toBeUndefined();
    },
  );
});

describe("a device that is offline", () => {
  const offline = () => {
    const device = service.createDevice();
    device.goOffline();
    return device;
  };
  const shown = (device: WnsDevice) => device.received.map(({ type, text }) => [type, text]);

  it("gets the last toast, tile and badge when it comes back, in order, and once", async () => {
    const device = offline();
    for (const value of ["1", "2"]) await post(device, "badge", {}, BADGE.replace("7", value));
    await post(device, "tile");
    const replies = [await post(device), await post(device, "badge", {}, BADGE.replace("7", "3"))];
    expect(replies.map(({ headers }) => headers["x-wns-status"])).toEqual(["received", "received"]);
    expect(shown(device)).toEqual([]);
    device.goOnline();
    device.goOnline();
    expect(shown(device).map(([type]) => type)).toEqual(["tile", "toast", "badge"]);
    expect(shown(device)[2]?.[1]).toContain("3");
    expect(device.connection_status).toBe("connected");
  });

  it("gets the last raw notification that was to be cached, and drops the others", async () => {
    const device = offline();
    const dropped = [
      await post(device, "raw"),
      await post(device, "raw", { "x-wns-cache-policy": "no-cache" }),
    ];
    expect(dropped.map(({ status, headers }) => [status, headers["x-wns-status"]])).toEqual([
      [200, "dropped"],
      [200, "dropped"],
    ]);
    const cached = await post(device, "raw", { "x-wns-cache-policy": "cache" }, "kept");
    expect(cached.headers["x-wns-status"]).toBe("received");
    device.goOnline();
    expect(shown(device)).toEqual([["raw", "kept"]]);
  });

  it("drops what was not to be cached", async () => {
    const device = offline();
    expect((await post(device, "tile", { "x-wns-cache-policy": "no-cache" })).headers["x-wns-status"]).toBe(
      "dropped",
    );
    device.goOnline();
    expect(shown(device)).toEqual([]);
  });

  it("does not get what expired in the meantime: by its TTL, or after three days", async () => {
    const device = offline();
    await post(device, "badge", { "x-wns-ttl": "60" });
    await post(device, "toast", { "x-wns-ttl": "61" });
    now_ms += 60_000;
    device.goOnline();
    expect(shown(device).map(([type]) => type)).toEqual(["toast"]);
    device.goOffline();
    await post(device, "tile");
    now_ms += 1;
    await post(device, "badge");
    now_ms += 3 * 86_400_000 - 1;
    device.goOnline();
    expect(shown(device).map(([type]) => type)).toEqual(["toast", "badge"]);
  });

  it("gets nothing once its channel has ended", async () => {
    const device = offline();
    await post(device);
    device.expire();
    device.goOnline();
    expect(shown(device)).toEqual([]);
  });
});

describe("closing", () => {
  it("is idempotent, frees the port and ends every wait", async () => {
    const other = await startWnsService();
    const waiting = expect(other.createDevice().waitForMessages(1)).rejects.toThrow("before it was closed");
    const requests = expect(other.waitForRequests(1)).rejects.toThrow("before it was closed");
    await Promise.all([other.close(), other.close()]);
    await other.close();
    await Promise.all([waiting, requests]);
    const next = await startWnsService({ port: other.port });
    expect(next.port).toBe(other.port);
    await next[Symbol.asyncDispose]();
    const { origin, ca, config } = next;
    for (const url of [origin, config.token_endpoint])
      await expect(request({ url, ca })).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });
});

it("many start at once, each with an app of its own", async () => {
  const many = await Promise.all(Array.from({ length: 10 }, () => startWnsService()));
  expect(new Set(many.map(({ port }) => port)).size).toBe(10);
  expect(new Set(many.map(({ config }) => config.client_secret)).size).toBe(10);
  const [one, other] = many;
  if (!one || !other) throw new Error("none started");
  const push = goodPush(other, one.createDevice());
  expect((await send(one, push)).status).toBe(401);
  await Promise.all(many.map((service) => service.close()));
});
