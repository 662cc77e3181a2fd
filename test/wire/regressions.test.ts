/** What today's libraries get wrong, as promises: each row of the list is tried on every service that it concerns. */
import { createServer, connect as openSocket, type Server, type Socket } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { closeAllProviders } from "../../src/index.js";
import {
  closeServices,
  devicesOf,
  OVER_HTTP2,
  openProvider,
  PLATFORMS,
  type Service,
  startService,
  tokensOf,
  WITH_TOKEN_ENDPOINT,
} from "./services.js";

const uncaught: unknown[] = [];
const hear = (error: unknown) => void uncaught.push(error);
beforeAll(() => void process.on("uncaughtException", hear).on("unhandledRejection", hear));
afterAll(() => void process.off("uncaughtException", hear).off("unhandledRejection", hear));
afterEach(async () => {
  await closeAllProviders({ timeout_seconds: 0 });
  await closeServices();
});

const payload = { title: "hello", body: "world" };
const QUICK = { timeout_seconds: 2, retry: { base_delay_ms: 1 } };

describe.each(PLATFORMS)("%s", (platform) => {
  it("R1 a connection that ends in mid-batch settles everything, and nothing is delivered twice", async () => {
    const service = await startService(platform);
    const provider = await openProvider(platform, service, { ...QUICK, max_concurrency: 20 });
    const devices = devicesOf(service, 200);
    service.fault("close", { after: 100, times: 3 });
    const results = await provider.sendMulticastNotification(tokensOf(devices), payload);
    expect(results).toHaveLength(200);
    expect(results.filter(({ success }) => !success).length).toBeGreaterThan(0);
    for (const [i, result] of results.entries()) {
      const arrived = devices[i]?.received.length ?? 0;
      if (result.success) expect(arrived).toBe(1);
      else {
        expect(result).toMatchObject({ error_code: "NETWORK_ERROR", may_have_been_sent: true });
        expect(arrived).toBeLessThanOrEqual(1);
      }
    }
  });

  it("R2 half a response settles, as unanswered", async () => {
    const service = await startService(platform);
    const provider = await openProvider(platform, service, QUICK);
    const { device_token } = service.createDevice();
    service.fault("half_response", { device_token });
    const result = await provider.sendNotification(device_token, payload);
    expect(result).toMatchObject({ error_code: "NETWORK_ERROR", may_have_been_sent: true, attempts: 1 });
  });

  it("R12 queue time does not count against an attempt's timeout", async () => {
    const service = await startService(platform);
    const provider = await openProvider(platform, service, { max_concurrency: 1 });
    const [first, ...rest] = tokensOf(devicesOf(service, 6));
    // The first one pays for connection and credential.
    await provider.sendNotification(first, payload);
    service.respond("*", { delay_ms: 400 });
    const results = await Promise.all(
      rest.map((token) => provider.sendNotification(token, payload, { timeout_seconds: 1 })),
    );
    expect(results.map(({ success }) => success)).toEqual(Array(5).fill(true));
    expect(Math.max(...results.map(({ duration_ms }) => duration_ms))).toBeGreaterThan(1200);
  });

  it("R20 two clients with different credentials side by side do not interfere", async () => {
    const services = [await startService(platform), await startService(platform)];
    const providers = await Promise.all(services.map((service) => openProvider(platform, service)));
    const devices = services.map((service) => devicesOf(service, 50));
    const results = await Promise.all(
      providers.map((provider, i) => provider.sendMulticastNotification(tokensOf(devices[i] ?? []), payload)),
    );
    expect(results.flat().every(({ success }) => success)).toBe(true);
    for (const [i, service] of services.entries()) {
      expect(service.received).toHaveLength(50);
      const known = new Set(tokensOf(devices[i] ?? []));
      expect(service.received.every(({ device_token }) => known.has(device_token ?? ""))).toBe(true);
    }
    const authorizations = services.map(
      ({ received }) => new Set(received.map(({ headers }) => headers.authorization)),
    );
    expect([...(authorizations[0] ?? [])].filter((one) => authorizations[1]?.has(one))).toEqual([]);
  });

  it("R13 R15 a lifetime is told in the service's own unit, and 0 stays 0", async () => {
    const service = await startService(platform);
    const provider = await openProvider(platform, service);
    const before = Math.floor(Date.now() / 1000);
    for (const ttl_seconds of [90, 0]) {
      const { device_token } = service.createDevice();
      const result = await provider.sendNotification(device_token, { ...payload, ttl_seconds });
      expect(result.success).toBe(true);
    }
    const told = service.received.map((received) => LIFETIME[platform](received));
    const now = platform === "apns" ? before : 0;
    expect(told[0]).toBeGreaterThanOrEqual(now + 89);
    expect(told[0]).toBeLessThanOrEqual(now + 100);
    expect(told[1]).toBe(0);
  });
});

const LIFETIME = {
  web_push: ({ headers }: Service["received"][number]) => Number(headers.ttl),
  fcm: (received: object) =>
    Number.parseInt((received as { message: { android: { ttl: string } } }).message.android.ttl, 10),
  apns: ({ headers }: Service["received"][number]) => Number(headers["apns-expiration"]),
  wns: ({ headers }: Service["received"][number]) => Number(headers["x-wns-ttl"]),
};

