import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openApns, TOKEN } from "./support.js";

// What the tests of the older APNs system check, through the provider.
let opened: Awaited<ReturnType<typeof openApns>>;
beforeEach(async () => {
  opened = await openApns({ retry: { max_attempts: 1 } });
});
afterEach(() => opened.provider.close());

const other = (digit: string) => digit.repeat(64);
const path = (token: string) => `3/device/${token}`;

describe("2.apns", () => {
  it("2.apns 1.11 the provider says who sends, and nothing that is secret", () => {
    const info = opened.provider.getPlatformInfo();
    expect(info).toMatchObject({
      platform: "apns",
      limits: { max_payload_bytes: 4096 },
      capabilities: { topics: true, endpoint: "https://api.push.apple.com" },
      sender: {
        team_id: "DEF123GHIJ",
        key_id: "ABC123DEFG",
        bundle_id: "com.example.MyApp",
        environment: "production",
      },
    });
    expect(JSON.stringify(info)).not.toMatch(/BEGIN|bearer/);
  });

  it.each([
    ["64 digits", TOKEN, true],
    ["63", TOKEN.slice(1), false],
    ["65", `${TOKEN}0`, false],
    ["no hexadecimal", `${TOKEN.slice(1)}z`, false],
    ["nothing", "", false],
  ])("2.apns a token of %s", (_what, token, valid) => {
    expect(opened.provider.validateDeviceToken(token)).toBe(valid);
  });

  it("2.apns 1.11 a send has URL, authorization, topic, priority, expiration and collapse id", async () => {
    const expires_at = "2026-01-01T01:00:00Z";
    await opened.provider.sendNotification(TOKEN, {
      title: "t",
      priority: "high",
      collapse_key: "k",
      expires_at,
    });
    const { method, url, headers } = opened.transport.sent[0]?.request ?? {};
    expect({ method, url }).toEqual({ method: "POST", url: `https://api.push.apple.com/${path(TOKEN)}` });
    expect(headers).toMatchObject({
      authorization: expect.stringMatching(/^bearer [\w-]+\.[\w-]+\.[\w-]+$/),
      "apns-topic": "com.example.MyApp",
      "apns-priority": "10",
      "apns-expiration": String(Date.parse(expires_at) / 1000),
      "apns-collapse-id": "k",
    });
  });

  it("2.apns 1.11 a wrong token and a payload that is too large are refused before anything is sent", async () => {
    const { provider, transport } = opened;
    expect(await provider.sendNotification("abc", { title: "t" })).toMatchObject({
      error_code: "INVALID_TOKEN",
      attempts: 0,
    });
    expect(await provider.sendNotification(TOKEN, { title: "x".repeat(4096) })).toMatchObject({
      error_code: "PAYLOAD_TOO_LARGE",
      message: expect.stringMatching(/at most 4096 bytes/),
      attempts: 0,
    });
    expect(transport.sent).toEqual([]);
  });

  it.each([
    [400, "BadDeviceToken", "INVALID_TOKEN"],
    [403, "InvalidProviderToken", "AUTHENTICATION_FAILED"],
    [404, "BadPath", "PAYLOAD_INVALID"],
    [410, "Unregistered", "UNREGISTERED"],
    [413, "PayloadTooLarge", "PAYLOAD_TOO_LARGE"],
    [429, "TooManyRequests", "RATE_LIMITED"],
    [500, "InternalServerError", "SERVICE_UNAVAILABLE"],
    [503, "ServiceUnavailable", "SERVICE_UNAVAILABLE"],
    [418, "", "UNKNOWN_RESPONSE"],
  ])("2.apns 1.11 %d %s is %s", async (status, reason, error_code) => {
    opened.transport.answer(path(TOKEN), { status, body: JSON.stringify({ reason }) });
    expect(await opened.provider.sendNotification(TOKEN, { title: "t" })).toMatchObject({
      success: false,
      error_code,
      status_code: status,
      ...(reason ? { reason } : {}),
    });
  });

  it("2.apns 1.11 a bulk send answers in order, good and bad", async () => {
    const { provider, transport } = opened;
    transport.answer(path(other("b")), { status: 410, body: '{"reason":"Unregistered"}' });
    const results = await provider.sendBulkNotifications(
      ["a", "b", "c"].map((digit) => [other(digit), { title: digit }] as const),
    );
    expect(results.map(({ index, device_token, success }) => [index, device_token, success])).toEqual([
      [0, other("a"), true],
      [1, other("b"), false],
      [2, other("c"), true],
    ]);
  });

  it("2.apns 1.11 a topic that is no channel is not sent to", async () => {
    const result = await opened.provider.sendTopicNotification("all users", { title: "t" });
    expect(result).toMatchObject({ success: false, error_code: "INVALID_TOKEN", attempts: 0 });
  });

  it("2.apns 1.11 it is healthy while it is open, and ends its connections with close", async () => {
    const { provider, transport } = opened;
    expect(await provider.healthCheck()).toMatchObject({ status: "healthy", platform: "apns" });
    await provider.close();
    expect(transport.closed).toBe(1);
    expect(await provider.healthCheck()).toMatchObject({ status: "unhealthy" });
    await expect(provider.sendNotification(TOKEN, { title: "t" })).rejects.toMatchObject({
      code: "PROVIDER_CLOSED",
    });
  });
});
