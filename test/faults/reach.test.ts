/** Services that cannot be reached, for a while or at all. */
import type { Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { getPushProvider } from "../../src/index.js";
import { account } from "./account.js";
import { DEADLINE_MS, WITHOUT_HASTE } from "./cells.js";
import { fastClock } from "./clocks.js";
import { openGate } from "./gate.js";
import { payload, platformOf, type ServiceName } from "./services.js";
import { useWorlds, type World } from "./world.js";

const { closes, start } = useWorlds();
const COUNT = 1000;
const PATIENT = { base_delay_ms: 10, max_delay_ms: 50, max_attempts: 10, budget: false };
/** The host's name is longer than a name can be: no resolver has to be asked. */
const NOWHERE = `https://${"nowhere".repeat(10)}.example`;

/** A world whose provider is led to `origin` instead of the service itself. */
async function led(name: ServiceName, origin: (service_port: number) => Promise<string>): Promise<World> {
  const clock = fastClock(20);
  const service = await start(name, { clock });
  const endpoint = await origin(service.port);
  const devices = Array.from({ length: COUNT }, () => service.createDevice());
  const tokens = devices.map(({ device_token }) => device_token.replaceAll(service.origin, endpoint));
  const by_config = name === "apns" || name === "fcm";
  const where = by_config ? { endpoint } : { allowed_hosts: [new URL(endpoint).host] };
  const provider = await getPushProvider(
    platformOf(name),
    {
      ...service.config,
      ...where,
      retry: PATIENT,
      ...WITHOUT_HASTE,
    },
    { clock },
  );
  return {
    name,
    service,
    provider,
    devices,
    tokens: by_config ? devices.map((one) => one.device_token) : tokens,
  };
}

const behindGate = (name: ServiceName, turnAway: (socket: Socket, number: number) => boolean) =>
  led(name, async (port) => `https://localhost:${closes(await openGate(port, turnAway)).port}`);

describe("a thousand sends, and", () => {
  it.each(["apns", "fcm", "wns"] as const)(
    "the endpoint is down for five tries, then up · %s: each delivered, by the sixth attempt at the latest",
    async (name) => {
      const world = await behindGate(name, (socket, number) => {
        if (number <= 5) socket.destroy();
        return number <= 5;
      });
      const results = await world.provider.sendMulticastNotification(world.tokens, payload);
      const fates = { delivered: {}, delivered_later: { attempts: [2, 6] } } as const;
      const tally = account(world, results, fates, () => ["delivered", "delivered_later"]);
      expect(tally.delivered_later).toBeGreaterThanOrEqual(5);
    },
    DEADLINE_MS,
  );

  it.each(["apns", "fcm", "wns"] as const)(
    "three connections are reset in the TLS handshake · %s: each delivered",
    async (name) => {
      const world = await behindGate(name, (socket, number) => {
        if (number <= 3) socket.once("data", () => socket.resetAndDestroy());
        return number <= 3;
      });
      const results = await world.provider.sendMulticastNotification(world.tokens, payload);
      const fates = { delivered: {}, delivered_later: { attempts: [2, 4] } } as const;
      const tally = account(world, results, fates, () => ["delivered", "delivered_later"]);
      expect(tally.delivered_later).toBeGreaterThanOrEqual(3);
    },
    DEADLINE_MS,
  );

  it.each(["apns", "fcm", "wns", "web_push"] as const)(
    "the host's name cannot be resolved · %s: each told so, without a thousand questions",
    async (name) => {
      const world = await led(name, async () => NOWHERE);
      const results = await world.provider.sendMulticastNotification(world.tokens, payload);
      const unknown = { error_code: "NETWORK_ERROR", reason: "ENOTFOUND", attempts: [0, 10] } as const;
      expect(account(world, results, { unknown }, () => ["unknown"])).toEqual({ unknown: COUNT });
      expect(world.provider.getPlatformInfo().counters.attempts).toBeLessThan(300);
    },
    DEADLINE_MS,
  );
});
