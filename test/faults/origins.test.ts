/** Origins that are dead, throttled or failing, and those beside them. */
import { createServer } from "node:net";
import { describe, expect, it } from "vitest";
import type { Transport } from "../../src/codec.js";
import { getPushProvider, type PushNotificationResult } from "../../src/index.js";
import { startApnsService, startWebPushService, type WebPushService } from "../../src/testing/index.js";
import { createTransport } from "../../src/transport/transport.js";
import { account, addsUp } from "./account.js";
import { DEADLINE_MS, RETRIES_AT_ONCE, WITHOUT_HASTE } from "./cells.js";
import { fastClock, LeapingClock } from "./clocks.js";
import { openGate } from "./gate.js";
import { type Device, PLATFORMS, payload } from "./services.js";
import { useWorlds } from "./world.js";

const { closes, world: open } = useWorlds();

describe("of a thousand web pushes, and", () => {
  it(
    "every fifth to a host that refuses connections, every fifth to one that says nothing: the others wait for neither",
    async () => {
      const service = closes(await startWebPushService());
      const clock = new LeapingClock();
      const provider = await getPushProvider(
        "web_push",
        { ...service.config, ...WITHOUT_HASTE, allowed_hosts: ["localhost"] },
        { clock, transport: closes(createTransport({ ca: service.ca, connect_timeout_ms: 600_000 })) },
      );
      const silent = closes(await openGate(0, () => true));
      const hosts = [`https://localhost:${await unusedPort()}`, `https://localhost:${silent.port}`];
      const devices = Array.from({ length: 1000 }, (_, i): Device => {
        const host = hosts[i % 5];
        const device = service.createDevice();
        if (!host) return device;
        return { device_token: device.device_token.replace(service.origin, host), received: [] };
      });
      const tokens = devices.map(({ device_token }) => device_token);
      const results: PushNotificationResult[] = [];
      let delivered = 0;
      let stop = () => {};
      for await (const result of provider.streamNotifications(tokens.map((token) => [token, payload]))) {
        results.push(result);
        if (result.success) delivered += 1;
        // No attempt has been given up yet: those to the silent host still have most of their hour.
        if (result.success && delivered === 600) stop = clock.leapWhenever(() => results.length, 100);
      }
      stop();
      const attempts = [0, 4] as const;
      const fates = {
        delivered: {},
        refused: { error_code: "NETWORK_ERROR", reason: "ECONNREFUSED", attempts },
        unheard: { error_code: "TIMEOUT", reason: /^(ABORTED)?$/, attempts },
      } as const;
      const world = { service, provider, devices, tokens };
      // Of those that are refused one may just have been trying again when the time was over.
      const dead = [["refused", "unheard"], ["unheard"]] as const;
      const tally = account(world, results, fates, (index) => dead[index % 5] ?? ["delivered"]);
      expect(tally.delivered).toBe(600);
      expect(tally.refused).toBeGreaterThan(0);
      const [first_silent, last_delivered] = [
        results.findIndex(({ error_code }) => error_code === "TIMEOUT"),
        results.findLastIndex(({ success }) => success),
      ];
      expect(first_silent).toBeGreaterThan(last_delivered);
    },
    DEADLINE_MS,
  );

  it(
    "every second to a host that is slow and throttles: it never has more than half of the slots",
    async () => {
      const throttling = closes(await startWebPushService());
      const healthy = closes(await startWebPushService());
      const { transport, most } = gauged(healthy.config.ca);
      const clock = fastClock(100);
      const provider = await getPushProvider(
        "web_push",
        {
          ...healthy.config,
          ...WITHOUT_HASTE,
          ...{ allowed_hosts: ["localhost"], max_concurrency: 20 },
        },
        { clock, transport },
      );
      throttling.respond("*", { status: 503, headers: { "retry-after": "1" }, delay_ms: 5 });
      const { vapid_public_key } = healthy.config;
      const services: readonly WebPushService[] = [throttling, healthy];
      const devices = Array.from({ length: 1000 }, (_, i) =>
        (services[i % 2] ?? healthy).createDevice({ vapid_public_key }),
      );
      const tokens = devices.map(({ device_token }) => device_token);
      const results = await provider.sendMulticastNotification(tokens, payload);
      const received = services.flatMap((one) => one.received);
      const fates = {
        delivered: {},
        throttled: {
          error_code: "SERVICE_UNAVAILABLE",
          status_code: 503,
          reason: "201 Service Unavailable",
          retry_after: 1,
          attempts: [1, 4],
        },
      } as const;
      account({ service: { received }, provider, devices, tokens }, results, fates, (index) => [
        index % 2 === 0 ? "throttled" : "delivered",
      ]);
      expect(most.get(throttling.origin)).toBeLessThanOrEqual(10);
      expect(most.get(healthy.origin)).toBeGreaterThanOrEqual(10);
    },
    DEADLINE_MS,
  );
});

describe("a service that fails everything", () => {
  it.each(PLATFORMS)(
    "%s: a thousand sends cost a tenth more traffic, beside the reserve of fifty",
    async (name) => {
      const world = await open(name, {
        clock: fastClock(100),
        config: { ...RETRIES_AT_ONCE, ...WITHOUT_HASTE },
      });
      world.service.respond("*", { status: 503 });
      const results = await world.provider.sendMulticastNotification(world.tokens, payload);
      expect(new Set(results.map(({ error_code }) => error_code))).toEqual(new Set(["SERVICE_UNAVAILABLE"]));
      addsUp(world, results);
      const requests = world.service.received.length;
      expect(requests).toBe(results.reduce((sum, { attempts }) => sum + attempts, 0));
      expect(requests).toBeLessThanOrEqual(1000 + 100 + 50);
      expect(requests).toBeGreaterThan(1000 + 50);
    },
    DEADLINE_MS,
  );
});

describe("a service that refuses a stream", () => {
  it(
    "gets half as many at a time from then on",
    async () => {
      const service = closes(await startApnsService());
      const { transport, most } = gauged(service.ca);
      const config = { ...service.config, max_concurrency: 64, retry: RETRIES_AT_ONCE.retry };
      const provider = await getPushProvider("apns", config, { transport });
      const tokens = Array.from({ length: 100 }, () => service.createDevice().device_token);
      service.respond("*", { delay_ms: 20 });
      await provider.sendMulticastNotification(tokens, payload);
      expect(most.get(service.origin)).toBe(64);
      const [unlucky = ""] = tokens;
      service.fault("refused_stream", { device_token: unlucky, times: 1 });
      expect(await provider.sendNotification(unlucky, payload)).toMatchObject({ success: true, attempts: 2 });
      most.clear();
      await provider.sendMulticastNotification(tokens, payload);
      // It grows again, slowly.
      expect(most.get(service.origin)).toBeGreaterThanOrEqual(32);
      expect(most.get(service.origin)).toBeLessThanOrEqual(40);
    },
    DEADLINE_MS,
  );
});

/** The transport over sockets, and how many requests each origin had at the same time, at most. */
function gauged(ca: string) {
  const sockets = createTransport({ ca });
  const now = new Map<string, number>();
  const most = new Map<string, number>();
  const count = (origin: string, change: number) => {
    const open_now = (now.get(origin) ?? 0) + change;
    now.set(origin, open_now);
    most.set(origin, Math.max(most.get(origin) ?? 0, open_now));
  };
  const transport: Transport = {
    async send(request, options) {
      const { origin } = new URL(request.url);
      count(origin, 1);
      const outcome = await sockets.send(request, options);
      count(origin, -1);
      return outcome;
    },
    close: () => sockets.close(),
  };
  return { transport, most };
}

async function unusedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
