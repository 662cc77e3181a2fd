// Both builds in one process: they are two copies of every class, and must still be one house.
import { createRequire } from "node:module";
import * as esm from "pushmux";
import * as kit from "pushmux/provider_kit";

const cjs = createRequire(import.meta.url)("pushmux");

esm.registerProvider(
  kit.defineProvider({
    platform: "from_esm",
    config: { shape: {}, safeParse: (data) => ({ success: true, data }) },
    codec: () => {
      throw new Error("not opened here");
    },
  }),
);

const config = { success_rate: 1, delivery_delay_ms: 0 };
const opened = await esm.getPushProvider("simulation", config);
const joined = await cjs.getPushProvider("simulation");
await joined.sendNotification("a-token", { title: "Hello" });
const error = await esm.getPushProvider("nobody_knows_it").catch((reason) => reason);
const status = cjs.getPlatformStatus().simulation;
const seen = {
  two_copies: esm.PushError !== cjs.PushError,
  registered_in_both: cjs.getAvailablePlatforms().includes("from_esm"),
  open: status.open,
  leases: status.leases,
  deliveries_seen_by_the_other: opened.deliveries.length,
  error_known_to_the_other: cjs.PushError.is(error) && error.code,
};
await cjs.closeAllProviders();
const after = await opened.sendNotification("a-token", { title: "Hello" }).catch((reason) => reason);
console.log(JSON.stringify({ ...seen, closed_by_the_other: cjs.PushError.is(after) && after.code }));
