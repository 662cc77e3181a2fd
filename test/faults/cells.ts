import { it } from "vitest";
import type { PushNotificationResult } from "../../src/index.js";
import { account, type Fate } from "./account.js";
import { LeapingClock } from "./clocks.js";
import { each, type FaultOptions, payload, type ServiceName } from "./services.js";
import { useWorlds, type World, type WorldOptions } from "./world.js";

/** One fault, the services it is tried on, and what is to become of a thousand notifications. */
export interface Cell<Names extends string> {
  readonly fault: string;
  readonly on: readonly ServiceName[];
  /** How the provider is opened, beside `RETRIES_AT_ONCE`. */
  readonly opened?: (name: ServiceName) => WorldOptions;
  /** Every notification carries a tag: a second copy replaces the first. */
  readonly replaceable?: true;
  /** `struck`: the tokens of every tenth device. */
  readonly strike: (world: World, struck: readonly string[]) => void;
  /** Time stands still, as it were, until the others are done; then all that still waits has waited long enough. */
  readonly outwaits?: true;
  /** What may become of every tenth. */
  readonly struck: readonly Names[];
  /** Default: the same. */
  readonly others?: readonly Names[];
  readonly also?: (seen: Seen<Names>) => void;
}

export interface Seen<Names extends string> {
  readonly world: World;
  readonly results: readonly PushNotificationResult[];
  readonly tally: Partial<Record<Names, number>>;
}

/** Four attempts, without the waits between them. */
export const RETRIES_AT_ONCE = { retry: { base_delay_ms: 1 }, max_concurrency: 100 };

/** For a clock of the test's own: no time is up before the test says so. */
export const WITHOUT_HASTE = { timeout_seconds: 3600, deadline_seconds: 86_400, ttl_seconds: 86_400 };

/** Nothing but what is struck takes so long. */
const STUCK_MS = 5000;

/** Nothing here takes long: whatever is not over by then hangs. */
export const DEADLINE_MS = 60_000;

/** A test for each fault on each service: a thousand sends in one call, every one of them accounted for. */
export function tryCells<Names extends string>(
  fates: (name: ServiceName) => Readonly<Record<Names, Fate>>,
  cells: readonly Cell<Names>[],
): void {
  const { world: open } = useWorlds();
  for (const cell of cells) {
    const { struck, others = struck } = cell;
    const told = others === struck ? `each ${or(struck)}` : `${or(struck)}; the others ${or(others)}`;
    it.each(cell.on)(
      `${cell.fault} · %s: ${told}`,
      async (name) => {
        const { config, ...options } = cell.opened?.(name) ?? {};
        const leaping = new LeapingClock();
        const world = await open(name, {
          ...options,
          ...(cell.outwaits ? { clock: leaping } : {}),
          config: { ...RETRIES_AT_ONCE, ...(cell.outwaits ? WITHOUT_HASTE : {}), ...config },
        });
        cell.strike(
          world,
          each(10, world.devices).map(({ device_token }) => device_token),
        );
        const message = cell.replaceable ? { ...payload, tag: "news", collapse_key: "news" } : payload;
        const results: PushNotificationResult[] = [];
        // On a machine that is busy with other things, those without an answer may come to hold all of the window.
        let stop = cell.outwaits ? leaping.leapWhenever(() => results.length, STUCK_MS) : () => {};
        let others_done = 0;
        for await (const result of world.provider.streamNotifications(
          world.tokens.map((token) => [token, message]),
        )) {
          results.push(result);
          if ((result.index ?? 0) % 10 !== 0) others_done += 1;
          if (others_done < 900 || !cell.outwaits) continue;
          stop();
          stop = leaping.leapWhenever(() => 0, 20);
        }
        stop();
        const tally = account(world, results, fates(name), (index) => (index % 10 === 0 ? struck : others));
        cell.also?.({ world, results, tally });
      },
      DEADLINE_MS,
    );
  }
}

/** Every tenth device, each by a fault of its own. */
export const faultStruck =
  (kind: string, options: FaultOptions = {}) =>
  ({ service }: World, struck: readonly string[]): void => {
    for (const device_token of struck) service.fault(kind, { ...options, device_token });
  };

function or(names: readonly string[]): string {
  return names.map((name) => name.replaceAll("_", " ")).join(" or ");
}
