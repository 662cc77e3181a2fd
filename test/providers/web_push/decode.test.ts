import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decode } from "../../../providers/web_push/decode.js";
import type { Verdict } from "../../../src/codec.js";
import { PushErrorCode } from "../../../src/error_codes.js";
import { answer, moz, reasonOf, response, summary } from "./answers.js";
import { NOW_MS } from "./support.js";

describe("accepted", () => {
  it.each<[number, string, Record<string, string>, string | undefined]>([
    [
      201,
      "Mozilla",
      { location: "https://updates.push.services.mozilla.com/m/abc", ttl: "60" },
      "https://updates.push.services.mozilla.com/m/abc",
    ],
    [
      201,
      "FCM",
      { location: "https://fcm.googleapis.com/0:1790%abc" },
      "https://fcm.googleapis.com/0:1790%abc",
    ],
    [201, "Apple", { "apns-id": "6F0C1B9E" }, "6F0C1B9E"],
    [
      201,
      "WNS",
      {
        "x-wns-status": "received",
        "x-wns-notificationstatus": "received",
        "x-wns-msg-id": "1A2B3C4D5E6F7788",
      },
      "1A2B3C4D5E6F7788",
    ],
    [
      202,
      "a service that promises a receipt",
      { location: "/m/1", link: '</r/1>; rel="urn:ietf:params:push:receipt"' },
      "/m/1",
    ],
    [200, "an older service", {}, undefined],
    [204, "an older service", {}, undefined],
  ])("1.8 %d of %s", (status, _who, headers, service_message_id) => {
    expect(answer(status, "", headers)).toEqual({ verdict: "accepted", service_message_id });
  });
});

describe("any other service", () => {
  it.each<[number, string]>([
    [400, "PAYLOAD_INVALID"],
    [401, "AUTHENTICATION_FAILED"],
    [403, "AUTHENTICATION_FAILED"],
    [404, "UNREGISTERED"],
    [405, "PAYLOAD_INVALID"],
    [410, "UNREGISTERED"],
    [413, "PAYLOAD_TOO_LARGE"],
    [429, "retry token RATE_LIMITED"],
    [500, "retry origin SERVICE_UNAVAILABLE"],
    [501, "retry origin SERVICE_UNAVAILABLE"],
    [502, "retry origin SERVICE_UNAVAILABLE"],
    [504, "retry origin SERVICE_UNAVAILABLE"],
    [599, "retry origin SERVICE_UNAVAILABLE"],
    [100, "UNKNOWN_RESPONSE"],
    [203, "UNKNOWN_RESPONSE"],
    [301, "UNKNOWN_RESPONSE"],
    [307, "UNKNOWN_RESPONSE"],
    [402, "UNKNOWN_RESPONSE"],
    [418, "UNKNOWN_RESPONSE"],
  ])("W1 W11 %d without a word is %s", (status, expected) => {
    const verdict = answer(status);
    expect(summary(verdict)).toBe(expected);
    expect(reasonOf(verdict)).toBe(`HTTP ${status}`);
  });

  it("its words are kept, folded and masked", () => {
    const verdict = answer(418, `<h1>No\n tea</h1> for ${"A1b2".repeat(20)}`);
    expect(reasonOf(verdict)).toBe("No tea for …");
  });

  it("only 404 and 410 say that a token is dead, whatever the words", () => {
    for (const body of ["NotRegistered", moz(503, 106, "No such subscription"), { reason: "Unregistered" }]) {
      expect(summary(answer(503, body))).toBe("retry origin SERVICE_UNAVAILABLE");
      expect(summary(answer(200, body))).toBe("accepted");
      expect(summary(answer(302, body))).toBe("UNKNOWN_RESPONSE");
    }
    expect(summary(answer(410, moz(410, 109, "VAPID public key mismatch")))).toBe("UNREGISTERED");
  });
});

describe("Retry-After", () => {
  it.each<[string, number | undefined]>([
    ["120", 120_000],
    ["0", 0],
    [new Date(NOW_MS + 7000).toUTCString(), 7000],
    [new Date(NOW_MS - 7000).toUTCString(), undefined],
    ["soon", undefined],
    ["-5", undefined],
  ])("W11 %j is %s ms", (header, retry_after_ms) => {
    for (const status of [429, 406, 503]) {
      expect(answer(status, "", { "retry-after": header })).toMatchObject({
        verdict: "retry",
        retry_after_ms,
      });
    }
  });

  it("W11 of Mozilla's 503 is kept", () => {
    expect(answer(503, moz(503, 201, "Save failed"), { "retry-after": "120" })).toMatchObject({
      retry_after_ms: 120_000,
    });
  });
});

describe("whatever comes", () => {
  const codes = new Set<string>(Object.keys(PushErrorCode));
  const isAnswer = (verdict: Verdict) =>
    verdict.verdict === "accepted" ||
    (codes.has(verdict.code) && verdict.reason.length > 0 && verdict.reason.length <= 220);

  it("every status from 100 to 599 has an answer, with an empty, HTML, truncated or huge body", () => {
    const bodies = [
      "",
      "<html><body><h1>502 Bad Gateway</h1></body></html>",
      '{"code":410,"errno":106,"mess',
      '{"errno":{},"reason":["x"],"message":5}',
      "[]",
      "null",
      "\u0000\ufffd".repeat(1000),
      "x".repeat(65_536),
    ].map((text) => Buffer.from(text));
    for (let status = 100; status < 600; status++) {
      for (const body of bodies) {
        expect(isAnswer(decode(response(status, body, {}, body.length > 60_000), { now_ms: NOW_MS }))).toBe(
          true,
        );
      }
    }
  });

  it("decoding answers and does not throw", () => {
    const headers = fc.dictionary(
      fc.constantFrom(
        "retry-after",
        "location",
        "apns-id",
        "x-wns-status",
        "x-wns-error-description",
        "content-type",
      ),
      fc.string({ unit: "binary" }),
    );
    const json = fc.record({
      errno: fc.oneof(fc.integer(), fc.anything()),
      reason: fc.string(),
      message: fc.anything(),
    });
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 500 }),
      fc
        .oneof(
          fc.json(),
          json.map((value) =>
            JSON.stringify(value, (_key, entry) => (typeof entry === "bigint" ? 0 : entry)),
          ),
        )
        .map((text) => Buffer.from(text)),
    );
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 599 }), body, headers, (status, bytes, given) =>
        isAnswer(decode(response(status, bytes, given), { now_ms: NOW_MS })),
      ),
      { numRuns: 1000 },
    );
  });
});
