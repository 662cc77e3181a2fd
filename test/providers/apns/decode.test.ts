import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createDecoder } from "../../../providers/apns/decode.js";
import type { Verdict } from "../../../src/codec.js";
import { PushErrorCode } from "../../../src/error_codes.js";
import { NOW_MS, response } from "./support.js";

const decode = createDecoder("production");
const answer = (status: number, body?: unknown, headers?: Record<string, string>) =>
  decode(response(status, body, headers), { now_ms: NOW_MS });

/** A verdict in a few words: `retry token RATE_LIMITED reconnect`. */
function summary(verdict: Verdict): string {
  if (verdict.verdict === "accepted") return "accepted";
  const { code } = verdict;
  const reconnect = "retire_connection" in verdict && verdict.retire_connection ? " reconnect" : "";
  if (verdict.verdict === "retry") return `retry ${verdict.scope} ${code}${reconnect}`;
  return verdict.verdict === "reauthorize" ? `reauthorize ${code}${reconnect}` : code;
}
const reasonOf = (verdict: Verdict) => ("reason" in verdict ? verdict.reason : undefined);
const messageOf = (verdict: Verdict) => ("message" in verdict ? verdict.message : undefined);

describe("accepted", () => {
  it("1.11 2.apns 200 brings back the apns-id", () => {
    const headers = { "apns-id": "eabeae54-14a8-11e5-b60b-1697f925ec7b", "apns-unique-id": "x" };
    expect(answer(200, "", headers)).toEqual({ verdict: "accepted", service_message_id: headers["apns-id"] });
  });

  it("200 of a broadcast brings back the request's id", () => {
    expect(answer(200, "", { "apns-request-id": "r-1" })).toMatchObject({ service_message_id: "r-1" });
  });
});

/** Every reason of Apple's two tables. */
const ROWS: [number, string, string][] = [
  [400, "BadCollapseId", "PAYLOAD_INVALID"],
  [400, "BadDeviceToken", "INVALID_TOKEN"],
  [400, "BadExpirationDate", "PAYLOAD_INVALID"],
  [400, "BadMessageId", "PAYLOAD_INVALID"],
  [400, "BadPriority", "PAYLOAD_INVALID"],
  [400, "BadTopic", "AUTHENTICATION_FAILED"],
  [400, "DeviceTokenNotForTopic", "SENDER_MISMATCH"],
  [400, "DuplicateHeaders", "PAYLOAD_INVALID"],
  [400, "IdleTimeout", "retry token SERVICE_UNAVAILABLE reconnect"],
  [400, "InvalidPushType", "PAYLOAD_INVALID"],
  [400, "MissingDeviceToken", "PAYLOAD_INVALID"],
  [400, "MissingTopic", "AUTHENTICATION_FAILED"],
  [400, "PayloadEmpty", "PAYLOAD_INVALID"],
  [400, "TopicDisallowed", "AUTHENTICATION_FAILED"],
  [403, "BadCertificate", "AUTHENTICATION_FAILED"],
  [403, "BadCertificateEnvironment", "AUTHENTICATION_FAILED"],
  [403, "ExpiredProviderToken", "reauthorize AUTHENTICATION_FAILED reconnect"],
  [403, "Forbidden", "AUTHENTICATION_FAILED"],
  [403, "InvalidProviderToken", "AUTHENTICATION_FAILED"],
  [403, "MissingProviderToken", "AUTHENTICATION_FAILED"],
  [403, "UnrelatedKeyIdInToken", "retry token AUTHENTICATION_FAILED reconnect"],
  [403, "BadEnvironmentKeyIdInToken", "AUTHENTICATION_FAILED"],
  [403, "BadEnvironmentKeyInToken", "AUTHENTICATION_FAILED"],
  [404, "BadPath", "PAYLOAD_INVALID"],
  [405, "MethodNotAllowed", "PAYLOAD_INVALID"],
  [410, "ExpiredToken", "UNREGISTERED"],
  [410, "Unregistered", "UNREGISTERED"],
  [413, "PayloadTooLarge", "PAYLOAD_TOO_LARGE"],
  [429, "TooManyProviderTokenUpdates", "retry sender RATE_LIMITED"],
  [429, "TooManyRequests", "retry token RATE_LIMITED"],
  [500, "InternalServerError", "retry origin SERVICE_UNAVAILABLE"],
  [503, "ServiceUnavailable", "retry origin SERVICE_UNAVAILABLE"],
  [503, "Service Unavailable", "retry origin SERVICE_UNAVAILABLE"],
  [503, "Shutdown", "retry token SERVICE_UNAVAILABLE reconnect"],
  [400, "BadChannelId", "PAYLOAD_INVALID"],
  [400, "BadRequestParams", "PAYLOAD_INVALID"],
  [400, "BadRequestPayload", "PAYLOAD_INVALID"],
  [400, "CannotCreateChannelConfig", "AUTHENTICATION_FAILED"],
  [400, "ChannelNotRegistered", "UNREGISTERED"],
  [400, "FeatureNotEnabled", "AUTHENTICATION_FAILED"],
  [400, "MissingChannelId", "PAYLOAD_INVALID"],
  [400, "MissingChannelQueueSize", "PAYLOAD_INVALID"],
  [400, "MissingPushType", "PAYLOAD_INVALID"],
  [403, "TopicMismatch", "AUTHENTICATION_FAILED"],
];

