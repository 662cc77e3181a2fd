import type { DeliverySum } from "./driver.js";
import type { DeliveryCounts, DeliveryStatistics } from "./records.js";

/** Groups of the delivery log, summed over all and for each platform. */
export function sumUp(sums: readonly DeliverySum[]): Omit<DeliveryStatistics, "days" | "since_ms"> {
  const platforms = [...new Set(sums.map(({ platform }) => platform))].sort();
  const codes: Record<string, number> = {};
  for (const { error_code, count } of sums) {
    if (error_code !== null) codes[error_code] = (codes[error_code] ?? 0) + count;
  }
  return {
    ...countsOf(sums),
    platforms: Object.fromEntries(
      platforms.map((platform) => [platform, countsOf(sums.filter((sum) => sum.platform === platform))]),
    ),
    codes,
  };
}

function countsOf(sums: readonly DeliverySum[]): DeliveryCounts {
  const total = (of: (sum: DeliverySum) => number) => sums.reduce((all, sum) => all + of(sum), 0);
  const withStatus = (status: DeliverySum["status"]) =>
    total((sum) => (sum.status === status ? sum.count : 0));
  const total_sent = total(({ count }) => count);
  const delivered = withStatus("delivered");
  return {
    total_sent,
    delivered,
    failed: withStatus("failed"),
    expired: withStatus("expired"),
    opened: total(({ opened }) => opened),
    dismissed: total(({ dismissed }) => dismissed),
    delivery_rate_percent: total_sent === 0 ? 0 : Math.round((1000 * delivered) / total_sent) / 10,
    avg_latency_ms: delivered === 0 ? null : Math.round(total(({ latency_ms }) => latency_ms) / delivered),
  };
}
