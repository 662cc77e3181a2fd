import { describe, expect, it } from "vitest";
import { apns } from "../providers/apns/index.js";
import { fcm } from "../providers/fcm/index.js";
import { simulation } from "../providers/simulation/index.js";
import { webPush } from "../providers/web_push/index.js";
import { wns } from "../providers/wns/index.js";
import { isRetryable, RETURNED_CODES, THROWN_CODES } from "../src/error_codes.js";
import * as door from "../src/index.js";
import { BUILT_IN } from "../src/platforms.js";

describe("the front door", () => {
  it("1.1 gives the factory, the base class, the const objects, the error and the schemas", () => {
    expect(Object.keys(door).sort()).toEqual([
      "PushError",
      "PushErrorCode",
      "PushNotificationProvider",
      "PushPriority",
      "closeAllProviders",
      "createPushRouter",
      "getAvailablePlatforms",
      "getFallbackProvider",
      "getPlatformStatus",
      "getPushProvider",
      "payloadSchema",
      "redactResult",
      "registerProvider",
      "resultSchema",
      "subscriptionSchema",
    ]);
  });

  it("1.2 has the four priorities, and no fifth", () => {
    expect(door.PushPriority).toEqual({ LOW: "low", NORMAL: "normal", HIGH: "high", CRITICAL: "critical" });
    expect(Object.isFrozen(door.PushPriority)).toBe(true);
  });
});

describe("the error codes", () => {
  it("are one closed set: returned and thrown ones are disjoint", () => {
    const returned = Object.keys(RETURNED_CODES);
    expect(Object.keys(THROWN_CODES).filter((code) => returned.includes(code))).toEqual([]);
    expect(Object.values(door.PushErrorCode)).toEqual(returned);
  });

  it("W1 only UNREGISTERED says that a token may be removed", () => {
    const removing = Object.entries(RETURNED_CODES).filter(([, row]) => row.remove_token);
    expect(removing.map(([code]) => code)).toEqual(["UNREGISTERED"]);
  });

  it.each([
    ["RATE_LIMITED", undefined, true],
    ["TIMEOUT", undefined, true],
    ["UNREGISTERED", 410, false],
    ["UNKNOWN_RESPONSE", 418, false],
    ["UNKNOWN_RESPONSE", 429, true],
    ["UNKNOWN_RESPONSE", 599, true],
    ["UNKNOWN_RESPONSE", undefined, false],
  ] as const)("%s with status %s: retryable %s", (code, status, expected) => {
    expect(isRetryable(code, status)).toBe(expected);
  });
});

describe("results", () => {
  const result = {
    success: false,
    platform: "web_push",
    device_token: "canary-token",
    index: 3,
    message: "The device is no longer registered; remove this token.",
    message_id: "m",
    attempts: 1,
    duration_ms: 5,
    timestamp: "2026-01-01T00:00:00.000Z",
    warnings: [],
    error_code: "UNREGISTERED",
    reason: "canary-reason",
    retryable: false,
    remove_token: true,
    may_have_been_sent: false,
  } as const;

  it("1.4 survive JSON and are checked when they come back", () => {
    expect(door.resultSchema.parse(JSON.parse(JSON.stringify(result)))).toEqual(result);
    expect(door.resultSchema.safeParse({ ...result, error_code: "NOPE" }).success).toBe(false);
  });

  it("redactResult gives a copy to log: equal tokens stay equal, nothing else is told", () => {
    const redacted = door.redactResult(result as never);
    expect(JSON.stringify(redacted)).not.toContain("canary");
    expect(redacted.device_token).toBe(door.redactResult({ ...result, index: 9 } as never).device_token);
    expect(redacted).toMatchObject({ error_code: "UNREGISTERED", index: 3, remove_token: true });
    expect(door.redactResult({ ...result, device_token: undefined, topic: "canary" } as never).topic).toMatch(
      /^sha256:/,
    );
  });
});

describe("the table of platforms", () => {
  it.each([
    ["web_push", webPush],
    ["fcm", fcm],
    ["wns", wns],
    ["apns", apns],
    ["simulation", simulation],
  ] as const)("lists exactly the options that %s takes", (platform, definition) => {
    expect([...(BUILT_IN[platform]?.flat_keys ?? [])].sort()).toEqual(
      Object.keys(definition.platform_data?.shape ?? {}).sort(),
    );
    expect(BUILT_IN[platform]?.aliases).toEqual(definition.aliases ?? []);
  });

  it("simulation imitates the limits that web_push has", async () => {
    const keys = (await import("web-push")).default.generateVAPIDKeys();
    const vapid = {
      vapid_public_key: keys.publicKey,
      vapid_private_key: keys.privateKey,
      vapid_subject: "mailto:a@example.org",
    };
    const real = await door.getPushProvider("web_push", vapid);
    const imitation = await door.getPushProvider("simulation", { imitate: "web_push" });
    const { max_concurrency: _real, ...limits } = real.getPlatformInfo().limits;
    expect(imitation.getPlatformInfo().limits).toMatchObject(limits);
    await door.closeAllProviders();
  });
});
