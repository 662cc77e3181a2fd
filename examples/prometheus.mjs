// Metrics for Prometheus: /metrics is read from `stats()` when it is asked for, so sending costs nothing more. The only labels are
// platform, error code and a few fixed words; no token, host or message is among them.
import { createServer } from "node:http";
import { Counter, Gauge, Registry } from "prom-client";
import { createPushRouter } from "pushmux";
import { startFcmService } from "pushmux/testing";

/** @typedef {import("pushmux").ProviderStats} ProviderStats */
/** A label's values, each with its number. @typedef {Readonly<Record<string, number | null | undefined>>} Numbers */

/**
 * @param {() => Readonly<Record<string, ProviderStats>>} read platform -> its stats
 * @returns {Registry}
 */
function pushMetrics(read) {
  const registry = new Registry();
  const registers = [registry];

  /**
   * @param {typeof Counter | typeof Gauge} Metric
   * @param {string} name
   * @param {string} help
   * @param {string} label what tells a platform's numbers apart; "" when there is only one
   * @param {(stats: ProviderStats) => Numbers} numbers
   */
  const add = (Metric, name, help, label, numbers) => {
    const labelNames = ["platform", ...(label ? [label] : [])];
    const collect = () => {
      metric.reset();
      for (const [platform, stats] of Object.entries(read())) {
        for (const [value, number] of Object.entries(numbers(stats))) {
          if (typeof number === "number")
            metric.inc({ platform, ...(label ? { [label]: value } : {}) }, number);
        }
      }
    };
    const metric = new Metric({ name, help, labelNames, registers, collect });
  };

  /**
   * prom-client's own histograms count for themselves; these are counted already.
   *
   * @param {string} name
   * @param {string} help
   * @param {(stats: ProviderStats) => import("pushmux").LatencyStats} latency
   */
  const addHistogram = (name, help, latency) => {
    const get = async () => ({
      ...{ name, help, type: "histogram", aggregator: "sum" },
      values: Object.entries(read()).flatMap(([platform, stats]) => {
        const { count, sum_ms, buckets } = latency(stats);
        const bounds = [
          ...buckets.map(({ le_ms, count }) => ({ le: le_ms / 1000, count })),
          { le: "+Inf", count },
        ];
        return [
          ...bounds.map(({ le, count }) => ({
            metricName: `${name}_bucket`,
            labels: { le, platform },
            value: count,
          })),
          { metricName: `${name}_sum`, labels: { platform }, value: sum_ms / 1000 },
          { metricName: `${name}_count`, labels: { platform }, value: count },
        ];
      }),
    });
    registry.registerMetric(
      /** @type {import("prom-client").Metric} */ (/** @type {unknown} */ ({ name, get })),
    );
  };

  add(Counter, "pushmux_notifications_total", "Results, by code", "code", ({ accepted, codes }) => ({
    accepted,
    ...codes,
  }));
  add(Counter, "pushmux_attempts_total", "Requests, retries included", "", ({ attempts }) => ({ attempts }));
  add(Counter, "pushmux_retries_total", "Requests beyond the first", "", ({ retries }) => ({ retries }));
  add(Gauge, "pushmux_under_way", "Notifications now", "state", ({ in_flight, queued, parked }) => ({
    in_flight,
    queued,
    parked,
  }));
  add(Gauge, "pushmux_connections", "Open connections", "", ({ connections }) => ({ connections }));
  add(Gauge, "pushmux_origins", "Hosts", "state", ({ origins: { known, paused, down } }) => ({
    known,
    paused,
    down,
  }));
  add(
    Gauge,
    "pushmux_credential_expires_in_seconds",
    "Of the one that ends first",
    "",
    ({ credentials }) => ({ first: credentials?.expires_in_seconds }),
  );
  add(
    Counter,
    "pushmux_credentials_total",
    "Credentials, by what became of them",
    "event",
    ({ credentials }) => ({
      minted: credentials?.minted,
      refused: credentials?.refused,
      failed: credentials?.failed,
    }),
  );
  addHistogram("pushmux_attempt_seconds", "Single requests", ({ attempt_latency }) => attempt_latency);
  addHistogram(
    "pushmux_notification_seconds",
    "Whole notifications",
    ({ notification_latency }) => notification_latency,
  );
  return registry;
}

// In your app: the router or the providers that you have, and a port that Prometheus knows. FCM is local here, so it runs offline.
const service = await startFcmService();
const router = await createPushRouter({
  fcm: service.config,
  simulation: {
    success_rate: 1,
    delivery_delay_ms: 5,
    retry: { base_delay_ms: 20 },
    outcomes: { "alice's phone": ["SERVICE_UNAVAILABLE", "success"], "bob's phone": "UNREGISTERED" },
  },
});
const registry = pushMetrics(() => router.stats());
const server = createServer(async (_request, response) => {
  response.setHeader("content-type", registry.contentType).end(await registry.metrics());
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));

const targets = ["alice's phone", "bob's phone", "carol's phone"].map((device_token) => ({
  platform: "simulation",
  device_token,
}));
targets.push({ platform: "fcm", device_token: service.createDevice().device_token });
for (const target of targets) await router.send(target, { title: "Secret plan" });

// What Prometheus does from time to time. Here once, and that is all.
const address = /** @type {import("node:net").AddressInfo} */ (server.address());
const answer = await fetch(`http://127.0.0.1:${address.port}/metrics`);
console.log(await answer.text());

await new Promise((resolve) => server.close(resolve));
await router.close();
await service.close();
