import { describe, expect, it } from "vitest";
import { configSchema } from "../../../providers/simulation/config.js";
import { createPlanner, type Plan } from "../../../providers/simulation/draw.js";

const DRAWS = 20_000;

function planner(config: object = {}, seed: string | number = "statistics") {
  return createPlanner(configSchema.parse(config), seed);
}

function draw(count: number, config: object = {}, seed?: string | number): Plan[] {
  const plan = planner(config, seed);
  return Array.from({ length: count }, (_, i) => plan(`device-${i % 100}`, i));
}

function reason({ steps: [step] }: Plan): string {
  return step === undefined || step === "success" ? "success" : step.reason;
}

/** A share of `n` draws may be off by four standard deviations: once in 16,000 for a right one, never with a fixed seed. */
function tolerance(p: number, n: number): number {
  return 4 * Math.sqrt((p * (1 - p)) / n);
}

describe("the draw", () => {
  it("S1 1.13 the same seed gives the same plans, in whatever order they are made", () => {
    const first = planner({}, 7);
    const second = planner({}, 7);
    const numbers = Array.from({ length: 500 }, (_, i) => i);
    const forward = numbers.map((i) => first(`t${i % 7}`, i));
    const backward = numbers.toReversed().map((i) => second(`t${i % 7}`, i));
    expect(backward.toReversed()).toEqual(forward);
  });

  it("S1 a seed keeps its meaning from version to version", () => {
    const failures = draw(40, {}, "anchor")
      .map(reason)
      .flatMap((name, i) => (name === "success" ? [] : [[i, name]]));
    expect(failures).toEqual([
      [8, "DEVICE_OFFLINE"],
      [9, "NETWORK_ERROR"],
    ]);
    expect(planner({}, "anchor")("device-0", 0).delay_ms).toBeCloseTo(197.046248, 6);
  });

  it("S1 another seed, another token and another position each give another draw", () => {
    const delay = (seed: number, token: string, sequence: number) =>
      planner({}, seed)(token, sequence).delay_ms;
    const delays = [delay(1, "a", 0), delay(2, "a", 0), delay(1, "b", 0), delay(1, "a", 1)];
    expect(new Set(delays).size).toBe(4);
    expect(draw(500, {}, 1).map(reason)).not.toEqual(draw(500, {}, 2).map(reason));
  });

  it("1.13 the default success rate is 0.95", () => {
    const share = draw(DRAWS).filter((plan) => reason(plan) === "success").length / DRAWS;
    expect(Math.abs(share - 0.95)).toBeLessThan(tolerance(0.95, DRAWS));
  });

  it.each([
    ["DEVICE_OFFLINE", 0.4],
    ["INVALID_TOKEN", 0.2],
    ["NETWORK_ERROR", 0.2],
    ["SERVICE_UNAVAILABLE", 0.1],
    ["QUOTA_EXCEEDED", 0.05],
    ["PAYLOAD_TOO_LARGE", 0.05],
  ])("1.13 of the failures that are drawn, %s has the share %d", (name, weight) => {
    const drawn = draw(DRAWS, { success_rate: 0 }).filter((plan) => reason(plan) === name).length / DRAWS;
    expect(Math.abs(drawn - weight)).toBeLessThan(tolerance(weight, DRAWS));
  });

  it("1.13 the delay is spread evenly over the default 100 to 500 ms", () => {
    const delays = draw(DRAWS).map(({ delay_ms }) => delay_ms);
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(100);
    expect(Math.max(...delays)).toBeLessThan(500);
    const mean = delays.reduce((sum, delay) => sum + delay, 0) / DRAWS;
    expect(Math.abs(mean - 300)).toBeLessThan((4 * 400) / Math.sqrt(12 * DRAWS));
    const below_200 = delays.filter((delay) => delay < 200).length / DRAWS;
    expect(Math.abs(below_200 - 0.25)).toBeLessThan(tolerance(0.25, DRAWS));
  });

  it("1.13 the delay says nothing about the outcome", () => {
    const slow = draw(DRAWS, { success_rate: 0.5 }).filter(({ delay_ms }) => delay_ms > 300);
    const share = slow.filter((plan) => reason(plan) === "success").length / slow.length;
    expect(Math.abs(share - 0.5)).toBeLessThan(tolerance(0.5, slow.length));
  });

  it("1.13 of 50 notifications 45 arrive in 96.2 % of the campaigns, and 2.5 fail on average", () => {
    const campaigns = 2000;
    const failures = Array.from({ length: campaigns }, (_, i) => {
      return draw(50, {}, `campaign ${i}`).filter((plan) => reason(plan) !== "success").length;
    });
    const good = failures.filter((failed) => failed <= 5).length / campaigns;
    expect(Math.abs(good - 0.9622)).toBeLessThan(tolerance(0.9622, campaigns));
    const mean = failures.reduce((sum, failed) => sum + failed, 0) / campaigns;
    expect(Math.abs(mean - 2.5)).toBeLessThan(4 * Math.sqrt((50 * 0.95 * 0.05) / campaigns));
  });

  it("1.13 50 notifications side by side take about 100 + 400 * 50/51 ms, the longest of their delays", () => {
    const campaigns = 500;
    const longest = Array.from({ length: campaigns }, (_, i) => {
      return Math.max(...draw(50, {}, `campaign ${i}`).map(({ delay_ms }) => delay_ms));
    });
    const mean = longest.reduce((sum, delay) => sum + delay, 0) / campaigns;
    expect(Math.abs(mean - (100 + (400 * 50) / 51))).toBeLessThan((4 * 400) / 51 / Math.sqrt(campaigns));
  });

  it("1.13 success rates 0 and 1 are kept without exception", () => {
    expect(new Set(draw(1000, { success_rate: 1 }).map(reason))).toEqual(new Set(["success"]));
    expect(draw(1000, { success_rate: 0 }).map(reason)).not.toContain("success");
  });

  it("1.13 with enable_error_scenarios false no failure is drawn, and scripts are still followed", () => {
    const config = {
      success_rate: 0,
      enable_error_scenarios: false,
      outcomes: { "device-3": "UNREGISTERED" },
    };
    const plans = draw(200, config).map(reason);
    expect(plans.filter((name) => name !== "success")).toEqual(["UNREGISTERED", "UNREGISTERED"]);
  });

  it("1.13 older names become today's codes and stay in the reason", () => {
    const both = (name: string) => planner({ success_rate: 0, error_weights: { [name]: 1 } })("t", 0).steps;
    expect(both("DEVICE_OFFLINE")).toEqual([{ error_code: "SERVICE_UNAVAILABLE", reason: "DEVICE_OFFLINE" }]);
    expect(both("QUOTA_EXCEEDED")).toEqual([{ error_code: "RATE_LIMITED", reason: "QUOTA_EXCEEDED" }]);
    expect(both("UNREGISTERED")).toEqual([{ error_code: "UNREGISTERED", reason: "UNREGISTERED" }]);
  });

  it("weights need not add up to 1, a weight of 0 never comes, and their order means nothing", () => {
    const some = draw(DRAWS, {
      success_rate: 0,
      error_weights: { DROPPED: 30, TIMEOUT: 0, UNREGISTERED: 10 },
    });
    const other = draw(DRAWS, {
      success_rate: 0,
      error_weights: { UNREGISTERED: 10, DROPPED: 30, TIMEOUT: 0 },
    });
    const names = some.map(reason);
    expect(other.map(reason).join()).toBe(names.join());
    expect(new Set(names)).toEqual(new Set(["DROPPED", "UNREGISTERED"]));
    const share = names.filter((name) => name === "DROPPED").length / DRAWS;
    expect(Math.abs(share - 0.75)).toBeLessThan(tolerance(0.75, DRAWS));
  });

  it("a script for one target changes nothing for the others", () => {
    const without = draw(300);
    const scripted = draw(300, { outcomes: { "device-5": "DROPPED" } });
    expect(scripted.filter((_, i) => i % 100 !== 5)).toEqual(without.filter((_, i) => i % 100 !== 5));
    expect(reason(scripted[5] as Plan)).toBe("DROPPED");
  });

  it("a fixed delay is that delay", () => {
    expect(new Set(draw(100, { delivery_delay_ms: 25 }).map(({ delay_ms }) => delay_ms))).toEqual(
      new Set([25]),
    );
  });
});