describe("refused", () => {
  it.each(ROWS)("A5 %d %s is %s", (status, reason, expected) => {
    const verdict = answer(status, { reason });
    expect(summary(verdict)).toBe(expected);
    expect(reasonOf(verdict)).toBe(reason);
  });

  it("1.11 2.apns 410 says since when the token is inactive, from Apple's milliseconds", () => {
    const verdict = answer(410, { reason: "Unregistered", timestamp: 1_790_000_000_123 });
    expect(verdict).toMatchObject({ unregistered_at: "2026-09-21T14:13:20.123Z" });
    expect(messageOf(verdict)).toMatch(/inactive/);
    for (const timestamp of [undefined, "soon", null, Number.MAX_VALUE]) {
      const without = answer(410, { reason: "ExpiredToken", timestamp });
      expect(without).toMatchObject({ code: "UNREGISTERED", unregistered_at: undefined });
    }
  });

  it("A5 BadDeviceToken explains sandbox against production and names the configured one", () => {
    const production = messageOf(answer(400, { reason: "BadDeviceToken" }));
    expect(production).toMatch(/its production environment: a development build's token is for sandbox/);
    const sandboxed = createDecoder("sandbox")(response(400, { reason: "BadDeviceToken" }), {
      now_ms: NOW_MS,
    });
    expect(messageOf(sandboxed)).toMatch(/its sandbox environment: .* TestFlight is for production/);
  });

  it("too many new tokens: the one in use is kept, and the first wait is long", () => {
    expect(answer(429, { reason: "TooManyProviderTokenUpdates" })).toMatchObject({ min_delay_ms: 10_000 });
  });

  it("a key that the connection does not know is tried once more, on another", () => {
    expect(answer(403, { reason: "UnrelatedKeyIdInToken" })).toMatchObject({ max_attempts: 2 });
  });

  it.each([
    [429, "TooManyRequests"],
    [503, "ServiceUnavailable"],
  ])("R4 %d %s keeps the time that Retry-After names, in seconds or as a date", (status, reason) => {
    const seconds = answer(status, { reason }, { "retry-after": "7" });
    expect(seconds).toMatchObject({ retry_after_ms: 7000 });
    const date = new Date(NOW_MS + 9000).toUTCString();
    expect(answer(status, { reason }, { "retry-after": date })).toMatchObject({ retry_after_ms: 9000 });
    expect(answer(status, { reason })).toMatchObject({ retry_after_ms: undefined });
  });
});

describe("an answer that is not documented", () => {
  it.each<[number, string]>([
    [400, "PAYLOAD_INVALID"],
    [403, "AUTHENTICATION_FAILED"],
    [404, "PAYLOAD_INVALID"],
    [405, "PAYLOAD_INVALID"],
    [410, "UNREGISTERED"],
    [413, "PAYLOAD_TOO_LARGE"],
    [429, "retry token RATE_LIMITED"],
    [500, "retry origin SERVICE_UNAVAILABLE"],
    [502, "retry origin SERVICE_UNAVAILABLE"],
    [503, "retry origin SERVICE_UNAVAILABLE"],
    [504, "retry origin SERVICE_UNAVAILABLE"],
    [201, "UNKNOWN_RESPONSE"],
    [301, "UNKNOWN_RESPONSE"],
    [401, "UNKNOWN_RESPONSE"],
    [418, "UNKNOWN_RESPONSE"],
  ])("1.11 2.apns %d is %s by its status: empty, cut off, or with a new reason", (status, expected) => {
    for (const body of ["", '{"reason":"Unregi', { reason: "NewReason" }, { reason: 7 }, { error: "x" }]) {
      expect(summary(answer(status, body))).toBe(expected);
    }
    expect(reasonOf(answer(status))).toBe(`HTTP ${status}`);
    expect(reasonOf(answer(status, { reason: "NewReason" }))).toBe("NewReason");
  });

  it("a page of somebody else's kills no token", () => {
    const page = "<html><body><h1>410 Gone</h1> Unregistered</body></html>";
    expect(summary(answer(410, page))).toBe("UNKNOWN_RESPONSE");
    expect(reasonOf(answer(410, page))).toBe("410 Gone Unregistered");
    expect(summary(answer(503, page))).toBe("retry origin SERVICE_UNAVAILABLE");
  });

  it("only 410 says that a device token is dead, whatever the words", () => {
    for (const reason of ["Unregistered", "ExpiredToken"]) {
      expect(summary(answer(400, { reason }))).toBe("PAYLOAD_INVALID");
      expect(summary(answer(503, { reason }))).toBe("retry origin SERVICE_UNAVAILABLE");
      expect(summary(answer(200, { reason }))).toBe("accepted");
    }
    expect(summary(answer(410, { reason: "BadDeviceToken" }))).toBe("INVALID_TOKEN");
  });

  it("names of objects' own members are no reasons", () => {
    for (const reason of ["constructor", "__proto__", "toString"]) {
      expect(summary(answer(400, JSON.stringify({ reason })))).toBe("PAYLOAD_INVALID");
    }
  });

  it("whatever comes, it is answered with a code and a reason, and nothing is thrown", () => {
    const codes = new Set<string>(Object.keys(PushErrorCode));
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.json().map((text) => new TextEncoder().encode(text)),
      fc.constantFrom(...ROWS).map(([, reason]) => new TextEncoder().encode(JSON.stringify({ reason }))),
    );
    const headers = fc.dictionary(fc.constantFrom("retry-after", "apns-id"), fc.string());
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 599 }), bytes, headers, fc.boolean(), (...parts) => {
        const [status, body, given, truncated] = parts;
        const verdict = decode({ status, body, headers: given, truncated }, { now_ms: NOW_MS });
        if (verdict.verdict === "accepted") return status === 200;
        return codes.has(verdict.code) && verdict.reason.length > 0 && verdict.reason.length <= 220;
      }),
    );
  });
});