describe.each(OVER_HTTP2)("%s over HTTP/2", (platform) => {
  it("R16 a refused stream is sent again, and delivered once", async () => {
    const service = await startService(platform);
    const provider = await openProvider(platform, service, QUICK);
    const devices = devicesOf(service, 40);
    for (const { device_token } of devices) service.fault("refused_stream", { device_token, times: 1 });
    const results = await provider.sendMulticastNotification(tokensOf(devices), payload);
    expect(results.map(({ success, attempts, warnings }) => [success, attempts, warnings])).toEqual(
      Array(40).fill([true, 2, []]),
    );
    expect(devices.map(({ received }) => received.length)).toEqual(Array(40).fill(1));
  });

  it("a connection that is drained (GOAWAY) costs nothing: above the last id is sent again, below is answered", async () => {
    const service = await startService(platform);
    const provider = await openProvider(platform, service, QUICK);
    const devices = devicesOf(service, 300);
    for (const after of [50, 120, 200]) service.fault("goaway", { after, times: 1 });
    service.fault("goaway_unprocessed", { after: 250, times: 1 });
    const results = await provider.sendMulticastNotification(tokensOf(devices), payload);
    expect(results.filter(({ success }) => !success)).toEqual([]);
    expect(devices.map(({ received }) => received.length)).toEqual(Array(300).fill(1));
  });

  it("R8 an endpoint that is down five times and then up recovers", async () => {
    const service = await startService(platform);
    const gate = await openGate(service, (socket, number) => number <= 5 && socket.destroy());
    const endpoint = `https://localhost:${gate.port}`;
    const retry = { base_delay_ms: 10, max_delay_ms: 50, max_attempts: 10, budget: false };
    const provider = await openProvider(platform, service, { endpoint, retry });
    const device = service.createDevice();
    const result = await provider.sendNotification(device.device_token, payload);
    expect(result).toMatchObject({ success: true, attempts: 6, warnings: [] });
    expect(device.received).toHaveLength(1);
    gate.close();
  });

  it("R10 a reset in the TLS handshake settles, and is tried again", async () => {
    const service = await startService(platform);
    const gate = await openGate(service, (socket, number) => {
      if (number > 2) return false;
      socket.once("data", () => socket.resetAndDestroy());
      return true;
    });
    const provider = await openProvider(platform, service, {
      endpoint: `https://localhost:${gate.port}`,
      retry: { base_delay_ms: 1 },
    });
    const result = await provider.sendNotification(service.createDevice().device_token, payload);
    expect(result).toMatchObject({ success: true, attempts: 3 });
    gate.close();
  });

  it("R11 300 parallel sends share connections: no more than the stream limit asks for", async () => {
    const service = await startService(platform);
    const provider = await openProvider(platform, service);
    const results = await Promise.all(
      tokensOf(devicesOf(service, 300)).map((token) => provider.sendNotification(token, payload)),
    );
    expect(results.every(({ success }) => success)).toBe(true);
    // FCM lets a connection have a hundred streams, APNs a thousand.
    const connections = new Set(service.received.map(({ connection_id }) => connection_id)).size;
    expect(connections).toBeLessThanOrEqual(platform === "apns" ? 1 : 3);
  });
});

describe.each(WITH_TOKEN_ENDPOINT)("%s and its token endpoint", (platform) => {
  it("R11 300 parallel sends share one request for an access token", async () => {
    const service = await startService(platform);
    const provider = await openProvider(platform, service);
    const results = await Promise.all(
      tokensOf(devicesOf(service, 300)).map((token) => provider.sendNotification(token, payload)),
    );
    expect(results.every(({ success }) => success)).toBe(true);
    expect(service.token_requests).toBe(1);
  });

  it("R17 a 401 renews the token once for all who wait", async () => {
    const service = await startService(platform);
    const provider = await openProvider(platform, service);
    const devices = devicesOf(service, 101);
    await provider.sendNotification(devices[0]?.device_token, payload);
    service.fault("expired_credentials");
    const results = await provider.sendMulticastNotification(tokensOf(devices.slice(1)), payload);
    expect(results.filter(({ success }) => !success)).toEqual([]);
    expect(service.token_requests).toBe(2);
    expect(devices.map(({ received }) => received.length)).toEqual(Array(101).fill(1));
  });
});

it("R3 20,000 tokens in one call on one session: each has its result", async () => {
  const service = await startService("apns");
  const provider = await openProvider("apns", service);
  const tokens = tokensOf(devicesOf(service, 1000));
  const list = Array.from({ length: 20_000 }, (_, i) => tokens[i % 1000] ?? "");
  const results = await provider.sendMulticastNotification(list, payload);
  expect(results.filter(({ success }) => !success)).toEqual([]);
  expect(results.every(({ index, device_token }, i) => index === i && device_token === list[i])).toBe(true);
  expect(service.received).toHaveLength(20_000);
  expect(new Set(service.received.map(({ connection_id }) => connection_id)).size).toBe(1);
});

it("R9 in all of that no error escaped to the process", () => {
  expect(uncaught).toEqual([]);
});

/** A way to the service on which connections can be turned away; `turnAway` is told which one it is, from 1. */
async function openGate(service: Service, turnAway: (socket: Socket, number: number) => unknown) {
  let connections = 0;
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket.on("error", () => {}));
    if (turnAway(socket, ++connections)) return;
    const behind = openSocket(service.port, "127.0.0.1");
    sockets.add(behind.on("error", () => socket.destroy()));
    socket.on("error", () => behind.destroy());
    socket.pipe(behind).pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as { port: number }).port,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
