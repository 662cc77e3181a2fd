import { describe, expect, it } from "vitest";
import { configSchema, type SimulationConfig } from "../../../providers/simulation/config.js";
import { checkConfig } from "../../../src/config.js";
import { PushError } from "../../../src/errors.js";

function problem(config: object): PushError {
  try {
    checkConfig("simulation", configSchema, config);
  } catch (error) {
    if (PushError.is(error)) return error;
    throw error;
  }
  throw new Error("the config was taken");
}

describe("the config of simulation", () => {
  it("1.13 has a default for every key", () => {
    expect(checkConfig("simulation", configSchema, {})).toMatchObject({
      success_rate: 0.95,
      delivery_delay_ms: [100, 500],
      enable_error_scenarios: true,
      error_weights: {
        DEVICE_OFFLINE: 0.4,
        INVALID_TOKEN: 0.2,
        NETWORK_ERROR: 0.2,
        SERVICE_UNAVAILABLE: 0.1,
        QUOTA_EXCEEDED: 0.05,
        PAYLOAD_TOO_LARGE: 0.05,
      },
      outcomes: {},
      max_deliveries: 10_000,
    });
  });

  it("takes every form that its type allows", () => {
    const config = {
      seed: 42,
      success_rate: 0,
      delivery_delay_ms: [0, 0],
      enable_error_scenarios: false,
      error_weights: { DEVICE_OFFLINE: 3, TIMEOUT: 0, DROPPED: undefined },
      outcomes: {
        a: "success",
        b: "UNREGISTERED",
        c: "QUOTA_EXCEEDED",
        d: { error_code: "RATE_LIMITED", reason: "TooMany", retry_after: 0.5 },
        e: ["SERVICE_UNAVAILABLE", { error_code: "TIMEOUT" }, "success"],
      },
      imitate: "apns",
      max_deliveries: 0,
    } satisfies SimulationConfig;
    expect(checkConfig("simulation", configSchema, config)).toMatchObject(config);
  });

  it.each<[path: string, config: object]>([
    ["seed", { seed: "" }],
    ["seed", { seed: 1.5 }],
    ["success_rate", { success_rate: 1.01 }],
    ["success_rate", { success_rate: -0.1 }],
    ["success_rate", { success_rate: "0.5" }],
    ["delivery_delay_ms", { delivery_delay_ms: -1 }],
    ["delivery_delay_ms", { delivery_delay_ms: [500, 100] }],
    ["delivery_delay_ms", { delivery_delay_ms: [100] }],
    ["delivery_delay_ms", { delivery_delay_ms: Number.POSITIVE_INFINITY }],
    ["enable_error_scenarios", { enable_error_scenarios: "no" }],
    ["error_weights", { error_weights: {} }],
    ["error_weights", { error_weights: { TIMEOUT: 0 } }],
    ["error_weights.TIMEOUT", { error_weights: { TIMEOUT: -1, DROPPED: 1 } }],
    ["error_weights.OFFLINE", { error_weights: { OFFLINE: 1 } }],
    ["outcomes", { outcomes: { a: [] } }],
    ["outcomes", { outcomes: { a: "UNREGISTRED" } }],
    ["outcomes", { outcomes: { a: "CONFIG_INVALID" } }],
    ["outcomes", { outcomes: { a: { error_code: "TIMEOUT", retry_after: -1 } } }],
    ["outcomes", { outcomes: { a: { code: "TIMEOUT" } } }],
    ["outcomes", { outcomes: ["success"] }],
    ["imitate", { imitate: "gcm" }],
    ["max_deliveries", { max_deliveries: 1.5 }],
    ["sucess_rate", { sucess_rate: 1 }],
  ])("refuses a wrong %s: %j", (path, config) => {
    const error = problem(config);
    expect(error.code).toBe("CONFIG_INVALID");
    expect(error.issues?.map((issue) => issue.path)).toEqual([path]);
  });

  it("an unknown outcome or weight is answered with the valid names", () => {
    for (const config of [{ outcomes: { a: "GONE" } }, { error_weights: { GONE: 1 } }]) {
      expect(problem(config).message).toMatch(
        /UNREGISTERED, INVALID_TOKEN, .*DEVICE_OFFLINE, QUOTA_EXCEEDED/,
      );
    }
  });

  it("a wrong outcome is named by its position, because its key is a token", () => {
    const error = problem({
      outcomes: { "token-canary-1": "success", "token-canary-2": "GONE", "token-canary-3": 7 },
    });
    expect(error.message).toContain("outcomes: entry 2, 3: expected");
    expect(JSON.stringify([error.message, error.issues])).not.toContain("canary");
  });
});
