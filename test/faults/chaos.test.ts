/**
 * Everything at once, on every service at the same time, by a seed. Longer, and with a seed of one's own:
 * `PUSHMUX_CHAOS_SECONDS=60 PUSHMUX_CHAOS_SEED=7 npx vitest run test/faults/chaos.test.ts`
 */
import { describe, expect, it } from "vitest";
import { getPushProvider } from "../../src/index.js";
import { chaosRound } from "./chaos.js";
import { fastClock } from "./clocks.js";
import { diceOf } from "./seeded.js";
import { payload, SERVICES, type ServiceName } from "./services.js";
import { useWorlds } from "./world.js";

const { start } = useWorlds();
const SECONDS = Number(process.env.PUSHMUX_CHAOS_SECONDS ?? 3);
const SEEDS = process.env.PUSHMUX_CHAOS_SEED ? [Number(process.env.PUSHMUX_CHAOS_SEED)] : [1, 2, 3];
/** So many times as fast as the sockets: a time-out of 20 s is one of half a second. */
const SPEED = 40;
/** The last round may take a while, and so may a machine that has other things to do. */
const DEADLINE_MS = SECONDS * 1000 + 180_000;

describe("chaos", () => {
  it.each(SEEDS)(
    `seed %i, for ${SECONDS} s: every notification has one result, and what the services count agrees with it`,
    async (seed) => {
      const end_ms = Date.now() + SECONDS * 1000;
      const shaken = await Promise.allSettled([
        ...SERVICES.map((name) => shake(name, seed, end_ms)),
        simulate(seed, end_ms),
      ]);
      const tallies = await Promise.all(
        shaken.map((one) => (one.status === "fulfilled" ? one.value : Promise.reject(one.reason))),
      );
      console.log(`chaos, seed ${seed}, ${SECONDS} s\n${tallies.join("\n")}`);
    },
    DEADLINE_MS,
  );
});

/** Round after round against one service; returns what came of them. */
async function shake(name: ServiceName, seed: number, end_ms: number): Promise<string> {
  const clock = fastClock(SPEED);
  const service = await start(name, { clock });
  const tally = new Map<string, number>();
  let rounds = 0;
  for (; Date.now() < end_ms; rounds += 1) {
    try {
      for (const { error_code = "accepted" } of await chaosRound(service, name, seed, rounds, clock))
        tally.set(error_code, (tally.get(error_code) ?? 0) + 1);
    } catch (error) {
      throw new Error(`${name}, round ${rounds}; again with PUSHMUX_CHAOS_SEED=${seed}`, { cause: error });
    }
  }
  const counts = [...tally].map(([code, count]) => `${code} ${count}`).sort();
  return `  ${name}: ${rounds} rounds; ${counts.join(", ")}`;
}

/** The simulated service has no wire; its outcomes are drawn, and its own list says what was delivered. */
async function simulate(seed: number, end_ms: number): Promise<string> {
  let rounds = 0;
  for (; Date.now() < end_ms; rounds += 1) {
    const dice = diceOf(seed, "simulation", rounds);
    const provider = await getPushProvider(
      "simulation",
      {
        ...{ seed, success_rate: dice.next(), enable_error_scenarios: dice.chance(0.5) },
        ...{ delivery_delay_ms: [0, 5], max_concurrency: dice.pick([3, 100]), retry: { base_delay_ms: 1 } },
      },
      { force_new: true },
    );
    const tokens = Array.from({ length: dice.between(20, 200) }, (_, i) => `device ${i}`);
    const results = await provider.sendMulticastNotification(tokens, payload);
    expect(results.map(({ index, device_token }) => [index, device_token])).toEqual([...tokens.entries()]);
    const delivered = provider.deliveries.map(({ device_token }) => device_token).sort();
    const accepted = results.filter(({ success }) => success).map(({ device_token }) => device_token);
    expect(delivered).toEqual(accepted.sort());
    await provider.close();
  }
  return `  simulation: ${rounds} rounds`;
}
