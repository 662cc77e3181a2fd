import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decode } from "../../../providers/fcm/decode.js";
import type { Verdict } from "../../../src/codec.js";
import { OTHER_REFUSALS } from "./answers.js";
import { BAD_REQUESTS } from "./answers_400.js";
import { apns, badRequest, error, fcm, HTML } from "./error_bodies.js";
import { NOW_MS, response } from "./support.js";

const read = (status: number, body: unknown, headers?: Record<string, string>): Verdict =>
  decode(response(status, body, headers), { now_ms: NOW_MS });

describe("success", () => {
  it("1.9 2.fcm the message's name is the service's id", () => {
    const name = "projects/myproject-b5ae1/messages/0:1500415314455276%31bd1c9631bd1c96";
    expect(read(200, { name })).toEqual({ verdict: "accepted", service_message_id: name });
  });

  it.each([
    ["an empty body", ""],
    ["HTML", HTML],
    ["truncated JSON", '{"name":"projects/p/mess'],
    ["no name", {}],
    ["a name that is no text", { name: 7 }],
    ["null", "null"],
  ])("a 200 with %s is not from FCM", (_what, body) => {
    expect(read(200, body)).toMatchObject({ verdict: "rejected", code: "UNKNOWN_RESPONSE" });
  });

  it("so is any other status of success", () => {
    expect(read(204, "")).toEqual({ verdict: "rejected", code: "UNKNOWN_RESPONSE", reason: "HTTP 204" });
  });
});

const ROWS = [...BAD_REQUESTS, ...OTHER_REFUSALS];

describe("refusals", () => {
  it.each(ROWS)("%s", (_title, status, body, verdict) => {
    expect(read(status, body)).toEqual(verdict);
  });

  it("no answer but those two says that a token is dead", () => {
    const dead = ROWS.filter(([, status, body]) => {
      const verdict = read(status, body);
      return verdict.verdict === "rejected" && verdict.code === "UNREGISTERED";
    });
    expect(dead).toHaveLength(5);
    expect(dead.every(([, , body]) => /UNREGISTERED|410/.test(JSON.stringify(body)))).toBe(true);
  });
});

describe("Retry-After", () => {
  it.each([
    ["C8 seconds", "7", 7000],
    ["C8 a date", new Date(NOW_MS + 90_000).toUTCString(), 90_000],
  ])("%s: the service's own time takes the place of the documented least", (_what, value, ms) => {
    for (const status of [429, 500, 503]) {
      const verdict = read(status, "", { "retry-after": value });
      expect(verdict).toMatchObject({ verdict: "retry", retry_after_ms: ms });
      expect(verdict).not.toHaveProperty("min_delay_ms");
    }
  });

  it("what is no time is no wish", () => {
    expect(read(429, "", { "retry-after": "soon" })).toMatchObject({ min_delay_ms: 60_000 });
  });
});

describe("whatever comes", () => {
  const secret = `bk3RNwTe3H0:CI2k_${"x".repeat(130)}`;

  it("no token and no long run of characters gets into a reason", () => {
    const message = `Invalid value at 'message.token', "${secret}"`;
    const verdicts = [
      read(400, error(400, "INVALID_ARGUMENT", message)),
      read(400, `<html>${message}`),
      read(400, error(400, "X", "no", fcm(secret))),
      read(400, error(400, "INVALID_ARGUMENT", "no", apns(400, secret))),
      read(400, error(400, "INVALID_ARGUMENT", "no", badRequest(secret))),
    ];
    expect(JSON.stringify(verdicts)).not.toContain("x".repeat(40));
  });

  it("it never throws, and always gives a verdict with a reason", () => {
    const bodies = fc.oneof(
      fc.string(),
      fc.json(),
      fc
        .record({ status: fc.anything(), message: fc.anything(), details: fc.anything() })
        .map(
          (value) =>
            `{"error":${JSON.stringify(value, (_key, entry) => (typeof entry === "bigint" ? 1 : entry)) ?? 1}}`,
        ),
      fc
        .array(fc.record({ "@type": fc.constant("x.FcmError"), errorCode: fc.jsonValue() }))
        .map((details) => JSON.stringify({ error: { details } })),
    );
    fc.assert(
      fc.property(fc.integer({ min: 201, max: 599 }), bodies, (status, body) => {
        const verdict = read(status, body);
        if (verdict.verdict === "accepted") throw new Error("accepted");
        expect(verdict.reason).toEqual(expect.any(String));
        expect(verdict.reason.length).toBeGreaterThan(0);
      }),
    );
  });
});
