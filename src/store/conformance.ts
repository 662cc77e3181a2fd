import { broadcastChecks } from "./conformance_broadcasts.js";
import { deliveryChecks } from "./conformance_deliveries.js";
import { logChecks } from "./conformance_log.js";
import { segmentChecks } from "./conformance_segments.js";
import { subscriptionChecks } from "./conformance_subscriptions.js";
import { type OpenStore, type StoreCheck, World } from "./conformance_world.js";

/**
 * What every store promises, as plain checks for any test runner. `open` gives a new, empty store each time, made with the
 * options that it gets; each check closes its own.
 *
 * `for (const { title, run } of storeConformance((options) => openMine(options))) test(title, run);`
 */
export function storeConformance(open: OpenStore): { title: string; run: () => Promise<void> }[] {
  const checks: StoreCheck[] = [
    ...subscriptionChecks,
    ...segmentChecks,
    ...deliveryChecks,
    ...logChecks,
    ...broadcastChecks,
  ];
  return checks.map(({ title, run }) => ({
    title,
    run: async () => {
      const world = await World.open(open);
      try {
        await run(world);
      } finally {
        await world.store.close();
      }
    },
  }));
}
