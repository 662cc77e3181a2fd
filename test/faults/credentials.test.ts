/** Credentials that the service calls expired, and two senders side by side. */
import { describe, expect, it } from "vitest";
import { getPushProvider } from "../../src/index.js";
import { startApnsService } from "../../src/testing/index.js";
import { account } from "./account.js";
import { DEADLINE_MS, RETRIES_AT_ONCE } from "./cells.js";
import { each, PLATFORMS, payload, type Service } from "./services.js";
import { useWorlds, type World } from "./world.js";

const { closes, world: open } = useWorlds();

const FATES = {
  delivered: {},
  renewed: { attempts: 2 },
  refused: { error_code: "AUTHENTICATION_FAILED", attempts: [1, 2] },
} as const;

/** How many credentials the service has seen. */
function credentials({ received }: Service): number {
  return new Set(received.map(({ headers }) => headers.authorization)).size;
}

describe("a thousand sends, and", () => {
  it.each(PLATFORMS)(
    "50 answers that the credential has expired · %s: each delivered, the 50 by a second attempt, after one renewal",
    async (name) => {
      const world = await open(name, { config: RETRIES_AT_ONCE });
      world.service.fault("expired_credentials", { after: 300, times: 50 });
      const results = await world.provider.sendMulticastNotification(world.tokens, payload);
      const tally = account(world, results, FATES, () => ["delivered", "renewed"]);
      expect(tally.renewed).toBeGreaterThanOrEqual(1);
      expect(tally.renewed).toBeLessThanOrEqual(50);
      expect(credentials(world.service)).toBe(2);
      expect(world.service.token_requests ?? 2).toBe(2);
    },
    DEADLINE_MS,
  );

  it.each(["apns", "wns"] as const)(
    "whatever was signed so far has expired · %s: each delivered, after one renewal",
    async (name) => {
      const world = await open(name, { config: RETRIES_AT_ONCE });
      world.service.fault("expired_credentials", { after: 300 });
      const results = await world.provider.sendMulticastNotification(world.tokens, payload);
      const tally = account(world, results, FATES, () => ["delivered", "renewed"]);
      // What was in flight at the time.
      expect(tally.renewed).toBeGreaterThanOrEqual(1);
      expect(tally.renewed).toBeLessThanOrEqual(RETRIES_AT_ONCE.max_concurrency);
      expect(credentials(world.service)).toBe(2);
    },
    DEADLINE_MS,
  );

  it.each([
    ["apns", { status: 403, reason: "ExpiredProviderToken" }],
    ["fcm", { status: 401, reason: "UNAUTHENTICATED" }],
    ["wns", { status: 401 }],
  ] as const)(
    "50 devices for which every credential has expired · %s: AUTHENTICATION_FAILED; the others delivered; one renewal",
    async (name, answer) => {
      const world = await open(name, { config: RETRIES_AT_ONCE });
      for (const { device_token } of each(20, world.devices)) world.service.respond(device_token, answer);
      const results = await world.provider.sendMulticastNotification(world.tokens, payload);
      const words = results[0]?.reason ?? "";
      const fates = {
        ...FATES,
        refused: { ...FATES.refused, status_code: answer.status, reason: words },
      };
      account(world, results, fates, (index) => (index % 20 === 0 ? ["refused"] : ["delivered", "renewed"]));
      expect(words).not.toBe("");
      expect(credentials(world.service)).toBe(2);
    },
    DEADLINE_MS,
  );

  it.each(["fcm", "wns"] as const)(
    "beside another provider with other credentials, whose own expire · %s: neither is disturbed",
    async (name) => {
      const worlds = [await open(name, { count: 500 }), await open(name, { count: 500 })] as const;
      const [first, second] = worlds;
      first.service.fault("expired_credentials", { after: 100 });
      const [results, others] = await Promise.all(
        worlds.map((world) => world.provider.sendMulticastNotification(world.tokens, payload)),
      );
      account(first, results ?? [], FATES, () => ["delivered", "renewed"]);
      account(second, others ?? [], FATES, () => ["delivered"]);
      expect([credentials(first.service), credentials(second.service)]).toEqual([2, 1]);
    },
    DEADLINE_MS,
  );

  it(
    "beside another provider with another key of the same team · apns: each under its own key, on its own connection",
    async () => {
      const service = closes(await startApnsService());
      const keys = [service.config, { ...service.config, ...service.createKey() }];
      const worlds: World[] = [];
      for (const config of keys) {
        const devices = Array.from({ length: 500 }, () => service.createDevice());
        worlds.push({
          name: "apns",
          service: service as unknown as Service,
          provider: await getPushProvider("apns", config),
          devices,
          tokens: devices.map(({ device_token }) => device_token),
        });
      }
      const results = await Promise.all(
        worlds.map(({ provider, tokens }) => provider.sendMulticastNotification(tokens, payload)),
      );
      for (const [i, world] of worlds.entries()) account(world, results[i] ?? [], FATES, () => ["delivered"]);
      const signed = worlds.map(({ tokens }) => {
        const mine = new Set(tokens);
        const received = service.received.filter(({ device_token = "" }) => mine.has(device_token));
        return new Set(
          received.map(({ headers, connection_id }) => `${headers.authorization} ${connection_id}`),
        );
      });
      expect(signed.map(({ size }) => size)).toEqual([1, 1]);
      expect(new Set(signed.flatMap((one) => [...one])).size).toBe(2);
    },
    DEADLINE_MS,
  );
});
